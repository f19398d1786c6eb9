/*
 * What twice the steps would bring at the present learning rate, by extrapolating
 * the stretch over which it was constant. A rate that moves makes any such line a
 * guess, so there is none then.
 */
#include "analysis/align.h"
#include "analysis/detectors/detector.h"
#include "analysis/say.h"
#include "analysis/stats/extrapolate.h"
#include "analysis/stats/progress.h"

static const char class[] = "continued_training";

static const double constant_within = 0.02; /* of the last rate */

/* The step behind which the rate stays at its last value; NOT_GIVEN if it ends at 0. */
static int64_t constant_from(const struct series *lr)
{
    double last = lr->value[lr->n - 1];
    size_t i = lr->n;

    if (!(last > 0))
        return NOT_GIVEN;
    while (i > 0 && fabs(lr->value[i - 1] - last) <= constant_within * last)
        i--;
    return i ? lr->step[i - 1] + 1 : lr->step[0];
}

static void say_unsuited(struct findings *out, const char *why)
{
    struct said said = {out, finding_add(out, class, FINDING_NOT_APPLICABLE)};

    say(said, "What more steps would bring is not extrapolated: %s.", why);
    say_what_would_change(said, "A loss logged over a stretch of constant learning rate.");
}

static void advise(struct said said, bool worth, double steps)
{
    if (worth)
        say_advice(said, (struct advice){.key = "number of steps",
                                         .from = say_text(said, "%.0f", steps),
                                         .to = say_text(said, "%.0f", 2 * steps),
                                         .expected = "the loss of this finding, at this rate",
                                         .check = "the loss at twice the steps lies in the band; "
                                                  "keep the last checkpoint"});
    else
        say_advice(said, (struct advice){
                             .key = "start the decay of the learning rate now, over",
                             .to = say_text(said, "%.0f steps (20%% of those done)", 0.2 * steps),
                             .expected = "the drop that a decay brings, more than "
                                         "further steps at this rate",
                             .check = "the loss falls over the decay"});
}

static void say_outlook(const struct role_series *loss, const struct extrapolation *e,
                        size_t points, struct findings *out)
{
    const struct series *s = &loss->clean.active;
    double steps = (double)s->step[s->n - 1];
    double gain = 1 - e->predicted / e->now;
    double least = 1 - e->high / e->now, most = 1 - e->low / e->now;
    bool worth = least > PROGRESS_THETA, not_worth = most < 2 * PROGRESS_THETA;
    struct said said = say_about(out, class,
                                 worth       ? FINDING_FOUND
                                 : not_worth ? FINDING_NOT_FOUND
                                             : FINDING_INCONCLUSIVE,
                                 loss, s->step[s->n - points], s->step[s->n - 1]);

    said.finding->evidence.n_used = (int64_t)points;
    say(said,
        "Twice the steps (%.0f) at the present learning rate: loss %.4g to %.4g (now %.4g), gain "
        "%.2g%% to %.2g%%: %s.",
        2 * steps, e->low, e->high, e->now, 100 * least, 100 * most,
        worth       ? "continuing pays"
        : not_worth ? "not worth the steps; decay now"
                    : "may or may not pay; a decay now is the surer gain");
    say_value(said, "loss_now", e->now, "");
    say_value(said, "predicted_at_double", e->predicted, "");
    say_value(said, "predicted_low", e->low, "");
    say_value(said, "predicted_high", e->high, "");
    say_value(said, "limit_of_the_loss", e->floor, "");
    say_value(said, "se", e->se, "");
    say_value(said, "first_half_missed_the_end_by", e->missed, "");
    say_value(said, "extra_steps", steps, "steps");
    say_parameter(said, "theta", PROGRESS_THETA, "share");
    say_parameter(said, "horizon", 2, "times the steps");
    say_parameter(said, "fits", EXTRAPOLATE_MEMBERS, "fits");
    say_effect(said, 100 * gain, "%", 100 * least, 100 * most, 0.9);
    say_method(said,
               "ten shifted power laws (five starts, with and without a shift) on the stretch "
               "of constant rate; band from the lowest and highest and two errors, wider by what "
               "the same fits to its first half missed its end by");
    say_what_would_change(said, "A lower end of the gain %s %.1f%%.", worth ? "below" : "above",
                          100 * PROGRESS_THETA);
    if (worth)
        say_harm(said, SEVERITY_INFO, capped(0.9, points, EXTRAPOLATE_POINTS_MIN));
    advise(said, worth, steps);
}

static void run(const struct subject *subject, struct findings *out)
{
    const struct role_series *loss = &subject->role[ROLE_TRAIN_LOSS];
    const struct role_series *lr = &subject->role[ROLE_LEARNING_RATE];
    const struct series *s = &loss->clean.active;
    size_t needs = subject_needs(loss, EXTRAPOLATE_POINTS_MIN), from = 0;

    if (!loss->logged || !lr->logged) {
        say_not_logged(out, class, subject, loss->logged ? ROLE_LEARNING_RATE : ROLE_TRAIN_LOSS);
        return;
    }
    if (s->n < needs || lr->clean.active.n < SCHEDULE_POINTS_MIN) {
        say_too_short(out, class, s->n < needs ? loss : lr,
                      s->n < needs ? needs : SCHEDULE_POINTS_MIN);
        return;
    }
    int64_t start = constant_from(&lr->clean.active);
    while (from < s->n && (start == NOT_GIVEN || s->step[from] < start || s->step[from] < 1))
        from++;
    if (2 * (s->n - from) < needs || 10 * (s->n - from) < s->n) {
        say_unsuited(out, "the learning rate is not constant over the end of the run");
        return;
    }
    struct extrapolation e = {0};
    if (s->n - from >= needs)
        e = extrapolate(subject_steps(subject, ROLE_TRAIN_LOSS, from), s->value + from, s->n - from,
                        2 * (double)s->step[s->n - 1], subject->arena);
    if (!e.enough) {
        struct said said = say_too_short(out, class, loss, needs);

        say_value(said, "points_at_constant_rate", (double)(s->n - from), "points");
        return;
    }
    if (!(e.now > 0) || !(s->value[s->n - 1] > 0)) {
        say_unsuited(out, "the loss is not above 0");
        return;
    }
    say_outlook(loss, &e, s->n - from, out);
}

const struct detector detector_continued_training = {
    .name = "continued_training",
    .what = "the loss at twice the steps, where the learning rate was constant to the end",
    .applies = FOR_LM,
    .run = run,
};
