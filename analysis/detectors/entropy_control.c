/*
 * The controller that raises the entropy coefficient while the entropy is below
 * its target: was it not needed, is its target out of reach, is it not
 * connected, does it follow its law, is it at its limit?
 */
#include "analysis/detectors/detector.h"
#include "analysis/rl.h"
#include "analysis/say.h"
#include "analysis/stats/moments.h"

static const char class[] = "entropy_control";

enum { ITERATIONS_MIN = 12, BELOW_FOR = 3 };

static const double error_bar = 0.01;

enum verdict { NOT_NEEDED, MISCALIBRATED, UNWIRED, SATURATED, DIFFERS, ACTED };

struct control {
    struct together t; /* entropy, coefficient */
    struct homeostasis law;
    struct watched w;
    enum verdict verdict;
    double fifth; /* the 20 % quantile of the entropy: a target that would have acted */
};

/* Collapsed all the same: the gate at an end, or the entropy near the least a Beta can have. */
static bool has_collapsed(const struct subject *subject, const struct control *c)
{
    const struct role_series *gate = &subject->role[ROLE_GATE];
    const struct series *g = &gate->clean.active;
    size_t fifth = c->t.n / 5;

    if (g->n >= subject_needs(gate, GATE_POINTS_MIN) &&
        gate_of(g->value, g->n, subject->arena).collapsed)
        return true;
    return fifth > 0 && median_of(c->t.value[0] + c->t.n - fifth, fifth, subject->arena) <
                            0.85 * rl_entropy_floor(subject);
}

static enum verdict judge(const struct subject *subject, const struct control *c)
{
    const struct watched *w = &c->w;

    if (w->pinned * 5 >= w->n) /* a fifth of the run at the limit */
        return SATURATED;
    if (w->below >= BELOW_FOR && w->moved == 0)
        return UNWIRED;
    if (w->moved > 0 && w->error > error_bar && subject->entropy_schedule)
        return DIFFERS; /* against another run's parameters nothing can be said */
    if (w->below == 0)
        return has_collapsed(subject, c) ? MISCALIBRATED : NOT_NEEDED;
    return ACTED;
}

static struct control measure(const struct subject *subject)
{
    static const enum role roles[] = {ROLE_ENTROPY, ROLE_ENTROPY_COEFFICIENT};
    struct control c = {.t = rl_together(subject, roles, 2), .law = rl_entropy_law(subject)};

    if (c.t.n < ITERATIONS_MIN)
        return c;
    c.w = homeostasis_watch(&c.law, c.t.value[0], c.t.value[1], c.t.gap, c.t.n);
    c.fifth = quantile_of(c.t.value[0], c.t.n, 0.2, subject->arena);
    c.verdict = judge(subject, &c);
    return c;
}

static void figures(struct said said, const struct subject *subject, const struct control *c)
{
    finding_column(said.findings, said.finding, subject->role[ROLE_ENTROPY].name);
    say_value(said, "lowest_entropy", c->w.lowest, "nats");
    say_value(said, "iterations_below_target", (double)c->w.below, "iterations");
    say_value(said, "iterations_off_base", (double)c->w.moved, "iterations");
    say_value(said, "iterations_at_limit", (double)c->w.pinned, "iterations");
    say_value(said, "last_coefficient", c->w.last, "");
    say_value(said, "largest_error_of_simulation", c->w.error, "share of the coefficient");
    say_value(said, "settles_at_lowest_entropy", homeostasis_limit(&c->law, c->w.lowest), "");
    say_parameter(said, "target", c->law.target, "nats");
    say_parameter(said, "base", c->law.base, "");
    say_parameter(said, "limit", c->law.most, "");
    say_parameter(said, "release", c->law.release, "");
    say_parameter(said, "decay", c->law.decay, "");
    said.finding->evidence.n_used = (int64_t)c->t.n;
    say_method(said, "iterations with entropy below its target against the coefficient's moves, "
                     "and a simulation of the controller on the logged entropy");
    say_what_would_change(said, "Another target, or entropies on its other side.");
    if (!isfinite(subject_setting(subject, "RL_POLICY_ENTROPY_TARGET")))
        say_caveat(said, "the target is the trainer's default, the run's own is not known");
    if (!subject->entropy_schedule)
        say_caveat(said, "whether the run used the controller at all is not in the log");
}

/* Where the controller would settle at the lowest entropy, without its limit. */
static double settled(const struct control *c)
{
    struct homeostasis free = c->law;

    free.most = (double)INFINITY;
    return homeostasis_limit(&free, c->w.lowest);
}

static void advise(struct said said, const struct control *c)
{
    struct advice advice = {.key = "RL_ENTROPY_COEF",
                            .from = say_text(said, "%.4g", c->law.base),
                            .to = say_text(said, "%.4g", settled(c)),
                            .expected = "an entropy back at its target",
                            .check = "entropy above its target in the last fifth"};

    if (c->verdict == SATURATED) {
        advice.key = "RL_ENTROPY_COEF_MAX";
        advice.from = say_text(said, "%.4g", c->law.most);
    } else if (c->verdict == MISCALIBRATED) {
        advice.key = "RL_POLICY_ENTROPY_TARGET";
        advice.from = say_text(said, "%.4g", c->law.target);
        advice.to = say_text(said, "%.4g (the 20%% quantile of the logged entropy)", c->fifth);
        advice.expected = "a controller that acts before the policy collapses";
    } else if (c->verdict == DIFFERS) {
        advice.key = "RL_ENTROPY_HOMEOSTASIS_RELEASE_RATE and _DECAY_RATE";
        advice.from = NULL;
        advice.to = "what the trainer really used";
        advice.expected = "a coefficient that follows its law";
        advice.check = "simulation within 1% of the logged coefficient";
    }
    say_advice(said, advice);
}

static void say_fault(struct said said, const struct control *c)
{
    switch (c->verdict) {
    case UNWIRED:
        say(said,
            "The entropy controller is not connected, or a fixed coefficient was used: the "
            "entropy was below %.2f in %zu of %zu iterations and the coefficient stayed at %.4g.",
            c->law.target, c->w.below, c->t.n, c->w.last);
        say_harm(said, SEVERITY_MEDIUM, capped(0.95, c->t.n, ITERATIONS_MIN));
        break;
    case SATURATED:
        say(said, "The entropy controller is at its limit of %.4g in %zu of %zu iterations.",
            c->law.most, c->w.pinned, c->t.n);
        say_harm(said, SEVERITY_MEDIUM, capped(0.95, c->t.n, ITERATIONS_MIN));
        break;
    case DIFFERS:
        say(said,
            "The coefficient does not follow the controller's law with these parameters: off by "
            "%.1f%% at iteration %lld.",
            100 * c->w.error, (long long)c->t.step[c->w.error_at]);
        say_caveat(said, "unvalidated rule");
        say_harm(said, SEVERITY_LOW, 0.6);
        break;
    default:
        say(said,
            "The target of the entropy controller is out of reach: the policy has collapsed, and "
            "its entropy (lowest %.3f) never fell below %.2f.",
            c->w.lowest, c->law.target);
        say_caveat(said, "unvalidated rule");
        say_harm(said, SEVERITY_MEDIUM, 0.6);
    }
    advise(said, c);
}

static void say_health(struct said said, const struct control *c)
{
    if (c->verdict == NOT_NEEDED)
        say(said,
            "Not activated because not needed: the entropy never fell below %.2f (lowest %.3f).",
            c->law.target, c->w.lowest);
    else
        say(said,
            "The entropy controller acted in %zu of %zu iterations (below target in %zu; largest "
            "difference from its law %.2f%%).",
            c->w.moved, c->t.n, c->w.below, 100 * c->w.error);
}

static bool say_other_schedule(const struct subject *subject, struct findings *out)
{
    const char *schedule = subject->entropy_schedule;

    if (!schedule && isfinite(subject_setting(subject, "RL_ENTROPY_COEF")) &&
        !isfinite(subject_setting(subject, "RL_POLICY_ENTROPY_TARGET")))
        schedule = "linear"; /* the trainer's, where its configuration names none and no target */
    if (!schedule || strcmp(schedule, "homeostasis") == 0)
        return false;
    struct said said = {out, finding_add(out, class, FINDING_NOT_APPLICABLE)};

    say_not_judged(said, "the entropy coefficient follows the schedule '%s'%s, no controller.",
                   schedule,
                   subject->entropy_schedule ? "" : " (the trainer's, none is configured)");
    say_what_would_change(said, "RL_ENTROPY_SCHEDULE: homeostasis.");
    return true;
}

static void run(const struct subject *subject, struct findings *out)
{
    const struct role_series *h = &subject->role[ROLE_ENTROPY];
    const struct role_series *k = &subject->role[ROLE_ENTROPY_COEFFICIENT];

    if (!h->logged || !k->logged) {
        say_not_logged(out, class, subject, h->logged ? ROLE_ENTROPY_COEFFICIENT : ROLE_ENTROPY);
        return;
    }
    if (say_other_schedule(subject, out))
        return;
    struct control c = measure(subject);
    if (c.t.n < ITERATIONS_MIN) {
        say_too_short(out, class, k, ITERATIONS_MIN);
        return;
    }
    bool healthy = c.verdict == NOT_NEEDED || c.verdict == ACTED;
    struct said said = say_about(out, class, healthy ? FINDING_NOT_FOUND : FINDING_FOUND, k,
                                 c.t.step[0], c.t.step[c.t.n - 1]);

    figures(said, subject, &c);
    if (healthy)
        say_health(said, &c);
    else
        say_fault(said, &c);
}

const struct detector detector_entropy_control = {
    .name = "entropy_control",
    .what = "an entropy controller: not needed, out of reach, not connected, off its law, at its "
            "limit",
    .applies = FOR_RL,
    .run = run,
};
