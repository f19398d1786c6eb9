/*
 * A validation loss without a new best for a stretch: for a while, with later
 * gains, or to the end. plateau judges the rate of improvement where there are
 * evaluations enough for it; a stretch that rises is overfitting's, and one after
 * the learning rate had decayed is by design.
 */
#include "analysis/context.h"
#include "analysis/derived.h"
#include "analysis/detectors/detector.h"
#include "analysis/say.h"
#include "analysis/shorter.h"
#include "analysis/stats/flat.h"
#include "analysis/stats/gap.h"
#include "analysis/stats/progress.h"

static const char class[] = "val_plateau";

static const char method[] = "longest stretch without a new best of the running median of ln "
                             "validation loss, where it has no falling trend";

static const double confidence_cap = 0.6; /* of a temporary one, which is not in the benchmark */
/* Detection benchmark 1, development set, at .15 of the runs. */
static const double precision = 0.9;

static void figures(struct said said, const struct flat *f, const struct series *s)
{
    say_value(said, "evaluations", (double)s->n, "points");
    if (f->any) {
        say_value(said, "flat_from", (double)s->step[f->from], "steps");
        say_value(said, "flat_to", (double)s->step[f->to], "steps");
        say_value(said, "evaluations_flat", (double)(f->to - f->from), "points");
        say_effect(said, 100 * expm1(f->change), "%", 100 * expm1(f->change - 1.96 * f->se),
                   100 * expm1(f->change + 1.96 * f->se), 0.95);
    }
    say_parameter(said, "least_evaluations", FLAT_LEAST, "points");
    say_method(said, "%s", method);
}

static void say_none(const struct role_series *val, const struct flat *f, const char *why,
                     struct findings *out)
{
    const struct series *s = &val->clean.active;
    struct said said = say_about(out, class, FINDING_NOT_FOUND, val, s->step[f->any ? f->from : 0],
                                 s->step[s->n - 1]);

    say(said, "No plateau of '%.*s': %s.", STR_FMT(val->name), why);
    figures(said, f, s);
    say_what_would_change(said, "%d evaluations and a tenth of all without a new best.",
                          (int)FLAT_LEAST);
}

/* The training loss over the same thirds of the stretch, ln units; NAN where it is not known. */
static double training_change(const struct subject *subject, const struct flat *f)
{
    const struct series *v = &subject->role[ROLE_VALIDATION_LOSS].clean.active;
    const struct series *t = &subject->role[ROLE_TRAIN_LOSS].clean.active;
    size_t third = (f->to - f->from + 1) / 3;
    double first = 0, last = 0;

    if (t->n < v->n)
        return (double)NAN;
    struct gap gap =
        gap_of(derived_steps(subject, ROLE_VALIDATION_LOSS), v->value, v->n,
               derived_steps(subject, ROLE_TRAIN_LOSS), t->value, t->n, subject->arena);
    for (size_t i = 0; gap.enough && i < third; i++) {
        first += log(gap.train[f->from + i]); /* NAN where it is not above 0 */
        last += log(gap.train[f->to - i]);
    }
    return gap.enough ? (last - first) / (double)third : (double)NAN;
}

/*
 * No new best is what noise makes of a slow fall, too. It is flat where an
 * improvement of twice theta per doubling lies outside its interval, or half
 * of what the training loss fell meanwhile, when that is more than its noise.
 */
static bool is_certain(const struct subject *subject, const struct flat *f)
{
    const struct series *s = &subject->role[ROLE_VALIDATION_LOSS].clean.active;
    double best = f->change - 1.96 * f->se, training = training_change(subject, f);
    double doublings = log2((double)s->step[f->to] / fmax(1, (double)s->step[f->from])) * 2 / 3;

    return best > -2 * PROGRESS_THETA * doublings ||
           (training < -2 * PROGRESS_THETA && best > 0.5 * training);
}

static void say_open(const struct role_series *val, const struct flat *f, struct findings *out)
{
    const struct series *s = &val->clean.active;
    struct said said =
        say_about(out, class, FINDING_INCONCLUSIVE, val, s->step[f->from], s->step[s->n - 1]);

    say(said,
        "'%.*s' has no new best from step %lld to the end (%zu evaluations), but its noise would "
        "hide a slow improvement: %+.2f%% over that stretch (95%% interval %.2f%% to %.2f%%).",
        STR_FMT(val->name), (long long)s->step[f->from], f->to - f->from, 100 * expm1(f->change),
        100 * expm1(f->change - 1.96 * f->se), 100 * expm1(f->change + 1.96 * f->se));
    figures(said, f, s);
    say_what_would_change(said, "A new best, or evaluations on more samples.");
}

static void say_temporary(const struct role_series *val, const struct flat *f, struct findings *out)
{
    const struct series *s = &val->clean.active;
    struct said said = say_about(out, class, FINDING_FOUND, val, s->step[f->from], s->step[f->to]);

    say(said,
        "'%.*s' has no new best from step %lld to %lld (%zu evaluations) and improves again after "
        "it: a temporary plateau.",
        STR_FMT(val->name), (long long)s->step[f->from], (long long)s->step[f->to],
        f->to - f->from);
    figures(said, f, s);
    say_what_would_change(said, "A new best inside that stretch.");
    say_harm(said, SEVERITY_INFO, capped(confidence_cap, s->n, FLAT_EVALS_MIN));
    say_caveat(said, "unvalidated rule");
}

static void say_lasting(const struct subject *subject, const struct role_series *val,
                        const struct flat *f, struct findings *out)
{
    const struct series *s = &val->clean.active;
    int64_t from = s->step[f->from], end = s->step[s->n - 1];
    double span = (double)(end - s->step[0]), share = span > 0 ? (double)(end - from) / span : 0;
    struct said said = say_about(out, class, FINDING_FOUND, val, from, end);

    say(said,
        "'%.*s' has no new best from step %lld to the end (%zu evaluations, %.0f%% of the run): "
        "%+.2f%% over that stretch (95%% interval %.2f%% to %.2f%%).",
        STR_FMT(val->name), (long long)from, f->to - f->from, 100 * share, 100 * expm1(f->change),
        100 * expm1(f->change - 1.96 * f->se), 100 * expm1(f->change + 1.96 * f->se));
    figures(said, f, s);
    say_value(said, "share_of_run", share, "");
    if (!subject->role[ROLE_LEARNING_RATE].logged)
        say_caveat(said, "no learning rate is logged: whether a schedule had ended is unknown");
    say_what_would_change(said, "A new best in further evaluations.");
    say_harm(said, SEVERITY_LOW, capped(precision, s->n, FLAT_EVALS_MIN));
    if (f->from == 0)
        say_caveat(said, "no evaluation is below the first: nothing is gained by a shorter run");
    else
        say_shorter(
            said, subject, val,
            &(struct shorter){.best = f->from,
                              .kept = say_text(said,
                                               "the same validation loss, %.0f%% of the compute "
                                               "saved; or start the decay of the rate there",
                                               100 * share),
                              .check = "the checkpoint of that step on held-out data",
                              .until = NAN});
}

/* Where there are points enough for the rate of improvement, it decides. */
static bool still_improves(const struct subject *subject)
{
    struct progress p = *derived_progress(subject, ROLE_VALIDATION_LOSS);

    return p.enough && p.improving && !p.levelled_off;
}

/* Why no stretch counts: a curve that came down again after a jump has a trend, and no new best. */
static const char *after_the_best(const struct subject *subject, const struct series *s)
{
    size_t best = 0;

    for (size_t i = 1; i < s->n; i++)
        best = s->value[i] < s->value[best] ? i : best;
    double above = s->value[s->n - 1] / s->value[best] - 1;
    if (s->n - 1 - best < FLAT_LEAST || !(above > 0.05))
        return "it goes on to new bests";
    return arena_printf(subject->arena,
                        "after its best, %.4g at step %lld, it is higher with a falling trend, and "
                        "ends %.1f%% above it",
                        s->value[best], (long long)s->step[best], 100 * above);
}

static void judge(const struct subject *subject, const struct role_series *val, const double *y,
                  struct findings *out)
{
    const struct series *s = &val->clean.active;
    struct flat f = flat_of(y, s->n, subject->arena);

    if (!f.any) {
        say_none(val, &f, after_the_best(subject, s), out);
        return;
    }
    double rate = rate_at(subject, s->step[f.from]) / rate_peak(subject);
    if (!f.lasting)
        say_temporary(val, &f, out);
    else if (f.change - 1.96 * f.se > 0)
        say_none(val, &f, "its last stretch without a new best rises (see overfitting, val_rising)",
                 out);
    else if (rate < RATE_ENDED)
        say_none(val, &f,
                 arena_printf(subject->arena,
                              "it is flat from step %lld on, where the learning rate had decayed "
                              "to %.1f%% of its peak: the end of the schedule",
                              (long long)s->step[f.from], 100 * rate),
                 out);
    else if (still_improves(subject))
        say_none(val, &f, "its rate of improvement is still above zero", out);
    else if (!is_certain(subject, &f))
        say_open(val, &f, out);
    else
        say_lasting(subject, val, &f, out);
}

static void run(const struct subject *subject, struct findings *out)
{
    const struct role_series *val = &subject->role[ROLE_VALIDATION_LOSS];
    size_t needs = subject_needs(val, FLAT_EVALS_MIN);
    const double *y;

    if (!val->logged)
        say_not_logged(out, class, subject, ROLE_VALIDATION_LOSS);
    else if (val->clean.active.n < needs)
        say_too_short(out, class, val, needs);
    else if (!ln_of_series(subject, ROLE_VALIDATION_LOSS, &y))
        say_not_positive(out, class, val);
    else
        judge(subject, val, y, out);
}

const struct detector detector_val_plateau = {
    .name = "val_plateau",
    .what = "a validation loss without a new best, for a while or to the end",
    .applies = FOR_LM,
    .run = run,
};
