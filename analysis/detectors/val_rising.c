/*
 * Validation loss that turned and rises. Where the training loss is there and
 * does not rise with it, overfitting says it; this speaks where it is not logged
 * on both sides of the minimum, or rises as well.
 */
#include "analysis/context.h"
#include "analysis/detectors/detector.h"
#include "analysis/evaluations.h"
#include "analysis/say.h"
#include "analysis/shorter.h"

static const char class[] = "val_rising";

static const char method[] =
    "running median of ln validation loss; mean of the last k evaluations against the mean about "
    "the minimum, in noise units, and Mann-Kendall from the minimum on";

/* P .874 measured without a training loss; the cap for a missing companion is lower. */
static const double confidence_cap = 0.85;
static const double least_z = 2.5, least_rise = 0.01, least_mk = 1.64;

static void figures(struct said said, const struct val_rising *v, const struct series *s)
{
    size_t best = v->onset;

    say_value(said, "best", s->value[best], "");
    say_value(said, "best_step", (double)s->step[best], "steps");
    say_value(said, "last", s->value[s->n - 1], "");
    say_value(said, "rise", v->rise, "ln units");
    say_value(said, "noise", v->sigma, "ln units");
    say_value(said, "z", v->z, "");
    say_value(said, "mann_kendall", v->mk, "");
    say_value(said, "evaluations_after", (double)v->after, "points");
    say_parameter(said, "least_z", least_z, "");
    say_parameter(said, "least_rise", least_rise, "ln units");
    say_parameter(said, "least_mann_kendall", least_mk, "");
    double half = 1.96 * v->sigma * sqrt(1 / (double)v->k + 1 / (double)v->n_lo);
    say_effect(said, 100 * expm1(v->rise), "%", 100 * expm1(v->rise - half),
               100 * expm1(v->rise + half), 0.95);
    say_method(said, "%s", method);
}

static void say_rising(const struct subject *subject, const struct val_rising *v,
                       const struct role_series *val, struct findings *out)
{
    const struct series *s = &val->clean.active;
    int64_t best = s->step[v->onset], end = s->step[s->n - 1];
    struct said said = say_about(out, class, FINDING_FOUND, val, best, end);
    double span = (double)(end - run_begin(subject));
    double wasted = span > 0 ? (double)(end - best) / span : 0, worse = expm1(v->rise);

    figures(said, v, s);
    say_value(said, "share_of_run_after_best", wasted, "");
    say(said,
        "'%.*s' is lowest at step %lld (%.4g) and rises to %.4g at step %lld: %+.1f%% "
        "(%+.1f%% between smoothed levels), with %.0f%% of the steps after the best.",
        STR_FMT(val->name), (long long)best, s->value[v->onset], s->value[s->n - 1], (long long)end,
        100 * (s->value[s->n - 1] / s->value[v->onset] - 1), 100 * worse, 100 * wasted);
    const struct role_series *score = score_rising_from(subject, best);
    say_harm(said, score ? SEVERITY_LOW : severity_of(worse, wasted),
             capped(confidence_cap, s->n, OVERFIT_EVALS_MIN));
    say_caveat(said,
               "the training loss is not part of this rule: overfitting, a changed evaluation "
               "set and a worse model look alike");
    say_what_would_change(said, "Evaluations after step %lld back at %.4g or below.",
                          (long long)end, s->value[v->onset]);
    if (score) {
        say_score_rises(said, score, val, best);
        return;
    }
    say_shorter(
        said, subject, val,
        &(struct shorter){.best = v->onset,
                          .kept = say_text(said,
                                           "validation loss %.4g instead of %.4g, "
                                           "%.0f%% of the compute saved",
                                           s->value[v->onset], s->value[s->n - 1], 100 * wasted),
                          .check = has_checkpoints(subject)
                                       ? "use the checkpoint nearest at or before that step; "
                                         "evaluate it on held-out data"
                                       : "no checkpoint lies in the run's folder: a rerun has to "
                                         "save one there",
                          .until = NAN});
}

static void say_not_rising(const struct val_rising *v, const struct role_series *val,
                           struct findings *out)
{
    const struct series *s = &val->clean.active;
    bool suspected = v->rising && v->rise > least_rise && v->z > 1;
    struct said said = say_about(out, class, suspected ? FINDING_INCONCLUSIVE : FINDING_NOT_FOUND,
                                 val, s->step[0], s->step[s->n - 1]);

    figures(said, v, s);
    if (v->after < OVERFIT_AFTER_MIN)
        say(said,
            "Validation loss does not rise: '%.*s' is lowest at step %lld, with %zu "
            "evaluations after it.",
            STR_FMT(val->name), (long long)s->step[v->onset], v->after);
    else
        say(said,
            "Validation loss %s: '%.*s' changes by %+.1f%% after its lowest region at step "
            "%lld (%.1f noise units, trend z %.1f).",
            suspected ? "may be rising" : "does not rise beyond its noise", STR_FMT(val->name),
            100 * expm1(v->rise), (long long)s->step[v->onset], v->z, v->mk);
    say_what_would_change(said,
                          "A rise of more than %.1f noise units and %.0f%% that lasts %d "
                          "evaluations.",
                          least_z, 100 * least_rise, (int)OVERFIT_AFTER_MIN);
}

static void leave_to_overfitting(const struct role_series *val, struct findings *out)
{
    const struct series *s = &val->clean.active;
    struct said said =
        say_about(out, class, FINDING_NOT_APPLICABLE, val, s->step[0], s->step[s->n - 1]);

    say(said, "Judged together with the training loss: see overfitting.");
    say_what_would_change(said, "A training loss that is not logged, or rises as well.");
}

static void run(const struct subject *subject, struct findings *out)
{
    const struct role_series *val = &subject->role[ROLE_VALIDATION_LOSS];

    if (!val->logged) {
        say_not_logged(out, class, subject, ROLE_VALIDATION_LOSS);
        return;
    }
    struct overfit o = overfit_of_subject(subject);
    struct val_rising v = o.val;
    if (val->clean.active.n < OVERFIT_EVALS_MIN) {
        say_too_short(out, class, val, OVERFIT_EVALS_MIN);
        return;
    }
    if (!v.enough) {
        say_not_positive(out, class, val);
        return;
    }
    if (o.has_train && (o.td < 0.5 * v.rise || !v.rising)) {
        leave_to_overfitting(val, out);
        return;
    }
    if (v.rising && v.z > least_z && v.rise > least_rise && v.mk > least_mk)
        say_rising(subject, &v, val, out);
    else
        say_not_rising(&v, val, out);
}

const struct detector detector_val_rising = {
    .name = "val_rising",
    .what = "a validation loss that passed its minimum and rises",
    .applies = FOR_LM,
    .run = run,
};
