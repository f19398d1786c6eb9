/*
 * Does gradient clipping cut the tail, or is it the step size? Norms of the
 * stable steps (behind the warm-up, without bursts) against the configured clip;
 * norms logged after the clip tell only how many are at it.
 */
#include "analysis/align.h"
#include "analysis/context.h"
#include "analysis/detectors/detector.h"
#include "analysis/say.h"
#include "analysis/stats/clipping.h"
#include "analysis/stats/gradient.h"
#include "analysis/stats/moments.h"
#include "analysis/stats/spikes.h"
#include "analysis/stats/stratified.h"

static const char class[] = "grad_clipping";

/* Detection benchmark 1, development set, at a tenth of the runs. */
static const double precision = 0.98;

enum { SEED = 42, SPIKES_POINTS_MAX = 200000 /* a tenth of a second */ };

struct clipping {
    const struct subject *subject;
    const struct role_series *norm;
    double clip; /* NAN where the configuration has none */
    struct series stable;
    double share, median; /* of the stable steps; share NAN without a clip */
    struct clip_advice advice;
    bool spikes_reach_ten_times; /* the clip */
};

/* Behind the warm-up; a rate that is not logged leaves the first tenth out. */
static int64_t stable_after(const struct subject *subject, const struct series *s)
{
    struct schedule c = subject_schedule(subject);

    if (c.kind == SCHEDULE_UNKNOWN)
        return s->n ? s->step[s->n / 10] : INT64_MIN;
    return c.warmup_index > 0 && c.warmup_index + 1 < c.points ? c.warmup_end : INT64_MIN;
}

static struct series stable_of(const struct subject *subject, const struct role_series *norm)
{
    const struct series *s = &norm->clean.active;
    struct series g = positive_points(s, stable_after(subject, s), subject->arena);
    size_t kept;
    const size_t *index = without_bursts(g.value, g.n, &kept, subject->arena);
    int64_t *step = ARENA_ARRAY(subject->arena, kept, int64_t);
    double *value = ARENA_ARRAY(subject->arena, kept, double);

    for (size_t i = 0; i < kept; i++) {
        step[i] = g.step[index[i]];
        value[i] = g.value[index[i]];
    }
    return (struct series){.name = g.name, .n = kept, .step = step, .value = value};
}

static struct said begin(const struct clipping *c, enum finding_status status, struct findings *out)
{
    const struct series *s = &c->stable;
    struct said said = say_about(out, class, status, c->norm, s->step[0], s->step[s->n - 1]);

    said.finding->evidence.n_used = (int64_t)s->n;
    say_value(said, "median_norm", c->median, "");
    if (isfinite(c->clip))
        say_parameter(said, "MAX_GRAD_NORM", c->clip, "");
    return said;
}

/* Loss spikes with a norm above the clip, and without: does clipping hold them off? */
static void say_spikes(struct said said, const struct clipping *c)
{
    struct pairs p = subject_pairs(c->subject, ROLE_TRAIN_LOSS, ROLE_GRADIENT_NORM);
    size_t above = 0, steps_above = 0;

    if (p.n > SPIKES_POINTS_MAX)
        return;
    struct spikes s = spikes_of(p.a, p.n, c->subject->arena);
    if (!s.enough)
        return;
    for (size_t k = 0; k < s.count; k++) {
        bool clipped = false;

        for (size_t i = s.events[k].first; i <= s.events[k].last; i++)
            clipped |= p.b[i] > c->clip;
        above += clipped;
    }
    for (size_t i = 0; i < p.n; i++)
        steps_above += p.b[i] > c->clip;
    struct table2 table = {.a = (double)above,
                           .b = (double)steps_above - (double)above,
                           .c = (double)(s.count - above),
                           .d = (double)(p.n - steps_above) - (double)(s.count - above)};
    if (s.count > 0 && table.b >= 0 && table.d >= 0)
        say_value(said, "spikes_go_with_the_clip_p", fisher_exact(&table, &(double){0}), "");
    say_value(said, "loss_spikes_above_clip", (double)above, "spikes");
    say_value(said, "loss_spikes_below_clip", (double)(s.count - above), "spikes");
}

static void say_threshold(struct said said, const struct clipping *c)
{
    say_value(said, "threshold_that_cuts_the_tail", c->advice.value, "");
    say_value(said, "threshold_low", c->advice.low, "");
    say_value(said, "threshold_high", c->advice.high, "");
    say_parameter(said, "seed", SEED, "");
    say_parameter(said, "resamples", CLIP_RESAMPLES, "");
    say_method(said, "share of stable steps above the clip; threshold exp(median + 2.5 robust sd) "
                     "of ln norm over their last half, interval by block bootstrap");
}

static void say_after_clip(const struct clipping *c, const struct clip_pile *pile,
                           struct findings *out)
{
    struct said said = begin(c, pile->share > 0.5 ? FINDING_FOUND : FINDING_NOT_FOUND, out);

    say(said,
        "The norms are those after clipping: %.1f%% of the %zu stable ones above 0 are at %.4g and "
        "none above; by how much they were clipped is not logged.",
        100 * pile->share, c->stable.n, pile->at);
    say_value(said, "share_at_clip", pile->share, "share");
    say_effect(said, 100 * pile->share, "% of steps", (double)NAN, (double)NAN, (double)NAN);
    say_method(said, "share of norms within .1%% of %s",
               isfinite(c->clip) ? "the configured clip" : "the largest norm");
    say_what_would_change(said, "Logging the norm before it is clipped.");
    if (said.finding->status == FINDING_FOUND) {
        say_harm(said, SEVERITY_LOW, capped(0.6, c->stable.n, GRADIENT_POINTS_MIN));
        say_caveat(said, "unvalidated rule");
        say_advice(said, (struct advice){.key = "log the gradient norm before clipping",
                                         .expected = "a threshold that can be chosen",
                                         .check = "norms above the clip in the log"});
    }
}

static void say_unknown_clip(const struct clipping *c, struct findings *out)
{
    struct said said = begin(c, FINDING_NOT_APPLICABLE, out);

    say(said,
        "Clipping is not judged: the configuration names no clip (MAX_GRAD_NORM). A threshold "
        "of %.3g (95%% interval %.3g to %.3g) would cut only the tail of these norms.",
        c->advice.value, c->advice.low, c->advice.high);
    say_threshold(said, c);
    say_what_would_change(said, "A copy of the configuration with MAX_GRAD_NORM.");
}

static void advise(struct said said, const struct clipping *c, double rate)
{
    const char *lower = isfinite(rate)
                            ? say_text(said, "or leave it and write the rate it amounts to, %.3g",
                                       rate * c->clip / c->median)
                            : "or leave it and lower the learning rate by the same factor";

    say_advice(said, (struct advice){.key = "MAX_GRAD_NORM",
                                     .from = say_text(said, "%.4g", c->clip),
                                     .to = say_text(said, "%.3g", c->advice.value),
                                     .expected = say_text(said,
                                                          "about .6%% of the steps clipped; "
                                                          "%s",
                                                          lower),
                                     .check = "share of norms above the clip below 10%"});
}

static void say_share(const struct clipping *c, struct findings *out)
{
    double rate = rate_at(c->subject, c->stable.step[c->stable.n - 1]);
    bool dominates = c->share > 0.5;
    struct said said =
        begin(c, dominates || c->share > 0.1 ? FINDING_FOUND : FINDING_NOT_FOUND, out);

    say(said, "The clip at %.4g acts on %.1f%% of the steps: %s (median norm %.3g).", c->clip,
        100 * c->share,
        dominates          ? "it is the step size, not a safety net"
        : c->share > 0.1   ? "it shapes the updates"
        : c->share >= 1e-3 ? "a normal share"
                           : "an unused safety net",
        c->median);
    say_value(said, "share_above_clip", c->share, "share");
    say_threshold(said, c);
    say_spikes(said, c);
    say_effect(said, 100 * c->share, "% of steps", (double)NAN, (double)NAN, (double)NAN);
    say_what_would_change(said, "A share %s 50%%.", dominates ? "below" : "above");
    if (dominates) {
        if (isfinite(rate))
            say_value(said, "effective_learning_rate_at_end", rate * c->clip / c->median, "");
        say_harm(said, SEVERITY_LOW, capped(precision, c->stable.n, GRADIENT_POINTS_MIN));
    } else if (said.finding->status == FINDING_FOUND) {
        say_harm(said, SEVERITY_INFO, capped(precision, c->stable.n, GRADIENT_POINTS_MIN));
    }
    if (dominates || (c->spikes_reach_ten_times && c->clip > 3 * c->advice.value))
        advise(said, c, rate);
}

static void run(const struct subject *subject, struct findings *out)
{
    const struct role_series *norm = &subject->role[ROLE_GRADIENT_NORM];
    double given = subject_threshold(subject, THRESHOLD_CLIP);
    struct clipping c = {.subject = subject,
                         .norm = norm,
                         .clip = given > 0 ? given : subject_setting(subject, "MAX_GRAD_NORM")};
    size_t needs = subject_needs(norm, GRADIENT_POINTS_MIN);

    if (!norm->logged) {
        say_not_logged(out, class, subject, ROLE_GRADIENT_NORM);
        return;
    }
    c.stable = stable_of(subject, norm);
    if (c.stable.n < needs) {
        struct said said = say_too_short(out, class, norm, needs);

        if (norm->clean.active.n >= needs)
            say_not_judged(said,
                           "%zu of the %zu points of '%.*s' are above 0, behind the warm-up and "
                           "outside bursts, needs %zu.",
                           c.stable.n, norm->clean.active.n, STR_FMT(norm->name), needs);
        say_value(said, "stable_points", (double)c.stable.n, "points");
        return;
    }
    c.clip = c.clip > 0 ? c.clip : (double)NAN;
    c.median = median_of(c.stable.value, c.stable.n, subject->arena);
    struct clip_pile pile = clip_pile_of(c.stable.value, c.stable.n, c.clip);
    if (pile.after_clip) {
        say_after_clip(&c, &pile, out);
        return;
    }
    c.advice = clip_advice_of(c.stable.value, c.stable.n, SEED, subject->arena);
    if (!isfinite(c.clip)) {
        say_unknown_clip(&c, out);
        return;
    }
    c.share = share_above(c.stable.value, c.stable.n, c.clip);
    c.spikes_reach_ten_times =
        share_above(norm->clean.active.value, norm->clean.active.n, 10 * c.clip) > 0;
    say_share(&c, out);
}

const struct detector detector_grad_clipping = {
    .name = "grad_clipping",
    .what = "how often gradient clipping acts, and the threshold that would cut only the tail",
    .applies = FOR_LM,
    .run = run,
};
