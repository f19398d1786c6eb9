#include "analysis/stats/gradient.h"

#include "tests/support/curves.h"

#include "analysis/stats/moments.h"

#include <criterion/criterion.h>

enum { N = 1000 };

static struct arena arena;
static double g[N];

static void make_noise(void)
{
    struct noise noise = NOISE_START;

    for (size_t i = 0; i < N; i++)
        g[i] = exp(.3 * noise_next(&noise));
}

static void start(void)
{
    arena_init(&arena);
    make_noise();
}

static void stop(void)
{
    arena_fini(&arena);
}

TestSuite(gradient, .init = start, .fini = stop);

/* Times exp(height ((i - from)/(n - from))^.5) for i > from, i from 1. */
static void ramp(size_t from, double height)
{
    for (size_t i = from + 1; i <= N; i++)
        g[i - 1] *= exp(height * sqrt((double)(i - from) / (double)(N - from)));
}

static bool judged(bool exploded, bool vanished)
{
    struct explosion e = explosion_of(g, N, &arena);
    struct vanishing v = vanishing_of(g, N, &arena);

    return e.enough && v.enough && e.exploded == exploded && v.vanished == vanished;
}

Test(gradient, vector_63_noise_neither_explodes_nor_vanishes)
{
    cr_expect(judged(false, false), "noise");
}

Test(gradient, vector_63_growth_for_good_is_an_explosion)
{
    ramp(600, 3);
    cr_expect(judged(true, false), "times 20");
    struct explosion e = explosion_of(g, N, &arena);
    cr_expect(e.onset >= 600 && e.onset < 750, "onset %zu", e.onset);
    cr_expect(fabs(e.level_before - 1) < .05, "%g", e.level_before);
    cr_expect(e.level_after > 4 * e.level_before && e.kept >= .7);
}

/* By the definition: each block's median over that of all before it, the largest. */
static double largest_factor(void)
{
    size_t width = N / 50, from = N / 10, count = (N - from) / width;
    double y[N], largest = 0;

    for (size_t i = 0; i < N; i++)
        y[i] = log(g[i]);
    for (size_t k = 2; k < count; k++) {
        size_t at = from + k * width;
        double median = median_of(y + at, k + 1 < count ? width : N - at, &arena);

        largest = fmax(largest, exp(median - median_of(y + from, at - from, &arena)));
    }
    return largest;
}

Test(gradient, a_block_is_compared_with_all_before_it)
{
    cr_expect(explosion_of(g, N, &arena).largest_factor == largest_factor(), "noise");
    ramp(200, -2);
    cr_expect(explosion_of(g, N, &arena).largest_factor == largest_factor(), "a fall");
    for (size_t i = 0; i < N; i++)
        g[i] = i % 3 ? 1 : 1 + (double)(i % 5) / 10;
    cr_expect(explosion_of(g, N, &arena).largest_factor == largest_factor(), "few different");
}

Test(gradient, vector_63_decay_for_good_vanishes)
{
    ramp(300, -8);
    cr_expect(judged(false, true), "times e^-8");
    struct vanishing v = vanishing_of(g, N, &arena);
    /* 8 ((i-300)/700)^.5 = ln 50 at i = 467; the noise is at most .15 to each side: 454 .. 481 */
    cr_expect(v.onset >= 450 && v.onset <= 485, "onset %zu", v.onset);
    cr_expect(!v.rescaled && !v.tiny);
}

Test(gradient, a_burst_and_a_late_slow_rise_are_no_explosion)
{
    for (size_t i = 500; i < 520; i++)
        g[i] *= 30;
    cr_expect(judged(false, false), "20 points times 30");
    make_noise();
    ramp(700, log(2.5));
    cr_expect(judged(false, false), "2.5 times at the end");
    cr_expect(explosion_of(g, N, &arena).largest_factor > 1.5);
}

Test(gradient, the_last_points_of_a_run_that_broke_off)
{
    g[N - 1] = 60;
    cr_expect(!last_explosion_of(g, N, false, &arena).exploded, "one burst at the end");
    cr_expect(last_explosion_of(g, N, true, &arena).exploded, "and then no numbers");
    g[N - 2] = 20;
    struct last_explosion e = last_explosion_of(g, N, false, &arena);
    cr_expect(e.exploded && e.onset == N - 2 && e.last == 60, "onset %zu", e.onset);
    cr_expect(fabs(e.level - 1) < .05, "%g", e.level);
    cr_expect(!last_explosion_of(g, 29, true, &arena).exploded, "too few");
}

Test(gradient, a_change_of_scale_is_recognised)
{
    for (size_t i = 400; i < N; i++)
        g[i] /= 1024;
    struct vanishing v = vanishing_of(g, N, &arena);
    cr_expect(v.vanished && v.rescaled, "power %g", v.power);
    cr_expect(v.power == -10 && v.rescaled_at == 400, "2^%g at %zu", v.power, v.rescaled_at);
    for (size_t i = 400; i < N; i++)
        g[i] *= 1.4;
    v = vanishing_of(g, N, &arena);
    cr_expect(v.vanished && !v.rescaled, "1024/1.4 is no power of two");
}

Test(gradient, norms_of_1e_7_are_tiny_from_the_start)
{
    for (size_t i = 0; i < N; i++)
        g[i] = 1e-7;
    struct vanishing v = vanishing_of(g, N, &arena);

    cr_expect(v.enough && v.tiny && !v.vanished);
    cr_expect(!explosion_of(g, N, &arena).exploded);
}

Test(gradient, little_or_bad_input_is_not_judged)
{
    static const size_t sizes[] = {0, 1, 2, 29};

    for (size_t i = 0; i < 4; i++) {
        cr_expect(!explosion_of(g, sizes[i], &arena).enough, "%zu", sizes[i]);
        cr_expect(!vanishing_of(g, sizes[i], &arena).enough, "%zu", sizes[i]);
    }
    cr_expect(explosion_of(g, 30, &arena).enough && vanishing_of(g, 30, &arena).enough);
    g[10] = 0;
    cr_expect(!explosion_of(g, N, &arena).enough && !vanishing_of(g, N, &arena).enough);
}

Test(gradient, vector_35_noise_scale)
{
    struct noise_scale s = noise_scale_of(32, 4, 256, 1.5);

    cr_expect(near_to(s.squared_norm, 1.1428571, 1e-6), "%g", s.squared_norm);
    cr_expect(near_to(s.trace, 91.428571, 1e-6), "%g", s.trace);
    cr_expect(near_to(s.simple, 80, 1e-9), "%g", s.simple);
    cr_expect(isnan(noise_scale_of(32, 4, 32, 4).simple), "one batch size");
    cr_expect(isnan(noise_scale_of(32, 4, 256, .1).simple), "|G|^2 < 0");
}
