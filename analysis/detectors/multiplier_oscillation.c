/*
 * A multiplier and its cost that chase each other: both swing with one period,
 * the multiplier a quarter of it behind. The dual step is then too large.
 * Looked for twice: by the periodograms of the last half, which see fast swings,
 * and as one sine in both over the last three quarters, which sees slow ones.
 */
#include "analysis/detectors/detector.h"
#include "analysis/rl.h"
#include "analysis/say.h"
#include "analysis/stats/moments.h"
#include "analysis/stats/multiplier.h"
#include "analysis/stats/oscillation.h"
#include "analysis/stats/swing.h"

static const char class[] = "multiplier_oscillation";

/* Detection benchmark 1, development set, at .3 of the runs. */
static const double precision = 0.98;

static const double same_period_within = 0.2; /* of the multiplier's */
static const double lag_from = 0.1, lag_to = 0.4, growing_from = 1.5;
static const double least_amplitude = 0.01;

struct chase {
    struct oscillation lambda, cost;
    double lag; /* share of the period; NAN unless both swing */
    bool same, found;
    bool slow; /* found as one sine in both */
    struct swing swing;
};

/* A sine that both follow, where their periodograms do not agree on one. */
static void look_slowly(struct chase *c, const struct together *t, const double *const *relative,
                        struct arena *scratch)
{
    size_t from = t->n / 4;

    c->swing = swing_of(relative[0], relative[1], t->n, scratch);
    if (!c->swing.together || c->swing.amplitude[0] < least_amplitude)
        return;
    double lag = phase_lag(t->value[1] + from, t->value[0] + from, t->n - from, c->swing.period);
    if (lag < lag_from || lag > lag_to)
        return;
    c->found = c->slow = c->same = true;
    c->lag = lag;
    c->lambda.period = c->cost.period = c->swing.period;
    c->lambda.amplitude = c->swing.amplitude[0];
    c->lambda.growth = c->swing.growth;
    c->lambda.p = c->swing.p;
}

static struct chase measure(const struct together *t, struct arena *scratch)
{
    double *relative[] = {ARENA_ARRAY(scratch, t->n, double), ARENA_ARRAY(scratch, t->n, double)};
    size_t half = t->n / 2;
    struct chase c = {.lag = (double)NAN};

    relative_of(t->value[0], t->n, relative[0], scratch);
    c.lambda = oscillation_of(relative[0], t->n, scratch);
    relative_of(t->value[1], t->n, relative[1], scratch);
    c.cost = oscillation_of(relative[1], t->n, scratch);
    if (c.lambda.oscillates && c.cost.oscillates) {
        c.same = fabs(c.lambda.period - c.cost.period) <= same_period_within * c.lambda.period;
        c.lag = phase_lag(t->value[1] + half, t->value[0] + half, t->n - half, c.lambda.period);
        c.found = c.same && c.lag >= lag_from && c.lag <= lag_to;
    }
    if (!c.found)
        look_slowly(&c, t, (const double *const *)relative, scratch);
    return c;
}

static const char *sentence(struct said said, const struct chase *c)
{
    if (c->found)
        return say_text(said,
                        "The multiplier and its cost chase each other: both swing with a period of "
                        "%.3g iterations, the multiplier by %.0f%% and %.2f of a period behind.",
                        c->lambda.period, 100 * c->lambda.amplitude, c->lag);
    if (!c->lambda.oscillates)
        return "The multiplier does not swing with one period.";
    return say_text(said, "The multiplier swings (period %.3g iterations), but %s.",
                    c->lambda.period,
                    !c->cost.oscillates ? "its cost does not"
                    : !c->same          ? "its cost does with another period"
                                        : "not a quarter of a period behind its cost");
}

static void say_chase(const struct subject *subject, const struct together *t,
                      const struct chase *c, struct findings *out)
{
    struct said said = say_about(out, class, c->found ? FINDING_FOUND : FINDING_NOT_FOUND,
                                 &subject->role[ROLE_MULTIPLIER],
                                 t->step[c->slow ? t->n / 4 : t->n / 2], t->step[t->n - 1]);
    bool growing = c->lambda.growth > growing_from;

    finding_column(out, said.finding, subject->role[ROLE_COST].name);
    said.finding->evidence.n_used = (int64_t)t->n;
    say(said, "%s", sentence(said, c));
    say_value(said, "period", c->lambda.period, "iterations");
    say_value(said, "cost_period", c->cost.period, "iterations");
    say_value(said, "amplitude", c->lambda.amplitude, "share of the multiplier");
    say_value(said, "growth", c->lambda.growth, "times");
    if (isfinite(c->lag))
        say_value(said, "lag", c->lag, "of a period");
    say_parameter(said, "lag_from", lag_from, "of a period");
    say_parameter(said, "lag_to", lag_to, "of a period");
    said.finding->evidence.p = c->lambda.p;
    say_effect(said, c->lambda.amplitude, "share of the multiplier", (double)NAN, (double)NAN,
               (double)NAN);
    if (c->slow) {
        say_value(said, "share_of_multiplier", c->swing.share[0], "");
        say_value(said, "share_of_cost", c->swing.share[1], "");
        say_method(said, "one sine fitted to both over the last three quarters, at periods from a "
                         "third of it down; difference of their phases");
    } else {
        say_method(said, "peak of the periodogram of the last half over its background, of both; "
                         "difference of their phases");
    }
    say_what_would_change(said, "A multiplier that settles.");
    if (!c->found)
        return;
    say_harm(said, growing ? SEVERITY_MEDIUM : SEVERITY_LOW,
             capped(precision, t->n, OSCILLATION_POINTS_MIN));
    double rate = rl_dual(subject).rate;
    say_advice(said, (struct advice){.key = "RL_LAGRANGE_MULTIPLIER_LR",
                                     .from = say_text(said, "%.4g", rate),
                                     .to = say_text(said, "%.4g", 0.3 * rate),
                                     .expected = "a multiplier that settles; a proportional term "
                                                 "damps it, too",
                                     .check = "no period in the last half of the next run"});
}

static void run(const struct subject *subject, struct findings *out)
{
    static const enum role roles[] = {ROLE_MULTIPLIER, ROLE_COST};
    const struct role_series *lambda = &subject->role[ROLE_MULTIPLIER];

    if (!lambda->logged || !subject->role[ROLE_COST].logged) {
        say_not_logged(out, class, subject, lambda->logged ? ROLE_COST : ROLE_MULTIPLIER);
        return;
    }
    struct together t = rl_together(subject, roles, 2);
    if (t.n < OSCILLATION_POINTS_MIN) {
        say_too_short(out, class, lambda, OSCILLATION_POINTS_MIN);
        return;
    }
    struct chase c = measure(&t, subject->arena);
    say_chase(subject, &t, &c, out);
}

const struct detector detector_multiplier_oscillation = {
    .name = "multiplier_oscillation",
    .what = "a multiplier and its cost that chase each other",
    .applies = FOR_RL,
    .run = run,
};
