/*
 * Gradient norms that fall to a fiftieth of their early level, or are tiny. A
 * learning rate at its end, a loss near 0 and a changed loss scale explain it.
 */
#include "analysis/align.h"
#include "analysis/context.h"
#include "analysis/detectors/detector.h"
#include "analysis/say.h"
#include "analysis/stats/gradient.h"
#include "analysis/stats/moments.h"

static const char class[] = "grad_vanishing";

/* Detection benchmark 1, development set, at a tenth of the runs. */
static const double precision = 0.99;

static const double rate_ended_below = 0.01; /* of the peak */
static const double loss_gone_below = 0.02;  /* of the first tenth */

static const double smallest = 1e-30; /* stands for 0 where a logarithm is taken */

/* Zeros count: nothing is smaller. */
static const double *floored(const struct series *s, struct arena *arena)
{
    double *g = ARENA_ARRAY(arena, s->n, double);

    for (size_t i = 0; i < s->n; i++)
        g[i] = fmax(s->value[i], smallest);
    return g;
}

/* The last tenth of the training loss over the first; NAN where it is not known. */
static double loss_left(const struct subject *subject)
{
    const struct series *s = &subject->role[ROLE_TRAIN_LOSS].clean.active;
    size_t tenth = s->n / 10;

    if (tenth == 0)
        return (double)NAN;
    double first = median_of(s->value, tenth, subject->arena);
    return first > 0 ? median_of(s->value + s->n - tenth, tenth, subject->arena) / first
                     : (double)NAN;
}

/* The reason why small norms are no trouble; NULL where there is none. */
static const char *reason_of(const struct subject *subject, struct said said,
                             const struct vanishing *v, int64_t onset)
{
    struct schedule c = subject_schedule(subject);
    double rate = c.kind == SCHEDULE_UNKNOWN ? (double)NAN : rate_at(subject, onset) / c.peak;
    double left = loss_left(subject);

    const struct role_series *loss = &subject->role[ROLE_TRAIN_LOSS];

    if (loss->zeros_at_end > 0 && v->late <= 0)
        return say_text(said, "'%.*s' is exactly 0 from step %lld on (see zero_loss)",
                        STR_FMT(loss->name), (long long)loss->zero_from);
    if (v->rescaled)
        return say_text(said, "one jump by 2^%.0f: a loss scale or a unit changed", v->power);
    if (v->vanished && rate < rate_ended_below)
        return say_text(said, "the learning rate was at %.1f%% of its peak when they fell",
                        100 * rate);
    if (left < loss_gone_below)
        return say_text(said, "the training loss is down to %.2g%% of its start: little is left",
                        100 * left);
    return NULL;
}

static void figures(struct said said, const struct vanishing *v, double tiny)
{
    say_value(said, "early", v->early, "");
    say_value(said, "late", v->late, "");
    if (v->late > 0)
        say_value(said, "early_over_late", v->early / v->late, "times");
    say_parameter(said, "times_needed", 50, "times");
    say_parameter(said, "tiny_below", tiny, "");
    if (v->late > 0)
        say_effect(said, v->early / v->late, "times", (double)NAN, (double)NAN, (double)NAN);
    say_method(said, "median of the points at 5-20%% of the run over the median of the last tenth");
    say_what_would_change(said, "A last tenth %s a fiftieth of the early level.",
                          v->vanished ? "above" : "below");
}

static void judge(const struct subject *subject, const struct role_series *norm,
                  const struct vanishing *v, struct findings *out)
{
    const struct series *s = &norm->clean.active;
    int64_t onset = s->step[v->vanished ? v->onset : s->n - s->n / 10];
    bool small = v->vanished || v->tiny;
    struct said said = say_about(out, class, FINDING_NOT_FOUND, norm, onset, s->step[s->n - 1]);
    double tiny = subject_threshold(subject, THRESHOLD_TINY_GRADIENT);
    const char *reason = small ? reason_of(subject, said, v, onset) : NULL;

    figures(said, v, tiny);
    if (!small) {
        say(said, "The gradient norm does not vanish: median %.3g early, %.3g at the end.",
            v->early, v->late);
        return;
    }
    if (reason) {
        say(said, "The gradient norm falls from %.3g to %.3g, which is explained: %s.", v->early,
            v->late, reason);
        return;
    }
    said.finding->status = FINDING_FOUND;
    say_harm(said, SEVERITY_HIGH,
             v->vanished ? capped(precision, s->n, GRADIENT_POINTS_MIN) : capped(0.6, s->n, 1));
    if (v->vanished) {
        say(said,
            "The gradient norm vanishes from step %lld on: median %.3g early, %.3g at the end%s.",
            (long long)onset, v->early, v->late,
            v->late > 0 ? say_text(said, " (%.0f times less)", v->early / v->late) : "");
    } else {
        say(said, "The gradient norm is tiny throughout: median %.3g early, %.3g at the end.",
            v->early, v->late);
        say_caveat(said, "unvalidated rule: below %.3g; a norm divided by a loss scale looks alike",
                   tiny);
    }
    say_advice(said,
               (struct advice){.key = "see which layers get a gradient (norms by layer), then "
                                      "the initialisation, dead units, the loss scale",
                               .expected = "norms of the early level",
                               .check = "a median of the last tenth above a fiftieth of "
                                        "the early one"});
}

static void run(const struct subject *subject, struct findings *out)
{
    const struct role_series *norm = &subject->role[ROLE_GRADIENT_NORM];
    const struct series *s = &norm->clean.active;
    size_t needs = subject_needs(norm, GRADIENT_POINTS_MIN);

    if (!norm->logged) {
        say_not_logged(out, class, subject, ROLE_GRADIENT_NORM);
        return;
    }
    if (!say_within(out, class, norm, 0, INFINITY))
        return;
    struct vanishing v = {0};
    if (s->n >= GRADIENT_POINTS_MIN)
        v = vanishing_of(floored(s, subject->arena), s->n, subject->arena);
    v.early = v.early > 2 * smallest ? v.early : 0; /* the logarithm rounds */
    v.late = v.late > 2 * smallest ? v.late : 0;
    v.tiny = v.enough && v.late < subject_threshold(subject, THRESHOLD_TINY_GRADIENT);
    /* Smoothing hides noise, it makes no fall to a fiftieth: that needs no more points. */
    if (s->n < needs && !v.vanished) {
        say_too_short(out, class, norm, needs);
        return;
    }
    judge(subject, norm, &v, out);
}

const struct detector detector_grad_vanishing = {
    .name = "grad_vanishing",
    .what = "gradient norms that fall to nothing without the schedule or the loss explaining it",
    .applies = FOR_LM,
    .run = run,
};
