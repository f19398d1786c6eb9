#include "analysis/stats/noise.h"

#include <criterion/criterion.h>

#include "analysis/stats/moments.h"
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

TestSuite(noise, .init = start, .fini = stop);

enum { N = 300 };

static void white(double *y, size_t n)
{
    struct noise noise = NOISE_START;

    for (size_t i = 0; i < n; i++)
        y[i] = noise_next(&noise);
}

Test(noise, vector_10_second_differences_of_a_falling_loss)
{
    static const double y[] = {2.0, 1.9, 1.85, 1.7, 1.72, 1.6, 1.55, 1.5};

    cr_expect(near_to(sigma_d2(y, 8, &arena), 0.05144786, 1e-6));
}

Test(noise, a_trend_adds_nothing_to_the_scales)
{
    double y[N], tilted[N];

    white(y, N);
    for (size_t i = 0; i < N; i++)
        tilted[i] = y[i] + 5 - 0.3 * (double)i;
    cr_expect(near_to(sigma_d2(tilted, N, &arena), sigma_d2(y, N, &arena), 1e-9));
    cr_expect(near_to(sigma_d1(tilted, N, &arena), sigma_d1(y, N, &arena), 1e-9));
    cr_expect(near_to(ar1_scale(tilted, N, &arena).sigma, ar1_scale(y, N, &arena).sigma, 1e-9));
}

Test(noise, vector_66_white_noise_has_phi_0)
{
    double y[N];

    white(y, N);
    struct ar1 ar = ar1_scale(y, N, &arena);
    cr_expect(ar.phi == 0);
    cr_expect(near_to(ar.sigma, 0.2784845, 1e-6));
    cr_expect(near_to(ar.long_run_sd, 0.2784845, 1e-6));
    cr_expect(near_to(sigma_d1(y, N, &arena), 0.2784845, 1e-6), "the same where phi is 0");
}

Test(noise, vector_67_ar1_noise_shows_its_memory)
{
    double y[N], a = 0;

    white(y, N);
    for (size_t i = 0; i < N; i++)
        y[i] = a = 0.6 * a + y[i];
    struct ar1 ar = ar1_scale(y, N, &arena);
    cr_expect(near_to(ar.phi, 0.7321946, 1e-6), "%.8g", ar.phi);
    cr_expect(near_to(ar.sigma, 0.4438319, 1e-6), "%.8g", ar.sigma);
    cr_expect(near_to(ar.long_run_sd, 1.128774, 1e-6), "%.8g", ar.long_run_sd);
}

Test(noise, smoothed_values_are_told_from_raw_ones)
{
    double y[N], smooth = 0;

    white(y, N);
    double raw = diff_autocorr(y, N);
    cr_expect(fabs(raw + 0.5) < 0.1, "white noise: %g", raw);
    for (size_t pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < N; i++)
            y[i] = smooth = 0.9 * smooth + 0.1 * y[i];
    }
    cr_expect(diff_autocorr(y, N) > 0.3, "smoothed twice: %g", diff_autocorr(y, N));

    /* d = 1, 0, 1, 0: centred +-.5, r = -3/4 of ... (3 products of -.25) / (4 squares of .25) */
    static const double stairs[] = {0, 1, 1, 2, 2};
    cr_expect(near_to(diff_autocorr(stairs, 5), -0.75, 1e-12));
}

Test(noise, too_few_or_flat_points_have_none)
{
    static const double y[] = {1, 1, 1, 1, 1};

    for (size_t n = 0; n <= 5; n++) {
        cr_expect(sigma_d2(y, n, &arena) == 0 && sigma_d1(y, n, &arena) == 0, "n %zu", n);
        cr_expect(ar1_scale(y, n, &arena).long_run_sd == 0 && diff_autocorr(y, n) == 0, "n %zu", n);
    }
}
