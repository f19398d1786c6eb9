#include "analysis/stats/oscillation.h"

#include "tests/support/curves.h"

#include <criterion/criterion.h>

enum { N = 400, LONG = 20000 };

static const double two_pi = 6.28318530717958647692;

static struct arena arena;
static double y[LONG];

static void start(void)
{
    arena_init(&arena);
    curve_loss(y, N, N);
    for (size_t i = 0; i < N; i++)
        y[i] = log(y[i]);
}

static void stop(void)
{
    arena_fini(&arena);
}

TestSuite(oscillation, .init = start, .fini = stop);

/* Vector 41. */
Test(oscillation, vector_41_a_sine_of_twenty_points_is_found)
{
    for (size_t t = 0; t < N; t++) {
        double i = (double)t;

        y[t] = log(2) + .05 * sin(two_pi * i / 20) + .005 * cos(.7 * i * i);
    }
    struct oscillation o = oscillation_of(y, N, &arena);
    cr_expect(o.enough && o.oscillates && o.used == N / 2);
    cr_expect(near_to(o.period, 20, 1e-9) && near_to(o.amplitude, .04992, 1e-4));
    cr_expect(near_to(o.share, .9895, 1e-4) && o.p >= 0 && o.p < 1e-12);
    cr_expect(fabs(o.growth - 1) < .1, "%g", o.growth);
}

/* Vector 62, first half. */
Test(oscillation, vector_62_noise_about_a_falling_curve_is_none)
{
    struct oscillation o = oscillation_of(y, N, &arena);

    cr_expect(o.enough && !o.oscillates);
    cr_expect(near_to(o.p, .06349, 1e-4) && near_to(o.amplitude, .001541, 4e-4));
    cr_expect(near_to(o.share, .04764, 1e-4) && near_to(o.period, 5.263, 1e-4));
}

/* Vector 62, second half: the period falls between two bins. */
Test(oscillation, vector_62_four_percent_on_a_falling_curve_is_found)
{
    for (size_t i = 0; i < N; i++)
        y[i] += .04 * sin(two_pi * (double)(i + 1) / 16);
    struct oscillation o = oscillation_of(y, N, &arena);

    cr_expect(o.oscillates && o.p >= 0 && o.p < 1e-12);
    cr_expect(near_to(o.amplitude, .02696, 2e-4) && near_to(o.share, .8425, 1e-4));
    cr_expect(near_to(o.period, 16.67, 3e-4));
}

Test(oscillation, a_swing_that_grows_says_by_how_much)
{
    for (size_t i = 0; i < N; i++)
        y[i] += .04 * ((double)i / N) * ((double)i / N) * sin(two_pi * (double)i / 20);
    struct oscillation o = oscillation_of(y, N, &arena);

    /* the mean of t^2 over [5/6, 1] over that of [1/2, 2/3]: (91/108) / (37/108) */
    cr_expect(o.oscillates && fabs(o.growth - 91.0 / 37) < .15, "%g", o.growth);
}

Test(oscillation, a_long_series_is_averaged_and_keeps_its_period)
{
    struct noise noise = NOISE_START;

    for (size_t i = 0; i < LONG; i++)
        y[i] = .02 * noise_next(&noise) + .05 * sin(two_pi * (double)i / 250);
    struct oscillation o = oscillation_of(y, LONG, &arena);
    cr_expect(o.used == 4096 && near_to(o.points_per_sample, 10000.0 / 4096, 1e-12));
    cr_expect(o.oscillates && near_to(o.period, 250, .02), "%g", o.period);
}

Test(oscillation, too_few_or_constant_points_give_none)
{
    cr_expect(!oscillation_of(y, 47, &arena).enough && oscillation_of(y, 48, &arena).enough);
    for (size_t i = 0; i < N; i++)
        y[i] = 1;
    cr_expect(!oscillation_of(y, N, &arena).oscillates);
}
