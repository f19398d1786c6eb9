/*
 * How a run is constrained: the mode its configuration asks for and the one its
 * log shows, what the multiplier leaves of the reward's advantage, and whether
 * the critic of the costs learns.
 */
#include "analysis/detectors/detector.h"
#include "analysis/rl.h"
#include "analysis/say.h"
#include "analysis/stats/drift.h"
#include "analysis/stats/moments.h"

enum { ITERATIONS_MIN = 20 };

static void say_mode(const struct subject *subject, struct findings *out)
{
    const char *asked = subject->constraint_mode;
    const char *shown = subject->lagrangian ? "lagrangian" : "weighted";
    bool differs = asked && strcmp(asked, shown) != 0;
    struct said said = {out, finding_add(out, "constraint_mode",
                                         differs ? FINDING_FOUND
                                         : asked ? FINDING_NOT_FOUND
                                                 : FINDING_NOT_APPLICABLE)};

    if (subject->lagrangian)
        finding_column(out, said.finding, subject->role[ROLE_MULTIPLIER].name);
    say_value(said, "multiplier_points", (double)subject->role[ROLE_MULTIPLIER].clean.active.n,
              "points");
    said.finding->evidence.n_used = (int64_t)subject->role[ROLE_MULTIPLIER].clean.active.n;
    say_method(said, "Lagrangian if a multiplier with values is logged; RL_CONSTRAINT_MODE");
    if (asked)
        say(said,
            differs ? "The configuration asks for the mode '%s', the log shows '%s'."
                    : "The configuration asks for the mode '%s', and the log shows it: '%s'.",
            asked, shown);
    else
        say_not_judged(said,
                       "the configuration names no mode (RL_CONSTRAINT_MODE is missing); the log "
                       "shows '%s'.",
                       shown);
    say_what_would_change(said, "A multiplier that is logged exactly where the mode asks for it.");
    if (!differs)
        return;
    say_harm(said, SEVERITY_LOW, 0.6);
    say_caveat(said, "unvalidated rule");
}

/* (A_reward - lambda A_cost) / (1 + lambda): the larger lambda, the less the reward moves. */
static void say_advantage(const struct subject *subject, struct findings *out)
{
    const struct role_series *lambda = &subject->role[ROLE_MULTIPLIER];
    const struct series *s = &lambda->clean.active;
    size_t last = s->n / 10;

    if (!say_enough(out, "combined_advantage", subject, ROLE_MULTIPLIER, ITERATIONS_MIN) ||
        !say_within(out, "combined_advantage", lambda, 0, INFINITY))
        return;
    double end = median_of(s->value + s->n - last, last, subject->arena);
    double share = reward_advantage_share(end), first = reward_advantage_share(s->value[0]);
    struct said said = say_about(out, "combined_advantage", FINDING_FOUND, lambda,
                                 s->step[s->n - last], s->step[s->n - 1]);

    say(said,
        "At the end the reward's advantage counts for %.1f%% of its size (divided by 1 + lambda, "
        "lambda %.3g), the cost's for %.1f%%; at the start it was %.1f%%.",
        100 * share, end, 100 * (1 - share), 100 * first);
    say_value(said, "reward_share", share, "");
    say_value(said, "reward_share_at_start", first, "");
    say_value(said, "lambda_end", end, "");
    say_effect(said, share, "share of the reward's advantage", (double)NAN, (double)NAN,
               (double)NAN);
    say_method(said, "(A_reward - lambda A_cost) / (1 + lambda), lambda: median of the last tenth");
    say_caveat(said, "the cost's advantages are not normalised by the trainer, the reward's are: "
                     "the true weight of the cost also depends on their scale, which is not "
                     "logged");
    say_caveat(said, "unvalidated rule");
    say_what_would_change(said, "A smaller multiplier.");
    say_harm(said, share < 0.1 ? SEVERITY_LOW : SEVERITY_INFO, 0.6);
}

static void say_cost_critic(const struct subject *subject, struct findings *out)
{
    static const char class[] = "cost_value_loss";
    const struct role_series *loss = &subject->role[ROLE_COST_VALUE_LOSS];
    const struct series *s = &loss->clean.active;
    size_t needs = subject_needs(loss, DRIFT_BLOCKS_FROM);

    if (!say_enough(out, class, subject, ROLE_COST_VALUE_LOSS, needs))
        return;
    struct drift d = drift_of(s->value, s->n, subject->arena);
    bool found = d.rises && d.end >= 1.5 * d.start;
    struct said said = say_about(out, class, found ? FINDING_FOUND : FINDING_NOT_FOUND, loss,
                                 s->step[0], s->step[s->n - 1]);

    say(said, "The value loss of the costs %s: %.4g to %.4g (MK-AR1 z %.2f).",
        d.falls ? "falls"
        : found ? "rises"
                : "shows no clear fall",
        d.start, d.end, d.z);
    say_value(said, "start", d.start, "");
    say_value(said, "end", d.end, "");
    say_value(said, "mann_kendall_ar1", d.z, "");
    said.finding->evidence.p = d.p;
    say_effect(said, d.change, "", (double)NAN, (double)NAN, (double)NAN);
    say_method(said, "block medians: MK-AR1, and the first and last quarter of the blocks");
    say_what_would_change(said, "An end below %.4g.", 1.5 * d.start);
    if (!found)
        return;
    say_caveat(said, "unvalidated rule; a cost that varies more makes a larger loss");
    say_harm(said, SEVERITY_LOW, 0.6);
}

static void run(const struct subject *subject, struct findings *out)
{
    say_mode(subject, out);
    if (subject->role[ROLE_MULTIPLIER].clean.active.n == 0)
        return;
    say_advantage(subject, out);
    say_cost_critic(subject, out);
}

const struct detector detector_constraint = {
    .name = "constraint",
    .what = "the constraint mode, the combined advantage, the critic of the costs",
    .applies = FOR_RL,
    .run = run,
};
