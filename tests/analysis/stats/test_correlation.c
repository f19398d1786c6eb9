#include "analysis/stats/correlation.h"

#include <criterion/criterion.h>
#include <math.h>

static bool near(double a, double b)
{
    return fabs(a - b) <= 1e-9;
}

Test(correlation, vector_28_spearman_with_an_exact_p)
{
    static const double lr[] = {1e-4, 3e-4, 1e-3, 3e-3, 1e-2}, loss[] = {2.9, 2.7, 2.6, 2.65, 3.1};
    struct arena arena;

    arena_init(&arena);
    struct spearman s = spearman_of(lr, loss, 5, &arena);
    cr_expect(near(s.rho, 0.1) && near(s.p, 0.95) && s.exact, "%g %g", s.rho, s.p);
    /* 2 of 120 orders are perfect */
    s = spearman_of(lr, lr, 5, &arena);
    cr_expect(near(s.rho, 1) && near(s.p, 2.0 / 120), "%g", s.p);
    arena_fini(&arena);
}

Test(correlation, ties_get_their_mean_rank)
{
    double rank[5];
    struct arena arena;

    arena_init(&arena);
    ranks_of((const double[]){3, 1, 3, 3, 7}, 5, rank, &arena);
    cr_expect(rank[0] == 3 && rank[1] == 1 && rank[2] == 3 && rank[3] == 3 && rank[4] == 5);
    arena_fini(&arena);
}

Test(correlation, a_constant_or_two_values_tell_nothing)
{
    static const double x[] = {1, 2, 3, 4}, same[] = {5, 5, 5, 5};
    struct arena arena;

    arena_init(&arena);
    cr_expect(isnan(spearman_of(x, same, 4, &arena).rho));
    cr_expect(isnan(spearman_of(x, x, 2, &arena).p));
    arena_fini(&arena);
}

Test(correlation, above_nine_the_draws_agree_with_what_must_be)
{
    double x[12], y[12];
    struct arena arena;

    arena_init(&arena);
    for (size_t i = 0; i < 12; i++) {
        x[i] = (double)i;
        y[i] = (double)(i * i);
    }
    struct spearman s = spearman_of(x, y, 12, &arena);
    cr_expect(near(s.rho, 1) && !s.exact && near(s.p, 1e-4), "%g: only the observed one", s.p);
    for (size_t i = 0; i < 12; i++)
        y[i] = (double)(i % 2);
    s = spearman_of(x, y, 12, &arena);
    cr_expect(s.p > 0.3 && s.p < 0.9, "%g", s.p);
    arena_fini(&arena);
}

Test(correlation, kruskal_of_two_groups_that_do_not_overlap)
{
    static const size_t group[] = {0, 0, 0, 1, 1, 1};
    static const double apart[] = {1, 2, 3, 4, 5, 6}, tied[] = {2, 2, 2, 2, 2, 2};
    struct arena arena;

    arena_init(&arena);
    struct kruskal k = kruskal_of(group, apart, 6, 2, &arena);
    /* 12/42 (6^2/3 + 15^2/3) - 21 = 3.857142857; 2 of the 20 splits are as far apart */
    cr_expect(near(k.h, 3.857142857142857) && near(k.p, 0.1) && k.exact, "%.10g %g", k.h, k.p);
    cr_expect(isnan(kruskal_of(group, tied, 6, 2, &arena).p));
    cr_expect(isnan(kruskal_of(group, apart, 6, 1, &arena).p));
    arena_fini(&arena);
}
