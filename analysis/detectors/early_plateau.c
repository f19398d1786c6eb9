/*
 * A reward that stopped rising while the policy could still explore and its
 * critic does not explain the returns: a plateau, but not convergence.
 */
#include "analysis/advised.h"
#include "analysis/detectors/detector.h"
#include "analysis/rl.h"
#include "analysis/say.h"
#include "analysis/stats/moments.h"

static const char class[] = "plateau_before_convergence";

static const double half_left = 0.5, rate_left = 0.3, explains = 0.5;

struct still {
    double entropy, rate, variance; /* end over start, end over peak, median; NAN: not logged */
    bool differential;
};

/* Median of the first or last twentieth, at least three points. */
static double end_of(const struct series *s, bool last, struct arena *scratch)
{
    size_t width = s->n / 20 > 3 ? s->n / 20 : 3;

    if (s->n < 2 * width)
        return (double)NAN;
    return median_of(s->value + (last ? s->n - width : 0), width, scratch);
}

/* Of differential entropies (below 0) the ratio means nothing; e^H, the support, has one. */
static double entropy_left(const struct subject *subject, bool *differential)
{
    const struct series *s = &subject->role[ROLE_ENTROPY].clean.active;
    double first = end_of(s, false, subject->arena), last = end_of(s, true, subject->arena);

    for (size_t i = 0; i < s->n; i++)
        *differential |= s->value[i] < -1e-6;
    return *differential ? exp(last - first) : first > 0 ? last / first : (double)NAN;
}

static struct still measure(const struct subject *subject)
{
    const struct series *lr = &subject->role[ROLE_LEARNING_RATE].clean.active;
    const struct series *ev = &subject->role[ROLE_EXPLAINED_VARIANCE].clean.active;
    struct still e = {.rate = (double)NAN, .variance = (double)NAN};
    double peak = 0;

    e.entropy = entropy_left(subject, &e.differential);
    for (size_t i = 0; i < lr->n; i++)
        peak = fmax(peak, lr->value[i]);
    if (peak > 0)
        e.rate = lr->value[lr->n - 1] / peak;
    if (ev->n >= 12)
        e.variance = median_of(ev->value + ev->n - ev->n / 4, ev->n / 4, subject->arena);
    return e;
}

static void figures(struct said said, const struct subject *subject, const struct still *e)
{
    static const enum role used[] = {ROLE_ENTROPY, ROLE_LEARNING_RATE, ROLE_EXPLAINED_VARIANCE};

    for (size_t i = 0; i < 3; i++) {
        if (subject->role[used[i]].logged)
            finding_column(said.findings, said.finding, subject->role[used[i]].name);
    }
    if (isfinite(e->entropy))
        say_value(said, e->differential ? "support_end_over_start" : "entropy_end_over_start",
                  e->entropy, "");
    if (isfinite(e->rate))
        say_value(said, "learning_rate_end_over_peak", e->rate, "");
    if (isfinite(e->variance))
        say_value(said, "explained_variance_last_quarter", e->variance, "");
    say_parameter(said, "entropy_left", half_left, "");
    say_parameter(said, "rate_left", rate_left, "");
    say_parameter(said, "variance_explained", explains, "");
    say_method(said, "a plateau of the reward with the entropy above half of its start, or the "
                     "learning rate above .3 of its peak, and an explained variance below .5");
    if (e->differential)
        say_caveat(said, "the entropy is differential: e^H, the effective support, is compared");
}

static enum finding_status status_of(const struct reward *r, const struct still *e)
{
    bool could = e->entropy > half_left || e->rate > rate_left; /* false for NAN */

    if (r->state != REWARD_PLATEAU)
        return FINDING_NOT_FOUND;
    if (!isfinite(e->variance) || (!isfinite(e->entropy) && !isfinite(e->rate)))
        return FINDING_INCONCLUSIVE;
    return could && e->variance < explains ? FINDING_FOUND : FINDING_NOT_FOUND;
}

static const char *sentence(struct said said, const struct reward *r, const struct still *e)
{
    if (r->state != REWARD_PLATEAU)
        return r->state == REWARD_INCONCLUSIVE || r->state == REWARD_UNRESOLVED
                   ? "Whether the reward is on a plateau is not clear."
                   : "The reward is not on a plateau over the last half.";
    if (said.finding->status == FINDING_INCONCLUSIVE)
        return say_text(said,
                        "The reward is on a plateau; whether it had converged cannot be told: "
                        "the run does not log %s.",
                        isfinite(e->variance) ? "the entropy or the learning rate of its policy"
                                              : "how well its critic explains the returns");
    if (said.finding->status == FINDING_NOT_FOUND)
        return say_text(said,
                        "The reward is on a plateau; that it stopped too early is not shown "
                        "(explained variance %.2f).",
                        e->variance);
    return say_text(said,
                    "The reward stopped rising early: %s left, and the critic explains only "
                    "%.2f of the variance of the returns.",
                    e->entropy > half_left
                        ? say_text(said, "%.0f%% of the policy's %s is", 100 * e->entropy,
                                   e->differential ? "support" : "entropy")
                        : say_text(said, "%.0f%% of the peak learning rate is", 100 * e->rate),
                    e->variance);
}

static void run(const struct subject *subject, struct findings *out)
{
    const struct role_series *s = &subject->role[ROLE_REWARD];
    struct reward r = rl_reward(subject);

    if (!s->logged) {
        say_not_logged(out, class, subject, ROLE_REWARD);
        return;
    }
    if (r.state == REWARD_TOO_SHORT) {
        say_too_short(out, class, s, subject_needs(s, REWARD_POINTS_MIN));
        return;
    }
    struct still e = measure(subject);
    const struct series *x = &s->clean.active;
    struct said said =
        say_about(out, class, status_of(&r, &e), s, x->step[x->n / 2], x->step[x->n - 1]);

    figures(said, subject, &e);
    say_value(said, "gain_last_half", r.gain, "reward");
    say(said, "%s", sentence(said, &r, &e));
    say_effect(said, r.gain, "reward", r.gain - r.ci, r.gain + r.ci, 0.9);
    if (isfinite(e.variance))
        say_what_would_change(said, "A rising reward, a known maximum that was reached, or an "
                                    "explained variance above .5.");
    else
        say_what_would_change(said, "A rising reward, or a known maximum that was reached.");
    if (said.finding->status != FINDING_FOUND)
        return;
    say_caveat(said, "unvalidated rule; no maximum of the reward is known");
    say_harm(said, SEVERITY_MEDIUM, 0.6);
    double lr = rl_value_rate(subject);
    say_advice(said, (struct advice){.key = VALUE_RATE_KEY,
                                     .from = isfinite(lr) ? say_text(said, "%.4g", lr) : NULL,
                                     .to = isfinite(lr) ? say_text(said, "%.4g", 3 * lr)
                                                        : "three times what it was",
                                     .expected = "advantages that tell good actions from bad",
                                     .check = "explained variance above .5 in the last quarter"});
}

const struct detector detector_early_plateau = {
    .name = "early_plateau",
    .what = "a reward that stopped rising before the policy and its critic had converged",
    .applies = FOR_RL,
    .run = run,
};
