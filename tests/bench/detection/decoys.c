/* What looks wrong with a loss and is not. */
#include "tests/bench/detection/draft.h"

#include <math.h>

static void nothing(struct draft *d)
{
    (void)d;
}

static void warmup_rise(struct draft *d)
{
    double by = dice_in(&d->dice, 0.05, 0.4), until = dice_in(&d->dice, 0.02, 0.06);

    for (size_t i = 0; i < d->n; i++) {
        double v = draft_u(d, i) / until;
        d->train[i] *= v < 1 ? 1 + by * sin(M_PI * v) : 1;
    }
}

static void wsd_drop(struct draft *d)
{
    double by = dice_in(&d->dice, 0.02, 0.12);

    for (size_t i = 0; i < d->n; i++)
        d->train[i] *= 1 - (i < d->warmup ? 0 : by * (1 - d->rate[i]));
    draft_val(d);
}

/* The training loss steps down at each epoch; the validation loss does not. */
static void sawtooth(struct draft *d)
{
    double epochs = 3 + (double)dice_below(&d->dice, 6), by = dice_in(&d->dice, 0.02, 0.08);

    for (size_t i = 0; i < d->n; i++) {
        double at = draft_u(d, i) * epochs * 0.9999, epoch = floor(at);
        d->train[i] *= pow(1 - by, epoch) * (1 + 0.4 * by * (at - epoch));
    }
    run_skip(d->run, CLASS_SHIFT);
    run_skip(d->run, CLASS_PLATEAU);
    double *epoch = ARENA_ARRAY(d->arena, d->n, double);
    for (size_t i = 0; i < d->n; i++)
        epoch[i] = draft_u(d, i) * epochs;
    run_log(d->run, "epoch", d->step, epoch, d->n); /* who repeats data logs it */
}

static void constant_gap(struct draft *d)
{
    double way = dice_below(&d->dice, 2) ? 1 : -0.6, by = way * dice_in(&d->dice, 0.15, 0.5);

    for (size_t j = 0; j < d->m; j++)
        d->val[j] *= 1 + by;
}

static void val_plateau(struct draft *d)
{
    size_t a = d->m / 3 + (size_t)dice_below(&d->dice, d->m / 2);

    for (size_t j = a; j < d->m; j++)
        d->val[j] = d->val[a];
    d->run->label[CLASS_VAL_PLATEAU].truth = TRUTH_YES; /* but no overfitting */
    d->run->label[CLASS_VAL_PLATEAU].onset = draft_step(d, d->eval_at[a]);
    if (d->rate[d->n - 1] < .2 || d->no_train)
        run_skip(d->run, CLASS_VAL_PLATEAU); /* by design, or nothing to hold it against */
}

/* Rises for a while, and ends below where it had been. */
static void double_descent(struct draft *d)
{
    double by = dice_in(&d->dice, 0.1, 0.8), end = dice_in(&d->dice, 0.1, 0.4);

    for (size_t j = 0; j < d->m; j++) {
        double u = draft_u(d, d->eval_at[j]);
        double hump = u > 0.15 && u < 0.6 ? by * sin(M_PI * (u - 0.15) / 0.45) : 0;
        d->val[j] *= 1 + hump;
        d->val[j] *= u > 0.5 ? 1 - end * (u - 0.5) / 0.5 : 1;
    }
}

/* Both curves, up or down: a shift, but no overfitting and no divergence. */
static void mix_shift(struct draft *d)
{
    size_t a = draft_at(d, 0.2, 0.8);
    double way = dice_below(&d->dice, 3) == 0 ? -1 : 1, by = way * dice_log(&d->dice, 0.05, 0.3);
    double sd = d->noise.sd * sqrt((1 + d->noise.phi) / (1 - d->noise.phi));

    double *factor = ARENA_ARRAY(d->arena, d->n, double);

    for (size_t i = 0; i < d->n; i++)
        factor[i] = i < a ? 1 : 1 + by;
    draft_times(d, factor);
    run_label(d->run, CLASS_SHIFT, fabs(log(1 + by)), fmax(0.02, 2 * sd), draft_step(d, a));
    run_skip(d->run, CLASS_PLATEAU);
    run_skip(d->run, CLASS_OSCILLATION);
    if (a + 25 > d->n)
        run_skip(d->run, CLASS_SPIKE);
    if (d->no_train)
        run_skip(d->run, CLASS_VAL_RISING);
}

static void resumed(struct draft *d)
{
    d->resume = draft_at(d, 0.3, 0.8);
    d->back = 1 + d->n / 50 + (size_t)dice_below(&d->dice, d->n / 20 + 1);
    if (d->back > d->resume)
        d->back = d->resume;
}

static void single_nan(struct draft *d)
{
    d->nan_at = draft_at(d, 0.2, 0.8);
}

static void batch_change(struct draft *d)
{
    static const double factors[] = {0.354, 0.5, 0.707, 1.414, 2};
    size_t a = draft_at(d, 0.3, 0.7);
    double by = dice_pick(&d->dice, factors, 5);

    for (size_t i = a; i < d->n; i++)
        d->spread[i] *= by;
    run_skip(d->run, CLASS_VOLATILITY); /* the ratio is real; only its reason is not logged */
}

static void eval_noise(struct draft *d)
{
    d->val_sd = dice_in(&d->dice, 0.02, 0.08);
}

enum {
    TO_ZERO = 1U << SCHEDULE_COSINE | 1U << SCHEDULE_LINEAR,
    WSD = 1U << SCHEDULE_WSD,
};

#define DECOY(id, schedules_, apply_)                                                              \
    extern const struct family family_##id;                                                        \
    const struct family family_##id = {#id, CHANNEL_LOSS, NATURE_DECOY, schedules_, apply_}

DECOY(warmup_rise, ANY_SCHEDULE, warmup_rise);
DECOY(wsd_drop, WSD, wsd_drop);
DECOY(cosine_tail, TO_ZERO, nothing);
DECOY(sawtooth, ANY_SCHEDULE, sawtooth);
DECOY(constant_gap, ANY_SCHEDULE, constant_gap);
DECOY(val_plateau, ANY_SCHEDULE, val_plateau);
DECOY(double_descent, ANY_SCHEDULE, double_descent);
DECOY(mix_shift, ANY_SCHEDULE, mix_shift);
DECOY(resumed, ANY_SCHEDULE, resumed);
DECOY(single_nan, ANY_SCHEDULE, single_nan);
DECOY(batch_change, ANY_SCHEDULE, batch_change);
DECOY(eval_noise, ANY_SCHEDULE, eval_noise);
