/* A language-model run: loss, evaluations, learning rate; the gradient norm is gradients.c's. */
#include "analysis/stats/progress.h"
#include "analysis/stats/trend.h"
#include "tests/bench/detection/draft.h"

#include <math.h>

static const double noise_sds[] = {.002, .005, .01, .02, .05, .075};
static const double phis[] = {0, .3, .6};

static void draw(struct draft *d, unsigned schedules)
{
    static const double intervals[] = {1, 10, 50, 100};
    static const double evaluations[] = {8, 12, 20, 40, 100};
    struct dice *r = &d->dice;
    int64_t interval = (int64_t)dice_pick(r, intervals, 4);

    d->step = ARENA_ARRAY(d->arena, d->n, int64_t);
    d->train = ARENA_ARRAY(d->arena, d->n, double);
    d->spread = ARENA_ARRAY(d->arena, d->n, double);
    for (size_t i = 0; i < d->n; i++) {
        d->step[i] = (int64_t)(i + 1) * interval;
        d->spread[i] = 1;
    }
    schedule_fill(d, schedules);
    double start = dice_in(r, 2, 11);
    d->law.shape = SHAPE_POWER;
    if (d->laws != LAWS_PLAIN)
        d->law.shape = (d->laws == LAWS_SHIFTED ? SHAPE_EXPONENTIAL : SHAPE_STRETCHED) +
                       (enum curve_shape)dice_below(r, 3);
    d->law.start = start;
    d->law.floor = start * dice_in(r, .15, .5);
    d->law.power = dice_in(r, .2, .8);
    d->law.scale = dice_in(r, .002, .03) * (double)d->n;
    d->law.drop = dice_in(r, 0, .04);
    d->noise.sd = dice_pick(r, noise_sds, 6);
    d->noise.phi = d->laws == LAWS_SHIFTED ? .45 : dice_pick(r, phis, 3);
    d->noise.heavy = dice_below(r, 2);
    d->noise.laws = d->laws;
    d->progress = 1;
    d->nan_at = d->n;
    d->m = (size_t)dice_pick(r, evaluations, 5);
    d->m = d->m < d->n ? d->m : d->n;
    d->eval_at = ARENA_ARRAY(d->arena, d->m, size_t);
    d->val = ARENA_ARRAY(d->arena, d->m, double);
    for (size_t j = 0; j < d->m; j++)
        d->eval_at[j] = (j + 1) * d->n / d->m - 1;
    d->val_sd = d->noise.sd * dice_in(r, .2, 1) * .5; /* an evaluation averages many batches */
    d->no_train = dice_below(r, 7) == 0;
    draft_curve(d);
}

/* Noise-free improvement per doubling: what the plateau finding estimates. */
static void judge_plateau(struct draft *d)
{
    double *steps = ARENA_ARRAY(d->arena, d->n, double);
    struct label *l = &d->run->label[CLASS_PLATEAU];

    if (l->truth == TRUTH_SKIP)
        return;
    for (size_t i = 0; i < d->n; i++)
        steps[i] = (double)d->step[i];
    struct progress p = progress_of_loss(steps, d->train, d->n, PROGRESS_THETA, d->arena);
    if (d->rate[d->n - 1] < .2)
        return; /* flat or not, the schedule has ended */
    if (!p.enough || p.g < -.5 * PROGRESS_THETA)
        l->truth = TRUTH_SKIP;
    else if (p.g < 2 * PROGRESS_THETA)
        l->truth = p.g < .5 * PROGRESS_THETA ? TRUTH_YES : TRUTH_UNCLEAR;
    l->effect = p.g;
}

/* Only where the curve goes on falling can it be said that there is no plateau. */
static void judge_val_plateau(struct draft *d)
{
    double *steps = ARENA_ARRAY(d->arena, d->m, double);
    struct label *l = &d->run->label[CLASS_VAL_PLATEAU];

    if (l->truth != TRUTH_NO)
        return;
    for (size_t j = 0; j < d->m; j++)
        steps[j] = draft_step(d, d->eval_at[j]);
    struct ols fall = ols_line(steps + d->m / 2, d->val + d->m / 2, d->m - d->m / 2);
    double over = fall.slope * (steps[d->m - 1] - steps[d->m / 2]);
    if (!(-over > 2 * PROGRESS_THETA * d->val[d->m - 1]))
        l->truth = TRUTH_SKIP;
}

/* Where the rate stays and the family left the training loss alone, what comes next is known. */
static void judge_outlook(struct draft *d)
{
    double s = 0, n = (double)d->n;

    for (size_t i = 0; i < d->n; i++)
        s += d->rate[i];
    bool same = fabs(d->train[d->n - 1] / law_at(&d->law, s, n) - 1) < 1e-9;
    if (d->schedule == SCHEDULE_CONSTANT && !d->no_train && same)
        d->run->at_double = law_at(&d->law, s + n, n);
}

/* Points again from before the resume on, with noise of their own. */
static void log_train(struct draft *d)
{
    size_t before = d->resume ? d->resume : d->n, again = d->resume ? d->resume - d->back : d->n;
    size_t n = before + (d->n - again);
    double *noise = ARENA_ARRAY(d->arena, n, double), *x = ARENA_ARRAY(d->arena, n, double);
    int64_t *steps = ARENA_ARRAY(d->arena, n, int64_t);

    noise_fill(&d->dice, &d->noise, noise, n);
    for (size_t k = 0; k < n; k++) {
        size_t i = k < before ? k : again + (k - before);
        steps[k] = d->step[i];
        x[k] = d->train[i] * exp(noise[k] * d->spread[i]);
        if (i == d->nan_at || i + d->nans >= d->n)
            x[k] = (double)NAN;
    }
    if (!d->no_train)
        run_log(d->run, "train/loss", steps, x, n);
    d->run->steps_reset = d->resume > 0;
}

static void log_val(struct draft *d)
{
    struct noise_law law = {.sd = d->val_sd, .laws = d->laws};
    double *noise = ARENA_ARRAY(d->arena, d->m, double);
    int64_t *steps = ARENA_ARRAY(d->arena, d->m, int64_t);

    noise_fill(&d->dice, &law, noise, d->m);
    for (size_t j = 0; j < d->m; j++) {
        steps[j] = d->step[d->eval_at[j]];
        d->val[j] *= exp(noise[j]);
    }
    run_log(d->run, "val/loss", steps, d->val, d->m);
}

static void log_rate(struct draft *d)
{
    double *lr = ARENA_ARRAY(d->arena, d->n, double);

    d->peak = dice_log(&d->dice, 1e-5, 1e-2);
    for (size_t i = 0; i < d->n; i++)
        lr[i] = d->peak * d->rate[i];
    run_log(d->run, "learning_rate", d->step, lr, d->n);
    d->run->schedule = d->n >= SCHEDULE_POINTS_MIN ? d->schedule : SCHEDULE_UNKNOWN;
}

void make_lm(struct draft *d, const struct family *loss, const struct family *gradient)
{
    draw(d, loss->schedules);
    loss->apply(d);
    judge_plateau(d);
    judge_val_plateau(d);
    if (d->no_train)
        run_skip(d->run, CLASS_OVERFITTING);
    judge_outlook(d);
    log_train(d);
    log_val(d);
    log_rate(d);
    gradient->apply(d);
}

void make_configured(struct draft *d)
{
    double epochs = 2 + (double)dice_below(&d->dice, 9), last = (double)d->step[d->n - 1];
    double *epoch = ARENA_ARRAY(d->arena, d->n, double), most = 0;

    for (size_t i = 0; i < d->n; i++)
        most = fmax(most, d->rate[i]); /* not every schedule reaches its peak */
    run_set(d->run, "BASE_LR", most * d->peak);
    d->run->number[CLASS_LR_LOW] = most * d->peak / d->progress;
    if (run_series(d->run, ROLE_EPOCH))
        return; /* its family has epochs of its own */
    for (size_t i = 0; i < d->n; i++)
        epoch[i] = epochs * (double)d->step[i] / last;
    run_log(d->run, "epoch", d->step, epoch, d->n);
    d->run->steps_per_epoch = last / epochs;
}
