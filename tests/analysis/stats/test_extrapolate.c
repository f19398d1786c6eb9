#include "analysis/stats/extrapolate.h"

#include "tests/support/curves.h"

#include <criterion/criterion.h>

enum { N = 400 };

static struct arena arena;
static double steps[N], loss[N];

static void start(void)
{
    arena_init(&arena);
    curve_steps(steps, N);
    curve_loss(loss, N, N);
}

static void stop(void)
{
    arena_fini(&arena);
}

TestSuite(extrapolate, .init = start, .fini = stop);

/* L = 1.8 + 5 t^-.5: the best of the grid, so not quite the true law. */
Test(extrapolate, vector_37_one_law_on_seven_points)
{
    static const double zero[] = {0};
    double t[7], y[7], w[7];

    for (int i = 0; i < 7; i++) {
        t[i] = 16 * exp2(i);
        y[i] = 1.8 + 5 / sqrt(t[i]);
        w[i] = 1;
    }
    struct power_law law = power_law_fit(t, y, w, 7, zero, 1, &arena);
    cr_expect(fabs(law.floor - 1.7931) <= 5e-5, "E %g", law.floor);
    cr_expect(fabs(law.A - 4.9277) <= 5e-5, "A %g", law.A);
    cr_expect(fabs(law.b - 0.49324) <= 5e-6, "b %g", law.b);
    cr_expect(fabs(power_law_at(&law, 2048) - 1.90775) <= 5e-6);
    cr_expect(fabs(1.8 + 5 / sqrt(2048) - 1.91049) <= 5e-6, "the truth, a little above");
}

Test(extrapolate, vector_65_ten_members)
{
    static const double want[EXTRAPOLATE_MEMBERS] = {2.07221, 2.07221, 2.07176, 2.07288, 2.07111,
                                                     2.0765,  2.07279, 2.07279, 2.05625, 2.06016};
    struct extrapolation e = extrapolate(steps, loss, 200, 400, &arena);

    cr_assert(e.enough && e.range == EXTRAPOLATE_VALIDATED);
    for (int k = 0; k < EXTRAPOLATE_MEMBERS; k++) {
        double at = power_law_at(&e.member[k], 400);

        cr_expect(fabs(at - want[k]) <= 6e-6, "member %d: %.7g, not %.7g", k, at, want[k]);
    }
    cr_expect(fabs(e.predicted - 2.07221) <= 6e-6, "%.7g", e.predicted);
    cr_expect(e.low < 2.07308 && 2.07308 < e.high, "the truth lies in %g..%g", e.low, e.high);
    cr_expect(e.now > e.predicted && e.floor > 0);
}

/* lowest member - 2 se, highest + 2 se; se is that of the last 10 points. */
Test(extrapolate, band_is_the_range_and_two_errors)
{
    struct extrapolation e = extrapolate(steps, loss, 200, 400, &arena);
    double mean = 0, squares = 0;

    for (int i = 190; i < 200; i++)
        mean += loss[i] / 10;
    for (int i = 190; i < 200; i++)
        squares += (loss[i] - mean) * (loss[i] - mean);
    double se = sqrt(squares / 9 / 10);
    cr_expect(near_to(e.se, se, 1e-9), "%g, not %g", e.se, se);
    cr_expect(fabs(e.low - (2.05625 - 2 * se)) < 1e-5 && fabs(e.high - (2.0765 + 2 * se)) < 1e-5);
}

Test(extrapolate, horizon_ends_at_four_times)
{
    cr_expect(extrapolate(steps, loss, 200, 400, &arena).range == EXTRAPOLATE_VALIDATED);
    cr_expect(extrapolate(steps, loss, 200, 700, &arena).range == EXTRAPOLATE_BEYOND);
    struct extrapolation far = extrapolate(steps, loss, 200, 900, &arena);
    cr_expect(far.range == EXTRAPOLATE_REFUSED && !far.enough);
}

Test(extrapolate, little_is_not_enough)
{
    static const size_t sizes[] = {0, 1, 2, 99};

    for (size_t i = 0; i < 4; i++)
        cr_expect(!extrapolate(steps, loss, sizes[i], 400, &arena).enough, "%zu points", sizes[i]);
    steps[0] = 0;
    cr_expect(!extrapolate(steps, loss, 200, 400, &arena).enough, "a step of 0 has no logarithm");
}

/* A rising or constant loss has no law that falls: A is 0. */
Test(extrapolate, a_loss_that_does_not_fall_is_predicted_flat)
{
    for (size_t i = 0; i < N; i++)
        loss[i] = 2;
    struct extrapolation e = extrapolate(steps, loss, N, 2 * N, &arena);
    cr_expect(e.enough && near_to(e.predicted, 2, 1e-9) && near_to(e.now, 2, 1e-9));
    for (size_t i = 0; i < N; i++)
        loss[i] = 1 + (double)i / N;
    e = extrapolate(steps, loss, N, 2 * N, &arena);
    cr_expect(e.enough && e.predicted >= e.now - 1e-9, "%g after %g", e.predicted, e.now);
}
