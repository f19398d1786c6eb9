/* Reinforcement learning: what the reward and the critic do. */
#include "tests/bench/detection/draft.h"

#include <math.h>

static double *plain(struct draft *d, double sd)
{
    static const double phis[] = {0, .3, .6};
    double *x = ARENA_ARRAY(d->arena, d->n, double);
    struct noise_law law = {.sd = sd, .laws = d->laws};

    law.phi = d->laws == LAWS_SHIFTED ? .45 : dice_pick(&d->dice, phis, 3);
    law.heavy = dice_below(&d->dice, 2);
    d->noise = law;
    noise_fill(&d->dice, &law, x, d->n);
    return x;
}

/* The standard error of a block of the reward rule, which takes at most 24. */
static double block_error(const struct draft *d)
{
    double blocks = fmin(24, floor((double)d->n / 3));

    return d->noise.sd * sqrt((1 + d->noise.phi) / (1 - d->noise.phi)) /
           sqrt((double)d->n / blocks);
}

/* A reward of size `range` on the noise, from a start that may be below 0. */
static void log_reward(struct draft *d, double *x, const double *way, double range)
{
    double start = range * dice_in(&d->dice, -1, 1);

    for (size_t i = 0; i < d->n; i++)
        x[i] += start + range * way[i];
    run_log(d->run, "episode_rewards", d->step, x, d->n);
}

static double range_of(struct draft *d)
{
    return dice_log(&d->dice, 1, 1000);
}

static void rising(struct draft *d, double noise)
{
    double range = range_of(d), *x = plain(d, noise * range);
    double *way = ARENA_ARRAY(d->arena, d->n, double), power = dice_in(&d->dice, .6, 1.2);

    for (size_t i = 0; i < d->n; i++)
        way[i] = pow(draft_u(d, i), power);
    log_reward(d, x, way, range);
    double seen = range / block_error(d); /* 2.45 of these are the rule's bar */
    d->run->label[CLASS_REWARD_NONE].truth = seen < 8 ? TRUTH_UNCLEAR : TRUTH_NO;
}

static void improves(struct draft *d)
{
    rising(d, dice_in(&d->dice, .02, .15));
}

static void noisy(struct draft *d)
{
    rising(d, dice_in(&d->dice, .2, .5));
}

static void plateaus(struct draft *d)
{
    double range = range_of(d), *x = plain(d, range * dice_in(&d->dice, .02, .2));
    double *way = ARENA_ARRAY(d->arena, d->n, double), tau = dice_in(&d->dice, .04, .12);

    for (size_t i = 0; i < d->n; i++)
        way[i] = 1 - exp(-draft_u(d, i) / tau);
    log_reward(d, x, way, range);
    d->run->label[CLASS_REWARD_PLATEAU].truth = TRUTH_YES;
    d->run->label[CLASS_REWARD_NONE].truth = range / block_error(d) < 8 ? TRUTH_UNCLEAR : TRUTH_NO;
}

static void declines(struct draft *d)
{
    double range = range_of(d), *x = plain(d, range * dice_in(&d->dice, .02, .2));
    double *way = ARENA_ARRAY(d->arena, d->n, double);
    double peak = dice_in(&d->dice, .3, .7), fall = dice_in(&d->dice, .25, 1);

    for (size_t i = 0; i < d->n; i++) {
        double u = draft_u(d, i);
        way[i] = u < peak ? sin(.5 * M_PI * u / peak) : 1 - fall * (u - peak) / (1 - peak);
    }
    log_reward(d, x, way, range);
    run_label(d->run, CLASS_REWARD_DECLINE, fall * range,
              fmax(.15 * range, 2 * 3.26 * block_error(d)), peak * (double)d->n);
    run_skip(d->run, CLASS_REWARD_PLATEAU);
    run_skip(d->run, CLASS_REWARD_NONE); /* back at its start it is both */
}

static void flat(struct draft *d)
{
    double range = range_of(d), *x = plain(d, range * dice_in(&d->dice, .05, .5));
    double *way = ARENA_ARRAY(d->arena, d->n, double);

    log_reward(d, x, way, range);
    d->run->label[CLASS_REWARD_NONE].truth = TRUTH_YES;
    run_skip(d->run, CLASS_REWARD_PLATEAU);
}

/* ---- explained variance ---- */

static void log_ev(struct draft *d, double from, double to, double until, double sd)
{
    double *x = plain(d, sd);

    for (size_t i = 0; i < d->n; i++) {
        double v = fmin(1, draft_u(d, i) / until);
        x[i] = fmin(fmax(x[i] + from + (to - from) * v, -1), 1);
    }
    run_log(d->run, "explained_variance", d->step, x, d->n);
}

static void ev_healthy(struct draft *d)
{
    double end = dice_in(&d->dice, .3, .95), until = dice_in(&d->dice, .1, .5);

    log_ev(d, 0, end, until, dice_in(&d->dice, .02, .1));
}

static void ev_negative_early(struct draft *d)
{
    double start = -dice_in(&d->dice, .3, 1), end = dice_in(&d->dice, .3, .9);
    double until = dice_in(&d->dice, .05, .2);

    log_ev(d, start, end, until, dice_in(&d->dice, .02, .1));
}

static void ev_negative(struct draft *d)
{
    double mean = dice_log(&d->dice, .03, .8), sd = dice_in(&d->dice, .03, .25);
    double start = dice_in(&d->dice, -.1, .3), until = dice_in(&d->dice, .1, .5);

    log_ev(d, start, -mean, until, sd);
    double error = sd * sqrt((1 + d->noise.phi) / (1 - d->noise.phi)) / sqrt((double)d->n / 4);
    run_label(d->run, CLASS_EXPLAINED_VARIANCE, mean, fmax(.05, 4 * error), (double)NAN);
}

static void ev_at_minus_one(struct draft *d)
{
    log_ev(d, -1, -1, 1, dice_in(&d->dice, 0, .1));
    d->run->label[CLASS_EXPLAINED_VARIANCE].truth = TRUTH_YES;
}

#define REWARD(id, channel_, nature_, apply_)                                                      \
    extern const struct family family_##id;                                                        \
    const struct family family_##id = {#id, channel_, nature_, ANY_SCHEDULE, apply_}

REWARD(reward_improves, CHANNEL_REWARD, NATURE_CLEAN, improves);
REWARD(reward_noisy, CHANNEL_REWARD, NATURE_DECOY, noisy);
REWARD(reward_plateaus, CHANNEL_REWARD, NATURE_FAULT, plateaus);
REWARD(reward_declines, CHANNEL_REWARD, NATURE_FAULT, declines);
REWARD(reward_flat, CHANNEL_REWARD, NATURE_FAULT, flat);
REWARD(value_healthy, CHANNEL_VALUE, NATURE_CLEAN, ev_healthy);
REWARD(value_negative_early, CHANNEL_VALUE, NATURE_DECOY, ev_negative_early);
REWARD(value_negative, CHANNEL_VALUE, NATURE_FAULT, ev_negative);
REWARD(value_at_minus_one, CHANNEL_VALUE, NATURE_FAULT, ev_at_minus_one);
