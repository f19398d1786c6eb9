/* Gradient norms: y = ln g about a level that falls a little, and what happens to it. */
#include "analysis/stats/moments.h"
#include "tests/bench/detection/draft.h"

#include <math.h>

/* The noise-free norm, and where its tail begins: one sound step in a hundred is above that. */
struct level {
    double at, slope, sd;
};

static double tail_at(const struct draft *d, const struct level *l, size_t i)
{
    return exp(l->at - l->slope * log(1 + 20 * draft_u(d, i)) + 2.326 * l->sd);
}

static double *levels_of(struct draft *d, struct level *l)
{
    double *y = ARENA_ARRAY(d->arena, d->n, double);
    l->at = log(dice_log(&d->dice, .1, 5));
    l->slope = dice_in(&d->dice, 0, .25);
    l->sd = dice_in(&d->dice, .1, .35);
    struct noise_law law = {
        .sd = l->sd, .phi = d->noise.phi, .heavy = d->noise.heavy, .laws = d->laws};

    noise_fill(&d->dice, &law, y, d->n);
    for (size_t i = 0; i < d->n; i++)
        y[i] += l->at - l->slope * log(1 + 20 * draft_u(d, i));
    return y;
}

static double *levels(struct draft *d)
{
    struct level level;

    return levels_of(d, &level);
}

static double *grown(struct draft *d, double *y)
{
    for (size_t i = 0; i < d->n; i++)
        y[i] = exp(y[i]);
    run_log(d->run, "grad_norm", d->step, y, d->n);
    return y;
}

static void ramp(struct draft *d, double *y, double u0, double by, double power)
{
    for (size_t i = 0; i < d->n; i++) {
        double v = (draft_u(d, i) - u0) / (1 - u0);
        y[i] += v > 0 ? by * pow(v, power) : 0;
    }
}

static void clean(struct draft *d)
{
    grown(d, levels(d));
}

static void explodes(struct draft *d)
{
    struct level level;
    double *y = levels_of(d, &level), u0 = dice_in(&d->dice, .3, .8);
    double by = dice_in(&d->dice, 2.3, 8);

    ramp(d, y, u0, by, dice_in(&d->dice, .3, 1));
    grown(d, y);
    run_label(d->run, CLASS_GRAD_EXPLOSION, by, 1.4, u0 * (double)d->step[d->n - 1]);
    run_skip(d->run, CLASS_GRAD_CLIPPING);
    d->run->number[CLASS_GRAD_EXPLOSION] = tail_at(d, &level, (size_t)(u0 * (double)d->n));
}

static void vanishes(struct draft *d)
{
    double *y = levels(d), u0 = dice_in(&d->dice, .2, .6), by = dice_in(&d->dice, 7, 14);

    ramp(d, y, u0, -by, dice_in(&d->dice, .3, 1));
    grown(d, y);
    run_label(d->run, CLASS_GRAD_VANISHING, by, 3.9, u0 * (double)d->step[d->n - 1]);
    run_skip(d->run, CLASS_GRAD_CLIPPING);
}

/* Single high norms: spikes of the gradient, no explosion. */
static void bursts(struct draft *d)
{
    double *y = levels(d);
    size_t count = 1 + (size_t)dice_below(&d->dice, 5);

    for (size_t k = 0; k < count; k++) {
        size_t a = draft_at(d, .1, .95), width = 1 + (size_t)dice_below(&d->dice, d->n / 100 + 1);
        double by = dice_in(&d->dice, 1.6, 4);
        for (size_t i = a; i < a + width && i < d->n; i++)
            y[i] += by;
    }
    grown(d, y);
}

/* A configured clip that 0, 5, 50 or 95% of the norms exceed; half of the time only those are far
 * off. */
static void clipped(struct draft *d)
{
    static const double shares[] = {0, .05, .5, .95};
    struct level level;
    double *g = grown(d, levels_of(d, &level)), share = dice_pick(&d->dice, shares, 4);
    size_t from = d->n / 5;
    double at = quantile_of(g + from, d->n - from, 1 - share, d->arena);

    run_set(d->run, "MAX_GRAD_NORM", share == 0 ? 3 * at : at);
    d->run->label[CLASS_GRAD_CLIPPING].truth = share > .9   ? TRUTH_YES
                                               : share > .4 ? TRUTH_UNCLEAR
                                                            : TRUTH_NO;
    d->run->label[CLASS_GRAD_CLIPPING].effect = share;
    d->run->number[CLASS_GRAD_CLIPPING] = tail_at(d, &level, d->n - 1);
}

/* The norms as they are after clipping: a share of them stands at the clip exactly. */
static void after_clip(struct draft *d)
{
    double *y = levels(d), share = dice_below(&d->dice, 2) ? dice_in(&d->dice, .05, .3) : .95;
    double at = quantile_of(y, d->n, 1 - share, d->arena);

    for (size_t i = 0; i < d->n; i++)
        y[i] = fmin(y[i], at);
    grown(d, y);
    run_set(d->run, "MAX_GRAD_NORM", exp(at));
    d->run->label[CLASS_GRAD_CLIPPING].truth = share > .9 ? TRUTH_UNCLEAR : TRUTH_NO;
}

static void rises_a_little(struct draft *d)
{
    double *y = levels(d);

    ramp(d, y, dice_in(&d->dice, .5, .8), log(2.5), 1);
    grown(d, y);
}

static void falls_a_little(struct draft *d)
{
    double *y = levels(d);

    ramp(d, y, dice_in(&d->dice, .1, .5), -log(3.5), .7);
    grown(d, y);
}

#define GRADIENT(id, nature_, apply_)                                                              \
    extern const struct family family_##id;                                                        \
    const struct family family_##id = {#id, CHANNEL_GRADIENT, nature_, ANY_SCHEDULE, apply_}

GRADIENT(gradient_clean, NATURE_CLEAN, clean);
GRADIENT(gradient_explodes, NATURE_FAULT, explodes);
GRADIENT(gradient_vanishes, NATURE_FAULT, vanishes);
GRADIENT(gradient_bursts, NATURE_DECOY, bursts);
GRADIENT(gradient_clipped, NATURE_FAULT, clipped);
GRADIENT(gradient_after_clip, NATURE_DECOY, after_clip);
GRADIENT(gradient_rises_a_little, NATURE_DECOY, rises_a_little);
GRADIENT(gradient_falls_a_little, NATURE_DECOY, falls_a_little);
