#include "analysis/stats/trend.h"

#include <criterion/criterion.h>

#include "tests/support/curves.h"

static struct arena arena;

static void start(void)
{
    arena_init(&arena);
}

static void stop(void)
{
    arena_fini(&arena);
}

TestSuite(trend, .init = start, .fini = stop);

Test(trend, vector_11_mann_kendall_and_sen_of_a_falling_loss)
{
    static const double y[] = {5, 4.8, 4.9, 4.5, 4.4, 4.45, 4.2, 4.1};
    struct mann_kendall mk = mann_kendall(y, 8, &arena);

    cr_expect(mk.s == -24);
    cr_expect(near_to(mk.var, 65.333333, 1e-6));
    cr_expect(near_to(mk.z, -2.845512, 1e-6));
    cr_expect(near_to(theil_sen(NULL, y, 8, &arena), -0.1242857, 1e-6));
}

Test(trend, vector_12_ar1_inflates_the_variance_of_the_trend)
{
    cr_expect(near_to(ar1_inflation(50, 0.6), 3.85, 1e-6));
    cr_expect(near_to(ar1_inflation(20, 0.3), 1.7959184, 1e-6));
    cr_expect(near_to(ar1_inflation(200, 0.9), 18.1, 1e-6));
    cr_expect(near_to(ar1_inflation(200, 0), 1, 1e-12));
}

Test(trend, vector_71_mk_ar1_halves_the_z_of_noise_that_remembers)
{
    struct noise noise = NOISE_START;
    double y[60], a = 0;

    for (size_t i = 0; i < 60; i++) {
        a = 0.6 * a + noise_next(&noise);
        y[i] = a + 0.02 * (double)(i + 1);
    }
    struct mk_ar1 mk = mk_ar1(y, 60, &arena);
    cr_expect(mk.raw.s == 902);
    cr_expect(near_to(mk.raw.var, 24583.3333, 1e-6));
    cr_expect(near_to(mk.raw.z, 5.746513, 1e-6));
    cr_expect(near_to(mk.slope, 0.02285477, 1e-6), "%.8g", mk.slope);
    cr_expect(near_to(mk.r, 0.6036068, 1e-6), "%.8g", mk.r);
    cr_expect(near_to(mk.rho, 0.6824359, 1e-6), "%.8g", mk.rho);
    cr_expect(near_to(mk.inflation, 5.072372, 1e-6), "%.8g", mk.inflation);
    cr_expect(near_to(mk.z, 2.551519, 1e-6), "%.8g", mk.z);
}

/* S of the pairs themselves, on values with many ties and lengths about the powers of two. */
Test(trend, counting_by_merging_agrees_with_counting_pairs)
{
    struct noise noise = NOISE_START;
    double y[70];

    for (size_t n = 0; n <= 70; n++) {
        int64_t s = 0;

        for (size_t i = 0; i < n; i++)
            y[i] = floor(8 * noise_next(&noise));
        for (size_t i = 0; i < n; i++) {
            for (size_t j = i + 1; j < n; j++)
                s += (y[j] > y[i]) - (y[j] < y[i]);
        }
        cr_expect(mann_kendall(y, n, &arena).s == s, "n %zu", n);
    }
}

Test(trend, equal_values_have_no_trend)
{
    static const double y[] = {3, 3, 3, 3, 3, 3};
    struct mk_ar1 mk = mk_ar1(y, 6, &arena);

    cr_expect(mk.raw.s == 0 && mk.raw.var == 0 && mk.raw.z == 0);
    cr_expect(mk.slope == 0 && mk.r == 0 && mk.z == 0);
    for (size_t n = 0; n < 5; n++)
        cr_expect(mk_ar1(y, n, &arena).z == 0, "n %zu", n);
}

Test(trend, sen_of_a_long_line_with_spikes_is_the_line)
{
    enum { N = 10007 };
    double *x = ARENA_ARRAY(&arena, N, double), *y = ARENA_ARRAY(&arena, N, double);

    for (size_t i = 0; i < N; i++) {
        x[i] = 10 * (double)i;
        y[i] = 7 - 0.25 * x[i] + (i % 10 == 3 ? 1e6 : 0);
    }
    cr_expect(near_to(theil_sen(x, y, N, &arena), -0.25, 1e-3), "%g", theil_sen(x, y, N, &arena));
}

Test(trend, sen_leaves_out_pairs_of_equal_x)
{
    static const double x[] = {1, 1, 2}, y[] = {0, 4, 6}, same[] = {5, 5, 5};

    cr_expect(near_to(theil_sen(x, y, 3, &arena), 4, 1e-12), "slopes 6 and 2");
    cr_expect(theil_sen(same, y, 3, &arena) == 0);
    cr_expect(theil_sen(x, y, 1, &arena) == 0);
}

/* Anscombe's first set: slope .5000909, intercept 3.0000909, standard error .1179055. */
Test(trend, least_squares_of_anscombes_first_set)
{
    static const double x[] = {10, 8, 13, 9, 11, 14, 6, 4, 12, 7, 5};
    static const double y[] = {8.04, 6.95, 7.58, 8.81, 8.33, 9.96, 7.24, 4.26, 10.84, 4.82, 5.68};
    struct ols line = ols_line(x, y, 11);

    cr_expect(near_to(line.slope, 0.5000909, 1e-6));
    cr_expect(near_to(line.intercept, 3.0000909, 1e-6));
    cr_expect(near_to(line.se, 0.1179055, 1e-6));
    cr_expect(ols_line(x, y, 1).slope == 0 && ols_line(x, y, 0).se == 0);
}
