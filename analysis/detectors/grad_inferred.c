/*
 * Where no gradient norm is logged, loss spikes are all there is to infer gradient
 * trouble from, and the finding says that it is inferred. A single high value is
 * as likely a hard batch: a rise counts that lasts, or comes often.
 */
#include "analysis/align.h"
#include "analysis/derived.h"
#include "analysis/detectors/detector.h"
#include "analysis/say.h"
#include "analysis/stats/spikes.h"

static const char class[] = "grad_inferred";

static const double often = 5; /* spikes per 1,000 points */

struct trouble {
    size_t spikes, lasting;
    const struct spike *worst; /* of the lasting ones, else of all; NULL without any */
};

/* At least half of two or more points are above a third of the way to the peak. */
static bool lasts(const struct spike *e, const double *x)
{
    size_t high = 0, length = e->last - e->first + 1;

    for (size_t i = e->first; i <= e->last; i++)
        high += x[i] > e->base + (e->height - e->base) / 3;
    return high >= 2 && 2 * high >= length;
}

static struct trouble trouble_of(const struct spikes *s, const double *x)
{
    struct trouble t = {.spikes = s->count};
    bool worst_lasts = false;

    for (size_t k = 0; k < s->count; k++) {
        const struct spike *e = &s->events[k];
        bool long_one = lasts(e, x);

        t.lasting += long_one;
        if (!t.worst || long_one > worst_lasts ||
            (long_one == worst_lasts && e->height / e->base > t.worst->height / t.worst->base)) {
            t.worst = e;
            worst_lasts = long_one;
        }
    }
    return t;
}

static void say_found(struct said said, const struct series *s, const struct trouble *t)
{
    say(said,
        "Inferred, as no gradient norm is logged: %zu of %zu loss spikes last more than one "
        "point, the largest to %.3g from %.3g at step %lld; gradients were probably large there.",
        t->lasting, t->spikes, t->worst->height, t->worst->base,
        (long long)s->step[t->worst->peak]);
    said.finding->evidence.from = s->step[t->worst->first];
    said.finding->evidence.to = s->step[t->worst->last];
    say_effect(said, 100 * (t->worst->height / t->worst->base - 1), "%", (double)NAN, (double)NAN,
               (double)NAN);
    say_harm(said, SEVERITY_LOW, t->lasting ? 0.6 : 0.4);
    say_caveat(said, "unvalidated rule: hard batches and changed data make the same spikes");
    say_advice(said, (struct advice){.key = "log the gradient norm before clipping",
                                     .expected = "the cause of these spikes can be told",
                                     .check = "norms at the spikes against their level"});
}

static void run(const struct subject *subject, struct findings *out)
{
    const struct role_series *loss = &subject->role[ROLE_TRAIN_LOSS];
    const struct series *s = &loss->clean.active;
    size_t needs = subject_needs(loss, SPIKE_POINTS_MIN);

    if (subject->role[ROLE_GRADIENT_NORM].logged) {
        struct said said = {out, finding_add(out, class, FINDING_NOT_APPLICABLE)};

        say(said, "Nothing is inferred: the gradient norm is logged and judged itself.");
        say_what_would_change(said, "A run without a logged gradient norm.");
        return;
    }
    if (!loss->logged) {
        say_not_logged(out, class, subject, ROLE_TRAIN_LOSS);
        return;
    }
    struct spikes spikes = {0};
    if (s->n >= needs)
        spikes = *derived_spikes(subject, ROLE_TRAIN_LOSS);
    if (!spikes.enough) {
        say_too_short(out, class, loss, needs);
        return;
    }
    struct trouble t = trouble_of(&spikes, s->value);
    double rate = 1000 * (double)t.spikes / (double)s->n;
    bool found = t.worst && (t.lasting > 0 || (t.spikes > 2 && rate >= often));
    struct said said = say_about(out, class, found ? FINDING_FOUND : FINDING_NOT_FOUND, loss,
                                 s->step[0], s->step[s->n - 1]);
    say_value(said, "loss_spikes", (double)t.spikes, "spikes");
    say_value(said, "that_last", (double)t.lasting, "spikes");
    say_value(said, "per_1000_points", rate, "spikes");
    say_parameter(said, "threshold", spikes.threshold, "robust sds");
    say_method(said, "loss spikes of two or more high points, or 5 in 1,000 points");
    say_what_would_change(said, "A logged gradient norm.");
    if (found && t.worst)
        say_found(said, s, &t);
    else
        say(said,
            "No gradient norm is logged; the loss gives no reason to infer trouble (%zu spikes, "
            "%zu of more than one point).",
            t.spikes, t.lasting);
}

const struct detector detector_grad_inferred = {
    .name = "grad_inferred",
    .what = "gradient trouble inferred from loss spikes, where no gradient norm is logged",
    .applies = FOR_LM,
    .run = run,
};
