/*
 * Stretches where the training loss scatters more than it usually does. At the
 * peak rate, with a loss that goes on falling, that is exploration; with no gain
 * or with spikes inside it is instability.
 */
#include "analysis/stats/volatility.h"

#include "analysis/context.h"
#include "analysis/derived.h"
#include "analysis/detectors/detector.h"
#include "analysis/say.h"
#include "analysis/stats/gap.h"
#include "analysis/stats/moments.h"
#include "analysis/stats/noise.h"
#include "analysis/stats/progress.h"
#include "analysis/stats/spikes.h"

static const char class[] = "volatility";

static const char method[] = "scale of second differences of ln loss in blocks of max(16, n/25) "
                             "points, against their median: above 2 and 3 sd of such a scale";

enum { LISTED = 8 };

/* Detection benchmark 1, development set, at a tenth of the runs. */
static const double precision = 0.98;

/* Sd over mean, in percent, of the last half: with its descent and without. */
static void say_variation(struct said said, const struct series *s, const double *y,
                          struct arena *scratch)
{
    size_t half = s->n / 2, n = s->n - half;
    double mean = mean_of(s->value + half, n);

    say_value(said, "variation_detrended", 100 * sigma_d2(y + half, n, scratch), "%");
    if (mean > 0 || mean < 0)
        say_value(said, "variation_raw", 100 * sd_of(s->value + half, n) / fabs(mean), "%");
}

/* Rank correlation of a block's scatter with the learning rate at its middle. */
static double with_rate(const struct subject *subject, const struct volatility *v,
                        const struct series *s)
{
    double *rate = ARENA_ARRAY(subject->arena, v->blocks, double);

    for (size_t b = 0; b < v->blocks; b++) {
        rate[b] = rate_at(subject, s->step[b * v->width + v->width / 2]);
        if (!isfinite(rate[b]))
            return (double)NAN;
    }
    return spearman(v->scale, rate, v->blocks, subject->arena);
}

static void figures(struct said said, const struct subject *subject, const struct volatility *v,
                    const struct series *s, const double *y)
{
    double together = with_rate(subject, v, s);

    say_variation(said, s, y, subject->arena);
    say_value(said, "usual_scatter", 100 * v->reference, "%");
    if (isfinite(together))
        say_value(said, "rank_correlation_with_learning_rate", together, "");
    say_parameter(said, "block", (double)v->width, "points");
    say_parameter(said, "blocks", (double)v->blocks, "");
    say_method(said, "%s", method);
}

static bool spikes_inside(const struct volatility *v, const struct spikes *spikes)
{
    for (size_t k = 0; k < spikes->count; k++) {
        const struct spike *e = &spikes->events[k];

        for (size_t i = 0; i < v->n && e->last > e->first; i++) {
            if (e->first <= v->v[i].last && e->last >= v->v[i].first)
                return true;
        }
    }
    return false;
}

static void say_found(const struct subject *subject, const struct role_series *loss,
                      const struct volatility *v, const double *y, struct findings *out)
{
    const struct series *s = &loss->clean.active;
    const struct stretch *worst = &v->v[0];

    for (size_t i = 1; i < v->n; i++)
        worst = v->v[i].ratio > worst->ratio ? &v->v[i] : worst;
    int64_t from = s->step[worst->first], to = s->step[worst->last];
    struct progress p = *derived_progress(subject, ROLE_TRAIN_LOSS);
    bool spiky = spikes_inside(v, derived_spikes(subject, ROLE_TRAIN_LOSS)),
         healthy = p.improving && !spiky;
    double rate = rate_at(subject, from) / rate_peak(subject);
    struct said said = say_about(out, class, FINDING_FOUND, loss, s->step[v->v[0].first],
                                 s->step[v->v[v->n - 1].last]);

    say(said,
        "'%.*s' scatters %.1f times as much as usual from step %lld to %lld (%zu such stretch%s, "
        "%.0f%% of the points)%s.",
        STR_FMT(loss->name), worst->ratio, (long long)from, (long long)to, v->n,
        v->n == 1 ? "" : "es", 100 * v->share,
        spiky         ? ", with spikes inside"
        : p.improving ? "; the loss goes on falling"
                      : "; the loss is not shown to improve");
    figures(said, subject, v, s, y);
    say_value(said, "share_of_points", v->share, "");
    if (isfinite(rate))
        say_value(said, "learning_rate_over_peak", rate, "");
    for (size_t i = 0; i < v->n && i < LISTED; i++)
        say_value(said, say_text(said, "ratio_from_step_%lld", (long long)s->step[v->v[i].first]),
                  v->v[i].ratio, "");
    say_effect(said, worst->ratio, "times the usual scatter", (double)NAN, (double)NAN,
               (double)NAN);
    say_caveat(said, "a smaller batch there explains a ratio of the root of the batch sizes; batch "
                     "sizes are not part of this rule");
    say_what_would_change(said, "The same scatter in all blocks, to a factor of two.");
    say_harm(said, healthy ? SEVERITY_LOW : SEVERITY_MEDIUM,
             capped(precision, s->n, VOLATILITY_POINTS_MIN));
    if (!healthy)
        say_advice(said, (struct advice){.key = "look at what changed at step",
                                         .to = say_text(said, "%lld", (long long)from),
                                         .expected = "the usual scatter, with a smaller rate or a "
                                                     "larger batch there",
                                         .check = "scatter of the blocks after it within twice the "
                                                  "usual"});
}

static void run(const struct subject *subject, struct findings *out)
{
    const struct role_series *loss = &subject->role[ROLE_TRAIN_LOSS];
    const struct series *s = &loss->clean.active;
    size_t needs = subject_needs(loss, VOLATILITY_POINTS_MIN);
    const double *y;

    if (!say_enough(out, class, subject, ROLE_TRAIN_LOSS, needs))
        return;
    (void)ln_of_series(subject, ROLE_TRAIN_LOSS, &y);
    struct volatility v = volatility_of(y, s->n, subject->arena);
    if (v.n > 0) {
        say_found(subject, loss, &v, y, out);
        return;
    }
    struct said said =
        say_about(out, class, FINDING_NOT_FOUND, loss, s->step[0], s->step[s->n - 1]);
    say(said, "No volatile stretch: all %zu blocks of '%.*s' scatter alike (%.2g%% of the loss).",
        v.blocks, STR_FMT(loss->name), 100 * v.reference);
    figures(said, subject, &v, s, y);
    say_what_would_change(said, "A block that scatters more than twice as much as usual.");
}

const struct detector detector_volatility = {
    .name = "volatility",
    .what = "stretches where the training loss scatters more than usual",
    .applies = FOR_LM,
    .run = run,
};
