#include "analysis/stats/shifts.h"

#include "tests/support/curves.h"

#include <criterion/criterion.h>

enum { N = 400, LONG = 20000 };

static struct arena arena;
static double x[LONG], y[LONG];

static void start(void)
{
    arena_init(&arena);
    curve_loss(x, LONG, LONG);
}

static void stop(void)
{
    arena_fini(&arena);
}

TestSuite(shifts, .init = start, .fini = stop);

static struct shifts look(size_t n)
{
    for (size_t i = 0; i < n; i++)
        y[i] = log(x[i]);
    return shifts_of(y, n, &arena);
}

Test(shifts, a_falling_curve_has_none)
{
    cr_expect(look(N).enough && look(N).n == 0);
    cr_expect(look(LONG).n == 0 && look(LONG).blocks == 2000);
}

/* The series of vector 58: ln 1.3 = .262. */
Test(shifts, thirty_percent_from_a_point_on_is_one_shift_there)
{
    for (size_t i = 250; i < N; i++)
        x[i] *= 1.3;
    struct shifts s = look(N);

    cr_assert(s.n == 1);
    cr_expect(s.v[0].at == 250 && fabs(s.v[0].jump - log(1.3)) < 3 * s.v[0].se, "%zu: %g",
              s.v[0].at, s.v[0].jump);
}

Test(shifts, three_percent_of_a_long_series_is_seen_and_placed)
{
    for (size_t i = 12345; i < LONG; i++)
        x[i] *= 1.03;
    struct shifts s = look(LONG);

    cr_assert(s.n == 1);
    cr_expect(s.v[0].at >= 12330 && s.v[0].at <= 12350, "%zu", s.v[0].at);
    cr_expect(fabs(s.v[0].jump - log(1.03)) < 4 * s.v[0].se, "%g", s.v[0].jump);
}

Test(shifts, a_step_down_has_a_negative_jump)
{
    for (size_t i = 250; i < N; i++)
        x[i] *= 0.8;
    struct shifts s = look(N);

    cr_assert(s.n == 1);
    cr_expect(s.v[0].at == 250 && fabs(s.v[0].jump - log(0.8)) < 0.02, "%g", s.v[0].jump);
}

/* The series of vector 57. */
Test(shifts, what_comes_back_soon_is_none)
{
    for (size_t i = 250; i < 256; i++)
        x[i] *= 1.4;
    x[100] *= 3;
    cr_expect(look(N).n == 0);
}

/* Too short for a segment of its own: PELT makes it five blocks, three of which are up. */
Test(shifts, a_spike_of_three_points_is_none_wherever_it_stands)
{
    for (size_t at = 100; at < N - 8; at += 7) {
        curve_loss(x, N, N);
        for (size_t i = at; i < at + 3; i++)
            x[i] *= 1.4;
        struct shifts s = look(N);
        cr_expect(s.n == 0, "at %zu: %+g at %zu", at, s.n ? s.v[0].jump : 0, s.n ? s.v[0].at : 0);
    }
}

Test(shifts, a_slow_rise_is_none)
{
    for (size_t i = 200; i < N; i++)
        x[i] *= 1 + (double)(i - 200) / 200;
    cr_expect(look(N).n == 0);
}

Test(shifts, constants_and_few_points_have_none)
{
    for (size_t i = 0; i < N; i++)
        x[i] = 2;
    cr_expect(look(N).enough && look(N).n == 0);
    cr_expect(!look(19).enough && look(20).enough && !look(0).enough);
}
