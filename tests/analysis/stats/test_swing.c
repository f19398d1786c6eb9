#include "analysis/stats/swing.h"

#include "tests/support/curves.h"

#include <criterion/criterion.h>

enum { N = 200 };

static struct arena arena;
static double a[N], b[N];

static void start(void)
{
    arena_init(&arena);
}

static void stop(void)
{
    arena_fini(&arena);
}

TestSuite(swing, .init = start, .fini = stop);

/* Four and a half cycles in the last three quarters: no whole number of them in the last half. */
Test(swing, a_slow_one_of_both_is_found_with_its_period)
{
    struct noise noise = NOISE_START;

    for (size_t i = 0; i < N; i++) {
        double w = 2 * M_PI * (double)i * 4.5 / 150;

        a[i] = -.4 * cos(w) + .1 * noise_next(&noise);
        b[i] = sin(w) + .3 * noise_next(&noise);
    }
    struct swing s = swing_of(a, b, N, &arena);
    cr_expect(s.enough && s.together && s.p < 1e-6);
    cr_expect(near_to(s.period, 150 / 4.5, 1.5), "period %g", s.period);
    cr_expect(near_to(s.amplitude[0], .4, .04) && near_to(s.amplitude[1], 1, .1));
    cr_expect(s.share[0] > .9 && s.share[1] > .9 && near_to(s.growth, 1, .2));
}

/* A multiplier is the sum of its cost: without a swing it wanders, and its cost is noise. */
Test(swing, a_sum_of_noise_and_its_noise_do_not_swing)
{
    struct noise noise = NOISE_START;

    for (int k = 0; k < 50; k++) {
        double sum = 0;

        for (size_t i = 0; i < N; i++) {
            b[i] = noise_next(&noise);
            a[i] = sum += b[i];
        }
        cr_expect(!swing_of(a, b, N, &arena).together, "draw %d", k);
    }
}

Test(swing, a_drift_of_both_is_no_swing)
{
    struct noise noise = NOISE_START;

    for (size_t i = 0; i < N; i++) {
        double u = (double)i / N;

        a[i] = (u < .5 ? 0 : u - .5) + .02 * noise_next(&noise);
        b[i] = 1 / (1 + exp(20 * (u - .6))) + .02 * noise_next(&noise);
    }
    cr_expect(!swing_of(a, b, N, &arena).together);
}

Test(swing, too_few_points_and_constants_say_nothing)
{
    for (size_t i = 0; i < N; i++)
        a[i] = b[i] = 1;
    cr_expect(!swing_of(a, b, SWING_POINTS_MIN - 1, &arena).enough);
    struct swing s = swing_of(a, b, N, &arena);
    cr_expect(s.enough && !s.together);
}
