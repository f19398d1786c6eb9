/*
 * A loss that swings with one period over its last half. Where the period is
 * that of the epochs, of the evaluations or of a cyclic learning rate, it is
 * named so and no problem.
 */
#include "analysis/stats/oscillation.h"

#include "analysis/context.h"
#include "analysis/derived.h"
#include "analysis/detectors/detector.h"
#include "analysis/say.h"
#include "analysis/stats/schedule.h"

static const char class[] = "oscillation";

static const char method[] = "largest peak of the periodogram of the last half (ln loss less a "
                             "quadratic in ln step) over its neighbourhood";

static const double growing_from = 1.5, same_within = 0.1, line_share = 0.5;
/* Detection benchmark 1, development set: a logistic of -log10 p, at a twentieth of the runs. */
static const double steepness = 0.8, even_at = 5.1;

static bool same(double period, double other)
{
    return other > 0 && fabs(period / other - 1) <= same_within;
}

/* The distance of the restarts of a cyclic schedule; NAN where there are no two. */
static double rate_cycle(const struct subject *subject)
{
    struct schedule s = *derived_schedule(subject);

    if (s.kind != SCHEDULE_RESTARTS || s.jump_count < 2)
        return (double)NAN;
    return (double)(s.jumps[s.jump_count - 1].at - s.jumps[0].at) / (double)(s.jump_count - 1);
}

/*
 * Is that the period of the epochs or an overtone of it? A step at every epoch has strong
 * ones, and the slowest waves of the stretch are not looked at; of m points only whole
 * numbers of cycles are told apart.
 */
static bool of_epochs(const struct subject *subject, double period)
{
    enum { OVERTONES = 4 };
    const struct series *s = &subject->role[ROLE_TRAIN_LOSS].clean.active;
    size_t half = s->n / 2;
    double span = (double)(s->step[s->n - 1] - s->step[half]);
    double epoch = steps_per_epoch(subject);

    for (int k = 1; k <= OVERTONES && epoch > 0; k++) {
        double found = span / period, want = k * span / epoch;

        if (same(period, epoch / k) || (found < 10 && fabs(found - want) <= 0.6))
            return true;
    }
    return false;
}

/* What else of the run has that period (in steps); NULL if nothing known. */
static const char *known_cycle(const struct subject *subject, double period)
{
    const struct series *val = &subject->role[ROLE_VALIDATION_LOSS].clean.active;

    if (of_epochs(subject, period))
        return "an epoch: the order of the data repeats";
    if (val->n > 2 && same(period, usual_spacing(val, subject->arena)))
        return "the interval of the evaluations: an artefact of logging";
    if (same(period, rate_cycle(subject)))
        return "the cycle of the learning rate: expected";
    return NULL;
}

static void figures(struct said said, const struct oscillation *o, double period)
{
    say_value(said, "period", period, "steps");
    say_value(said, "amplitude", 100 * o->amplitude, "%");
    say_value(said, "share_of_scatter", o->share, "");
    say_value(said, "growth", o->growth, "");
    say_parameter(said, "points_transformed", (double)o->used, "points");
    say_parameter(said, "least_amplitude", 1, "%");
    say_parameter(said, "least_share", 0.15, "");
    say_effect(said, 100 * o->amplitude, "%", (double)NAN, (double)NAN, (double)NAN);
    said.finding->evidence.p = o->p;
    say_method(said, "%s", method);
}

static void say_found(const struct subject *subject, const struct role_series *loss,
                      const struct oscillation *o, double period, struct findings *out)
{
    const struct series *s = &loss->clean.active;
    const char *known = known_cycle(subject, period);
    bool epoch = known && of_epochs(subject, period);
    bool growing = o->growth > growing_from;
    double peak = rate_peak(subject), clear = steepness * (-log10(fmax(o->p, 1e-300)) - even_at);
    struct said said = say_about(out, epoch ? "epoch_cycle" : class, FINDING_FOUND, loss,
                                 s->step[s->n / 2], s->step[s->n - 1]);

    say(said,
        "'%.*s' swings by %.1f%% with a period of %.0f steps over its last half (p %.1g)%s%s.",
        STR_FMT(loss->name), 100 * o->amplitude, period, o->p,
        known ? ", which is that of "
        : growing
            ? say_text(said, ", and the swing grows %.1f times from its first to its last third",
                       o->growth)
            : ", and the swing does not grow",
        known ? known : "");
    figures(said, o, period);
    say_what_would_change(said, "No peak that holds more than 15%% of the scatter.");
    if (!isfinite(steps_per_epoch(subject)))
        say_caveat(said, "no epoch is logged: whether the period is that of the data is unknown");
    say_harm(said,
             known     ? SEVERITY_INFO
             : growing ? SEVERITY_MEDIUM
                       : SEVERITY_LOW,
             capped(1 / (1 + exp(-clear)), s->n, OSCILLATION_POINTS_MIN));
    if (!known)
        say_advice(said, (struct advice){
                             .key = "learning rate",
                             .from = isfinite(peak) ? say_text(said, "%.4g", peak) : NULL,
                             .to = isfinite(peak) ? say_text(said, "%.4g", peak / 2)
                                                  : "half of what it was, or less momentum",
                             .expected = "the swing shrinks",
                             .check = say_text(said, "amplitude at %.0f steps below 1%%", period)});
}

static void run(const struct subject *subject, struct findings *out)
{
    const struct role_series *loss = &subject->role[ROLE_TRAIN_LOSS];
    const struct series *s = &loss->clean.active;
    size_t needs = subject_needs(loss, OSCILLATION_POINTS_MIN);
    const double *y;

    if (!say_enough(out, class, subject, ROLE_TRAIN_LOSS, OSCILLATION_POINTS_MIN))
        return;
    (void)ln_of_series(subject, ROLE_TRAIN_LOSS, &y);
    struct oscillation o = oscillation_of(y, s->n, subject->arena);
    /* A swing of few points a period passes for smoothing, which leaves a slope and no line. */
    if (s->n < needs && !(o.oscillates && o.share > line_share)) {
        (void)say_too_short(out, class, loss, needs);
        return;
    }
    double period = o.period * usual_spacing(s, subject->arena);
    if (o.oscillates) {
        say_found(subject, loss, &o, period, out);
        return;
    }
    struct said said =
        say_about(out, class, FINDING_NOT_FOUND, loss, s->step[s->n / 2], s->step[s->n - 1]);
    say(said, "'%.*s' does not swing with one period: its largest peak has an amplitude of %.2g%%.",
        STR_FMT(loss->name), 100 * o.amplitude);
    figures(said, &o, period);
    say_what_would_change(said, "A peak of p below .001, 1%% and 15%% of the scatter.");
}

const struct detector detector_oscillation = {
    .name = "oscillation",
    .what = "a training loss that swings with one period",
    .applies = FOR_LM,
    .run = run,
};
