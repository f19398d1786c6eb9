#include "analysis/stats/reward.h"

#include <criterion/criterion.h>

#include "tests/support/curves.h"

enum { N = 240 };

static struct arena arena;

static void start(void)
{
    arena_init(&arena);
}

static void stop(void)
{
    arena_fini(&arena);
}

TestSuite(reward, .init = start, .fini = stop);

/* Level of a made-up reward at u in [0,1); noise of sd .29 a point is added. */
static double rising(double u)
{
    return 10 * u;
}

static double levelled(double u)
{
    return u < 0.3 ? 10 * u / 0.3 : 10;
}

static double fallen(double u)
{
    return u < 0.4 ? 10 * u / 0.4 : 10 - 10 * (u - 0.4);
}

static double collapsed(double u)
{
    return u < 0.6 ? rising(u) : 1;
}

static double slowing(double u)
{
    return u < 0.4 ? 10 * u / 0.4 : 10 + 2 * (u - 0.4);
}

static double flat(double u)
{
    (void)u;
    return 3;
}

Test(reward, state_is_that_of_the_curve)
{
    static const struct {
        const char *what;
        double (*level)(double u);
        double known_max, noise;
        enum reward_state want;
    } rows[] = {
        {"a line up", rising, NAN, 1, REWARD_IMPROVING},
        {"up, then level", levelled, NAN, 1, REWARD_PLATEAU},
        {"level at the known maximum", levelled, 10, 1, REWARD_CONVERGED},
        {"level at half the known maximum", levelled, 20, 1, REWARD_PLATEAU},
        {"up, then down", fallen, NAN, 1, REWARD_DECLINE},
        {"up, then at once to a low level", collapsed, NAN, 1, REWARD_DECLINE},
        {"noise about a level", flat, NAN, 1, REWARD_NO_PROGRESS},
        {"up, then hardly", slowing, NAN, 1, REWARD_IMPROVING},
        {"a constant", flat, NAN, 0, REWARD_NO_PROGRESS},
    };

    for (size_t k = 0; k < sizeof(rows) / sizeof(rows[0]); k++) {
        struct noise noise = NOISE_START;
        double x[N];

        for (size_t i = 0; i < N; i++)
            x[i] = rows[k].level((double)i / N) + rows[k].noise * noise_next(&noise);
        struct reward r = reward_of(x, N, rows[k].known_max, &arena);
        cr_expect(r.state == rows[k].want, "%s: %d, not %d (gain %g, ci %g, total %g)",
                  rows[k].what, (int)r.state, (int)rows[k].want, r.gain, r.ci, r.total);
        cr_expect(r.slowing == (rows[k].level == slowing), "%s", rows[k].what);
        cr_expect(r.held == (rows[k].level != fallen && rows[k].level != collapsed &&
                             rows[k].level != flat),
                  "%s: %g of %g", rows[k].what, r.end, r.top);
    }
}

/* Three points a block: s is about .58 of an sd of a point, half of which is to be seen. */
Test(reward, no_progress_is_only_said_where_a_gain_would_show)
{
    struct noise noise = NOISE_START;
    double x[30];

    for (size_t i = 0; i < 30; i++)
        x[i] = noise_next(&noise);
    struct reward r = reward_of(x, 30, NAN, &arena);
    cr_expect(r.state == REWARD_UNRESOLVED, "%d: up to %g of %g", (int)r.state, r.most_gain,
              r.unit);
    for (size_t i = 0; i < 30; i++)
        x[i] += 25; /* beside such a level it is small */
    r = reward_of(x, 30, NAN, &arena);
    cr_expect(r.state == REWARD_NO_PROGRESS, "%d: up to %g of %g", (int)r.state, r.most_gain,
              r.unit);
}

Test(reward, numbers_of_a_line_are_those_of_the_line)
{
    double x[N];

    for (size_t i = 0; i < N; i++)
        x[i] = (double)i;
    struct reward r = reward_of(x, N, NAN, &arena); /* blocks of 10: means 4.5, 14.5 ... 234.5 */
    cr_expect(r.blocks == 24 && r.start == 14.5 && r.end == 224.5 && r.range == 230);
    cr_expect(r.sigma == 0 && r.peak_block == 23 && r.top == 229.5 && r.peak == 230);
    cr_expect(near_to(r.gain, 120, 1e-9) && near_to(r.total, 220, 1e-9) && r.ci < 1e-6);
    cr_expect(r.state == REWARD_IMPROVING);
    cr_expect(reward_of(x, 19, NAN, &arena).state == REWARD_TOO_SHORT);
}

Test(reward, decline_needs_a_peak_that_is_past)
{
    double x[N];

    for (size_t i = 0; i < N; i++)
        x[i] = i < N - 20 ? (double)i : 0; /* two blocks: the peak lies too late to tell */
    cr_expect(reward_of(x, N, NAN, &arena).state != REWARD_DECLINE);
}

Test(reward, recent_values_below_zero_are_told_from_noise_about_it)
{
    static const struct {
        const char *what;
        double level, spread;
        bool want;
    } rows[] = {
        {"well below", -0.5, 0.2, true}, {"about zero", 0.0, 0.2, false},
        {"above", 0.5, 0.2, false},      {"all at the floor", -1, 0, true},
        {"exactly zero", 0, 0, false},   {"a little below, noisy", -0.01, 2, false},
    };

    for (size_t k = 0; k < sizeof(rows) / sizeof(rows[0]); k++) {
        struct noise noise = NOISE_START;
        double x[N];

        for (size_t i = 0; i < N; i++)
            x[i] = i < N / 2 ? 0.9 : rows[k].level + rows[k].spread * noise_next(&noise);
        struct below_zero z = below_zero_of(x, N, &arena);
        cr_expect(z.enough && z.from == N - N / 4 && z.blocks == 8);
        cr_expect(z.below == rows[k].want, "%s: t %g, median %g", rows[k].what, z.t, z.median);
        cr_expect(z.at_floor == (rows[k].level <= -1 ? N / 4 : 0), "%s", rows[k].what);
    }
}

/* mean -.5, sd of 8 alternating -.4 and -.6 is .1069045; t = -.5 / (.1069045 / sqrt 8) =
 * -13.228757. */
Test(reward, t_is_that_of_the_block_means)
{
    double x[12] = {9, 9, 9, 9};

    for (size_t i = 4; i < 12; i++)
        x[i] = i % 2 ? -0.4 : -0.6;
    struct below_zero z = below_zero_of(x, 12, &arena);
    cr_expect(near_to(z.t, -13.228757, 1e-6), "%.9g", z.t);
    cr_expect(near_to(z.critical, -1.894579, 1e-6), "t(.05, 7)");
    cr_expect(z.below);
    cr_expect(!below_zero_of(x, 11, &arena).enough);
}

Test(reward, gate_is_collapsed_stuck_or_neither)
{
    static const struct {
        const char *what;
        double level, spread;
        bool collapsed, stuck;
        int side;
    } rows[] = {
        {"open wide", 0.99, 0.01, true, false, 1},         {"shut", 0.01, 0.01, true, false, 0},
        {"in the middle", 0.4, 0.02, false, true, 0},      {"moving", 0.5, 0.6, false, false, 0},
        {"biased but moving", 0.85, 0.2, false, false, 1},
    };

    for (size_t k = 0; k < sizeof(rows) / sizeof(rows[0]); k++) {
        struct noise noise = NOISE_START;
        double g[100];

        for (size_t i = 0; i < 100; i++)
            g[i] = i < 50 ? 0.5 : rows[k].level + rows[k].spread * noise_next(&noise);
        struct gate gate = gate_of(g, 100, &arena);
        cr_expect(gate.enough && gate.from == 80);
        cr_expect(gate.collapsed == rows[k].collapsed, "%s: share %g", rows[k].what, gate.share);
        cr_expect(gate.stuck == rows[k].stuck, "%s: spread %g", rows[k].what, gate.spread);
        cr_expect(gate.side == rows[k].side || rows[k].spread > 0.5, "%s", rows[k].what);
    }
}

Test(reward, gate_collapses_at_four_fifths_of_its_last_fifth)
{
    double g[60];

    for (size_t shut = 0; shut <= 12; shut++) {
        for (size_t i = 0; i < 60; i++)
            g[i] = i >= 60 - shut ? 0.01 : 0.5;
        cr_expect(gate_of(g, 60, &arena).collapsed == (shut >= 10), "%zu of 12", shut);
    }
    cr_expect(!gate_of(g, 11, &arena).enough);
}
