#include "analysis/anchors/early_stopping.h"

#include "tests/support/curves.h"

#include <criterion/criterion.h>

Test(early_stopping, prechelt_of_a_run_that_turned)
{
    static const double val[] = {2, 1.6, 1.4, 1.3, 1.28, 1.31, 1.36, 1.42};
    static const double train[] = {1.9, 1.5, 1.2, 1, .85, .7, .6, .5};
    struct prechelt p = prechelt_of(val, train, 8);

    cr_expect(near_to(p.gl, 10.9375, 1e-9), "%.8g", p.gl);
    cr_expect(near_to(p.pk, 460, 1e-9), "%.8g", p.pk);
    cr_expect(near_to(p.pq, 0.02377717, 1e-6), "%.8g", p.pq);
    cr_expect(p.up == 1, "1.42 is above the 1.4 of five evaluations before");
}

Test(early_stopping, strips_are_counted_from_the_end)
{
    double val[21];

    for (size_t i = 0; i < 21; i++)
        val[i] = i < 10 ? 2 - 0.1 * (double)i : 1 + 0.1 * (double)(i - 9);
    /* ends: val[20] > val[15] > val[10], val[10] < val[5] */
    cr_expect(prechelt_of(val, NULL, 21).up == 2, "%zu", prechelt_of(val, NULL, 21).up);
    cr_expect(isnan(prechelt_of(val, NULL, 21).pq));
    cr_expect(isnan(prechelt_of(val, val, 0).gl));
}
