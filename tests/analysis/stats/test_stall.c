#include "analysis/stats/stall.h"

#include <criterion/criterion.h>

#include "analysis/stats/divergence.h"
#include "tests/support/curves.h"

enum { N = 400 };

/* A loss of slope `g` a doubling from step `from` on, with noise of sd .029 `loud`. */
static struct stall judged(double g, size_t from, double loud, struct arena *arena)
{
    double x[N], steps[N];
    struct noise noise = {7};

    curve_steps(steps, N);
    for (size_t i = 0; i < N; i++) {
        double early = fmin(steps[i], (double)from), late = fmax(steps[i], (double)from);

        x[i] = 3 * exp(-.1 * log2(early) - g * log2(late / (double)from));
        x[i] *= exp(.1 * loud * noise_next(&noise));
    }
    return stall_of_loss(steps, x, N, 0.005, arena);
}

Test(stall, evidence_tells_flat_from_falling_and_neither_in_noise)
{
    static const struct {
        const char *what;
        double g;
        size_t from;
        double loud, low, high;
    } rows[] = {
        {"flat from an eighth on", 0, 50, .1, 5, INFINITY},
        {"falling by 5% a doubling", .05, 50, .1, -INFINITY, -5},
        {"more noise than can be seen through", .02, 50, 10, -2, 2},
        {"rising is no stall", -.2, 50, .1, -INFINITY, -1e300},
    };
    struct arena arena;

    arena_init(&arena);
    for (size_t k = 0; k < sizeof(rows) / sizeof(rows[0]); k++) {
        struct stall s = judged(rows[k].g, rows[k].from, rows[k].loud, &arena);

        cr_expect(s.enough && s.evidence >= rows[k].low && s.evidence <= rows[k].high, "%s: %g",
                  rows[k].what, s.evidence);
    }
    arena_fini(&arena);
}

Test(stall, a_step_is_told_from_a_ramp)
{
    struct arena arena;
    double y[N];

    arena_init(&arena);
    for (size_t i = 0; i < N; i++)
        y[i] = i < 250 ? 0 : 1;
    cr_expect(step_share(y, N, 200, 1, &arena) > .99);
    for (size_t i = 0; i < N; i++)
        y[i] = i < 250 ? 0 : (double)(i - 250) / 150;
    cr_expect(step_share(y, N, 200, 1, &arena) < .05);
    arena_fini(&arena);
}
