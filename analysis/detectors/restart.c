/*
 * Did the run go on after a restart where it had been? The steps it went over
 * twice say so: a level that differs means that the optimizer state, the data
 * order or the random numbers were not restored.
 */
#include "analysis/context.h"
#include "analysis/detectors/detector.h"
#include "analysis/say.h"
#include "analysis/stats/noise.h"

static const char class[] = "restart";

static const char method[] =
    "mean of ln new - ln old over the steps logged twice, against 4 sd of the noise of one point "
    "(second differences)";

static const double bar_in_noise = 4;
static const double exact_below = 0.25; /* of the noise: scatter of the same batches, restored */

/* Of the restarts with steps to compare the one whose level moved most; NULL if none has any. */
static const struct restart *worst_of(const struct hygiene *clean)
{
    const struct restart *worst = NULL;

    for (size_t i = 0; i < clean->restarts_n; i++) {
        const struct restart *r = &clean->restarts[i];

        if (r->compared > 0 && (!worst || fabs(r->log_difference) > fabs(worst->log_difference)))
            worst = r;
    }
    return worst;
}

static void figures(struct said said, const struct role_series *loss, const struct restart *r,
                    double noise)
{
    say_value(said, "restarts", (double)loss->clean.restarts_n, "restarts");
    say_value(said, "superseded", (double)loss->clean.superseded, "points");
    if (r) {
        say_value(said, "difference", r->log_difference, "ln units");
        say_value(said, "scatter_of_the_differences", r->scatter, "ln units");
        say_value(said, "compared", (double)r->compared, "points");
        say_effect(said, 100 * expm1(r->log_difference), "%", (double)NAN, (double)NAN,
                   (double)NAN);
    }
    say_value(said, "noise", noise, "ln units");
    say_parameter(said, "bar", bar_in_noise, "noise units");
    say_method(said, "%s", method);
}

static void say_moved(const struct role_series *loss, const struct restart *r, double noise,
                      struct findings *out)
{
    struct said said = say_about(out, class, FINDING_FOUND, loss, r->step, r->compared_to);
    double worse = expm1(r->log_difference);

    say(said,
        "The restart at step %lld (back from %lld) does not reproduce: over %lld steps logged "
        "twice '%.*s' differs by %+.1f%% on average (noise of a point %.1f%%): optimizer state, "
        "data order or random numbers were not restored.",
        (long long)r->step, (long long)r->previous_step, (long long)r->compared,
        STR_FMT(loss->name), 100 * worse, 100 * noise);
    figures(said, loss, r, noise);
    say_what_would_change(said, "A difference below %.1f%%.", 100 * expm1(bar_in_noise * noise));
    say_harm(said, worse >= 0.05 ? SEVERITY_MEDIUM : SEVERITY_LOW, 0.6);
    say_caveat(said, "unvalidated rule");
    say_advice(said, (struct advice){.key = "save and load optimizer, data position and random "
                                            "state with the checkpoint; resume again from step",
                                     .to = say_text(said, "%lld", (long long)r->step),
                                     .expected = "the overlap repeats the first attempt",
                                     .check = "difference on the overlap within the noise"});
}

static void say_same(const struct role_series *loss, const struct restart *r, double noise,
                     struct findings *out)
{
    struct said said = say_about(out, class, FINDING_NOT_FOUND, loss, r->step, r->compared_to);
    bool exact = r->scatter < exact_below * noise;

    say(said,
        "%zu restart%s; the level of '%.*s' is reproduced (at most %+.2f%% over %lld steps logged "
        "twice)%s.",
        loss->clean.restarts_n, loss->clean.restarts_n == 1 ? "" : "s", STR_FMT(loss->name),
        100 * expm1(r->log_difference), (long long)r->compared,
        exact ? ", and so are single values"
              : ", single values are not: another order of the data");
    figures(said, loss, r, noise);
    say_what_would_change(said, "A difference of more than %.1f%%.",
                          100 * expm1(bar_in_noise * noise));
}

/* No step of the old attempt is in the new one with a finite value. */
static void say_nothing_shared(const struct role_series *loss, double noise, struct findings *out)
{
    const struct restart *r = &loss->clean.restarts[0];
    struct said said =
        say_about(out, class, FINDING_INSUFFICIENT_DATA, loss, r->step, r->previous_step);

    say_not_judged(said,
                   "%zu restart%s (the first to step %lld), and 0 steps with a finite value "
                   "above 0 in both attempts; needs 1.",
                   loss->clean.restarts_n, loss->clean.restarts_n == 1 ? "" : "s",
                   (long long)r->step);
    figures(said, loss, NULL, noise);
    say_what_would_change(said, "A log of the steps that were run twice.");
}

static void run(const struct subject *subject, struct findings *out)
{
    const struct role_series *loss = &subject->role[ROLE_TRAIN_LOSS];
    const double *y;

    if (!loss->logged)
        loss = &subject->role[ROLE_VALIDATION_LOSS];
    if (!loss->logged || loss->clean.restarts_n == 0)
        return; /* a run without a restart needs no word about it */
    (void)ln_of_series(subject, (enum role)(loss - subject->role), &y);
    double noise = fmax(sigma_d2(y, loss->clean.active.n, subject->arena), 1e-4);
    const struct restart *worst = worst_of(&loss->clean);
    if (!worst)
        say_nothing_shared(loss, noise, out);
    else if (fabs(worst->log_difference) > bar_in_noise * noise)
        say_moved(loss, worst, noise, out);
    else
        say_same(loss, worst, noise, out);
}

const struct detector detector_restart = {
    .name = "restart",
    .what = "a restart whose repeated steps differ from the first attempt",
    .applies = FOR_LM,
    .run = run,
};
