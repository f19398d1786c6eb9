/*
 * A validation loss of exactly 0. No model has one on data it has not seen:
 * the evaluation set was empty, or the value was never computed. Beside a
 * score that is low it cannot be what it says. A training loss that is exactly
 * 0 to its end was not computed either; only one that had come down to nothing
 * before may be a rounded one.
 */
#include "analysis/detectors/detector.h"
#include "analysis/say.h"
#include "analysis/stats/moments.h"

static const char class[] = "zero_loss";

static const double unvalidated = 0.6, low_score = 0.5;
static const double loss_gone_below = 0.02; /* of its start */

enum { ENDS = 10 }; /* points */

static size_t zeros_of(const struct series *s, size_t *first)
{
    size_t n = 0;

    for (size_t i = s->n; i-- > 0;) {
        if (s->value[i] == 0) {
            *first = i;
            n++;
        }
    }
    return n;
}

/* A perfect score or none (NAN): nothing contradicts the 0. */
static void say_zero(const struct role_series *val, size_t zeros, size_t first,
                     const struct role_series *score, struct findings *out)
{
    const struct series *s = &val->clean.active;
    struct said said = say_about(out, class, FINDING_FOUND, val, s->step[first], s->step[s->n - 1]);
    double last =
        score->clean.active.n ? score->clean.active.value[score->clean.active.n - 1] : (double)NAN;
    const char *beside =
        isfinite(last) ? say_text(said, " while '%.*s' is %.4g", STR_FMT(score->name), last) : "";

    say(said,
        "'%.*s' is exactly 0 at %zu of %zu points, the first at step %lld%s: an empty evaluation "
        "set or a value that was never computed is likelier than a perfect model.",
        STR_FMT(val->name), zeros, s->n, (long long)s->step[first], beside);
    say_value(said, "zeros", (double)zeros, "points");
    if (isfinite(last)) {
        say_value(said, "last_score", last, "");
        finding_column(out, said.finding, score->name);
        say_parameter(said, "low_score", low_score, "");
    }
    say_effect(said, (double)zeros, "points of 0", (double)NAN, (double)NAN, (double)NAN);
    say_method(said, "values of exactly 0 counted");
    say_what_would_change(said, "An evaluation of the same checkpoint with a loss above 0.");
    say_caveat(said, "unvalidated rule");
    say_harm(said, last < low_score ? SEVERITY_MEDIUM : SEVERITY_LOW, unvalidated);
    say_advice(said, (struct advice){.key = "evaluation",
                                     .to = "see that its set is not empty and its loss is computed",
                                     .expected = "a validation loss that can be judged",
                                     .check = "the loss of one evaluation batch, by hand"});
}

/* The last points before the zeros over the first ones; NAN where it is 0 throughout. */
static double left_before(const struct series *s, struct arena *scratch)
{
    size_t n = s->n < 2 * ENDS ? (s->n + 1) / 2 : ENDS;

    if (s->n == 0 || s->value[s->n - 1] == 0)
        return (double)NAN;
    return median_of(s->value + s->n - n, n, scratch) / median_of(s->value, n, scratch);
}

static void say_training_zero(const struct subject *subject, struct findings *out)
{
    const struct role_series *loss = &subject->role[ROLE_TRAIN_LOSS];
    const struct series *s = &loss->clean.active;
    double left = left_before(s, subject->arena);
    bool throughout = isnan(left), rounded = left < loss_gone_below;
    struct said said = say_about(out, class, FINDING_FOUND, loss, loss->zero_from, NOT_GIVEN);

    say_of_series(said, loss);
    say(said, "'%.*s' is exactly 0 at its last %zu points, from step %lld on%s: %s.",
        STR_FMT(loss->name), loss->zeros_at_end, (long long)loss->zero_from,
        throughout ? ", and never anything else"
                   : say_text(said, ", after %.4g at step %lld", s->value[s->n - 1],
                              (long long)s->step[s->n - 1]),
        rounded ? "it had come down before, so it may be rounded; or no target was left in it"
                : "targets that are all masked, broken labels or an underflow are likelier than a "
                  "perfect model, and nothing was learnt from there on");
    say_value(said, "zeros_at_end", (double)loss->zeros_at_end, "points");
    if (!throughout)
        say_value(said, "left_before", left, "of its start");
    say_parameter(said, "least_zeros", ZEROS_MIN, "points");
    say_parameter(said, "rounded_below", loss_gone_below, "of its start");
    say_effect(said, (double)loss->zeros_at_end, "points of 0", (double)NAN, (double)NAN,
               (double)NAN);
    say_method(said, "values of exactly 0 counted back from the end; medians of up to ten points "
                     "before them and at the start");
    say_what_would_change(said, "A training loss above 0 after step %lld.",
                          (long long)loss->zero_from);
    say_caveat(said, "unvalidated rule");
    say_harm(said, rounded ? SEVERITY_LOW : SEVERITY_HIGH, unvalidated);
    say_advice(said, (struct advice){.key = "the batches, labels and loss mask from step",
                                     .to = say_text(said, "%lld", (long long)loss->zero_from),
                                     .expected = "a training loss above 0",
                                     .check = "the loss of one batch in full precision, by hand"});
}

static void run(const struct subject *subject, struct findings *out)
{
    const struct role_series *val = &subject->role[ROLE_VALIDATION_LOSS];
    const struct series *s = &val->clean.active;
    size_t first = 0, zeros = zeros_of(s, &first);

    if (subject->role[ROLE_TRAIN_LOSS].zeros_at_end > 0 && subject_primary(subject) != ROLE_REWARD)
        say_training_zero(subject, out);
    if (!val->logged) {
        say_not_logged(out, class, subject, ROLE_VALIDATION_LOSS);
    } else if (subject_primary(subject) == ROLE_REWARD) {
        struct said said = {out, finding_add(out, class, FINDING_NOT_APPLICABLE)};

        say_not_judged(said, "the loss of a run that learns from rewards may well be 0.");
    } else if (s->n == 0) {
        say_too_short(out, class, val, 1);
    } else if (zeros > 0) {
        say_zero(val, zeros, first, &subject->role[ROLE_VALIDATION_ACCURACY], out);
    } else {
        struct said said =
            say_about(out, class, FINDING_NOT_FOUND, val, s->step[0], s->step[s->n - 1]);

        say(said, "None of the %zu points of '%.*s' is exactly 0.", s->n, STR_FMT(val->name));
        say_method(said, "values of exactly 0 counted");
        say_what_would_change(said, "A value of 0.");
    }
}

const struct detector detector_zero_loss = {
    .name = "zero_loss",
    .what = "a validation loss of exactly 0, or a training loss that is so to its end",
    .applies = FOR_LM,
    .run = run,
};
