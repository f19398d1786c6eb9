#include "analysis/stats/fall.h"

#include <criterion/criterion.h>

#include "tests/support/curves.h"

enum { N = 300 };

static struct arena arena;

static void start(void)
{
    arena_init(&arena);
}

static void stop(void)
{
    arena_fini(&arena);
}

TestSuite(fall, .init = start, .fini = stop);

/* 200 (1 - e^(-i/50)), from `at` on down to 10 over `over` points; noise of an sd of 5.8. */
static void collapse(double *x, size_t at, size_t over)
{
    struct noise noise = NOISE_START;

    for (size_t i = 0; i < N; i++) {
        double up = 200 * (1 - exp(-(double)i / 50));
        double gone = i < at ? 0 : fmin(1, (double)(i - at + 1) / (double)over);

        x[i] = up + (10 - up) * gone + 20 * noise_next(&noise);
    }
}

Test(fall, a_collapse_is_seen_wherever_it_begins_and_however_fast)
{
    static const size_t starts[] = {100, 150, 200, 250}, spans[] = {1, 30, 100};

    for (size_t k = 0; k < 4; k++) {
        for (size_t d = 0; d < 3; d++) {
            double x[N];

            collapse(x, starts[k], spans[d]);
            struct fall f = fall_of(x, N, &arena);
            bool whole = starts[k] + spans[d] <= N - 50;
            cr_expect(f.enough && (f.fallen || starts[k] == 250),
                      "from %zu over %zu: t %g, %g to %g", starts[k], spans[d], f.t, f.top, f.end);
            cr_expect(!whole || fabs(f.end - 10) < 3, "from %zu over %zu: end %g", starts[k],
                      spans[d], f.end);
            cr_expect(f.best < starts[k] && f.from + 13 > starts[k], "%zu, %zu", f.best, f.from);
        }
    }
}

/* 300 points are 24 blocks of 12.5: 50 are four, 20 are less than two. */
Test(fall, a_fall_must_hold_for_three_blocks)
{
    double x[N];

    collapse(x, 250, 1);
    struct fall f = fall_of(x, N, &arena);
    cr_expect(f.fallen && !f.late && f.from == 250, "t %g, from %zu", f.t, f.from);
    collapse(x, 280, 1);
    f = fall_of(x, N, &arena);
    cr_expect(!f.fallen && f.late, "t %g, end %g", f.t, f.end);
}

/* Levels 10 and 4 without noise: the difference has no standard error. */
Test(fall, levels_are_means_of_three_blocks)
{
    double x[24];

    for (size_t i = 0; i < 24; i++)
        x[i] = i < 12 ? 10 : 4;
    struct fall f = fall_of(x, 24, &arena); /* eight blocks of three */
    cr_expect(f.enough && f.fallen && f.top == 10 && f.end == 4 && isinf(f.t));
    cr_expect(f.from == 12 && f.best == 3);
    cr_expect(!fall_of(x, 23, &arena).enough);
}

Test(fall, noise_with_a_memory_is_no_fall)
{
    enum { SERIES = 200, POINTS = 100 };
    static const double rhos[] = {0, 0.6, 0.9};

    for (size_t k = 0; k < 3; k++) {
        struct noise noise = NOISE_START;
        size_t fallen = 0;

        for (size_t s = 0; s < SERIES; s++) {
            double x[POINTS], e = 0;

            for (size_t i = 0; i < 100; i++)
                e = rhos[k] * e + noise_next(&noise);
            for (size_t i = 0; i < POINTS; i++)
                x[i] = e = rhos[k] * e + noise_next(&noise);
            fallen += fall_of(x, POINTS, &arena).fallen;
        }
        cr_expect(fallen <= (rhos[k] < 0.9 ? 0 : 3), "rho %g: %zu of %d", rhos[k], fallen,
                  (int)SERIES);
    }
}
