#include "analysis/stats/progress.h"

#include <criterion/criterion.h>

#include "tests/support/curves.h"

enum { N = 400 };

static struct arena arena;
static double steps[4096], y[4096];

static void start(void)
{
    arena_init(&arena);
    curve_steps(steps, 4096);
}

static void stop(void)
{
    arena_fini(&arena);
}

TestSuite(progress, .init = start, .fini = stop);

Test(progress, vector_60_a_power_law_is_improving)
{
    curve_loss(y, N, N);
    struct progress p = progress_of_loss(steps, y, N, PROGRESS_THETA, &arena);

    cr_expect(p.enough && p.blocks == 16);
    cr_expect(near_to(p.g, 0.040166, 2e-5), "%.8g", p.g);
    cr_expect(near_to(p.se, 0.0014714, 4e-5), "%.8g", p.se);
    cr_expect(near_to(p.lo, 0.037574, 2e-5), "%.8g", p.lo);
    cr_expect(near_to(p.hi, 0.042758, 2e-5), "%.8g", p.hi);
    cr_expect(p.improving && !p.stalled && !p.inconclusive);
}

Test(progress, vector_61_a_curve_that_stopped_is_stalled)
{
    curve_loss(y, N, 101);
    struct progress p = progress_of_loss(steps, y, N, PROGRESS_THETA, &arena);

    cr_expect(p.enough && p.blocks == 16);
    cr_expect(near_to(p.g, -0.00078836, 1e-5), "%.8g", p.g);
    cr_expect(near_to(p.se, 0.0013796, 4e-5), "%.8g", p.se);
    cr_expect(near_to(p.lo, -0.0032183, 2e-5), "%.8g", p.lo);
    cr_expect(near_to(p.hi, 0.0016416, 4e-5), "%.8g", p.hi);
    cr_expect(p.stalled && !p.improving && !p.inconclusive);
}

/* L = 1.8 + 5 t^-.5 falls by ln L(2048)/L(4096) = .017083425 over its last doubling. */
Test(progress, slope_over_one_exact_doubling_is_the_gain_of_that_doubling)
{
    for (size_t i = 0; i < 4096; i++)
        y[i] = 1.8 + 5 / sqrt(steps[i]);
    struct progress p = progress_of_loss(steps, y, 4096, PROGRESS_THETA, &arena);
    cr_expect(near_to(p.g, 0.017083425, 0.02), "%.8g", p.g);
    cr_expect(p.improving);
}

/* The same curve seen at the two ends of that doubling only: half of the blocks at each. */
Test(progress, vector_36_two_ends_of_an_exact_doubling)
{
    double at[96];

    for (size_t i = 0; i < 96; i++) {
        at[i] = i < 72 ? 2048 : 4096;
        y[i] = 1.8 + 5 / sqrt(at[i]);
    }
    struct progress p = progress_of_loss(at, y, 96, PROGRESS_THETA, &arena);
    cr_expect(p.blocks == 16 && near_to(p.g, 0.017083425, 1e-6), "%.9g", p.g);
}

Test(progress, score_is_read_on_its_own_scale_and_in_its_own_direction)
{
    for (size_t i = 0; i < N; i++)
        y[i] = 0.25 * log2(steps[i]) - 3;
    struct progress up = progress_of_score(steps, y, N, true, 0.01, &arena);
    struct progress down = progress_of_score(steps, y, N, false, 0.01, &arena);

    cr_expect(near_to(up.g, 0.25, 1e-3) && up.improving, "%g", up.g);
    cr_expect(near_to(down.g, -0.25, 1e-3) && !down.improving && !down.stalled &&
              down.inconclusive);
    cr_expect(!progress_of_loss(steps, y, N, 0.01, &arena).enough,
              "no logarithm of a negative loss");
}

Test(progress, noise_wider_than_theta_is_inconclusive)
{
    struct noise noise = NOISE_START;

    for (size_t i = 0; i < N; i++)
        y[i] = 2 + noise_next(&noise);
    struct progress p = progress_of_loss(steps, y, N, PROGRESS_THETA, &arena);
    cr_expect(p.enough && p.inconclusive, "g %g in %g..%g", p.g, p.lo, p.hi);
}

Test(progress, too_little_gives_no_verdict)
{
    curve_loss(y, N, N);
    for (size_t n = 0; n < 60; n++) {
        struct progress p = progress_of_loss(steps, y, n, PROGRESS_THETA, &arena);

        cr_expect(p.enough == (n >= 35), "n %zu", n);
        cr_expect(p.improving + p.stalled + p.inconclusive == p.enough, "n %zu", n);
    }
    static double zero[60];
    cr_expect(!progress_of_loss(zero, y, 60, PROGRESS_THETA, &arena).enough, "no log2 of step 0");
}
