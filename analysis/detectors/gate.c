/*
 * The gate of a gating policy: collapsed to 0 or 1, stuck in between, and
 * whether the logged entropy can be that of one Beta policy at all.
 */
#include "analysis/detectors/detector.h"
#include "analysis/rl.h"
#include "analysis/say.h"
#include "analysis/stats/reward.h"
#include "analysis/stats/moments.h"
#include "analysis/stats/policy.h"

static const char class[] = "gate";

/* Detection benchmark 1, development set, at a tenth of the runs. */
static const double precision = 0.96, precision_entropy = 0.97;

static void advise(struct said said, const struct subject *subject)
{
    double coefficient = subject_setting(subject, "RL_ENTROPY_COEF");

    say_advice(said,
               (struct advice){
                   .key = "RL_ENTROPY_COEF",
                   .from = isfinite(coefficient) ? say_text(said, "%.4g", coefficient) : NULL,
                   .to = isfinite(coefficient) ? say_text(said, "%.4g", 3 * coefficient)
                                               : "three times what it was",
                   .expected = "a gate that moves again",
                   .check = "share of gate values within .05 of 0 or 1 below .8 in the last fifth; "
                            "see that the reward depends on the gate"});
}

static void say_gate(const struct subject *subject, struct findings *out)
{
    const struct role_series *gate = &subject->role[ROLE_GATE];
    const struct series *s = &gate->clean.active;
    size_t needs = subject_needs(gate, GATE_POINTS_MIN);
    struct gate g = {0};

    if (s->n >= needs)
        g = gate_of(s->value, s->n, subject->arena);
    if (!g.enough) {
        say_too_short(out, class, gate, needs);
        return;
    }
    bool found = g.collapsed || g.stuck;
    size_t from = g.collapsed ? g.from : s->n - s->n / 3;
    struct said said = say_about(out, class, found ? FINDING_FOUND : FINDING_NOT_FOUND, gate,
                                 s->step[from], s->step[s->n - 1]);
    if (g.collapsed)
        say(said,
            "The gate has collapsed to %d: %.0f%% of the last fifth lies within .05 of an "
            "end.",
            g.side, 100 * g.share);
    else
        say(said, "The gate %s: median %.3f, 5%% to 95%% range %.3f wide over the last third.",
            g.stuck ? "is stuck" : "moves", g.median, g.spread);
    say_value(said, "share_at_an_end", g.share, "");
    say_value(said, "median_last_third", g.median, "");
    say_value(said, "spread_last_third", g.spread, "");
    say_parameter(said, "near", 0.05, "");
    say_parameter(said, "least_share", 0.8, "");
    say_effect(said, g.collapsed ? g.share : g.spread, "", (double)NAN, (double)NAN, (double)NAN);
    say_method(said,
               "share of the last fifth within .05 of 0 or 1; width of the last third between "
               "its 5%% and 95%% quantiles");
    say_what_would_change(said, "A last fifth away from 0 and 1, with more than .05 between its "
                                "quantiles.");
    if (!found)
        return;
    say_harm(said, g.collapsed ? SEVERITY_HIGH : SEVERITY_MEDIUM, capped(precision, s->n, needs));
    advise(said, subject);
}

static void say_impossible(const struct subject *subject, struct findings *out)
{
    const struct role_series *h = &subject->role[ROLE_ENTROPY];
    const struct series *s = &h->clean.active;
    double least = rl_entropy_floor(subject), low = s->value[0], high = s->value[0];
    size_t outside = 0;

    for (size_t i = 0; i < s->n; i++) {
        low = fmin(low, s->value[i]);
        high = fmax(high, s->value[i]);
        outside += s->value[i] > 1e-6 || s->value[i] < least - 5e-4;
    }
    struct said said = say_about(out, "entropy_range", outside ? FINDING_FOUND : FINDING_NOT_FOUND,
                                 h, s->step[0], s->step[s->n - 1]);
    say(said, "%s: logged entropies go from %.4f to %.4f, one Beta gate allows %.4f to 0.",
        outside ? "Not a single Beta gate" : "The entropy can be that of a Beta gate", low, high,
        least);
    say_value(said, "lowest", low, "nats");
    say_value(said, "highest", high, "nats");
    say_value(said, "outside", (double)outside, "points");
    say_value(said, "gate_spread_at_the_lowest", gate_spread_of(low), "sd, if symmetric");
    say_value(said, "gate_spread_at_the_highest", gate_spread_of(high), "sd, if symmetric");
    say_parameter(said, "concentration_cap", rl_concentration_cap(subject), "");
    say_method(said, "differential entropy of Beta(a,b) on [0,1] with 1 <= a, b <= cap");
    say_what_would_change(said, "Another policy distribution, or another concentration cap.");
    if (outside)
        say_harm(said, SEVERITY_LOW, 0.99);
}

/* Deeper than .85 of the least possible entropy: sure of itself for good. */
static void say_entropy_collapse(const struct subject *subject, struct findings *out)
{
    const struct role_series *h = &subject->role[ROLE_ENTROPY];
    const struct series *s = &h->clean.active;
    size_t fifth = s->n / 5, from = s->n - fifth;

    if (s->n < GATE_POINTS_MIN) {
        say_too_short(out, "entropy_collapse", h, GATE_POINTS_MIN);
        return;
    }
    double bar = 0.85 * rl_entropy_floor(subject);
    double median = median_of(s->value + from, fifth, subject->arena);
    bool found = median < bar;
    struct said said = say_about(out, "entropy_collapse", found ? FINDING_FOUND : FINDING_NOT_FOUND,
                                 h, s->step[from], s->step[s->n - 1]);

    say(said, "The policy's entropy %s: median %.3f over the last fifth, collapse is below %.3f.",
        found ? "has collapsed" : "has not collapsed", median, bar);
    say_value(said, "median_last_fifth", median, "nats");
    say_value(said, "effective_support", exp(median), "of the gate's range");
    say_parameter(said, "bar", bar, "nats");
    say_method(said, "median entropy of the last fifth against .85 of the least a capped Beta has");
    say_what_would_change(said, "A median above %.3f.", bar);
    if (!found)
        return;
    say_harm(said, SEVERITY_MEDIUM, capped(precision_entropy, s->n, GATE_POINTS_MIN));
    advise(said, subject);
}

static void run(const struct subject *subject, struct findings *out)
{
    if (!subject->role[ROLE_GATE].logged) {
        say_not_logged(out, class, subject, ROLE_GATE);
        return;
    }
    if (say_within(out, class, &subject->role[ROLE_GATE], 0, 1))
        say_gate(subject, out);
    if (subject->role[ROLE_ENTROPY].clean.active.n > 0) {
        say_impossible(subject, out);
        say_entropy_collapse(subject, out);
    }
}

const struct detector detector_gate = {
    .name = "gate",
    .what = "a gate that collapsed to 0 or 1 or is stuck, and entropies no Beta gate can have",
    .applies = FOR_RL,
    .run = run,
};
