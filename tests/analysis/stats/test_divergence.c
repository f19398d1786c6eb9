#include "analysis/stats/divergence.h"

#include <criterion/criterion.h>

#include "analysis/stats/noise.h"
#include "tests/support/curves.h"

enum { N = 400 };

static struct arena arena;
static double x[N];

static void start(void)
{
    arena_init(&arena);
    curve_loss(x, N, N);
}

static void stop(void)
{
    arena_fini(&arena);
}

TestSuite(divergence, .init = start, .fini = stop);

Test(divergence, vector_59_a_clean_curve_has_not_diverged)
{
    struct divergence d = divergence_of(x, N, &arena);

    cr_expect(d.enough && !d.diverged && d.blocks == 40);
}

Test(divergence, vector_59_a_rise_from_step_251_has)
{
    for (size_t i = 251; i <= N; i++)
        x[i - 1] *= 1 + ((double)i - 250) / 100;
    struct divergence d = divergence_of(x, N, &arena);

    cr_expect(d.diverged);
    cr_expect(d.onset >= 200 && d.onset <= 250, "onset %zu", d.onset);
    cr_expect(d.onset == d.onset_block * 10);
    cr_expect(near_to(d.rise, log(2.455 * 2.07438 / 2.13223), 0.02), "%g", d.rise);
}

Test(divergence, a_bump_that_came_back_has_not_diverged)
{
    for (size_t i = 201; i <= 300; i++)
        x[i - 1] *= 2;
    cr_expect(!divergence_of(x, N, &arena).diverged);
}

Test(divergence, one_wild_point_at_the_end_has_not_diverged)
{
    x[N - 1] *= 10;
    cr_expect(!divergence_of(x, N, &arena).diverged);
}

Test(divergence, a_rising_series_with_negative_values_is_judged_on_its_own_scale)
{
    for (size_t i = 0; i < N; i++)
        x[i] = -1 + (i > 200 ? 0.05 * (double)(i - 200) : 0) + 0.001 * (double)(i * 7 % 5);
    cr_expect(divergence_of(x, N, &arena).diverged);
}

Test(divergence, fewer_than_25_points_give_no_verdict)
{
    for (size_t n = 0; n <= 30; n++)
        cr_expect(divergence_of(x, n, &arena).enough == (n >= 25), "n %zu", n);
}

Test(divergence, noise_about_a_level_is_no_progress_and_a_fall_is)
{
    struct noise noise = NOISE_START;
    double flat[N], same[N];

    cr_expect(!no_progress_of(x, N, &arena).none, "a curve that falls");
    for (size_t i = 0; i < N; i++) {
        flat[i] = 2 * exp(0.02 * noise_next(&noise));
        same[i] = 2;
    }
    struct no_progress p = no_progress_of(flat, N, &arena);
    cr_expect(p.enough && p.none && p.tenth == 40, "change %g, se %g", p.change, p.se);
    cr_expect(no_progress_of(same, N, &arena).none, "a constant");
    for (size_t i = 0; i < N; i++)
        flat[i] *= exp(-0.05 * (double)i / N);
    cr_expect(!no_progress_of(flat, N, &arena).none, "a fall of 5 in noise of 0.6 percent");
    cr_expect(!no_progress_of(flat, 19, &arena).enough);
}

/* Forty epochs of a fall to a fifth that ends on a floor: a quadratic in ln t does not fit it. */
Test(divergence, the_bend_of_a_curve_is_not_its_noise)
{
    struct noise noise = NOISE_START;
    const size_t sizes[] = {20, 30, 40, 100};

    for (size_t k = 0; k < sizeof(sizes) / sizeof(*sizes); k++) {
        size_t n = sizes[k];
        for (size_t i = 0; i < n; i++)
            x[i] = (0.4 + 1.8 * exp(-6 * (double)i / (double)n)) * exp(0.01 * noise_next(&noise));
        struct no_progress p = no_progress_of(x, n, &arena);
        cr_expect(p.enough && !p.none, "n %zu: change %g, se %g", n, p.change, p.se);
    }
}

/* The bound that keeps a bend from being noise leaves AR(1) noise as often told as without it. */
Test(divergence, noise_that_remembers_is_no_more_often_progress_for_it)
{
    enum { SERIES = 400 };
    struct noise noise = NOISE_START;
    const size_t sizes[] = {20, 40, 100};
    const double phis[] = {0.6, 0.9};

    for (size_t row = 0; row < 6; row++) {
        size_t n = sizes[row / 2], told = 0, without = 0;
        double phi = phis[row % 2], ln[N];
        for (size_t series = 0; series < SERIES; series++) {
            double e = noise_next(&noise) / sqrt(1 - phi * phi);
            for (size_t i = 0; i < n; i++) {
                e = phi * e + noise_next(&noise);
                ln[i] = 0.1 * e;
                x[i] = exp(ln[i]);
            }
            struct no_progress p = no_progress_of(x, n, &arena);
            double sd = ar1_scale_of_curve(ln, n, &arena).long_run_sd;
            told += !p.none;
            without += !(fabs(p.change) < 3 * 1.25 * sd * sqrt(2 / (double)p.tenth));
        }
        cr_expect(told <= without + SERIES / 200, "n %zu, phi %g: %zu against %zu of %d", n, phi,
                  told, without, SERIES);
    }
}
