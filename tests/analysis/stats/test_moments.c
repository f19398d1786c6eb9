#include "analysis/stats/moments.h"
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

TestSuite(moments, .init = start, .fini = stop);

Test(moments, vector_9_median_and_scaled_mad)
{
    static const double x[] = {3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5};

    cr_expect(near_to(median_of(x, 11, &arena), 4, 1e-12));
    cr_expect(near_to(MAD_TO_SD * mad_of(x, 11, &arena), 1.4826, 1e-12));
    cr_expect(x[0] == 3 && x[5] == 9, "the input keeps its order");
}

Test(moments, vector_39_cv_is_sample_sd_over_mean)
{
    static const double x[] = {10, 10.2, 9.8, 10.1};

    cr_expect(near_to(sd_of(x, 4) / fabs(mean_of(x, 4)), 0.01703566, 1e-6));
}

Test(moments, quantiles_interpolate_as_type_7)
{
    static const struct {
        double p, want;
    } rows[] = {{0, 1}, {0.25, 1.75}, {0.5, 2.5}, {0.9, 3.7}, {1, 4}, {-1, 1}, {2, 4}};
    static const double x[] = {4, 1, 3, 2};

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        double got = quantile_of(x, 4, rows[i].p, &arena);

        cr_expect(near_to(got, rows[i].want, 1e-12), "p %g: %g, not %g", rows[i].p, got,
                  rows[i].want);
    }
}

Test(moments, nothing_has_level_and_spread_zero)
{
    double none[1] = {7};

    cr_expect(mean_of(none, 0) == 0 && median_of(none, 0, &arena) == 0);
    cr_expect(quantile_of(none, 0, 0.5, &arena) == 0 && mad_of(none, 0, &arena) == 0);
    cr_expect(sd_of(none, 1) == 0 && mad_of(none, 1, &arena) == 0);
    cr_expect(mean_of(none, 1) == 7 && median_of(none, 1, &arena) == 7);
}

Test(moments, small_terms_are_not_lost_beside_large_ones)
{
    static const double x[] = {1e16, 1, -1e16, 1};

    cr_expect(mean_of(x, 4) == 0.5, "%g, a plain sum gives 0.25", mean_of(x, 4));
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* Against sorting, on orders that are hard for a quickselect: sorted, equal, organ pipe, noise. */
Test(moments, selecting_agrees_with_sorting_on_every_order)
{
    enum { N = 501 };
    static const char *const names[] = {"rising",     "falling", "equal",
                                        "few values", "pipe",    "noise"};
    struct noise noise = NOISE_START;

    for (size_t kind = 0; kind < sizeof(names) / sizeof(names[0]); kind++) {
        for (size_t n = 1; n <= N; n += 25) {
            double x[N], sorted[N];

            for (size_t i = 0; i < n; i++) {
                double made[] = {(double)i,       -(double)i,           3,
                                 (double)(i % 3), fabs((double)i - 50), noise_next(&noise)};
                sorted[i] = x[i] = made[kind];
            }
            qsort(sorted, n, sizeof(double), by_value);
            double want = (sorted[(n - 1) / 2] + sorted[n / 2]) / 2;
            cr_expect(median_of(x, n, &arena) == want, "%s, n %zu", names[kind], n);
            size_t k = n / 3;
            double p = n > 1 ? (double)k / (double)(n - 1) : 0;
            cr_expect(
                near_to(quantile_of(x, n, p, &arena) + 1000, sorted[n > 1 ? k : 0] + 1000, 1e-9),
                "%s, n %zu", names[kind], n);
        }
    }
}

Test(moments, logarithm_only_where_all_are_positive)
{
    static const double loss[] = {1, M_E}, mixed[] = {-4, 2, 0, 2, 8}, zero[] = {0, 0};
    double y[5];

    cr_expect(relative_of(loss, 2, y, &arena));
    cr_expect(near_to(y[0], 0, 0) && near_to(y[1], 1, 1e-12));
    cr_expect(!relative_of(mixed, 5, y, &arena));
    cr_expect(near_to(y[0], -2, 1e-12) && near_to(y[4], 4, 1e-12), "median of |x| is 2");
    cr_expect(!relative_of(zero, 2, y, &arena));
    cr_expect(y[0] == 0 && y[1] == 0);
}

Test(moments, blocks_have_floored_edges_and_cover_all)
{
    static const double x[] = {1, 2, 3, 4, 5, 6, 70};
    double means[3], medians[3];

    block_means(x, 7, 3, means); /* edges 0, 2, 4, 7 */
    block_medians(x, 7, 3, medians, &arena);
    cr_expect(means[0] == 1.5 && means[1] == 3.5 && means[2] == 27);
    cr_expect(medians[0] == 1.5 && medians[1] == 3.5 && medians[2] == 6);
    for (size_t k = 0; k <= 16; k++)
        cr_expect(block_edge(k, 16, 1003) == k * 1003 / 16, "edge %zu", k);
}

Test(moments, running_median_windows_are_cut_at_the_ends)
{
    static const double x[] = {9, 1, 5, 2, 8};
    static const double want3[] = {5, 5, 2, 5, 5}, want5[] = {5, 3.5, 5, 3.5, 5};
    double got[5];

    running_median(x, 5, 3, got, &arena);
    for (size_t i = 0; i < 5; i++)
        cr_expect(got[i] == want3[i], "width 3 at %zu: %g", i, got[i]);
    running_median(x, 5, 5, got, &arena);
    for (size_t i = 0; i < 5; i++)
        cr_expect(got[i] == want5[i], "width 5 at %zu: %g", i, got[i]);
}

Test(moments, vector_55_noise_of_the_generator)
{
    static const double want[] = {0.0138700781, -0.324258697, -0.191348484, 0.0345338867};
    struct noise noise = NOISE_START;
    double u[2000];

    for (size_t i = 0; i < 2000; i++)
        u[i] = noise_next(&noise);
    for (size_t i = 0; i < 4; i++)
        cr_expect(near_to(u[i], want[i], 1e-8), "u_%zu = %.10g", i + 1, u[i]);
    cr_expect(near_to(mean_of(u, 2000), -0.00066817, 1e-5));
}
