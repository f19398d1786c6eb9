#include "analysis/stats/drift.h"

#include "analysis/stats/noise.h"
#include "analysis/stats/trend.h"
#include "tests/support/curves.h"

#include <criterion/criterion.h>

enum { N = 300 };

/* a_i = .6 a_{i-1} + u_i, from a_0 = 0. */
static void remembering(double *a, size_t n)
{
    struct noise noise = NOISE_START;
    double last = 0;

    for (size_t i = 0; i < n; i++)
        a[i] = last = 0.6 * last + noise_next(&noise);
}

/* Vectors 66 and 67: the noise scales that a trend's error bars rest on. */
Test(drift, vectors_66_and_67)
{
    struct noise noise = NOISE_START;
    struct arena arena;
    double u[N], a[N];

    arena_init(&arena);
    for (size_t i = 0; i < N; i++)
        u[i] = noise_next(&noise);
    remembering(a, N);
    struct ar1 white = ar1_scale(u, N, &arena), red = ar1_scale(a, N, &arena);
    cr_expect(near_to(white.phi, 0, 1e-6) && near_to(white.sigma, .2784845, 1e-6) &&
              near_to(white.long_run_sd, .2784845, 1e-6));
    cr_expect(near_to(red.phi, .7321946, 1e-6) && near_to(red.sigma, .4438319, 1e-6) &&
              near_to(red.long_run_sd, 1.128774, 1e-6));
    arena_fini(&arena);
}

/* Vector 71, with one block a point: what drift_of stands on. */
Test(drift, vector_71)
{
    struct arena arena;
    double y[60];

    arena_init(&arena);
    remembering(y, 60);
    for (size_t i = 0; i < 60; i++)
        y[i] += 0.02 * (double)(i + 1);
    struct mk_ar1 mk = mk_ar1(y, 60, &arena);
    cr_expect(mk.raw.s == 902 && near_to(mk.rho, .6824359, 1e-6) && near_to(mk.z, 2.551519, 1e-6));
    arena_fini(&arena);
}

Test(drift, up_down_and_neither)
{
    static const struct {
        const char *what;
        double slope, scatter;
        size_t n;
        bool enough, rises, falls;
    } rows[] = {
        {"up", .01, 1, N, true, true, false},
        {"down", -.01, 1, N, true, false, true},
        {"flat", 0, 1, N, true, false, false},
        {"constant", 0, 0, N, true, false, false},
        {"ten points up", 1, .1, 10, true, true, false},
        {"seven points", 1, 0, 7, false, false, false},
        {"none", 0, 0, 0, false, false, false},
    };
    struct arena arena;

    arena_init(&arena);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct noise noise = NOISE_START;
        double x[N];

        for (size_t k = 0; k < N; k++)
            x[k] = 5 + rows[i].slope * (double)k + rows[i].scatter * noise_next(&noise);
        struct drift d = drift_of(x, rows[i].n, &arena);
        cr_expect(d.enough == rows[i].enough && d.rises == rows[i].rises &&
                      d.falls == rows[i].falls,
                  "%s: z %g", rows[i].what, d.z);
        if (rows[i].rises)
            cr_expect(fabs(d.slope - rows[i].slope) <= .2 * rows[i].slope, "%s: %g a point",
                      rows[i].what, d.slope);
    }
    arena_fini(&arena);
}

/* A rise that bends: residuals about a line look like noise with a memory. */
Test(drift, a_bent_rise_is_seen)
{
    struct noise noise = NOISE_START;
    struct arena arena;
    double x[240];

    arena_init(&arena);
    for (size_t i = 0; i < 240; i++)
        x[i] = 200 + (i < 120 ? 2.5 : 3.4) * (double)i + 20 * noise_next(&noise);
    struct drift d = drift_of(x, 240, &arena);
    cr_expect(d.rises && !d.falls, "z %g, mk %g", d.z, d.mk);
    arena_fini(&arena);
}

/* The count that the header states. */
Test(drift, noise_with_a_memory_seldom_moves)
{
    enum { SERIES = 400, POINTS = 240 };
    struct noise noise = NOISE_START;
    size_t moved = 0;

    for (size_t k = 0; k < SERIES; k++) {
        struct arena arena;
        double x[POINTS], last = 0;

        arena_init(&arena);
        for (size_t i = 0; i < POINTS; i++)
            x[i] = last = 0.6 * last + noise_next(&noise);
        struct drift d = drift_of(x, POINTS, &arena);
        moved += d.rises || d.falls;
        arena_fini(&arena);
    }
    cr_expect(moved == 11, "%zu of %d", moved, (int)SERIES);
}
