/*
 * The entropy of a policy over actions or tokens: gone, or spent in the first
 * tenth of the run; and whether the reward went with it, R = -a e^H + b. (The
 * differential entropy of a gate is negative, and the gate detector's.)
 */
#include "analysis/detectors/detector.h"
#include "analysis/rl.h"
#include "analysis/say.h"
#include "analysis/stats/moments.h"
#include "analysis/stats/policy.h"

static const char class[] = "entropy_collapse";

enum { POINTS_MIN = 20 };

/* ln of a vocabulary of 268 thousand: more is not the entropy of one token or action. */
/* Detection benchmark 1, development set, at a tenth of the runs. */
static const double precision = 0.97;
static const double discrete_at_most = 12.5;
static const double left_least = 0.1, lost_early = 0.7, described_from = 0.8, near_none = 0.1;

struct spent {
    double first, early, last; /* medians of 5 % at the start, about 10 %, and at the end */
    size_t early_at;           /* index */
    bool gone, burnt;
};

static struct spent measure(const struct series *s, struct arena *scratch)
{
    size_t width = s->n / 20 > 3 ? s->n / 20 : 3, tenth = s->n / 10 > width ? s->n / 10 : width;
    struct spent e = {.early_at = tenth};

    e.first = median_of(s->value, width, scratch);
    e.early = median_of(s->value + tenth, width, scratch);
    e.last = median_of(s->value + s->n - width, width, scratch);
    e.gone = e.last < left_least * e.first;
    e.burnt = e.early <= (1 - lost_early) * e.first;
    return e;
}

static bool is_discrete(const struct series *s)
{
    for (size_t i = 0; i < s->n; i++) {
        if (s->value[i] < -1e-6 || s->value[i] > discrete_at_most)
            return false;
    }
    return true;
}

static void say_differential(struct findings *out, const struct role_series *h)
{
    const struct series *s = &h->clean.active;
    struct said said =
        say_about(out, class, FINDING_NOT_APPLICABLE, h, s->step[0], s->step[s->n - 1]);

    say_not_judged(said,
                   "'%.*s' has values below 0 or above %.4g, so it is not the entropy of one "
                   "action or token (a continuous policy?), and ratios of it mean nothing.",
                   STR_FMT(h->name), discrete_at_most);
    say_what_would_change(said, "The entropy of a discrete policy.");
}

static void say_collapse(const struct subject *subject, struct findings *out)
{
    const struct role_series *h = &subject->role[ROLE_ENTROPY];
    const struct series *s = &h->clean.active;
    struct spent e = measure(s, subject->arena);
    struct reward reward = rl_reward(subject);
    bool found = e.gone || e.burnt, flat = rl_is_flat(&reward);
    struct said said = say_about(out, class, found ? FINDING_FOUND : FINDING_NOT_FOUND, h,
                                 found ? s->step[e.early_at] : s->step[0], s->step[s->n - 1]);

    say(said,
        "The policy's entropy %s: %.3g at the start, %.3g after a tenth of the run, %.3g at "
        "the end%s.",
        e.gone    ? "is gone"
        : e.burnt ? "was spent in the first tenth"
                  : "has not collapsed",
        e.first, e.early, e.last,
        !found              ? ""
        : flat              ? ", and the reward is flat"
        : reward.blocks > 0 ? ", while the reward still moves"
                            : "; the reward cannot be judged");
    say_value(said, "start", e.first, "nats");
    say_value(said, "after_a_tenth", e.early, "nats");
    say_value(said, "end", e.last, "nats");
    say_value(said, "end_over_start", e.first > 0 ? e.last / e.first : (double)NAN, "");
    say_parameter(said, "least_share_left", left_least, "");
    say_parameter(said, "share_lost_early", lost_early, "");
    say_effect(said, e.last - e.first, "nats", (double)NAN, (double)NAN, (double)NAN);
    say_method(said, "medians of a twentieth of the run: at the start, after a tenth, at the end");
    say_what_would_change(said, "An end above %.3g and %.3g after a tenth.", left_least * e.first,
                          (1 - lost_early) * e.first);
    if (!found)
        return;
    say_harm(said, flat ? SEVERITY_HIGH : SEVERITY_MEDIUM, capped(precision, s->n, POINTS_MIN));
    say_advice(
        said, (struct advice){.key = "entropy bonus, or the upper clip of the ratio",
                              .to = "raised (clip-higher, or a bonus that holds the entropy of "
                                    "the first tenth)",
                              .expected = "an entropy that falls more slowly than the reward rises",
                              .check = say_text(said, "entropy above %.3g after a tenth",
                                                (1 - lost_early) * e.first)});
}

static void say_line(const struct subject *subject, struct findings *out)
{
    static const enum role roles[] = {ROLE_ENTROPY, ROLE_REWARD};
    struct together t = rl_together(subject, roles, 2);
    struct entropy_line line = entropy_line_of(t.value[0], t.value[1], t.n);
    bool fits = line.enough && line.a > 0 && line.r2 >= described_from;

    if (!line.enough || t.n < POINTS_MIN)
        return; /* without the reward there is nothing to set beside it */
    struct said said =
        say_about(out, "entropy_reward_line", fits ? FINDING_FOUND : FINDING_NOT_FOUND,
                  &subject->role[ROLE_ENTROPY], t.step[0], t.step[t.n - 1]);
    finding_column(out, said.finding, subject->role[ROLE_REWARD].name);
    said.finding->evidence.n_used = (int64_t)t.n;
    size_t last = t.n / 20 > 3 ? t.n / 20 : 3;
    double end = median_of(t.value[1] + t.n - last, last, subject->arena);

    double lowest = quantile_of(t.value[0], t.n, 0, subject->arena);
    /* outside the entropies that were seen the line says nothing */
    bool ceiling = lowest < near_none * median_of(t.value[0], last, subject->arena);

    if (fits)
        say(said, "Reward went with entropy: R = %.4g - %.4g e^H fits with R^2 %.2f%s.", line.b,
            line.a, line.r2,
            ceiling ? say_text(said,
                               "; its ceiling at no entropy is %.4g, %+.3g from where the run ends",
                               line.ceiling, line.ceiling - end)
                    : "");
    else
        say(said, "The line R = b - a e^H does not describe this run (a %.3g, R^2 %.2f).", line.a,
            line.r2);
    say_value(said, "a", line.a, "");
    say_value(said, "b", line.b, "");
    if (ceiling) {
        say_value(said, "ceiling", line.ceiling, "reward");
        say_value(said, "headroom", line.ceiling - end, "reward");
    }
    say_value(said, "r2", line.r2, "");
    say_method(said, "least squares of the reward on e^H");
    say_what_would_change(said, "An R^2 on the other side of %.1f.", described_from);
    say_value(said, "lowest_entropy", lowest, "nats");
    if (fits && ceiling)
        say_caveat(said, "a known maximum of the reward may be lower than the ceiling");
    if (fits && !ceiling)
        say_caveat(said,
                   "no ceiling is given: no entropy below %.0f%% of the start was seen (lowest "
                   "%.3g)",
                   100 * near_none, lowest);
    if (line.r2 < described_from)
        say_caveat(said, "R^2 below %.1f: the line should not be relied on", described_from);
    say_caveat(said, "unvalidated rule");
    if (fits)
        say_harm(said, SEVERITY_INFO, 0.6);
}

static void run(const struct subject *subject, struct findings *out)
{
    const struct role_series *h = &subject->role[ROLE_ENTROPY];
    size_t needs = subject_needs(h, POINTS_MIN);

    if (subject->role[ROLE_GATE].logged)
        return; /* a gate's entropy: the gate detector says it */
    if (!say_enough(out, class, subject, ROLE_ENTROPY, needs))
        return;
    if (!is_discrete(&h->clean.active)) {
        say_differential(out, h);
        return;
    }
    say_collapse(subject, out);
    say_line(subject, out);
}

const struct detector detector_token_entropy = {
    .name = "token_entropy",
    .what = "entropy of actions or tokens: gone, or spent early; reward that went with it",
    .applies = FOR_RL,
    .run = run,
};
