/*
 * A value loss that rises although the reward does not: growing returns make a
 * growing loss, flat ones do not.
 */
#include "analysis/detectors/detector.h"
#include "analysis/rl.h"
#include "analysis/say.h"
#include "analysis/stats/drift.h"
#include "analysis/stats/fall.h"

static const char class[] = "value_loss_rising";

static const double grown_from = 1.5, sure_from = 1.96; /* times; z of MK-AR1 */

/* A level that it rose to by a step and kept: what a test of trend does not see. */
static struct fall jump_of(const struct series *s, const struct reward *r, struct arena *scratch)
{
    double *down = ARENA_ARRAY(scratch, s->n, double);

    for (size_t i = 0; i < s->n; i++)
        down[i] = -s->value[i];
    struct fall jump = fall_of(down, s->n, scratch);
    /* a reward that rose and is level has larger returns than where the loss was least */
    jump.fallen &= (r->state == REWARD_DECLINE || r->state == REWARD_NO_PROGRESS) &&
                   jump.end <= grown_from * jump.top;
    return jump;
}

/* The reward must be judged, and flat, for the loss to be the critic's own fault. */
static enum finding_status status_of(const struct drift *d, const struct fall *jump,
                                     const struct reward *r)
{
    bool grown = d->rises && d->end >= grown_from * d->start;

    if (jump->fallen)
        return FINDING_FOUND;
    if (!grown)
        return FINDING_NOT_FOUND;
    if (r->state == REWARD_TOO_SHORT || r->state == REWARD_INCONCLUSIVE ||
        r->state == REWARD_UNRESOLVED)
        return FINDING_INCONCLUSIVE;
    if (!rl_is_flat(r))
        return FINDING_NOT_FOUND;
    return fabs(d->z) >= sure_from ? FINDING_FOUND : FINDING_INCONCLUSIVE;
}

/* What the reward detector says of the reward, and no more. */
static const char *beside(const struct reward *r)
{
    switch (r->state) {
    case REWARD_TOO_SHORT:
        return "the reward is not logged or too short, so growing returns may explain it";
    case REWARD_NO_PROGRESS:
        return "the reward does not rise";
    case REWARD_DECLINE:
        return "the reward fell back from its best stretch";
    case REWARD_PLATEAU:
    case REWARD_CONVERGED:
        return r->end > r->start ? "the reward rose, and is level over the last half"
                                 : "the reward is level over the last half";
    case REWARD_IMPROVING:
        return "it follows the rising reward";
    case REWARD_INCONCLUSIVE:
    case REWARD_UNRESOLVED:
        break;
    }
    return "whether the reward rises is not clear";
}

/* Around 0, of alternating sign: told beside it, but hardly evidence. */
static void say_policy_loss(struct said said, const struct subject *subject)
{
    const struct series *s = &subject->role[ROLE_POLICY_LOSS].clean.active;
    struct drift d = drift_of(s->value, s->n, subject->arena);

    if (!d.enough)
        return;
    finding_column(said.findings, said.finding, subject->role[ROLE_POLICY_LOSS].name);
    say_value(said, "policy_loss_start", d.start, "");
    say_value(said, "policy_loss_end", d.end, "");
    say_value(said, "policy_loss_mann_kendall_ar1", d.z, "");
}

static void say_jump(struct said said, const struct series *s, const struct fall *jump,
                     const struct reward *r)
{
    say(said,
        "The value loss rose from %.4g about step %lld to %.4g, its level from step %lld on: %s.",
        -jump->top, (long long)s->step[jump->best], -jump->end, (long long)s->step[jump->from],
        beside(r));
    say_value(said, "lowest_level", -jump->top, "");
    say_value(said, "last_level", -jump->end, "");
    say_value(said, "t_of_the_levels", jump->t, "");
}

static void run(const struct subject *subject, struct findings *out)
{
    const struct role_series *loss = &subject->role[ROLE_VALUE_LOSS];
    const struct series *s = &loss->clean.active;
    size_t needs = subject_needs(loss, DRIFT_BLOCKS_FROM);

    if (!say_enough(out, class, subject, ROLE_VALUE_LOSS, needs))
        return;
    struct drift d = drift_of(s->value, s->n, subject->arena);
    struct reward r = rl_reward(subject);
    struct fall jump = jump_of(s, &r, subject->arena);
    enum finding_status status = status_of(&d, &jump, &r);
    struct said said = say_about(out, class, status, loss, s->step[0], s->step[s->n - 1]);

    if (subject->role[ROLE_REWARD].logged)
        finding_column(out, said.finding, subject->role[ROLE_REWARD].name);
    if (jump.fallen)
        say_jump(said, s, &jump, &r);
    else
        say(said, "The value loss goes from %.4g to %.4g (MK-AR1 z %.2f)%s%s.", d.start, d.end, d.z,
            d.rises && d.end >= grown_from * d.start ? ": " : "",
            d.rises && d.end >= grown_from * d.start ? beside(&r) : "");
    if (status == FINDING_INCONCLUSIVE && fabs(d.z) < sure_from)
        say_caveat(said, "a z below %.2f is no evidence that the value loss rises", sure_from);
    say_value(said, "start", d.start, "");
    say_value(said, "end", d.end, "");
    say_value(said, "theil_sen", d.slope, "an iteration");
    say_value(said, "mann_kendall_ar1", d.z, "");
    say_policy_loss(said, subject);
    say_parameter(said, "least_growth", grown_from, "times");
    say_parameter(said, "least_z", sure_from, "");
    said.finding->evidence.p = d.p;
    double first = jump.fallen ? -jump.top : d.start, last = jump.fallen ? -jump.end : d.end;
    say_effect(said, first > 0 ? 100 * (last / first - 1) : (double)NAN, "%", (double)NAN,
               (double)NAN, (double)NAN);
    say_method(said, "block medians: Theil-Sen, MK-AR1 (p < .05) and a growth of half, or a level "
                     "that it rose to and kept; the state of the reward");
    say_what_would_change(said, "An end below %.4g, or a reward that rises.", grown_from * first);
    if (status == FINDING_NOT_FOUND)
        return;
    say_caveat(said, "the variance of the returns, by which the loss should be divided, is not "
                     "logged");
    if (status != FINDING_FOUND)
        return;
    say_caveat(said, "unvalidated rule");
    say_harm(said, r.state == REWARD_PLATEAU ? SEVERITY_LOW : SEVERITY_MEDIUM, 0.6);
    say_advice(said, (struct advice){.key = "epochs of the value function",
                                     .to = "twice what they were",
                                     .expected = "a critic that keeps up with its returns",
                                     .check = "value loss over the variance of the returns falls"});
}

const struct detector detector_value_loss = {
    .name = "value_loss",
    .what = "a value loss that rises although the reward does not",
    .applies = FOR_RL,
    .run = run,
};
