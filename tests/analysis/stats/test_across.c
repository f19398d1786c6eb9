#include "analysis/stats/across.h"

#include <criterion/criterion.h>
#include <math.h>

Test(across, vector_29_interquartile_mean)
{
    struct arena arena;

    arena_init(&arena);
    /* 3, 4, 5, 6 are left of 1 … 7, 80 */
    cr_expect(fabs(iqm_of((double[]){80, 2, 3, 4, 5, 6, 7, 1}, 8, &arena) - 4.5) < 1e-12);
    cr_expect(fabs(iqm_of((double[]){1, 2, 9}, 3, &arena) - 4) < 1e-12, "nothing to cut");
    cr_expect(isnan(iqm_of(NULL, 0, &arena)));
    arena_fini(&arena);
}

Test(across, vector_30_probability_of_improvement)
{
    const double x[] = {3, 5, 6}, y[] = {2, 4, 5};

    /* 3 beats 2; 5 beats 2, 4 and ties with 5; 6 beats all: 6.5 of 9 */
    cr_expect(fabs(probability_above(x, 3, y, 3) - 0.7222222) < 1e-6);
    cr_expect(isnan(probability_above(x, 3, y, 0)));
}
