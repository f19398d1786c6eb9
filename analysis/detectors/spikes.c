/*
 * Spikes of the training loss (of the validation loss where no other is logged):
 * one finding a run, its events listed. A single batch that is hard and leaves no
 * trace is no instability of the model. A rise that stays is told by level_shift
 * where its change of level can be placed.
 */
#include "analysis/stats/spikes.h"

#include "analysis/base/buf.h"
#include "analysis/context.h"
#include "analysis/derived.h"
#include "analysis/detectors/detector.h"
#include "analysis/say.h"
#include "analysis/stats/aftermath.h"
#include "analysis/stats/moments.h"
#include "analysis/stats/shifts.h"
#include "analysis/stats/special.h"

static const char class[] = "spikes";

static const char method[] =
    "rise of ln loss over the median of what is around it and over its last 9 points, in noise "
    "units, against a threshold fitted to the tail; runs of 2 and 4 points together";

enum { LISTED = 8, NAMED = 4, OFTEN = 5, NEAR_STEPS = 2 };

/* Detection benchmark 1, development set, at a fifth of the runs; less where the tail is unknown.
 */
static const double precision = 0.96, precision_short = 0.85;
static const double least_damage = 0.01, least_gradient_z = 6;

enum fate { PASSED, OPEN, DAMAGED, STAYED }; /* OPEN: too close to the end to tell */

struct event {
    const struct spike *spike;
    struct aftermath aftermath;
    enum fate fate;
    bool single;      /* one point */
    int64_t gradient; /* step of the spike of the gradient norm near it; NOT_GIVEN if none */
    double over_base; /* peak over base, as a share */
};

struct look {
    const struct subject *subject;
    const struct role_series *loss;
    struct spikes spikes, gradient;
    struct event *events;
    size_t n, damaged, stayed, open, single, with_gradient, gradient_first, near_restart, shifted;
    size_t worst; /* of events */
};

static int64_t gradient_near(struct look *l, int64_t from, int64_t to, double reach)
{
    const struct series *g = &l->subject->role[ROLE_GRADIENT_NORM].clean.active;

    for (size_t i = 0; i < l->gradient.count; i++) {
        const struct spike *e = &l->gradient.events[i];

        if (e->largest_z > least_gradient_z && (double)g->step[e->last] >= (double)from - reach &&
            (double)g->step[e->first] <= (double)to + reach)
            return g->step[e->first];
    }
    return NOT_GIVEN;
}

/* Does a change of level begin there? */
static bool is_shift(const struct shifts *shifts, const struct spike *e, size_t n)
{
    size_t reach = n / 200 > 3 ? n / 200 : 3;

    for (size_t i = 0; i < shifts->n && e->label == SPIKE_SHIFT; i++) {
        if (shifts->v[i].jump > 0 && shifts->v[i].at + reach >= e->first &&
            shifts->v[i].at <= e->last + reach)
            return true;
    }
    return false;
}

/* Of k events the largest of k chance values is compared: the bar rises with their number. */
static enum fate fate_of(const struct spike *e, const struct aftermath *a, double bar)
{
    if (e->label == SPIKE_SHIFT)
        return a->end > 0 ? STAYED : DAMAGED;
    if (e->label == SPIKE_UNRESOLVED)
        return a->recovery > 0 ? PASSED : OPEN;
    return a->damage > fmax(bar * a->se, least_damage) ? DAMAGED : PASSED;
}

static void add_event(struct look *l, const struct spike *e, const double *y, double bar,
                      double spacing)
{
    const struct series *s = &l->loss->clean.active;
    struct event *to = &l->events[l->n];
    double reach = NEAR_STEPS * fmax(spacing, 1);
    int64_t from = s->step[e->first], last = s->step[e->last];

    if (restart_in(l->loss, from - (int64_t)reach, last)) {
        l->near_restart++;
        return;
    }
    *to = (struct event){.spike = e, .aftermath = aftermath_of(y, s->n, e, l->subject->arena)};
    to->fate = fate_of(e, &to->aftermath, bar);
    to->gradient = gradient_near(l, from, last, reach);
    to->single = e->first == e->last && to->fate == PASSED && to->gradient == NOT_GIVEN;
    to->over_base = e->height / e->base - 1;
    l->damaged += to->fate == DAMAGED;
    l->stayed += to->fate == STAYED;
    l->open += to->fate == OPEN;
    l->single += to->single;
    l->with_gradient += to->gradient != NOT_GIVEN;
    l->gradient_first += to->gradient != NOT_GIVEN && to->gradient < from;
    if (to->over_base > l->events[l->worst].over_base)
        l->worst = l->n;
    l->n++;
}

static struct look look_at(const struct subject *subject, enum role role, const double *y)
{
    const struct series *s = &subject->role[role].clean.active;
    struct look l = {.subject = subject, .loss = &subject->role[role]};

    l.spikes = *derived_spikes(subject, role);
    if (l.spikes.count == 0)
        return l;
    l.gradient = *derived_spikes(subject, ROLE_GRADIENT_NORM);
    const struct shifts *shifts = derived_shifts(subject, role);
    double bar = normal_quantile(1 - 0.0228 / (double)l.spikes.count);
    double spacing = usual_spacing(s, subject->arena);
    l.events = ARENA_ARRAY(subject->arena, l.spikes.count, struct event);
    for (size_t i = 0; i < l.spikes.count; i++) {
        if (is_shift(shifts, &l.spikes.events[i], s->n))
            l.shifted++;
        else
            add_event(&l, &l.spikes.events[i], y, bar, spacing);
    }
    return l;
}

/* Events a thousand steps, of those that are more than one hard batch. */
static double rate_of(const struct look *l)
{
    const struct series *s = &l->loss->clean.active;
    double steps = (double)(s->step[s->n - 1] - s->step[0]);

    return steps > 0 ? 1000 * (double)(l->n - l->single) / steps : 0;
}

static enum severity severity_of_look(const struct look *l)
{
    enum severity severity = l->stayed           ? SEVERITY_HIGH
                             : l->damaged        ? SEVERITY_MEDIUM
                             : l->single == l->n ? SEVERITY_INFO
                                                 : SEVERITY_LOW;

    if (severity >= SEVERITY_LOW && severity < SEVERITY_HIGH && l->n - l->single >= OFTEN &&
        rate_of(l) >= OFTEN)
        severity++;
    return severity;
}

static void figures(struct said said, const struct look *l)
{
    const struct series *s = &l->loss->clean.active;
    const struct series *g = &l->subject->role[ROLE_GRADIENT_NORM].clean.active;

    say_value(said, "events", (double)l->n, "events");
    if (l->n > 0) {
        say_value(said, "single_points_without_trace", (double)l->single, "events");
        say_value(said, "with_lasting_damage", (double)l->damaged, "events");
        say_value(said, "not_recovered", (double)l->stayed, "events");
        say_value(said, "with_gradient_spike", (double)l->with_gradient, "events");
        say_value(said, "per_1000_steps", rate_of(l), "events");
    }
    say_value(said, "olmo_spike_score_loss", olmo_spike_score(s->value, s->n).percent, "%");
    if (g->n > 0)
        say_value(said, "olmo_spike_score_gradient_norm", olmo_spike_score(g->value, g->n).percent,
                  "%");
    say_parameter(said, "threshold", l->spikes.threshold_around, "noise units");
    say_parameter(said, "tail_nu", l->spikes.nu, "");
    say_method(said, "%s", method);
    if (s->n < 200)
        say_caveat(said, "below 200 points the tail of the noise is not known and a small spike "
                         "can be missed (recall .54 at 60 points)");
    if (l->near_restart > 0)
        say_caveat(said, "%zu more at a restart: see restart", l->near_restart);
    if (l->shifted > 0)
        say_caveat(said, "%zu more began a level that stayed: see level_shift", l->shifted);
}

/* The largest first; equals by step. */
static const struct event *next_largest(const struct look *l, bool *told)
{
    const struct event *best = NULL;

    for (size_t i = 0; i < l->n; i++) {
        if (!told[i] && (!best || l->events[i].over_base > best->over_base))
            best = &l->events[i];
    }
    if (best)
        told[best - l->events] = true;
    return best;
}

static void list_events(struct said said, const struct look *l)
{
    const struct series *s = &l->loss->clean.active;
    bool *told = ARENA_ARRAY(l->subject->arena, l->n, bool);

    for (size_t i = 0; i < LISTED && i < l->n; i++) {
        const struct event *e = next_largest(l, told);
        int64_t at = s->step[e->spike->peak];

        say_value(said, say_text(said, "peak_at_step_%lld", (long long)at), 100 * e->over_base,
                  "% over the level before");
        if (e->fate == DAMAGED)
            say_value(said, say_text(said, "damage_after_step_%lld", (long long)at),
                      100 * expm1(e->aftermath.damage), "%");
        if (e->gradient != NOT_GIVEN)
            say_value(said, say_text(said, "gradient_spike_for_step_%lld", (long long)at),
                      (double)e->gradient, "step");
    }
    const struct event *worst = &l->events[l->worst];
    double rate = rate_at(l->subject, s->step[worst->spike->first]);
    say_value(said, "worst_duration", (double)(worst->spike->last - worst->spike->first + 1),
              "points");
    if (worst->aftermath.recovery > 0)
        say_value(said, "worst_recovery", (double)worst->aftermath.recovery, "points");
    say_value(said, "worst_area", worst->aftermath.area, "ln units x points");
    if (isfinite(rate))
        say_value(said, "learning_rate_at_worst", rate, "");
}

/* "919 (+30%), 947 (+28%)": the largest few, largest first. */
static const char *names_of(struct said said, const struct look *l)
{
    const struct series *s = &l->loss->clean.active;
    bool *told = ARENA_ARRAY(l->subject->arena, l->n, bool);
    struct buf out = {0};

    for (size_t i = 0; i < NAMED && i < l->n; i++) {
        const struct event *e = next_largest(l, told);

        buf_printf(&out, "%s%lld (%+.0f%%)", i ? ", " : "", (long long)s->step[e->spike->peak],
                   100 * e->over_base);
    }
    if (l->n > NAMED)
        buf_printf(&out, " and %zu more", l->n - NAMED);
    const char *text = say_text(said, "%s", buf_text(&out));
    buf_fini(&out);
    return text;
}

static void advise(struct said said, const struct look *l)
{
    const struct series *g = &l->subject->role[ROLE_GRADIENT_NORM].clean.active;
    double base = subject_base_rate(l->subject, NULL);
    double peak = isfinite(base) ? base : rate_peak(l->subject);
    static const char check[] = "fewer events a thousand steps in the next run";

    if (2 * l->with_gradient >= l->n && g->n > 0) {
        double clip_at = subject_setting(l->subject, "MAX_GRAD_NORM");
        const double *ln;

        if (ln_of_series(l->subject, ROLE_GRADIENT_NORM, &ln)) {
            const double *half = ln + g->n / 2;
            size_t n = g->n - g->n / 2;
            double to = exp(median_of(half, n, l->subject->arena) +
                            2.5 * MAD_TO_SD * mad_of(half, n, l->subject->arena));

            say_advice(said, (struct advice){
                                 .key = "MAX_GRAD_NORM",
                                 .from = isfinite(clip_at) ? say_text(said, "%.4g", clip_at) : NULL,
                                 .to = say_text(said, "%.4g", to),
                                 .expected = "the gradient spikes that came with the loss spikes "
                                             "are cut off",
                                 .check = check});
            return;
        }
    }
    say_advice(said, (struct advice){.key = "peak learning rate",
                                     .from = isfinite(peak) ? say_text(said, "%.4g", peak) : NULL,
                                     .to = isfinite(peak) ? say_text(said, "%.4g", 0.6 * peak)
                                                          : "0.6 of what it was",
                                     .expected = "smaller or no spikes; or a warm-up twice as long",
                                     .check = check});
}

static void say_found(const struct look *l, struct findings *out)
{
    const struct series *s = &l->loss->clean.active;
    int64_t first = s->step[l->events[0].spike->first];
    int64_t last = s->step[l->events[l->n - 1].spike->last];
    struct said said = say_about(out, class, FINDING_FOUND, l->loss, first, last);
    enum severity severity = severity_of_look(l);

    if (l->with_gradient > 0)
        finding_column(out, said.finding, l->subject->role[ROLE_GRADIENT_NORM].name);
    say(said, "'%.*s' spikes %zu time%s (%s): %s%s.", STR_FMT(l->loss->name), l->n,
        l->n == 1 ? "" : "s", names_of(said, l),
        severity == SEVERITY_INFO ? "single points that leave no trace in the trend (hard batches)"
        : l->stayed               ? say_text(said, "%zu did not come back", l->stayed)
        : l->open                 ? "the last one is too close to the end to tell what it leaves"
        : l->damaged ? say_text(said, "%zu left the loss higher than before", l->damaged)
                     : "each came back",
        l->with_gradient
            ? say_text(said, ", %zu with a spike of the gradient norm", l->with_gradient)
            : "");
    figures(said, l);
    list_events(said, l);
    say_effect(said, 100 * l->events[l->worst].over_base, "%", (double)NAN, (double)NAN,
               (double)NAN);
    say_caveat(said, "one run shows what came together, not what caused it");
    say_what_would_change(said, "A run without values above %.1f noise units.",
                          l->spikes.threshold_around);
    say_harm(said, severity,
             capped(s->n < 200 ? precision_short : precision, s->n, SPIKE_POINTS_MIN));
    if (severity >= SEVERITY_MEDIUM || l->with_gradient > 0)
        advise(said, l);
}

static void say_none(const struct look *l, struct findings *out)
{
    const struct series *s = &l->loss->clean.active;
    struct said said =
        say_about(out, class, FINDING_NOT_FOUND, l->loss, s->step[0], s->step[s->n - 1]);

    say(said, "No spikes in the %zu points of '%.*s' (threshold %.1f noise units).", s->n,
        STR_FMT(l->loss->name), l->spikes.threshold_around);
    figures(said, l);
    say_what_would_change(said, "A point above that threshold and 2%% over the level before.");
}

static void run(const struct subject *subject, struct findings *out)
{
    bool train = subject->role[ROLE_TRAIN_LOSS].logged;
    enum role role = train ? ROLE_TRAIN_LOSS : ROLE_VALIDATION_LOSS;
    const struct role_series *loss = &subject->role[role];
    size_t needs = subject_needs(loss, SPIKE_POINTS_MIN);
    const double *y;

    if (!say_enough(out, class, subject, ROLE_TRAIN_LOSS, needs))
        return;
    if (!ln_of_series(subject, role, &y)) {
        say_not_positive(out, class, loss);
        return;
    }
    struct look l = look_at(subject, role, y);
    if (l.n > 0)
        say_found(&l, out);
    else
        say_none(&l, out);
}

const struct detector detector_spikes = {
    .name = "spikes",
    .what = "short rises of the training loss: how many, the worst, and what they left",
    .applies = FOR_LM,
    .run = run,
};
