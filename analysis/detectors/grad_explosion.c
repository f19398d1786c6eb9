/* Gradient norms that rise to several times their level and stay there. Bursts are spikes. */
#include "analysis/align.h"
#include "analysis/detectors/detector.h"
#include "analysis/say.h"
#include "analysis/stats/clipping.h"
#include "analysis/stats/gradient.h"
#include "analysis/stats/moments.h"

static const char class[] = "grad_explosion";

/* Detection benchmark 1, development set, at a tenth of the runs. */
static const double precision = 0.99;

/* How much worse, as a share, the loss is at the end than before the onset; NAN without a loss. */
static double loss_worse(const struct subject *subject, int64_t onset)
{
    const struct series *s = &subject->role[ROLE_TRAIN_LOSS].clean.active;
    size_t at = 0, window = clip_count(s->n / 10, 1, 1000);

    while (at < s->n && s->step[at] < onset)
        at++;
    if (at == 0 || at == s->n)
        return (double)NAN;
    size_t before = clip_count(at, 1, window), after = clip_count(s->n - at, 1, window);
    double was = median_of(s->value + at - before, before, subject->arena);
    return was > 0 ? median_of(s->value + s->n - after, after, subject->arena) / was - 1
                   : (double)NAN;
}

static void figures(struct said said, const struct explosion *e)
{
    say_value(said, "largest_block_over_level_before", e->largest_factor, "times");
    say_value(said, "noise", e->sigma, "ln units");
    say_parameter(said, "times_needed", fmax(4, exp(4 * e->sigma)), "times");
    say_method(said, "lower quartile of a block of ln norm against the median of all before it, "
                     "kept by 70%% of the later blocks");
    say_what_would_change(said, "A lower quartile %s %.3g times the median before it.",
                          e->exploded ? "below" : "above", fmax(4, exp(4 * e->sigma)));
}

static void advise(struct said said, const struct subject *subject, const struct series *g,
                   const struct explosion *e)
{
    double now = subject_setting(subject, "MAX_GRAD_NORM");
    double value = clip_value_of(g->value, e->onset, subject->arena);

    say_advice(said, (struct advice){.key = "MAX_GRAD_NORM",
                                     .from = isfinite(now) ? say_text(said, "%.4g", now) : NULL,
                                     .to = say_text(said, "%.3g", value),
                                     .expected = "norms that stay at the level they had before",
                                     .check = "no block of norms at four times that level; else "
                                              "half the learning rate from the onset on"});
}

static void say_found(const struct subject *subject, const struct role_series *norm,
                      const struct series *g, const struct explosion *e, struct findings *out)
{
    int64_t onset = g->step[e->onset];
    double worse = loss_worse(subject, onset);
    struct said said = say_about(out, class, FINDING_FOUND, norm, onset, g->step[g->n - 1]);

    figures(said, e);
    say_value(said, "level_before", e->level_before, "");
    say_value(said, "level_after", e->level_after, "");
    say_value(said, "later_blocks_above_3_times", e->kept, "share");
    say_effect(said, e->level_after / e->level_before, "times", (double)NAN, (double)NAN,
               (double)NAN);
    say(said,
        "The gradient norm rises at step %lld and stays up: median %.3g before, %.3g from there "
        "on (%.1f times).",
        (long long)onset, e->level_before, e->level_after, e->level_after / e->level_before);
    if (isfinite(worse)) {
        say_value(said, "loss_change_since", worse, "share");
        say_caveat(said, "the training loss changed by %+.1f%% from there to the end", 100 * worse);
    }
    say_harm(said, worse > 0 ? SEVERITY_HIGH : SEVERITY_MEDIUM,
             capped(precision, g->n, GRADIENT_POINTS_MIN));
    advise(said, subject, g, e);
}

/* The last points of a run that broke off in it: too few to be sustained. */
static bool say_last(const struct subject *subject, const struct role_series *norm,
                     const struct series *g, struct findings *out)
{
    bool ends_non_finite = norm->clean.trailing_non_finite > 0;
    struct last_explosion e = last_explosion_of(g->value, g->n, ends_non_finite, subject->arena);

    if (!e.exploded)
        return false;
    struct said said =
        say_about(out, class, FINDING_FOUND, norm, g->step[e.onset], g->step[g->n - 1]);
    say(said,
        "The gradient norm explodes at the end of the run: median %.3g before step %lld, %.3g at "
        "step %lld%s.",
        e.level, (long long)g->step[e.onset], e.last, (long long)g->step[g->n - 1],
        ends_non_finite ? ", then values that are not finite" : "");
    say_value(said, "level_before", e.level, "");
    say_value(said, "last", e.last, "");
    say_value(said, "non_finite_behind", (double)norm->clean.trailing_non_finite, "points");
    say_parameter(said, "times_needed", 10, "times");
    say_effect(said, e.last / e.level, "times", (double)NAN, (double)NAN, (double)NAN);
    say_method(said, "the last points against ten times the median and six robust sds");
    say_what_would_change(said, "Later norms at the level before.");
    say_caveat(said, "unvalidated rule");
    say_harm(said, SEVERITY_HIGH, capped(0.6, g->n, GRADIENT_POINTS_MIN));
    advise(said, subject, g, &(struct explosion){.onset = e.onset});
    return true;
}

static void run(const struct subject *subject, struct findings *out)
{
    const struct role_series *norm = &subject->role[ROLE_GRADIENT_NORM];
    size_t needs = subject_needs(norm, GRADIENT_POINTS_MIN);

    if (!norm->logged) {
        say_not_logged(out, class, subject, ROLE_GRADIENT_NORM);
        return;
    }
    struct series g = positive_points(&norm->clean.active, INT64_MIN, subject->arena);
    struct explosion e = {0};
    if (g.n >= GRADIENT_POINTS_MIN)
        e = explosion_of(g.value, g.n, subject->arena);
    /* Smoothing hides noise, it makes no fourfold rise that stays: that needs no more points. */
    if (!e.enough || (g.n < needs && !e.exploded)) {
        say_too_short(out, class, norm, needs);
        return;
    }
    if (e.exploded) {
        say_found(subject, norm, &g, &e, out);
        return;
    }
    if (say_last(subject, norm, &g, out))
        return;
    struct said said = say_about(out, class, FINDING_NOT_FOUND, norm, g.step[0], g.step[g.n - 1]);
    figures(said, &e);
    say(said,
        "The gradient norm does not rise for good: no block stays above %.3g times the level "
        "before it (highest block median: %.2g times).",
        fmax(4, exp(4 * e.sigma)), e.largest_factor);
}

const struct detector detector_grad_explosion = {
    .name = "grad_explosion",
    .what = "gradient norms that rise to several times their level and stay there",
    .applies = FOR_LM,
    .run = run,
};
