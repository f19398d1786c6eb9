/* What is really wrong with a loss. */
#include "tests/bench/detection/draft.h"

#include <math.h>

static void apply_clean(struct draft *d)
{
    (void)d;
}

/* The validation loss turns; whether it had a rise worth its name is read off the curve. */
static void apply_overfit(struct draft *d)
{
    double u0 = dice_in(&d->dice, 0.15, 0.8), rise = dice_log(&d->dice, 0.03, 0.6);
    double power = dice_in(&d->dice, 0.7, 1.5), memory = dice_in(&d->dice, 0, 0.3);

    for (size_t j = 0; j < d->m; j++) {
        double v = (draft_u(d, d->eval_at[j]) - u0) / (1 - u0);
        d->val[j] *= v > 0 ? 1 + rise * pow(v, power) : 1;
    }
    for (size_t i = 0; i < d->n; i++) {
        double v = (draft_u(d, i) - u0) / (1 - u0);
        d->train[i] *= v > 0 ? 1 - memory * v : 1;
    }
    size_t best = 0;
    for (size_t j = 1; j < d->m; j++) {
        if (d->val[j] < d->val[best])
            best = j;
    }
    double true_rise = log(d->val[d->m - 1] / d->val[best]);
    run_label(d->run, CLASS_OVERFITTING, true_rise, 0.02, draft_step(d, d->eval_at[best]));
    if (d->m - 1 - best < 3 && d->run->label[CLASS_OVERFITTING].truth == TRUTH_YES)
        d->run->label[CLASS_OVERFITTING].truth = TRUTH_UNCLEAR;
    d->run->label[CLASS_VAL_RISING] = d->run->label[CLASS_OVERFITTING];
    run_skip(d->run, CLASS_NO_PROGRESS); /* it may end where it began */
    if (d->no_train)
        run_skip(d->run, CLASS_DIVERGENCE); /* without the training loss it is the same */
    if (memory > 0.1)
        run_skip(d->run, CLASS_OSCILLATION);
}

/* One to six bursts that recover; some leave a little damage. */
static void apply_spikes(struct draft *d)
{
    size_t count = dice_below(&d->dice, 2) ? 1 : 2 + (size_t)dice_below(&d->dice, 5);
    double sd = d->noise.sd * sqrt((1 + d->noise.phi) / (1 - d->noise.phi)), largest = 0;
    double first = (double)NAN;

    if (d->tiny)
        count = 1;
    for (size_t k = 0; k < count; k++) {
        double part = 0.85 / (double)count;
        size_t a = draft_at(d, 0.1 + part * (double)k, 0.1 + part * ((double)k + 0.6));
        size_t width = 1 + (size_t)dice_below(&d->dice, d->n / 25 < 30 ? d->n / 25 + 1 : 30);
        double rise = d->noise.sd * dice_log(&d->dice, 8, 60);
        double damage = dice_below(&d->dice, 3) == 0 ? dice_in(&d->dice, 0.02, 0.15) * rise : 0;

        for (size_t i = a; i < d->n; i++) {
            double w = (double)(i - a) / (double)width;
            d->train[i] *= exp(w < 1 ? rise * (1 - 0.5 * w) : damage);
        }
        size_t last = a + width - 1 < d->n ? a + width - 1 : d->n - 1;
        double bar = fmax(0.02, 6 * sd);
        d->run->events[d->run->events_n++] = (struct event){a, last,
                                                            rise >= bar       ? TRUTH_YES
                                                            : rise >= bar / 4 ? TRUTH_UNCLEAR
                                                                              : TRUTH_NO};
        if (rise > largest)
            largest = rise;
        if (k == 0)
            first = draft_step(d, a);
    }
    run_label(d->run, CLASS_SPIKE, largest, fmax(0.02, 6 * sd), first);
    run_skip(d->run, CLASS_PLATEAU);
    run_skip(d->run, CLASS_VOLATILITY);
    run_skip(d->run, CLASS_SHIFT);
}

/* In the training loss only, for good. */
static void apply_shift(struct draft *d)
{
    size_t a = draft_at(d, 0.2, 0.8);
    double by = dice_log(&d->dice, 0.05, 0.4);
    double sd = d->noise.sd * sqrt((1 + d->noise.phi) / (1 - d->noise.phi));

    for (size_t i = a; i < d->n; i++)
        d->train[i] *= 1 + by;
    run_label(d->run, CLASS_SHIFT, log(1 + by), fmax(0.02, 2 * sd), draft_step(d, a));
    run_skip(d->run, CLASS_PLATEAU);
    run_skip(d->run, CLASS_OVERFITTING); /* the training loss cannot be compared across it */
    run_skip(d->run, CLASS_VAL_RISING);
    run_skip(d->run, CLASS_OSCILLATION);
    if (a + 25 > d->n)
        run_skip(d->run, CLASS_SPIKE); /* how long it lasts cannot be seen */
}

static void apply_diverges(struct draft *d)
{
    double u0 = dice_in(&d->dice, 0.3, 0.85), rise = dice_log(&d->dice, 0.15, 1.5);
    double *by = ARENA_ARRAY(d->arena, d->n, double);
    bool steep = dice_below(&d->dice, 2);

    for (size_t i = 0; i < d->n; i++) {
        double v = (draft_u(d, i) - u0) / (1 - u0);
        by[i] = v > 0 ? 1 + rise * (steep ? expm1(3 * v) / expm1(3) : v) : 1;
    }
    draft_times(d, by);
    if (dice_below(&d->dice, 4) == 0)
        d->nans = d->n / 50 > 3 ? d->n / 50 : 3;
    run_label(d->run, CLASS_DIVERGENCE, log(1 + rise), 0.05, u0 * (double)d->step[d->n - 1]);
    for (size_t c = CLASS_SPIKE; c <= CLASS_GRAD_EXPLOSION; c++) {
        if (c != CLASS_DIVERGENCE && c != CLASS_GRAD_EXPLOSION)
            run_skip(d->run, (enum class_id)c);
    }
    if (d->no_train)
        run_skip(d->run, CLASS_VAL_RISING); /* without the training loss it is the same */
}

/* The curve is flat from there on; the plateau's truth is read off the curve. */
static void apply_stall(struct draft *d)
{
    size_t a = draft_at(d, 0.1, 0.4);

    for (size_t i = a; i < d->n; i++)
        d->train[i] = d->train[a];
    draft_val(d);
    d->run->label[CLASS_PREMATURE].truth = TRUTH_UNCLEAR; /* takes a reference to be sure */
}

static void apply_oscillates(struct draft *d)
{
    double most = fmax(6, (double)d->n / 6), period = dice_log(&d->dice, 6, most);
    double amplitude = fmin(d->noise.sd * dice_in(&d->dice, 2, 6), 0.4);
    double phase = dice_in(&d->dice, 0, 2 * M_PI);

    for (size_t i = 0; i < d->n; i++)
        d->train[i] *= exp(amplitude * sin(2 * M_PI * (double)i / period + phase));
    run_label(d->run, CLASS_OSCILLATION, amplitude, 0.01, (double)NAN);
    run_skip(d->run, CLASS_PLATEAU);
    run_skip(d->run, CLASS_VOLATILITY);
    run_skip(d->run, CLASS_SHIFT);
    run_skip(d->run, CLASS_LR_HIGH);
}

static void apply_volatile(struct draft *d)
{
    double by = dice_in(&d->dice, 3, 6), length = dice_in(&d->dice, 0.08, 0.25);
    size_t a = draft_at(d, 0.15, 0.9 - length), b = a + (size_t)(length * (double)d->n);

    for (size_t i = a; i < b && i < d->n; i++)
        d->spread[i] *= by;
    run_label(d->run, CLASS_VOLATILITY, by, 2, draft_step(d, a));
    run_skip(d->run, CLASS_SPIKE);
    run_skip(d->run, CLASS_PLATEAU);
    run_skip(d->run, CLASS_OSCILLATION);
}

static void apply_no_learning(struct draft *d)
{
    for (size_t i = 0; i < d->n; i++)
        d->train[i] = d->law.start;
    draft_val(d);
    run_label(d->run, CLASS_NO_PROGRESS, 1, 1, (double)NAN);
    run_skip(d->run, CLASS_PLATEAU);
    run_skip(d->run, CLASS_PREMATURE);
    run_skip(d->run, CLASS_LR_LOW);
}

/* Far too low: a tenth or less of the progress. Far too high: a rough start, twice the noise. */
static void apply_rate_off(struct draft *d)
{
    bool low = dice_below(&d->dice, 2);

    if (low) {
        d->progress = dice_log(&d->dice, 0.01, 0.1);
        draft_curve(d);
    }
    for (size_t i = 0; !low && i < d->n; i++) {
        double u = draft_u(d, i);
        d->spread[i] *= 2;
        d->train[i] *= 1 + (u < 0.2 ? 0.15 * fabs(sin(40 * M_PI * u)) : 0) + 0.05;
    }
    draft_val(d);
    run_label(d->run, low ? CLASS_LR_LOW : CLASS_LR_HIGH, 1, 1, (double)NAN);
    run_skip(d->run, CLASS_NO_PROGRESS);
    run_skip(d->run, CLASS_SPIKE);
    run_skip(d->run, CLASS_OSCILLATION);
    run_skip(d->run, CLASS_VOLATILITY);
    run_skip(d->run, CLASS_SHIFT);
    run_skip(d->run, CLASS_PREMATURE);
}

enum { HELD = 1U << SCHEDULE_CONSTANT }; /* a rate that stays: a stall is no end of a schedule */

#define LOSS(id, nature_, schedules_, apply_)                                                      \
    extern const struct family family_##id;                                                        \
    const struct family family_##id = {#id, CHANNEL_LOSS, nature_, schedules_, apply_}

LOSS(clean, NATURE_CLEAN, ANY_SCHEDULE, apply_clean);
LOSS(overfit, NATURE_FAULT, ANY_SCHEDULE, apply_overfit);
LOSS(spikes, NATURE_FAULT, ANY_SCHEDULE, apply_spikes);
LOSS(shift, NATURE_FAULT, ANY_SCHEDULE, apply_shift);
LOSS(diverges, NATURE_FAULT, ANY_SCHEDULE, apply_diverges);
LOSS(stall, NATURE_FAULT, HELD, apply_stall);
LOSS(oscillates, NATURE_FAULT, ANY_SCHEDULE, apply_oscillates);
LOSS(volatile_stretch, NATURE_FAULT, ANY_SCHEDULE, apply_volatile);
LOSS(no_learning, NATURE_FAULT, ANY_SCHEDULE, apply_no_learning);
LOSS(rate_off, NATURE_FAULT, ANY_SCHEDULE, apply_rate_off);
