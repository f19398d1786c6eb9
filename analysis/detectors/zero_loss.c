/*
 * A validation loss of exactly 0. No model has one on data it has not seen:
 * the evaluation set was empty, or the value was never computed. Beside a
 * score that is low it cannot be what it says.
 */
#include "analysis/detectors/detector.h"
#include "analysis/say.h"

static const char class[] = "zero_loss";

static const double unvalidated = 0.6, low_score = 0.5;

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

static void run(const struct subject *subject, struct findings *out)
{
    const struct role_series *val = &subject->role[ROLE_VALIDATION_LOSS];
    const struct series *s = &val->clean.active;
    size_t first = 0, zeros = zeros_of(s, &first);

    if (!val->logged) {
        say_not_logged(out, class, ROLE_VALIDATION_LOSS);
    } else if (subject_primary(subject) == ROLE_REWARD) {
        struct said said = {out, finding_add(out, class, FINDING_NOT_APPLICABLE)};

        say(said, "Not judged: the loss of a run that learns from rewards may well be 0.");
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
    .what = "a validation loss of exactly 0",
    .applies = FOR_LM,
    .run = run,
};
