/*
 * The controller that raises the entropy coefficient while the entropy is below
 * its target: was it never needed, not connected, or at its limit?
 */
#include "analysis/detectors/detector.h"
#include "analysis/say.h"

static const char class[] = "entropy_control";

enum { ITERATIONS_MIN = 12, BELOW_FOR = 3 };

struct control {
    double target, base, most;
    size_t n, below, moved,
        pinned; /* iterations: in all, H < target, coefficient off base, at most */
    double lowest, last;
};

static double or_else(double value, double otherwise)
{
    return isfinite(value) ? value : otherwise;
}

/* The numbers of the configuration; where it has none, those that the trainer falls back to. */
static struct control control_of(const struct subject *subject)
{
    const struct series *h = &subject->role[ROLE_ENTROPY].clean.active;
    const struct series *k = &subject->role[ROLE_ENTROPY_COEFFICIENT].clean.active;
    struct control c = {
        .target = or_else(subject_setting(subject, "RL_POLICY_ENTROPY_TARGET"), -0.35),
        .base = or_else(subject_setting(subject, "RL_ENTROPY_COEF"), 0.01),
        .most = or_else(subject_setting(subject, "RL_ENTROPY_COEF_MAX"), 0.5),
        .lowest = (double)INFINITY,
    };

    for (size_t i = 0, j = 0; i < h->n && j < k->n;) {
        if (h->step[i] != k->step[j]) {
            if (h->step[i] < k->step[j])
                i++;
            else
                j++;
            continue;
        }
        c.n++;
        c.below += h->value[i] < c.target;
        c.moved += fabs(k->value[j] - c.base) > 1e-6 + 0.001 * c.base;
        c.pinned += k->value[j] >= c.most * (1 - 1e-9);
        c.lowest = fmin(c.lowest, h->value[i]);
        c.last = k->value[j];
        i++;
        j++;
    }
    return c;
}

static void figures(struct said said, const struct control *c)
{
    say_value(said, "lowest_entropy", c->lowest, "nats");
    say_value(said, "iterations_below_target", (double)c->below, "iterations");
    say_value(said, "iterations_off_base", (double)c->moved, "iterations");
    say_value(said, "iterations_at_limit", (double)c->pinned, "iterations");
    say_value(said, "last_coefficient", c->last, "");
    say_parameter(said, "target", c->target, "nats");
    say_parameter(said, "base", c->base, "");
    say_parameter(said, "limit", c->most, "");
    said.finding->evidence.n_used = (int64_t)c->n;
    say_method(said, "iterations with entropy below its target, against the coefficient's moves");
    say_what_would_change(said, "Another target, or entropies on its other side.");
}

/* Where the controller would settle at the lowest entropy: base + .95 (target - H). */
static void advise(struct said said, const struct control *c, bool saturated)
{
    double settled = c->base + 0.95 * (c->target - c->lowest);

    say_advice(said, (struct advice){.key = saturated ? "RL_ENTROPY_COEF_MAX" : "RL_ENTROPY_COEF",
                                     .from = say_text(said, "%.4g", saturated ? c->most : c->last),
                                     .to = say_text(said, "%.4g", settled),
                                     .expected = "an entropy back at its target",
                                     .check = "entropy above its target in the last fifth"});
}

static void run(const struct subject *subject, struct findings *out)
{
    const struct role_series *h = &subject->role[ROLE_ENTROPY];
    const struct role_series *k = &subject->role[ROLE_ENTROPY_COEFFICIENT];

    if (!h->logged || !k->logged) {
        say_not_logged(out, class, h->logged ? ROLE_ENTROPY_COEFFICIENT : ROLE_ENTROPY);
        return;
    }
    struct control c = control_of(subject);
    if (c.n < ITERATIONS_MIN) {
        say_too_short(out, class, k, ITERATIONS_MIN);
        return;
    }
    bool unwired = c.below >= BELOW_FOR && c.moved == 0;
    bool saturated = c.pinned * 5 >= c.n; /* a fifth of the run at the limit */
    const struct series *s = &k->clean.active;
    struct said said =
        say_about(out, class, unwired || saturated ? FINDING_FOUND : FINDING_NOT_FOUND, k,
                  s->step[0], s->step[s->n - 1]);

    finding_column(out, said.finding, h->name);
    figures(said, &c);
    if (unwired) {
        say(said,
            "The entropy controller is not connected, or a fixed coefficient was used: the "
            "entropy was below %.2f in %zu of %zu iterations and the coefficient stayed at "
            "%.4g.",
            c.target, c.below, c.n, c.last);
        say_harm(said, SEVERITY_MEDIUM, capped(0.85, c.n, ITERATIONS_MIN));
        say_caveat(said, "whether the run used the controller at all is not in the log");
    } else if (saturated) {
        say(said, "The entropy controller is at its limit of %.4g in %zu of %zu iterations.",
            c.most, c.pinned, c.n);
        say_harm(said, SEVERITY_MEDIUM, capped(0.95, c.n, ITERATIONS_MIN));
    } else if (c.below == 0) {
        say(said,
            "Not activated because not needed: the entropy never fell below %.2f (lowest "
            "%.3f).",
            c.target, c.lowest);
    } else {
        say(said, "The entropy controller acted in %zu of %zu iterations (below target in %zu).",
            c.moved, c.n, c.below);
    }
    if (unwired || saturated)
        advise(said, &c, saturated);
    if (!isfinite(subject_setting(subject, "RL_POLICY_ENTROPY_TARGET")))
        say_caveat(said, "the target is the trainer's default, the run's own is not known");
}

const struct detector detector_entropy_control = {
    .name = "entropy_control",
    .what = "an entropy controller that was not needed, is not connected, or at its limit",
    .applies = FOR_RL,
    .run = run,
};
