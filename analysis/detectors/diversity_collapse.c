/*
 * Weighted mode: diversity that stays below its target although its weight was
 * raised, and the controller of that weight against its own law.
 */
#include "analysis/detectors/detector.h"
#include "analysis/rl.h"
#include "analysis/say.h"
#include "analysis/stats/moments.h"
#include "analysis/stats/trend.h"

static const char class[] = "diversity_collapse";

enum { ITERATIONS_MIN = 20, BELOW_FOR = 3, BLOCKS_MAX = 24 };

static const double error_bar = 0.01, raised_by = 1.01;

struct diversity {
    struct together t; /* diversity, weight */
    struct homeostasis law;
    struct watched w;
    size_t from; /* of the last 30 % */
    double median, mk, weight, settled;
    bool below, recovering, active, unwired, differs;
};

static struct diversity measure(const struct subject *subject)
{
    static const enum role roles[] = {ROLE_REWARD_DIVERSITY, ROLE_DIVERSITY_WEIGHT};
    struct diversity d = {.t = rl_together(subject, roles, 2), .law = rl_diversity_law(subject)};
    size_t n = d.t.n;
    double b[BLOCKS_MAX];

    if (n < ITERATIONS_MIN)
        return d;
    d.w = homeostasis_watch(&d.law, d.t.value[0], d.t.value[1], d.t.gap, n);
    d.from = n - n * 3 / 10;
    size_t count = n - d.from, blocks = clip_count(count, 1, BLOCKS_MAX);
    block_means(d.t.value[0] + d.from, count, blocks, b);
    d.mk = mk_ar1(b, blocks, subject->arena).z;
    d.median = median_of(d.t.value[0] + d.from, count, subject->arena);
    d.weight = median_of(d.t.value[1] + d.from, count, subject->arena);
    d.settled = homeostasis_limit(&d.law, d.median);
    d.below = d.median < d.law.target;
    d.recovering = d.mk > 1.64;
    d.active = d.weight > raised_by * d.law.base;
    d.unwired = d.w.below >= BELOW_FOR && d.w.moved == 0;
    /* against another run's parameters nothing can be said */
    d.differs = !d.unwired && d.w.error > error_bar &&
                isfinite(subject_setting(subject, "RL_DIVERSITY_HOMEOSTASIS_TARGET"));
    return d;
}

static void figures(struct said said, const struct subject *subject, const struct diversity *d)
{
    finding_column(said.findings, said.finding, subject->role[ROLE_DIVERSITY_WEIGHT].name);
    said.finding->evidence.n_used = (int64_t)d->t.n;
    say_value(said, "median_diversity_last_30_percent", d->median, "");
    say_value(said, "gap_to_target", d->law.target - d->median, "");
    say_value(said, "mann_kendall_ar1_last_30_percent", d->mk, "");
    say_value(said, "median_weight_last_30_percent", d->weight, "");
    say_value(said, "weight_headroom", d->law.most - d->weight, "");
    say_value(said, "weight_settles_at", d->settled, "");
    say_value(said, "iterations_below_target", (double)d->w.below, "iterations");
    say_value(said, "iterations_at_limit", (double)d->w.pinned, "iterations");
    say_value(said, "largest_error_of_simulation", d->w.error, "share of the weight");
    say_parameter(said, "target", d->law.target, "");
    say_parameter(said, "base", d->law.base, "");
    say_parameter(said, "limit", d->law.most, "");
    say_parameter(said, "release", d->law.release, "");
    say_parameter(said, "decay", d->law.decay, "");
    say_method(said, "median and MK-AR1 of the last 30%% against the target; the logged weight "
                     "against a simulation of its controller");
    if (!isfinite(subject_setting(subject, "RL_DIVERSITY_HOMEOSTASIS_TARGET")))
        say_caveat(said, "the target is the trainer's default, the run's own is not known");
    if (!isfinite(subject_setting(subject, "RL_REWARD_DIVERSITY_WEIGHT")))
        say_caveat(said, "the base weight is the trainer's default, the run's own is not known");
}

static void advise(struct said said, const struct diversity *d)
{
    bool capped_now = d->weight >= d->law.most * (1 - 1e-9);

    say_advice(said,
               (struct advice){
                   .key = capped_now ? "RL_DIVERSITY_WEIGHT_MAX" : "RL_REWARD_DIVERSITY_WEIGHT",
                   .from = say_text(said, "%.4g", capped_now ? d->law.most : d->law.base),
                   .to = say_text(said, "%.4g", capped_now ? 1.5 * d->law.most : d->weight),
                   .expected = "a diversity nearer its target; if the weight cannot do it, "
                               "a constraint (RL_CONSTRAINT_MODE lagrangian) asks for it outright",
                   .check = say_text(said, "median diversity of the last 30%% above %.4g",
                                     d->law.target)});
}

static void say_collapse(const struct subject *subject, const struct diversity *d,
                         struct findings *out)
{
    bool found = d->below && !d->recovering && d->active;
    struct said said =
        say_about(out, class, found ? FINDING_FOUND : FINDING_NOT_FOUND,
                  &subject->role[ROLE_REWARD_DIVERSITY], d->t.step[d->from], d->t.step[d->t.n - 1]);

    figures(said, subject, d);
    say_effect(said, d->median - d->law.target, "diversity", (double)NAN, (double)NAN, (double)NAN);
    if (found)
        say(said,
            "Diversity stays below its target despite the homeostasis: median %.3f over the last "
            "30%%, target %.3f, weight %.3f (base %.3f, limit %.3f), and it does not rise "
            "(z %.2f).",
            d->median, d->law.target, d->weight, d->law.base, d->law.most, d->mk);
    else if (!d->below)
        say(said, "No collapse: median diversity %.3f over the last 30%%, target %.3f.", d->median,
            d->law.target);
    else
        say(said, "Diversity is below its target (median %.3f, target %.3f)%s.", d->median,
            d->law.target, d->recovering ? ", and rising" : ", but its weight was not raised");
    say_what_would_change(said, "A median diversity above %.3f, or a rise.", d->law.target);
    say_caveat(said, "the diversity reward is a bell about a target entropy: a low value can mean "
                     "logits too sharp or too flat");
    if (!found)
        return;
    say_caveat(said, "unvalidated rule");
    say_harm(said, SEVERITY_MEDIUM, 0.6);
    advise(said, d);
}

/* The same verdicts as the entropy controller's. */
static void say_control(const struct subject *subject, const struct diversity *d,
                        struct findings *out)
{
    const struct watched *w = &d->w;
    bool saturated = w->pinned * 5 >= d->t.n;
    struct said said =
        say_about(out, "diversity_control",
                  d->unwired || d->differs || saturated ? FINDING_FOUND : FINDING_NOT_FOUND,
                  &subject->role[ROLE_DIVERSITY_WEIGHT], d->t.step[0], d->t.step[d->t.n - 1]);

    figures(said, subject, d);
    say_what_would_change(said, "A weight that follows its law, below its limit.");
    if (d->unwired)
        say(said,
            "The diversity controller is not connected: diversity was below %.3f in %zu of %zu "
            "iterations and the weight stayed at %.4g.",
            d->law.target, w->below, d->t.n, w->last);
    else if (d->differs)
        say(said,
            "The weight does not follow the controller's law with these parameters: off by "
            "%.1f%% at iteration %lld.",
            100 * w->error, (long long)d->t.step[w->error_at]);
    else if (saturated)
        say(said, "The diversity weight is at its limit of %.4g in %zu of %zu iterations.",
            d->law.most, w->pinned, d->t.n);
    else if (w->below == 0)
        say(said,
            "Not activated because not needed: diversity never fell below %.3f (lowest %.3f).",
            d->law.target, w->lowest);
    else
        say(said,
            "The controller acted (largest difference from its law %.2f%%), below target in "
            "%zu of %zu iterations.",
            100 * w->error, w->below, d->t.n);
    if (said.finding->status != FINDING_FOUND)
        return;
    say_caveat(said, "unvalidated rule");
    say_harm(said, d->unwired ? SEVERITY_MEDIUM : SEVERITY_LOW, 0.6);
}

static void run(const struct subject *subject, struct findings *out)
{
    const struct role_series *weight = &subject->role[ROLE_DIVERSITY_WEIGHT];

    if (subject->lagrangian) {
        struct said said = {out, finding_add(out, class, FINDING_NOT_APPLICABLE)};

        say_not_judged(said, "in Lagrangian mode the constraint takes the controller's place "
                             "(see constraint_not_met).");
        say_what_would_change(said, "A run in weighted mode.");
        return;
    }
    if (!weight->logged || !subject->role[ROLE_REWARD_DIVERSITY].logged) {
        say_not_logged(out, class, subject,
                       weight->logged ? ROLE_REWARD_DIVERSITY : ROLE_DIVERSITY_WEIGHT);
        return;
    }
    struct diversity d = measure(subject);
    if (d.t.n < ITERATIONS_MIN) {
        say_too_short(out, class, weight, ITERATIONS_MIN);
        return;
    }
    say_collapse(subject, &d, out);
    say_control(subject, &d, out);
}

const struct detector detector_diversity_collapse = {
    .name = "diversity_collapse",
    .what = "diversity below its target although its weight was raised; the weight's controller",
    .applies = FOR_RL,
    .run = run,
};
