#include "analysis/stats/flat.h"

#include "tests/support/curves.h"

#include <criterion/criterion.h>

enum { M = 40 };

static struct arena arena;
static double y[M];

static void start(void)
{
    arena_init(&arena);
    for (size_t i = 0; i < M; i++)
        y[i] = -.05 * (double)i;
}

static void stop(void)
{
    arena_fini(&arena);
}

TestSuite(flat, .init = start, .fini = stop);

Test(flat, a_falling_line_has_no_stretch)
{
    struct flat f = flat_of(y, M, &arena);

    cr_expect(f.enough && !f.any);
}

Test(flat, ten_level_evaluations_are_a_stretch_from_the_best_to_the_last_of_them)
{
    for (size_t i = 10; i < M; i++)
        y[i] += .05 * (double)(i < 20 ? i - 9 : 10); /* 9..19 at the value of 9 */
    struct flat f = flat_of(y, M, &arena);

    cr_assert(f.any && !f.lasting);
    cr_expect(f.from == 9 && f.to == 19, "%zu..%zu", f.from, f.to);
    cr_expect(near_to(f.change, 0, 1e-9));
}

Test(flat, at_the_end_it_lasts)
{
    for (size_t i = 25; i < M; i++)
        y[i] = y[24];
    struct flat f = flat_of(y, M, &arena);

    cr_expect(f.any && f.lasting && f.from == 24 && f.to == M - 1);
}

Test(flat, slow_is_not_flat)
{
    struct noise noise = NOISE_START;

    for (size_t i = 0; i < M; i++)
        y[i] = -.002 * (double)i + .02 * noise_next(&noise);
    cr_expect(!flat_of(y, M, &arena).lasting);
}

Test(flat, four_are_too_few_and_seven_evaluations_give_no_verdict)
{
    for (size_t i = 10; i < M; i++)
        y[i] += .05 * (double)(i < 13 ? i - 9 : 4);
    cr_expect(!flat_of(y, M, &arena).any);
    cr_expect(!flat_of(y, 7, &arena).enough && flat_of(y, 8, &arena).enough);
}
