#include "analysis/stats/gap.h"

#include "tests/support/curves.h"

#include <criterion/criterion.h>

static struct arena arena;

static void start(void)
{
    arena_init(&arena);
}

static void stop(void)
{
    arena_fini(&arena);
}

TestSuite(gap, .init = start, .fini = stop);

Test(gap, is_taken_against_the_training_median_about_each_evaluation)
{
    /* evaluations every 10 steps: half an interval is 5 */
    static const double at[] = {10, 20, 30, 40, 50}, val[] = {3, 2.5, 2.4, 2.4, 2.5};
    static const double steps[] = {4, 6, 10, 14, 24, 26, 41, 43, 48};
    static const double train[] = {9, 3, 2, 1, 1.5, 1.7, .5, .7, .4};
    static const double want[] = {3 - 2, 2.5 - 1.5, 2.4 - 1.7, 2.4 - .6, 2.5 - .4};
    struct gap g = gap_of(at, val, 5, steps, train, 9, &arena);

    cr_assert(g.enough);
    for (size_t i = 0; i < 5; i++)
        cr_expect(near_to(g.at[i], want[i], 1e-12), "%zu: %g", i, g.at[i]);
}

Test(gap, a_constant_one_has_no_slope_and_a_widening_one_has)
{
    double at[30], val[30], train[30];

    for (size_t i = 0; i < 30; i++) {
        at[i] = 100 * (double)(i + 1);
        train[i] = 2 - .05 * (double)i;
        val[i] = train[i] + .5;
    }
    struct gap g = gap_of(at, val, 30, at, train, 30, &arena);
    cr_expect(near_to(g.slope, 0, 1e-9) && g.p > .5, "%g %g", g.slope, g.p);
    for (size_t i = 0; i < 30; i++)
        val[i] = 2 + (i % 2 ? .01 : -.01);
    g = gap_of(at, val, 30, at, train, 30, &arena);
    cr_expect(near_to(g.slope, .05 / 100, .05) && g.p < 1e-4, "%g %g", g.slope, g.p);
}

Test(gap, needs_five_evaluations_and_a_training_point)
{
    static const double x[] = {1, 2, 3, 4, 5};

    cr_expect(!gap_of(x, x, 4, x, x, 5, &arena).enough);
    cr_expect(!gap_of(x, x, 5, x, x, 0, &arena).enough);
    cr_expect(gap_of(x, x, 5, x + 4, x, 1, &arena).enough);
}

/* lr against loss of vector 28: rho .1; ties have the mean of their ranks. */
Test(gap, spearman_is_the_correlation_of_ranks)
{
    static const double lr[] = {1e-4, 3e-4, 1e-3, 3e-3, 1e-2}, loss[] = {2.9, 2.7, 2.6, 2.65, 3.1};
    static const double tied[] = {1, 1, 2, 2}, up[] = {1, 2, 3, 4}, flat[] = {5, 5, 5, 5};

    cr_expect(near_to(spearman(lr, loss, 5, &arena), .1, 1e-12));
    cr_expect(near_to(spearman(tied, up, 4, &arena), 4 / sqrt(4 * 5), 1e-12));
    cr_expect(spearman(flat, up, 4, &arena) == 0 && spearman(up, up, 1, &arena) == 0);
}
