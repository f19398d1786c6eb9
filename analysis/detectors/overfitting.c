/*
 * Overfitting: the validation loss passed its minimum and rises while the
 * training loss goes on falling. Without a training loss only val_rising speaks.
 * A rise that is one jump of the validation loss alone is a changed evaluation
 * set (eval_shift), and where both losses rise it is divergence or a shift.
 */
#include "analysis/causes.h"
#include "analysis/context.h"
#include "analysis/derived.h"
#include "analysis/detectors/detector.h"
#include "analysis/evaluations.h"
#include "analysis/say.h"
#include "analysis/shorter.h"
#include "analysis/stats/gap.h"
#include "analysis/stats/moments.h"
#include "analysis/stats/noise.h"
#include "analysis/stats/shifts.h"

static const char class[] = "overfitting";

static const char method[] =
    "guards (3 evaluations after the minimum, rising trend, training not rising with it, end not "
    "below the minimum) and a logistic of rise in noise units, Mann-Kendall, size of the rise and "
    "change of the training loss, fitted on labelled curves";

static const double found_from = 0.5, suspected_from = 0.3;
/* The share of positives among the curves of the fit, and the one expected of a user's runs. */
static const double share_fitted = 1246.0 / 2603, share_expected = 0.2;
/* With the guards before it the fit is surer than it says: detection benchmark 1, development set.
 */
static const double surer = 2.5, by = 1.1;

enum {
    CAPPED_BELOW = 10,
    DROP_POINTS = 20,
    DROPS_MIN = 2,
    BEFORE_MINIMUM = 15 /* evaluations: the steep start of a curve would count as noise */
};

/* What the two losses say together. */
struct judged {
    const struct subject *subject;
    const struct role_series *val, *train;
    struct overfit o;
    struct gap gap;
    struct shift jump; /* of the validation loss alone; jump 0 if none explains the rise */
    double worse, wasted;
    int64_t begin, best, end; /* steps */
};

static double logit(double p)
{
    return log(p / (1 - p));
}

/* The fitted probability for a population where overfitting is rarer than it was in the fit. */
static double confidence_of(const struct judged *j)
{
    double at = j->o.logit - logit(share_fitted) + logit(share_expected);

    return clip(1 / (1 + exp(-surer * (at + by))), 0,
                j->val->clean.active.n < CAPPED_BELOW ? 0.85 : 0.99);
}

/* Epoch boundaries at which the training loss drops at once by more than four sd of its noise. */
static size_t epoch_drops(const struct subject *subject)
{
    const struct series *epoch = &subject->role[ROLE_EPOCH].clean.active;
    const struct series *t = &subject->role[ROLE_TRAIN_LOSS].clean.active;
    const double *y;
    size_t drops = 0, at = 0;

    if (epoch->n < 2 || !ln_of_series(subject, ROLE_TRAIN_LOSS, &y))
        return 0;
    double bar = 4 * sigma_d2(y, t->n, subject->arena);
    for (size_t i = 1; i < epoch->n; i++) {
        if (!(floor(epoch->value[i]) > floor(epoch->value[i - 1])))
            continue;
        while (at < t->n && t->step[at] < epoch->step[i])
            at++;
        if (at < DROP_POINTS || t->n - at < DROP_POINTS)
            continue;
        drops += median_of(y + at - DROP_POINTS, DROP_POINTS, subject->arena) -
                     median_of(y + at, DROP_POINTS, subject->arena) >
                 bar;
    }
    return drops;
}

/* The jump of the validation loss that makes four fifths of its rise, if training has none there.
 */
static struct shift lone_jump(const struct judged *j)
{
    const struct series *v = &j->val->clean.active;
    size_t i0 = j->o.val.i0, from = i0 > BEFORE_MINIMUM ? i0 - BEFORE_MINIMUM : 0;
    const double *y;

    if (!ln_of_series(j->subject, ROLE_VALIDATION_LOSS, &y))
        return (struct shift){0};
    struct shifts s = shifts_over(y + from, v->n - from, j->o.val.sigma, j->subject->arena);
    for (size_t i = 0; i < s.n; i++) {
        size_t at = s.v[i].at += from;

        if (s.v[i].jump < 0.8 * j->o.val.rise || at <= j->o.val.onset || v->n - at < 3 || at < 3)
            continue;
        double before = median_of(j->gap.train + at - 3, 3, j->subject->arena);
        double after = median_of(j->gap.train + at, 3, j->subject->arena);
        if (before > 0 && after > 0 && log(after / before) < 0.25 * s.v[i].jump)
            return s.v[i];
    }
    return (struct shift){0};
}

/* From the lowest evaluation to the last, as logged: a share. */
static double raw_rise(const struct judged *j)
{
    const struct series *s = &j->val->clean.active;

    return s->value[s->n - 1] / s->value[j->o.val.onset] - 1;
}

static void say_gap(struct said said, const struct judged *j)
{
    size_t best = j->o.val.onset, last = j->val->clean.active.n - 1;

    if (!j->gap.enough)
        return;
    say_value(said, "gap_at_best", j->gap.at[best], "");
    say_value(said, "gap_at_end", j->gap.at[last], "");
    if (j->gap.train[last] > 0)
        say_value(said, "gap_at_end_over_training", j->gap.at[last] / j->gap.train[last], "share");
    say_value(said, "gap_slope", 1000 * j->gap.slope, "per 1,000 steps");
    say_value(said, "gap_widening_p", j->gap.p, "");
    say_value(said, "rank_correlation_of_the_losses", j->gap.correlation, "");
}

static void figures(struct said said, const struct judged *j)
{
    const struct val_rising *v = &j->o.val;
    const struct series *s = &j->val->clean.active;
    double half = 1.96 * v->sigma * sqrt(1 / (double)v->k + 1 / (double)v->n_lo);

    finding_column(said.findings, said.finding, j->train->name);
    say_value(said, "probability", j->o.p, "");
    say_value(said, "best", s->value[v->onset], "");
    say_value(said, "best_step", (double)j->best, "steps");
    say_value(said, "last", s->value[s->n - 1], "");
    say_value(said, LAST_OVER_BEST, raw_rise(j), "share");
    say_value(said, "rise", v->rise, "ln units");
    say_value(said, "noise", v->sigma, "ln units");
    say_value(said, "z", v->z, "");
    say_value(said, "mann_kendall", v->mk, "");
    say_value(said, "training_change", j->o.td, "ln units");
    say_value(said, "evaluations_after", (double)v->after, "points");
    say_value(said, "share_of_run_after_best", j->wasted, "");
    say_gap(said, j);
    say_parameter(said, "found_from_probability", found_from, "");
    say_parameter(said, "suspected_from_probability", suspected_from, "");
    say_effect(said, 100 * expm1(v->rise), "%", 100 * expm1(v->rise - half),
               100 * expm1(v->rise + half), 0.95);
    say_method(said, "%s", method);
}

/* The last checkpoint of an epoch that had ended at the best step; NULL if that cannot be told. */
static const char *kept_before(const struct judged *j, size_t *n)
{
    const struct checkpoint *c = NULL;
    double epoch = steps_per_epoch(j->subject);
    const char *name = NULL;
    int64_t latest = -1;

    experiment_checkpoints(j->subject->experiment, j->subject->arena, &c, n);
    for (size_t i = 0; i < *n && isfinite(epoch); i++) {
        if (c[i].epoch == NOT_GIVEN || (double)c[i].epoch * epoch > (double)j->best ||
            c[i].epoch <= latest)
            continue;
        latest = c[i].epoch;
        name = c[i].filename;
    }
    return name;
}

static void advise(struct said said, const struct judged *j)
{
    const struct series *s = &j->val->clean.active;
    double epoch = steps_per_epoch(j->subject);
    double run = (double)(j->end - j->begin), until = (double)(j->best - j->begin);
    bool early = epoch > 0 && until < 0.2 * run && run > 2 * epoch;
    /* whole epochs, if fewer do: a best step in the last one is told in steps */
    bool by_epoch = epoch > 0 && ceil(until / epoch) < run / epoch - 0.05;
    size_t checkpoints = 0;
    const char *kept = kept_before(j, &checkpoints);
    const char *check =
        kept          ? say_text(said,
                                 "use '%s', the last checkpoint before the best step; "
                                          "evaluate it on held-out data",
                                 kept)
        : checkpoints ? "use the checkpoint nearest at or before that step; "
                        "evaluate it on held-out data"
                      : "no checkpoint lies in the run's folder: a rerun has to save one there";

    say_shorter(said, j->subject, j->val,
                &(struct shorter){
                    .best = j->o.val.onset,
                    .kept = say_text(said,
                                     "validation loss %.4g instead of %.4g, %.0f%% of the "
                                     "compute saved%s",
                                     s->value[j->o.val.onset], s->value[s->n - 1], 100 * j->wasted,
                                     early ? "; half the learning rate or more data may move "
                                             "the minimum later"
                                           : ""),
                    .check = check,
                    .epochs = run / epoch,
                    .until = by_epoch ? ceil(until / epoch) : (double)NAN});
}

static void say_found(const struct judged *j, struct findings *out)
{
    const struct series *s = &j->val->clean.active;
    struct said said = say_about(out, class, FINDING_FOUND, j->val, j->best, j->end);
    size_t drops = epoch_drops(j->subject);
    enum severity severity = severity_of(j->worse, j->wasted);

    figures(said, j);
    say(said,
        "Overfitting from step %lld on: '%.*s' is lowest there (%.4g) and ends at %.4g (step "
        "%lld): %+.1f%% (%+.1f%% between smoothed levels: the means about its smoothed lowest "
        "and of its last %zu), while '%.*s' changes by %+.1f%%; %.0f%% of the steps lie after "
        "the best.",
        (long long)j->best, STR_FMT(j->val->name), s->value[j->o.val.onset], s->value[s->n - 1],
        (long long)j->end, 100 * raw_rise(j), 100 * j->worse, j->o.val.k, STR_FMT(j->train->name),
        100 * expm1(j->o.td), 100 * j->wasted);
    if (j->worse < 0.01 && severity > SEVERITY_MEDIUM)
        severity = SEVERITY_MEDIUM; /* most of the compute for a loss that is hardly worse */
    if (drops >= DROPS_MIN) {
        say_value(said, "epochs_that_begin_with_a_drop", (double)drops, "epochs");
        say_caveat(said,
                   "the training loss drops at the start of %zu epochs: examples seen before "
                   "are remembered",
                   drops);
    }
    const struct role_series *score = score_rising_from(j->subject, j->best);
    if (score) {
        severity = SEVERITY_LOW;
        say_score_rises(said, score, j->val, j->best);
    }
    say_caveat(said,
               "an evaluation on fewer than about 200 examples is mostly noise: one of these "
               "varies by %.2g%%",
               100 * j->o.val.sigma);
    say_harm(said, severity, confidence_of(j));
    say_what_would_change(said, "Evaluations after step %lld back at %.4g or below.",
                          (long long)j->end, s->value[j->o.val.onset]);
    if (!score)
        advise(said, j);
}

static void say_suspected(const struct judged *j, struct findings *out)
{
    struct said said = say_about(out, class, FINDING_INCONCLUSIVE, j->val, j->best, j->end);

    figures(said, j);
    say(said,
        "Overfitting is suspected: '%.*s' changes by %+.1f%% (%+.1f%% between smoothed levels) "
        "after step %lld while '%.*s' changes by %+.1f%% (probability %.2f; found from %.1f on).",
        STR_FMT(j->val->name), 100 * raw_rise(j), 100 * j->worse, (long long)j->best,
        STR_FMT(j->train->name), 100 * expm1(j->o.td), j->o.p, found_from);
    say_what_would_change(said, "Further evaluations: a rise that goes on decides it.");
}

static const char *reason(struct said said, const struct judged *j)
{
    const struct val_rising *v = &j->o.val;

    if (j->jump.jump > 0)
        return "one jump makes the rise, and training does not move there (see eval_shift)";
    if (v->after < OVERFIT_AFTER_MIN)
        return say_text(said, "%zu evaluation%s after the lowest, needs %d", v->after,
                        v->after == 1 ? "" : "s", (int)OVERFIT_AFTER_MIN);
    if (!v->rising)
        return v->mk > 0 ? "it came back to its lowest region"
                         : "it does not go on rising after its lowest region";
    if (j->o.td >= 0.5 * v->rise)
        return "the training loss rises with it";
    return "the rise is within the noise of the evaluations";
}

static void say_none(const struct judged *j, struct findings *out)
{
    const struct series *s = &j->val->clean.active;
    struct said said = say_about(out, class, FINDING_NOT_FOUND, j->val, s->step[0], j->end);

    figures(said, j);
    say(said,
        "No overfitting: '%.*s' is lowest at step %lld and changes by %+.1f%% after it (%+.1f%% "
        "between smoothed levels); %s.",
        STR_FMT(j->val->name), (long long)j->best, 100 * raw_rise(j), 100 * j->worse,
        reason(said, j));
    say_what_would_change(said, "A rise that lasts %d evaluations while the training loss falls.",
                          (int)OVERFIT_AFTER_MIN);
}

static void say_eval_shift(const struct judged *j, struct findings *out)
{
    const struct series *s = &j->val->clean.active;
    int64_t at = s->step[j->jump.at];
    struct said said = say_about(out, "eval_shift", FINDING_FOUND, j->val, at, j->end);

    finding_column(out, said.finding, j->train->name);
    say(said,
        "'%.*s' jumps by %+.1f%% at step %lld and stays there, while '%.*s' does not move: the "
        "evaluation set or its settings may have changed; values on both sides do not compare.",
        STR_FMT(j->val->name), 100 * expm1(j->jump.jump), (long long)at, STR_FMT(j->train->name));
    say_value(said, "jump", j->jump.jump, "ln units");
    say_value(said, "se", j->jump.se, "ln units");
    say_effect(said, 100 * expm1(j->jump.jump), "%", 100 * expm1(j->jump.jump - 1.96 * j->jump.se),
               100 * expm1(j->jump.jump + 1.96 * j->jump.se), 0.95);
    say_method(said, "change points of ln validation loss (PELT), lines on both "
                     "sides; at least .8 of the rise in one jump, less than a quarter in training");
    say_caveat(said, "unvalidated rule");
    say_what_would_change(said, "One evaluation set over the whole run.");
    say_harm(said, SEVERITY_LOW, 0.6);
}

static void judge(const struct subject *subject, const struct overfit *o, struct findings *out)
{
    struct judged j = {.subject = subject,
                       .val = &subject->role[ROLE_VALIDATION_LOSS],
                       .train = &subject->role[ROLE_TRAIN_LOSS],
                       .o = *o};
    const struct series *v = &j.val->clean.active, *t = &j.train->clean.active;

    j.best = v->step[o->val.onset];
    j.end = v->step[v->n - 1];
    j.worse = expm1(o->val.rise);
    j.begin = run_begin(subject);
    j.wasted = j.end > j.begin ? (double)(j.end - j.best) / (double)(j.end - j.begin) : 0;
    j.gap = gap_of(derived_steps(subject, ROLE_VALIDATION_LOSS), v->value, v->n,
                   derived_steps(subject, ROLE_TRAIN_LOSS), t->value, t->n, subject->arena);
    if (o->guarded && o->p >= suspected_from)
        j.jump = lone_jump(&j);
    if (j.jump.jump > 0) {
        say_none(&j, out);
        say_eval_shift(&j, out);
    } else if (o->guarded && o->p >= found_from) {
        say_found(&j, out);
    } else if (o->guarded && o->p >= suspected_from) {
        say_suspected(&j, out);
    } else {
        say_none(&j, out);
    }
}

/* The training loss is logged, but not where it is needed. */
static void say_no_companion(const struct subject *subject, struct findings *out)
{
    const struct role_series *train = &subject->role[ROLE_TRAIN_LOSS];
    struct said said = say_too_short(out, class, train, OVERFIT_EVALS_MIN);

    say_not_judged(said,
                   "'%.*s' had %zu finite points; it takes %d above 0, on both sides of the "
                   "lowest evaluation. See val_rising.",
                   STR_FMT(train->name), train->clean.active.n, (int)OVERFIT_EVALS_MIN);
    say_what_would_change(said, "A training loss logged over the whole run.");
}

/* Too few to tell overfitting, but where the lowest lies is known, and so is the end. */
static void say_few(const struct subject *subject, const struct role_series *val,
                    struct findings *out)
{
    const struct series *s = &val->clean.active;
    struct said said = say_too_short(out, class, val, OVERFIT_EVALS_MIN);
    size_t best = 0;

    for (size_t i = 1; i < s->n; i++)
        best = s->value[i] < s->value[best] ? i : best;
    say_evaluate_more(said, subject, val);
    if (s->n < 2 || !(s->value[best] > 0))
        return;
    double above = s->value[s->n - 1] / s->value[best] - 1;
    say_value(said, "best", s->value[best], "");
    say_value(said, "best_step", (double)s->step[best], "steps");
    say_value(said, "last", s->value[s->n - 1], "");
    say_value(said, LAST_OVER_BEST, above, "share");
    if (!(above > PAST_BEST_FROM))
        return;
    say(said,
        "'%.*s' ends %.1f%% above its lowest, %.4g at step %lld: %zu evaluations are too few to "
        "tell overfitting from noise (it takes %d). The evaluation at step %lld is the best.",
        STR_FMT(val->name), 100 * above, s->value[best], (long long)s->step[best], s->n,
        (int)OVERFIT_EVALS_MIN, (long long)s->step[best]);
}

static void run(const struct subject *subject, struct findings *out)
{
    static const enum role needed[] = {ROLE_VALIDATION_LOSS, ROLE_TRAIN_LOSS};

    for (size_t i = 0; i < 2; i++) {
        if (!subject->role[needed[i]].logged) {
            say_not_logged(out, class, subject, needed[i]);
            return;
        }
    }
    const struct role_series *val = &subject->role[ROLE_VALIDATION_LOSS];
    struct overfit o = overfit_of_subject(subject);
    if (val->clean.active.n < OVERFIT_EVALS_MIN)
        say_few(subject, val, out);
    else if (!o.val.enough)
        say_not_positive(out, class, val);
    else if (!o.has_train)
        say_no_companion(subject, out);
    else
        judge(subject, &o, out);
}

const struct detector detector_overfitting = {
    .name = "overfitting",
    .what = "a validation loss that rises while the training loss falls",
    .applies = FOR_LM,
    .run = run,
};
