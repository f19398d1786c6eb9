/* Where the reward of an RL run stands: nothing learnt, fallen back, flat, or rising. */
#include "analysis/stats/reward.h"

#include "analysis/context.h"
#include "analysis/detectors/detector.h"
#include "analysis/say.h"
#include "analysis/stats/moments.h"

static const char *const words[] = {
    [REWARD_TOO_SHORT] = "too short",       [REWARD_IMPROVING] = "improving",
    [REWARD_PLATEAU] = "on a plateau",      [REWARD_CONVERGED] = "converged",
    [REWARD_DECLINE] = "declining",         [REWARD_NO_PROGRESS] = "without progress",
    [REWARD_INCONCLUSIVE] = "inconclusive", [REWARD_UNRESOLVED] = "within its noise",
};

/* Detection benchmark 1, development set: at .15, .1 and .15 of the runs. */
static const double precision_none = 0.98, precision_decline = 0.98, precision_plateau = 0.97;

/* The state, as one of the three findings it decides. */
static struct said one(struct findings *out, const char *class, enum finding_status status,
                       const struct role_series *s, const struct reward *r)
{
    const struct series *x = &s->clean.active;
    struct said said = say_about(out, class, status, s, x->step[0], x->step[x->n - 1]);

    say_value(said, "start", r->start, "reward");
    say_value(said, "end", r->end, "reward");
    say_value(said, "top", r->top, "reward");
    say_value(said, "noise_of_a_block", r->sigma, "reward");
    say_value(said, "gain_last_half", r->gain, "reward");
    say_value(said, "mann_kendall", r->mk, "");
    say_parameter(said, "blocks", (double)r->blocks, "");
    say_method(said, "block means: start, end and top of three blocks each against their noise, "
                     "Mann-Kendall, and the slope of the last half");
    return said;
}

/* What would show that the policy has begun to move, by what the run logs. */
static const char *moves_by(const struct subject *subject)
{
    bool ev = subject->role[ROLE_EXPLAINED_VARIANCE].logged;
    bool loss = subject->role[ROLE_POLICY_LOSS].logged;

    return ev && loss ? "explained variance above 0 and a policy loss that is not noise"
           : ev       ? "explained variance above 0"
           : loss     ? "a policy loss that is not noise"
                      : "a reward that leaves its starting level by more than its noise";
}

static void say_no_progress(const struct subject *subject, const struct reward *r,
                            struct findings *out)
{
    const struct role_series *s = &subject->role[ROLE_REWARD];
    bool found = r->state == REWARD_NO_PROGRESS, open = r->state == REWARD_UNRESOLVED;
    struct said said = one(out, "no_progress",
                           found  ? FINDING_FOUND
                           : open ? FINDING_INCONCLUSIVE
                                  : FINDING_NOT_FOUND,
                           s, r);

    say(said, "%s: '%.*s' goes from %.4g to %.4g (noise of a block %.2g)%s.",
        found  ? "No progress"
        : open ? "Progress cannot be told from noise"
               : "The reward moved",
        STR_FMT(s->name), r->start, r->end, r->sigma,
        open ? say_text(said, ", and a gain of up to %.3g is not excluded", r->most_gain) : "");
    if (found || open) {
        say_value(said, "gain_not_excluded", r->most_gain, "reward");
        say_parameter(said, "gain_to_be_seen", 0.5 * r->unit, "reward");
    }
    say_effect(said, r->end - r->start, "reward", (double)NAN, (double)NAN, (double)NAN);
    say_what_would_change(said, "An end more than %.3g above the start.", 2.45 * r->sigma);
    if (!found)
        return;
    say_harm(said, SEVERITY_HIGH, capped(precision_none, s->clean.active.n, REWARD_POINTS_MIN));
    say_advice(said, (struct advice){.key = "reward signal",
                                     .to = "log its components and their share of zero variance",
                                     .expected = "a component that the policy can move",
                                     .check = moves_by(subject)});
}

static void say_decline(const struct subject *subject, const struct reward *r, struct findings *out)
{
    const struct role_series *s = &subject->role[ROLE_REWARD];
    const struct series *x = &s->clean.active;
    bool found = r->state == REWARD_DECLINE;
    bool open = !found && r->fell_late;
    struct said said = one(out, "reward_decline",
                           found  ? FINDING_FOUND
                           : open ? FINDING_INCONCLUSIVE
                                  : FINDING_NOT_FOUND,
                           s, r);
    double lost = r->range > 0 ? (r->top - r->end) / r->range : 0;

    say(said,
        "%s: '%.*s' ends at %.4g (mean of its last %zu points: %.4g), the mean of its best stretch "
        "was %.4g about step %lld%s.",
        found  ? "The reward fell back"
        : open ? "The reward fell at its very end, too late to tell whether it stays there"
               : "No decline",
        STR_FMT(s->name), x->value[x->n - 1], x->n - block_edge(r->blocks - 3, r->blocks, x->n),
        r->end, r->top, (long long)x->step[r->peak],
        r->collapsed ? say_text(said, "; it is at the lower level from step %lld on",
                                (long long)x->step[r->collapse])
                     : "");
    say_value(said, "last", x->value[x->n - 1], "reward");
    if (r->collapsed) {
        say_value(said, "lower_level_from", (double)x->step[r->collapse], "step");
        say_value(said, "t_of_the_levels", r->collapse_t, "");
    }
    say_value(said, "lost_share_of_range", lost, "");
    say_effect(said, r->end - r->top, "reward", (double)NAN, (double)NAN, (double)NAN);
    say_what_would_change(said, "An end %s %.3g %s the best stretch.",
                          found ? "within" : "more than", fmax(3.26 * r->sigma, 0.15 * r->range),
                          found ? "of" : "below");
    if (!found)
        return;
    said.finding->evidence.from = x->step[r->peak];
    say_harm(said, lost > 0.5 ? SEVERITY_CRITICAL : SEVERITY_HIGH,
             capped(precision_decline, x->n, REWARD_POINTS_MIN));
    say_advice(said, advice_of_checkpoint(subject, out, x->step[r->peak],
                                          say_text(said, "a reward of about %.4g", r->top),
                                          "evaluate both on the same prompts or seeds"));
}

/* No sentence says more, or other, than the interval of the gain. */
static const char *standing(struct said said, const struct reward *r)
{
    if (r->levelled_off)
        return "got better and had levelled off by its end";
    if (r->state == REWARD_PLATEAU && r->gain + r->ci < 0)
        return "has stopped rising, and slips";
    return say_text(said, "is %s", words[r->state]);
}

static void say_plateau(struct findings *out, const struct role_series *s, const struct reward *r)
{
    /* slowing: neither level, nor rising as it did */
    bool open = r->state == REWARD_INCONCLUSIVE || r->state == REWARD_UNRESOLVED ||
                (r->slowing && !r->levelled_off);
    enum finding_status status = r->state == REWARD_PLATEAU ? FINDING_FOUND
                                 : open                     ? FINDING_INCONCLUSIVE
                                                            : FINDING_NOT_FOUND;
    struct said said = one(out, "plateau", status, s, r);

    bool late = r->levelled_off || r->slower;
    double gain = late ? 2 * r->late_gain : r->gain, ci = late ? 2 * r->late_ci : r->ci;
    const char *then = late ? say_text(said, ", but %s over the last quarter: %.3g (%.3g to %.3g)",
                                       r->slower ? "less" : "none", r->late_gain,
                                       r->late_gain - r->late_ci, r->late_gain + r->late_ci)
                            : "";
    if (r->slowing && !r->levelled_off)
        say(said,
            "The reward is slowing: the last half gave %.3g (+- %.2g) of the total gain %.3g "
            "(%.0f%%) of '%.*s'%s.",
            r->gain, r->ci, r->total, 100 * r->gain / r->total, STR_FMT(s->name), then);
    else
        say(said, "The reward %s: '%.*s' gains %.3g over the last half (+- %.2g)%s, %.3g in all.",
            standing(said, r), STR_FMT(s->name), r->gain, r->ci, then, r->total);
    if (isfinite(r->late_gain))
        say_value(said, "gain_last_quarter", r->late_gain, "reward");
    /* per half of the run, at the rate of the stretch that counts */
    say_effect(said, gain, "reward", gain - ci, gain + ci, 0.9);
    if (r->levelled_off)
        say_caveat(said, "the last quarter shows no gain that its noise does not explain");
    say_what_would_change(said, "A gain over the last half of more than %.3g.",
                          fmax(r->ci, 0.15 * r->total));
    if (status != FINDING_FOUND)
        return;
    if (r->held)
        say_caveat(said, "it holds its best level; no known maximum: it may have converged");
    else
        say_caveat(said, "no known maximum: the reward may have converged");
    say_harm(said, SEVERITY_LOW, capped(precision_plateau, s->clean.active.n, REWARD_POINTS_MIN));
}

static void run(const struct subject *subject, struct findings *out)
{
    const struct role_series *s = &subject->role[ROLE_REWARD];

    if (!s->logged) {
        say_not_logged(out, "no_progress", subject, ROLE_REWARD);
        return;
    }
    size_t needs = subject_needs(s, REWARD_POINTS_MIN);
    struct reward r = {.state = REWARD_TOO_SHORT};
    if (s->clean.active.n >= needs)
        r = reward_of(s->clean.active.value, s->clean.active.n, (double)NAN, subject->arena);
    if (r.state == REWARD_TOO_SHORT) {
        say_too_short(out, "no_progress", s, needs);
        return;
    }
    say_no_progress(subject, &r, out);
    say_decline(subject, &r, out);
    say_plateau(out, s, &r);
}

const struct detector detector_reward = {
    .name = "reward",
    .what = "no progress, decline or plateau of an RL run's reward",
    .applies = FOR_RL,
    .run = run,
};
