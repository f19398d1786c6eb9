/*
 * Rewards beside a score that was not trained on, and the answers' length: the
 * reward rises, and the score follows, holds, or falls.
 */
#include "tests/bench/detection/draft.h"

#include <math.h>

enum { AFTER_MIN = 4 }; /* scores behind the best one, for a fall to be seen at all */

static double *noise(struct draft *d, size_t n, double sd)
{
    static const double phis[] = {0, .3, .6};
    struct noise_law law = {.sd = sd, .laws = d->laws};
    double *x = ARENA_ARRAY(d->arena, n, double);

    law.phi = dice_pick(&d->dice, phis, 3);
    law.heavy = dice_below(&d->dice, 2);
    noise_fill(&d->dice, &law, x, n);
    return x;
}

/* Up until the peak (1: to the end), then down by `fall` of the way. */
static double way(double u, double peak, double fall, double power)
{
    return u <= peak ? (peak > 0 ? pow(u / peak, power) : 1) : 1 - fall * (u - peak) / (1 - peak);
}

static void log_reward(struct draft *d, double peak, double fall)
{
    double range = dice_log(&d->dice, .5, 100), start = range * dice_in(&d->dice, -1, 1);
    double *x = noise(d, d->n, range * dice_in(&d->dice, .02, .15));
    double power = dice_in(&d->dice, .6, 1.2);

    for (size_t i = 0; i < d->n; i++)
        x[i] += start + range * way(draft_u(d, i), peak, fall, power);
    run_log(d->run, "episode_rewards", d->step, x, d->n);
}

static void log_length(struct draft *d, double times)
{
    double start = dice_log(&d->dice, 80, 2000), *x = noise(d, d->n, .08);

    for (size_t i = 0; i < d->n; i++)
        x[i] = start * (1 + (times - 1) * draft_u(d, i)) * exp(x[i]);
    run_log(d->run, "response_length", d->step, x, d->n);
}

struct score {
    double peak, fall, range, sd;
};

/* Its labels: a fall above three standard errors of a difference of means of three scores. */
static void log_score(struct draft *d, const struct score *s)
{
    static const double evaluations[] = {8, 12, 20, 40, 100};
    size_t m = (size_t)dice_pick(&d->dice, evaluations, 5), best = 0;
    double start = dice_in(&d->dice, .1, .5), power = dice_in(&d->dice, .6, 1.2);

    m = m < d->n ? m : d->n;
    double *x = noise(d, m, s->sd), *truth = ARENA_ARRAY(d->arena, m, double);
    int64_t *steps = ARENA_ARRAY(d->arena, m, int64_t);
    for (size_t j = 0; j < m; j++) {
        size_t i = (j + 1) * d->n / m - 1;
        steps[j] = d->step[i];
        truth[j] = start + s->range * way(draft_u(d, i), s->peak, s->fall, power);
        best = truth[j] > truth[best] ? j : best;
        x[j] += truth[j];
    }
    run_log(d->run, "held_out_score", steps, x, m);
    double bar = fmax(.15 * s->range, 3 * s->sd * sqrt(2. / 3));
    struct label *l = &d->run->label[CLASS_HELD_OUT];
    run_label(d->run, CLASS_HELD_OUT, truth[best] - truth[m - 1], bar, (double)steps[best]);
    if (l->truth == TRUTH_YES && m - 1 - best < AFTER_MIN)
        l->truth = TRUTH_UNCLEAR;
}

/* What the reward does alone is judged in the other sets, and nothing else is logged. */
static void begin(struct draft *d)
{
    for (size_t c = CLASS_REWARD_DECLINE; c < CLASS_REWARD_HACKING; c++)
        run_skip(d->run, (enum class_id)c);
}

static void rises(struct draft *d, double score_sd, double score_range, double length)
{
    double range = dice_in(&d->dice, .1, .4);

    begin(d);
    log_reward(d, 1, 0);
    log_score(d, &(struct score){1, 0, range * score_range, range * score_sd});
    log_length(d, length);
}

static void follows(struct draft *d)
{
    rises(d, dice_log(&d->dice, .03, .15), 1, 1);
}

/* It rises, then holds, while the reward goes on. */
static void settles(struct draft *d)
{
    double peak = dice_in(&d->dice, .2, .6), range = dice_in(&d->dice, .1, .4);

    begin(d);
    log_reward(d, 1, 0);
    log_score(d, &(struct score){peak, 0, range, range * dice_log(&d->dice, .03, .3)});
    log_length(d, 1);
}

static void noisy(struct draft *d)
{
    rises(d, dice_in(&d->dice, .2, .6), dice_in(&d->dice, 0, 1), 1);
}

/* A decline that the reward shows as well: no hacking. */
static void both_fall(struct draft *d)
{
    double peak = dice_in(&d->dice, .2, .6), fall = dice_in(&d->dice, .25, 1);
    double range = dice_in(&d->dice, .1, .4);

    begin(d);
    log_reward(d, peak, fall);
    log_score(d, &(struct score){peak, fall, range, range * dice_log(&d->dice, .03, .3)});
    log_length(d, 1);
}

static void hacked(struct draft *d, double peak)
{
    double fall = dice_in(&d->dice, .25, 1.2), range = dice_in(&d->dice, .1, .4);

    begin(d);
    log_reward(d, 1, 0);
    log_score(d, &(struct score){peak, fall, range, range * dice_log(&d->dice, .03, .3)});
    log_length(d, 1);
    d->run->label[CLASS_REWARD_HACKING] = d->run->label[CLASS_HELD_OUT];
}

static void turns(struct draft *d)
{
    hacked(d, dice_in(&d->dice, .2, .6));
}

/* From the first score on: there is no better checkpoint than the start. */
static void falls(struct draft *d)
{
    hacked(d, 0);
}

static void length_hacked(struct draft *d)
{
    rises(d, dice_log(&d->dice, .03, .3), 0, dice_in(&d->dice, 1.5, 4));
    d->run->label[CLASS_LENGTH_HACKING].truth = TRUTH_YES;
}

static void length_earned(struct draft *d)
{
    rises(d, dice_log(&d->dice, .03, .15), 1, dice_in(&d->dice, 1.5, 4));
}

#define SCORE(id, nature_, apply_)                                                                 \
    extern const struct family family_##id;                                                        \
    const struct family family_##id = {#id, CHANNEL_SCORE, nature_, ANY_SCHEDULE, apply_}

SCORE(score_follows, NATURE_CLEAN, follows);
SCORE(score_settles, NATURE_DECOY, settles);
SCORE(score_noisy, NATURE_DECOY, noisy);
SCORE(score_and_reward_fall, NATURE_FAULT, both_fall);
SCORE(score_turns, NATURE_FAULT, turns);
SCORE(score_falls, NATURE_FAULT, falls);
SCORE(length_hacked, NATURE_FAULT, length_hacked);
SCORE(length_earned, NATURE_DECOY, length_earned);
