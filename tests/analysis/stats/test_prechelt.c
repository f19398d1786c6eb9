#include "analysis/stats/prechelt.h"

#include "tests/support/curves.h"

#include <criterion/criterion.h>

static const double val[] = {2, 1.6, 1.4, 1.3, 1.28, 1.31, 1.36, 1.42};
static const double train[] = {1.9, 1.5, 1.2, 1, .85, .7, .6, .5};

Test(prechelt, vector_13_criteria)
{
    struct prechelt p = prechelt_of(val, 8, train, 8, PRECHELT_STRIP);

    cr_expect(near_to(p.gl, 10.9375, 1e-9), "%g", p.gl);
    cr_expect(near_to(p.p, 460, 1e-9), "%g", p.p);
    cr_expect(near_to(p.pq, 0.02377717, 1e-6), "%g", p.pq);
}

Test(prechelt, what_cannot_be_computed_is_not_a_number)
{
    static const double zeros[] = {0, 0, 0, 0, 0}, ones[] = {1, 1, 1, 1, 1};

    cr_expect(isnan(prechelt_of(val, 0, train, 4, 5).gl));
    cr_expect(isnan(prechelt_of(val, 8, train, 4, 5).p), "four training losses of five");
    cr_expect(isnan(prechelt_of(zeros, 5, zeros, 5, 5).gl));
    struct prechelt flat = prechelt_of(ones, 5, ones, 5, 5);
    cr_expect(flat.gl == 0 && flat.p == 0 && isnan(flat.pq));
}

/* Strip ends from the last back: 8, 6, 4, 2 (k = 2): 1.42 > 1.31 > 1.3, but 1.3 < 1.6. */
Test(prechelt, strips_must_all_rise)
{
    cr_expect(prechelt_up(val, 8, 1, 2) && prechelt_up(val, 8, 2, 2));
    cr_expect(!prechelt_up(val, 8, 3, 2));
    cr_expect(!prechelt_up(val, 8, 2, 5), "only one strip of five");
    cr_expect(!prechelt_up(val, 0, 1, 5) && !prechelt_up(val, 8, 0, 5));
}

Test(prechelt, strips_are_counted_from_the_end)
{
    double v[21];

    for (size_t i = 0; i < 21; i++)
        v[i] = i < 10 ? 2 - 0.1 * (double)i : 1 + 0.1 * (double)(i - 9);
    /* ends: v[20] > v[15] > v[10], v[10] < v[5] */
    cr_expect(prechelt_strips(v, 21, 5) == 2, "%zu", prechelt_strips(v, 21, 5));
    cr_expect(prechelt_strips(v, 0, 5) == 0 && prechelt_strips(v, 21, 0) == 0);
}
