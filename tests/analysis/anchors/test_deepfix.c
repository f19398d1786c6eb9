#include "analysis/anchors/deepfix.h"

#include "tests/support/curves.h"

#include <criterion/criterion.h>
#include <string.h>

static struct arena arena;

static void start(void)
{
    arena_init(&arena);
}

static void stop(void)
{
    arena_fini(&arena);
}

TestSuite(deepfix, .init = start, .fini = stop);

Test(deepfix, D_01_improvement_is_a_share_of_the_start)
{
    cr_expect(near_to(deepfix_improvement((double[]){2, 1, 0.5}, 3, true), 0.75, 1e-12));
    cr_expect(near_to(deepfix_improvement((double[]){0.5, 0.75}, 2, false), 0.5, 1e-12));
    cr_expect(near_to(deepfix_improvement((double[]){0, 3}, 2, false), 3, 1e-12), "a start of 0");
}

Test(deepfix, D_02_gap_of_a_run_that_overfits)
{
    static const double train[] = {1, .8, .6, .5, .4, .35}, val[] = {1, .85, .7, .7, .75, .85};
    static const double gaps[] = {0, .0625, .1667, .4, .875, 1.429};
    struct deepfix_gap g = deepfix_gap(train, val, 6, 0.1, &arena);

    for (size_t i = 0; i < 6; i++)
        cr_expect(fabs(deepfix_gap(train, val, i + 1, 0.1, &arena).final - gaps[i]) < 5e-4, "%zu",
                  i);
    cr_expect(near_to(g.max, 1.428571, 1e-6), "%.7g", g.max);
    cr_expect(near_to(g.final, g.max, 1e-12));
    cr_expect(fabs(g.correlation - 0.671) < 5e-4, "%.4g", g.correlation);
    cr_expect(g.divergence_start == 3, "%zu", g.divergence_start);
    cr_expect(g.fired && strcmp(g.grade, "high") == 0);

    static const double ones[] = {1, 1, 1, 1};
    cr_expect(deepfix_gap(ones, (double[]){1, 1, 1, 1.032}, 4, &arena).divergence_start == 3,
              "the mean of three rises by .0107");
    cr_expect(deepfix_gap(ones, (double[]){1, 1, 1, 1.028}, 4, &arena).divergence_start == 4,
              "by .0093: none");
}

/* What the rule says of a validation loss below the training loss: the finding must not. */
Test(deepfix, D_03_gap_ignores_its_direction)
{
    static const double train[] = {1, .9, .8, .7, .6, .5}, val[] = {.8, .7, .6, .5, .4, .3};
    struct deepfix_gap g = deepfix_gap(train, val, 6, 0.1, &arena);

    cr_expect(near_to(g.max, 0.4, 1e-7) && strcmp(g.grade, "high") == 0);
    cr_expect(near_to(g.confidence, 0.9, 1e-12));
}

Test(deepfix, D_23_correlation_of_constants_is_undefined)
{
    static const double flat[] = {.5, .5, .5, .5}, near[] = {.56, .56, .56, .56},
                        far[] = {.7, .7, .7, .7};
    struct deepfix_gap small = deepfix_gap(flat, near, 4, 0.1, &arena);
    struct deepfix_gap large = deepfix_gap(flat, far, 4, 0.1, &arena);

    cr_expect(isnan(small.correlation) && small.fired && !small.grade, "never low by a NaN");
    cr_expect(isnan(large.correlation) && strcmp(large.grade, "high") == 0, "by the gap alone");
    cr_expect(isnan(deepfix_trend_correlation(flat, far, 4, &arena)), "no window");
}

Test(deepfix, D_04_D_05_D_06_plain_ratios)
{
    static const double zigzag[] = {1, 2, 1, 2, 1, 2}, falling[] = {5, 4, 3, 2, 1, 0};
    static const double early[] = {10, 4, 2, 1.2, 1.0, 1.0, .95, .95, .9, .9, .9, .9};
    static const double flat[] = {2, 1, .6, .5, .5, .5, .5, .5, .5, .49};
    double line[12], slow[12];

    for (size_t i = 0; i < 12; i++) {
        line[i] = 12 - (double)i;
        slow[i] = 2 - 0.1 * (double)i;
    }
    cr_expect(near_to(deepfix_oscillation(zigzag, 6), 0.8, 1e-12));
    cr_expect(near_to(deepfix_oscillation(falling, 6), 0, 0));
    /* k = 4: |.9 - 1| / |1 - 10| */
    cr_expect(near_to(deepfix_premature(early, 12), 0.1 / 9, 1e-9));
    cr_expect(near_to(deepfix_premature(line, 12), 1.75, 1e-12));
    cr_expect(near_to(deepfix_stagnation(flat, 10), 0.005, 1e-9));
    cr_expect(near_to(deepfix_stagnation(slow, 12), 0.25, 1e-9));
    cr_expect(isnan(deepfix_premature(line, 9)) && isnan(deepfix_stagnation(line, 9)));
    cr_expect(isnan(deepfix_oscillation(line, 5)));
}

/* The fault of the rule that the volatility finding must not share. */
Test(deepfix, D_09_loss_variance_fires_on_a_healthy_fall)
{
    double slow[40], fast[40];

    for (size_t i = 0; i < 40; i++) {
        slow[i] = 2 * exp(-0.05 * (double)i);
        fast[i] = 2 * exp(-0.15 * (double)i);
    }
    cr_expect(fabs(deepfix_loss_variance(slow, 40, 10) - 0.151) < 5e-4);
    cr_expect(fabs(deepfix_loss_variance(fast, 40, 10) - 0.445) < 5e-4);
    cr_expect(isnan(deepfix_loss_variance(slow, 10, 10)));
}

Test(deepfix, a_trend_loses_points_for_each_concern)
{
    double up[20], down[20];

    for (size_t i = 0; i < 20; i++) {
        up[i] = 1 + 0.1 * (double)i;
        down[i] = 1 - 0.01 * (double)i;
    }
    struct deepfix_trend worse = deepfix_trend(up, 20, true), fine = deepfix_trend(down, 20, true);

    cr_expect(fine.concerns == 0 && near_to(fine.score, 0.8, 1e-12) && !fine.grade);
    /* volatile, reversal, unfavourable: .8 - .2 - .3 - .2 */
    cr_expect(worse.concerns == 3 && near_to(worse.score, 0.1, 1e-9), "%g", worse.score);
    cr_expect(strcmp(worse.grade, "high") == 0);
}

Test(deepfix, plateau_counts_points_and_stretches)
{
    double x[30];

    for (size_t i = 0; i < 30; i++)
        x[i] = i < 10 ? 10 - (double)i : i < 20 ? 1 : 1 - 0.5 * (double)(i - 19);
    struct deepfix_plateau p = deepfix_plateau(x, 30);

    /* windows of five at the level 1 end at 13..19; the one at 20, with one .5, has sd .22 < .34 */
    cr_expect(p.points == 8 && p.segments == 1, "%zu in %zu", p.points, p.segments);
}
