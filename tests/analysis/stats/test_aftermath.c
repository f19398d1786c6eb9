#include "analysis/stats/aftermath.h"

#include "tests/support/curves.h"

#include <criterion/criterion.h>

enum { N = 200 };

/* A level of ln 2 with noise of +-.01, up by .5 at 100..104, by `rest` behind it, settled at 110.
 */
static struct aftermath after(double rest, struct arena *arena)
{
    struct spike event = {.first = 100, .last = 104, .peak = 100};
    struct noise noise = NOISE_START;
    double y[N];

    for (size_t i = 0; i < N; i++) {
        y[i] = log(2) + .02 * noise_next(&noise);
        y[i] += i < 100 ? 0 : i < 105 ? .5 : i < 110 ? .2 : rest;
    }
    return aftermath_of(y, N, &event, arena);
}

Test(aftermath, recovery_area_and_damage_are_those_of_the_series)
{
    struct arena arena;

    arena_init(&arena);
    struct aftermath a = after(0, &arena);
    cr_expect(a.recovery == 6, "%zu", a.recovery); /* 105..109 are still up */
    cr_expect(fabs(a.area - 2.5) < .06 && fabs(a.damage) < .02 && fabs(a.end) < .02);
    a = after(.1, &arena);
    cr_expect(a.recovery == 0 && fabs(a.damage - .1) < .02 && fabs(a.end - .1) < .02);
    /* uniform in +-.01: sd .0058; 20 points on either side */
    double se = 1.25 * .02 / sqrt(12) * sqrt(2 / 20.0);
    cr_expect(a.se > se / 2 && a.se < 2 * se, "%g, not %g", a.se, se);
    arena_fini(&arena);
}

Test(aftermath, at_either_end_what_is_missing_is_not_made_up)
{
    struct spike first = {.first = 0, .last = 2}, last = {.first = 20, .last = 24};
    struct arena arena;
    double y[25];

    arena_init(&arena);
    for (size_t i = 0; i < 25; i++)
        y[i] = i < 20 ? 0 : 1;
    cr_expect(aftermath_of(y, 25, &first, &arena).damage == 0);
    struct aftermath a = aftermath_of(y, 25, &last, &arena);
    cr_expect(a.recovery == 0 && a.damage == 0 && near_to(a.area, 5, 1e-12));
    arena_fini(&arena);
}
