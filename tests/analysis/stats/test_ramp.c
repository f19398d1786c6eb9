#include "analysis/stats/ramp.h"

#include "analysis/stats/leftover.h"
#include "tests/support/curves.h"

#include <criterion/criterion.h>

enum { N = 300 };

static struct arena arena;
static double y[N];

static void start(void)
{
    struct noise noise = NOISE_START;

    arena_init(&arena);
    for (size_t i = 0; i < N; i++)
        y[i] = log(1.8 + 3 * pow((double)i + 1, -.4)) + .1 * noise_next(&noise);
}

static void stop(void)
{
    arena_fini(&arena);
}

TestSuite(ramp, .init = start, .fini = stop);

Test(ramp, a_curve_that_falls_has_none)
{
    struct ramp r = ramp_of(y, N, &arena);

    cr_expect(r.enough && r.t < 4.5 && r.rise < .05, "t %g, rise %g", r.t, r.rise);
}

/* By three of its noise's sd (.029) in the last third: below five of a block's. */
Test(ramp, a_slow_rise_in_noise_is_seen)
{
    for (size_t i = 200; i < N; i++)
        y[i] += .12 * (double)(i - 200) / 100;
    struct ramp r = ramp_of(y, N, &arena);
    cr_expect(r.t > 4.5, "t %g", r.t);
    cr_expect(r.rise > .05 && r.rise < .13, "rise %g", r.rise);
    cr_expect(r.from > 150 && r.from < 250, "from %zu", r.from);
}

/* phi .9: its blocks differ by much, and it goes nowhere. */
Test(ramp, noise_that_remembers_is_none)
{
    struct noise noise = NOISE_START;
    int clear = 0;

    for (int k = 0; k < 40; k++) {
        double e = 0;

        for (size_t i = 0; i < N; i++)
            y[i] = e = .9 * e + .1 * noise_next(&noise);
        clear += ramp_of(y, N, &arena).t > 4.5;
    }
    cr_expect(clear <= 1, "%d of 40", clear);
}

Test(ramp, fewer_than_25_points_are_not_judged)
{
    for (size_t n = 0; n <= 30; n++)
        cr_expect(ramp_of(y, n, &arena).enough == (n >= 25), "n %zu", n);
}

/* x^3 - x of the index is a cubic; (-1)^i is not. */
Test(ramp, a_cubic_leaves_nothing_of_a_cubic)
{
    double left[N];

    for (size_t i = 0; i < N; i++)
        y[i] = pow((double)i - 100, 3) / 1e6 - (double)i / 50;
    cr_expect(cubic_leftover_of(y, N, left, &arena) < 1e-18);
    for (size_t i = 0; i < N; i++)
        y[i] = i % 2 ? 1 : -1;
    cr_expect(near_to(cubic_leftover_of(y, N, left, &arena), N, .1));
}

Test(ramp, a_column_made_up_of_others_is_left_out)
{
    double one[] = {1, 1, 1, 1}, two[] = {2, 2, 2, 2}, x[] = {0, 1, 2, 3}, left[4];
    double *columns[] = {one, two, x};

    cr_expect(near_to(leftover_of(columns, 3, (double[]){1, 3, 5, 7}, 4, left), 0, 1e-20));
    cr_expect(near_to(left[2], 0, 1e-10));
}
