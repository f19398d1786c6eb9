/*
 * What the learning rate did: decay left uncollected, what the decay brought, the
 * gain per unit of rate, signs of a rate too high or too low. A rate too high shows
 * in several ways at once, so two of four signs are asked for; oscillation and
 * divergence are taken from what the detectors before this one found.
 */
#include "analysis/align.h"
#include "analysis/context.h"
#include "analysis/derived.h"
#include "analysis/detectors/detector.h"
#include "analysis/say.h"
#include "analysis/stats/clipping.h"
#include "analysis/stats/extrapolate.h"
#include "analysis/stats/gradient.h"
#include "analysis/stats/moments.h"
#include "analysis/stats/progress.h"
#include "analysis/stats/spikes.h"

static const char of_stop[] = "lr_stopped_high";
static const char of_gain[] = "lr_decay_gain";
static const char of_table[] = "lr_efficiency";
static const char of_high[] = "lr_too_high";
static const char of_low[] = "lr_too_low";

enum { LOSS_POINTS_MIN = 35 };

struct view {
    const struct subject *subject;
    const struct role_series *lr, *loss;
    struct schedule c;
    struct pairs at; /* a: loss, b: rate */
    struct spikes spikes;
    double clip_share;    /* NAN where it is not known */
    struct findings *out; /* those of the detectors before are in it */
};

static const struct finding *found_before(const struct view *v, const char *class)
{
    for (size_t i = 0; i < v->out->list.n; i++) {
        const struct finding *f = &v->out->list.v[i];

        if (f->status == FINDING_FOUND && strcmp(f->class, class) == 0)
            return f;
    }
    return NULL;
}

static bool has_peak(const struct view *v)
{
    return v->c.kind != SCHEDULE_UNKNOWN && v->c.warmup_index + 1 < v->c.points;
}

/* ---- (a) stopped high ---- */

static void judge_stop(const struct view *v)
{
    const struct series *s = &v->lr->clean.active;
    bool decays =
        v->c.kind == SCHEDULE_COSINE || v->c.kind == SCHEDULE_LINEAR || v->c.kind == SCHEDULE_WSD;
    bool found = decays && v->c.end_ratio >= 0.3;
    struct said said = say_about(v->out, of_stop,
                                 found    ? FINDING_FOUND
                                 : decays ? FINDING_NOT_FOUND
                                          : FINDING_NOT_APPLICABLE,
                                 v->lr, s->step[0], s->step[s->n - 1]);

    say_value(said, "end_over_peak", v->c.end_ratio, "");
    say_parameter(said, "from", 0.3, "of the peak");
    say_method(said, "last rate over the peak, of schedules that decay");
    say_what_would_change(said, "A last rate %s 30%% of the peak.", found ? "below" : "above");
    if (!found) {
        say(said,
            decays ? "The rate ends at %.1f%% of its peak: below the 30%% from which much of the "
                     "decay "
                     "counts as left."
                   : "The schedule has no decay to its end that could be cut off (rate at %.1f%% "
                     "of its peak).",
            100 * v->c.end_ratio);
        return;
    }
    say(said,
        "The run ends with the rate at %.0f%% of its peak: what the rest of the decay would have "
        "brought was not collected; how much is not known from this run alone.",
        100 * v->c.end_ratio);
    say_effect(said, 100 * v->c.end_ratio, "% of the peak", (double)NAN, (double)NAN, (double)NAN);
    /* A cosine cut short is already a finding of lr_schedule. */
    say_harm(said, v->c.T > 1.02 ? SEVERITY_INFO : SEVERITY_LOW,
             v->c.confidence < 0.6 ? v->c.confidence : 0.6);
    say_caveat(said, "unvalidated rule");
    say_advice(said,
               (struct advice){.key = "learning rate: decay it from the last checkpoint, over",
                               .to = say_text(said, "%.0f steps (20%% of those done)",
                                              0.2 * (double)(s->step[s->n - 1] - s->step[0])),
                               .expected = "the drop that a decay brings",
                               .check = "the validation loss falls over the decay"});
}

/* ---- (b) what the decay brought ---- */

static void say_gain(const struct view *v, const struct extrapolation *e, size_t from, size_t n)
{
    const struct series *s = &v->loss->clean.active;
    size_t last = clip_count(s->n / 20, 5, s->n);
    double got = mean_of(s->value + s->n - last, last), gain = e->predicted - got;
    double low = e->low - got, high = e->high - got;
    bool found = low > 0;
    struct said said = say_about(v->out, of_gain,
                                 found      ? FINDING_FOUND
                                 : high < 0 ? FINDING_NOT_FOUND
                                            : FINDING_INCONCLUSIVE,
                                 v->loss, v->c.decay_start, s->step[s->n - 1]);
    say(said,
        "The decay from step %lld on brought %.3g (%.3g to %.3g): the loss ends at %.4g, at the "
        "peak rate it would be at %.4g.",
        (long long)v->c.decay_start, gain, low, high, got, e->predicted);
    say_value(said, "predicted_at_peak_rate", e->predicted, "");
    say_value(said, "last", got, "");
    say_value(said, "gain", gain, "");
    say_value(said, "points_fitted", (double)n, "points");
    say_parameter(said, "fitted_from_step", (double)s->step[from], "steps");
    say_effect(said, gain, "of the loss", low, high, 0.9);
    say_method(said, "ten shifted power laws on the stretch of constant rate, read at the end");
    say_what_would_change(said, "A band of the prediction on the other side of the last loss.");
    if (found)
        say_harm(said, SEVERITY_INFO, 0.6);
    if (e->range == EXTRAPOLATE_BEYOND)
        say_caveat(said, "beyond the validated range of twice the steps");
}

static void judge_gain(const struct view *v)
{
    const struct series *s = &v->loss->clean.active;
    size_t from = 0, to = 0;

    while (from < s->n && s->step[from] <= v->c.warmup_end && v->c.warmup_index > 0)
        from++;
    for (to = from; to < s->n && s->step[to] <= v->c.decay_start;)
        to++;
    if (v->c.kind != SCHEDULE_WSD) {
        struct said said = {v->out, finding_add(v->out, of_gain, FINDING_NOT_APPLICABLE)};

        say(said,
            "What the decay brought is not known: the rate is constant nowhere before it "
            "(schedule '%s').",
            schedule_name(v->c.kind));
        say_what_would_change(said, "A stretch of constant rate before the decay.");
        return;
    }
    size_t n = to - from, needs = subject_needs(v->loss, EXTRAPOLATE_POINTS_MIN);
    struct extrapolation e = {0};
    if (n >= needs)
        e = extrapolate(subject_steps(v->subject, ROLE_TRAIN_LOSS, from), s->value + from, n,
                        (double)s->step[s->n - 1], v->subject->arena);
    if (e.enough) {
        say_gain(v, &e, from, n);
        return;
    }
    struct said said = say_too_short(v->out, of_gain, v->loss, needs);
    say_value(said, "points_at_constant_rate", (double)n, "points");
}

/* ---- (c) gain per unit of rate ---- */

static void say_segment(struct said said, const struct pairs *p, size_t from, size_t to,
                        struct arena *arena)
{
    enum { EDGE = 8 }; /* parts of a segment whose median is its start and its end */
    size_t m = to - from, k = m / EDGE > 2 ? m / EDGE : 2;
    double sum = 0, was = median_of(p->a + from, k, arena), is = median_of(p->a + to - k, k, arena);

    for (size_t i = from + 1; i < to; i++)
        sum += p->b[i] * (double)(p->step[i] - p->step[i - 1]);
    if (!(sum > 0) || !(was > 0) || !(is > 0))
        return;
    say_value(
        said,
        say_text(said, "steps %lld-%lld", (long long)p->step[from], (long long)p->step[to - 1]),
        log(was / is) / sum, "ln loss per unit of summed rate");
}

static void say_table(const struct view *v)
{
    enum { SEGMENTS = 12, SEGMENT_POINTS_MIN = 10 };
    const struct pairs *p = &v->at;
    size_t segments = clip_count(p->n / SEGMENT_POINTS_MIN, 1, SEGMENTS);

    if (p->n < LOSS_POINTS_MIN) {
        struct said said = say_too_short(v->out, of_table, v->loss, LOSS_POINTS_MIN);

        say_value(said, "points_with_a_rate", (double)p->n, "points");
        return;
    }
    struct said said =
        say_about(v->out, of_table, FINDING_FOUND, v->loss, p->step[0], p->step[p->n - 1]);
    finding_column(v->out, said.finding, v->lr->name);
    for (size_t k = 0; k < segments; k++)
        say_segment(said, p, block_edge(k, segments, p->n), block_edge(k + 1, segments, p->n),
                    v->subject->arena);
    say(said,
        "Improvement of ln loss per unit of summed learning rate, in %zu parts of the run: "
        "see the values.",
        segments);
    say_method(said, "ln of the medians at both ends of a part, over the sum of rate times steps");
    say_what_would_change(said, "Nothing: this is a description.");
    say_harm(said, SEVERITY_INFO, capped(0.99, p->n, LOSS_POINTS_MIN));
}

/* ---- (d) too high ---- */

static size_t spikes_after_warmup(const struct view *v)
{
    const struct series *s = &v->loss->clean.active;
    size_t count = 0;

    if (!has_peak(v) || v->c.warmup_index == 0)
        return 0;
    int64_t end = v->c.warmup_end, start = v->lr->clean.active.step[0];
    for (size_t k = 0; k < v->spikes.count; k++) {
        int64_t at = s->step[v->spikes.events[k].first];

        count += at > end && at - end <= 3 * (end - start);
    }
    return count;
}

static double peak_of(const struct view *v)
{
    return has_peak(v) ? v->c.peak : subject_base_rate(v->subject, NULL);
}

/* A loss that does not fall at a high rate: no second sign, but the harm is no_progress'. */
static bool hot_without_progress(const struct view *v)
{
    return peak_of(v) > RATE_HIGH && found_before(v, "no_progress") != NULL &&
           !training_fell(v->subject);
}

static void judge_high(const struct view *v)
{
    const struct series *s = &v->loss->clean.active;
    size_t spikes = spikes_after_warmup(v);
    bool clipped = v->clip_share > 0.5, diverged = found_before(v, "divergence") != NULL;
    /* what diverges leaves waves behind and gets nowhere: no signs of their own then */
    bool waves = !diverged && found_before(v, "oscillation") != NULL;
    bool hot = !diverged && hot_without_progress(v);
    int signs = (spikes > 0) + clipped + waves + diverged;
    bool found = signs >= 2 || hot;
    double peak = peak_of(v);
    struct said said = say_about(v->out, of_high, found ? FINDING_FOUND : FINDING_NOT_FOUND,
                                 v->loss, s->step[0], s->step[s->n - 1]);

    const char *verdict =
        hot ? say_text(said, "The learning rate may be too high: no progress at %.3g. ", peak)
        : diverged && !found
            ? "Divergence alone does not show it, though it fits (see its advice): "
            : "";

    say(said,
        "%s%d of 4 signs of a learning rate too high: spikes within three warm-ups of the peak "
        "(%zu), a clip that acts on most steps (%s), oscillation (%s), divergence (%s).",
        verdict, signs, spikes,
        isnan(v->clip_share) ? "not known"
        : clipped            ? "yes"
                             : "no",
        waves ? "yes" : "none found", diverged ? "yes" : "none found");
    say_value(said, "signs", signs, "of 4");
    say_value(said, "spikes_after_warmup", (double)spikes, "spikes");
    if (!isnan(v->clip_share))
        say_value(said, "share_above_clip", v->clip_share, "share");
    if (isfinite(peak))
        say_value(said, "peak", peak, "");
    say_parameter(said, "signs_needed", 2, "of 4");
    say_effect(said, signs, "signs", (double)NAN, (double)NAN, (double)NAN);
    say_method(said, "count of signs, two needed");
    say_what_would_change(said, "%s", found ? "Fewer than two signs." : "Two signs.");
    if (!found)
        return;
    say_harm(said, signs >= 2 ? SEVERITY_MEDIUM : SEVERITY_LOW, signs >= 2 ? 0.6 : 0.5);
    say_caveat(said, "unvalidated rule; one run shows association only");
    if (isfinite(peak))
        say_advice(said, (struct advice){.key = "learning rate, peak",
                                         .from = say_text(said, "%.3g", peak),
                                         .to = say_text(said, "%.3g", peak * (hot ? 0.1 : 0.5)),
                                         .expected = "fewer of these signs",
                                         .check = "the same checks on the new run"});
}

/* ---- (e) too low ---- */

static void judge_low(const struct view *v)
{
    const struct series *s = &v->loss->clean.active;
    struct progress p = *derived_progress(v->subject, ROLE_TRAIN_LOSS);
    bool calm = v->spikes.enough && v->spikes.count == 0 && v->clip_share < 1e-3;

    if (!v->spikes.enough || isnan(v->clip_share) || !p.enough) {
        struct said said = {v->out, finding_add(v->out, of_low, FINDING_NOT_APPLICABLE)};

        say(said, "Whether the learning rate was too low is not judged: that takes a clip share, "
                  "a long enough loss, and another run to compare with.");
        say_what_would_change(said, "A logged gradient norm, the clip, and a second run.");
        return;
    }
    bool possible = calm && p.improving && p.g > 4 * p.theta;
    struct said said =
        say_about(v->out, of_low, possible ? FINDING_INCONCLUSIVE : FINDING_NOT_FOUND, v->loss,
                  s->step[0], s->step[s->n - 1]);
    say(said,
        possible ? "Possible, but not shown: no spikes, an unused clip, and still %.1f%% better "
                   "per doubling at the end fit a learning rate too low; a second run at a "
                   "higher rate would tell."
                 : "Nothing suggests a learning rate too low (%.1f%% better per doubling, %zu "
                   "spikes, %.1f%% of the steps clipped).",
        -100 * expm1(-p.g), v->spikes.count, 100 * v->clip_share);
    say_value(said, "improvement_per_doubling", p.g, "ln units");
    say_value(said, "share_above_clip", v->clip_share, "share");
    say_value(said, "loss_spikes", (double)v->spikes.count, "spikes");
    say_method(said, "no spikes, clip share below .1%%, improvement above 2%% per doubling");
    say_what_would_change(said, "A run at three times the rate.");
    if (possible) {
        said.finding->confidence = 0.4;
        say_caveat(said, "no run to compare with: possible at most");
    }
}

/* ---- all of it ---- */

static double clip_share_of(const struct subject *subject)
{
    const struct role_series *norm = &subject->role[ROLE_GRADIENT_NORM];
    const struct series *s = &norm->clean.active;
    double clip = subject_setting(subject, "MAX_GRAD_NORM");

    if (!norm->logged || s->n < GRADIENT_POINTS_MIN || !(clip > 0) ||
        clip_pile_of(s->value, s->n, clip).after_clip)
        return (double)NAN;
    return share_above(s->value, s->n, clip);
}

static void run(const struct subject *subject, struct findings *out)
{
    struct view v = {.subject = subject,
                     .lr = &subject->role[ROLE_LEARNING_RATE],
                     .loss = &subject->role[ROLE_TRAIN_LOSS],
                     .c = subject_schedule(subject),
                     .at = subject_pairs(subject, ROLE_TRAIN_LOSS, ROLE_LEARNING_RATE),
                     .clip_share = clip_share_of(subject),
                     .out = out};
    const struct series *s = &v.loss->clean.active;
    size_t needs = subject_needs(v.loss, LOSS_POINTS_MIN);

    if (!v.loss->logged) {
        say_not_logged(out, of_high, subject, ROLE_TRAIN_LOSS);
        return;
    }
    if (s->n < needs) {
        say_too_short(out, of_high, v.loss, needs);
        return;
    }
    v.spikes = *derived_spikes(subject, ROLE_TRAIN_LOSS);
    judge_high(&v);
    judge_low(&v);
    if (v.c.kind == SCHEDULE_UNKNOWN) {
        if (!v.lr->logged)
            say_not_logged(out, of_stop, subject, ROLE_LEARNING_RATE);
        else
            say_too_short(out, of_stop, v.lr, SCHEDULE_POINTS_MIN);
        return;
    }
    judge_stop(&v);
    judge_gain(&v);
    say_table(&v);
}

const struct detector detector_lr_effectiveness = {
    .name = "lr_effectiveness",
    .what = "what the learning rate did: decay, gain per rate, signs of too high or low",
    .applies = FOR_LM,
    .run = run,
};
