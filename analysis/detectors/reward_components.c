/*
 * What each part of a composed reward did, and what that was worth at the
 * weights of the run's own configuration; in Lagrangian mode, whether the parts
 * that are left to be rewarded still move.
 */
#include "analysis/base/buf.h"
#include "analysis/detectors/detector.h"
#include "analysis/rl.h"
#include "analysis/say.h"
#include "analysis/stats/drift.h"
#include "analysis/stats/moments.h"

static const char class[] = "reward_components";

enum { ITERATIONS_MIN = 20 };

static const char *const words[REWARD_PARTS] = {"perplexity", "diversity", "sampling", "repetition",
                                                "coherence"};

struct parts {
    struct together t;                /* value[i]: the part of roles[i] */
    size_t count, part[REWARD_PARTS]; /* logged ones, as indices into rl_parts */
    enum role roles[REWARD_PARTS];
    struct reward_weights weights;
    double *total;
    struct drift drift[REWARD_PARTS], whole;
    double share[REWARD_PARTS]; /* of the variance of the weighted sum */
};

static double covariance(const double *x, const double *y, size_t n)
{
    double mx = mean_of(x, n), my = mean_of(y, n), sum = 0;

    for (size_t i = 0; i < n; i++)
        sum += (x[i] - mx) * (y[i] - my);
    return n ? sum / (double)n : 0;
}

static struct parts gather(const struct subject *subject)
{
    struct parts p = {.weights = rl_weights(subject)};

    for (size_t i = 0; i < REWARD_PARTS; i++) {
        if (subject->role[rl_parts[i]].clean.active.n == 0)
            continue;
        p.part[p.count] = i;
        p.roles[p.count++] = rl_parts[i];
    }
    if (p.count > 0)
        p.t = rl_together(subject, p.roles, p.count);
    p.total = ARENA_ARRAY(subject->arena, p.t.n, double);
    for (size_t k = 0; k < p.count; k++) {
        for (size_t i = 0; i < p.t.n; i++)
            p.total[i] = (k ? p.total[i] : 0) + p.weights.of[p.part[k]] * p.t.value[k][i];
    }
    return p;
}

static void measure(struct parts *p, struct arena *scratch)
{
    double variance = covariance(p->total, p->total, p->t.n);

    p->whole = drift_of(p->total, p->t.n, scratch);
    for (size_t k = 0; k < p->count; k++) {
        p->drift[k] = drift_of(p->t.value[k], p->t.n, scratch);
        p->share[k] = variance > 0 ? p->weights.of[p->part[k]] *
                                         covariance(p->t.value[k], p->total, p->t.n) / variance
                                   : 0;
    }
}

/* A part that falls while the whole rises: the policy paid with it. */
static bool is_traded(const struct parts *p, size_t k)
{
    return p->weights.known && p->whole.rises && p->drift[k].falls && p->weights.of[p->part[k]] > 0;
}

static double worth(const struct parts *p, size_t k)
{
    return p->weights.of[p->part[k]] * p->drift[k].change + 0.0; /* never -0 */
}

static void part_figures(struct said said, const struct subject *subject, const struct parts *p)
{
    for (size_t k = 0; k < p->count; k++) {
        const char *word = words[p->part[k]];

        finding_column(said.findings, said.finding, subject->role[p->roles[k]].name);
        say_value(said, say_text(said, "%s_change", word), p->drift[k].change, "");
        say_value(said, say_text(said, "%s_slope", word), p->drift[k].slope, "an iteration");
        if (!p->weights.known)
            continue;
        say_parameter(said, say_text(said, "%s_weight", word), p->weights.of[p->part[k]], "");
        say_value(said, say_text(said, "%s_weight_times_change", word), worth(p, k), "reward");
        say_value(said, say_text(said, "%s_share_of_variance", word), p->share[k], "");
    }
}

static const char *list_of_changes(struct said said, const struct parts *p)
{
    struct buf text = {0};

    for (size_t k = 0; k < p->count; k++) {
        buf_printf(&text, "%s%s %+.3g", k ? ", " : "", words[p->part[k]], p->drift[k].change);
        if (p->weights.known)
            buf_printf(&text, " (worth %+.3g)", worth(p, k));
    }
    const char *kept = say_text(said, "%s", buf_text(&text));
    buf_fini(&text);
    return kept;
}

static void say_weights(struct said said, const struct parts *p)
{
    if (!p->weights.known) {
        say_caveat(said, "the weights are not in the run's configuration: changes are given "
                         "unweighted, and no trade-off is judged");
        return;
    }
    say_value(said, "weight_sum", p->weights.sum, "");
    if (p->weights.lagrangian)
        say_caveat(said, "Lagrangian mode: diversity and repetition weigh 0, the others are "
                         "divided by their sum");
    else if (fabs(p->weights.sum - 1) > 1e-6)
        say_caveat(said, "the weights sum to %.4g, not 1; the trainer does not normalise them",
                   p->weights.sum);
}

static void say_parts(const struct subject *subject, const struct parts *p, struct findings *out)
{
    size_t traded = 0;
    double cost = 0;

    for (size_t k = 0; k < p->count; k++) {
        traded += is_traded(p, k);
        cost += is_traded(p, k) ? -worth(p, k) : 0;
    }
    struct said said = say_about(out, class, traded ? FINDING_FOUND : FINDING_NOT_FOUND,
                                 &subject->role[p->roles[0]], p->t.step[0], p->t.step[p->t.n - 1]);
    said.finding->evidence.columns.n = 0; /* all of them are listed with their figures */
    said.finding->evidence.n_used = (int64_t)p->t.n;
    part_figures(said, subject, p);
    say_weights(said, p);
    if (p->weights.known) {
        say_value(said, "weighted_sum_change", p->whole.change, "reward");
        say_effect(said, p->whole.change, "reward a step", (double)NAN, (double)NAN, (double)NAN);
    }
    say(said, "%s, from the start to the end of the run: %s.",
        traded ? say_text(said,
                          "Parts of the reward were traded for others (%zu fell while the "
                          "weighted sum rose by %.3g)",
                          traded, p->whole.change)
               : "No part of the reward fell while their weighted sum rose",
        list_of_changes(said, p));
    say_method(said, "block medians: MK-AR1 (p < .05), Theil-Sen; weight times change; share of "
                     "variance as covariance with the weighted sum");
    say_what_would_change(said, "A part that holds its level while the sum rises.");
    if (!traded)
        return;
    say_caveat(said, "unvalidated rule; a trade-off may be what was wanted");
    say_harm(said, cost > 0.1 * p->whole.change ? SEVERITY_LOW : SEVERITY_INFO, 0.6);
}

static void say_primary(const struct subject *subject, const struct parts *p, struct findings *out)
{
    struct reward r = reward_of(p->total, p->t.n, (double)NAN, subject->arena);
    bool found = rl_is_flat(&r);
    struct said said =
        say_about(out, "primary_stalling",
                  found                         ? FINDING_FOUND
                  : r.state == REWARD_IMPROVING ? FINDING_NOT_FOUND
                                                : FINDING_INCONCLUSIVE,
                  &subject->role[p->roles[0]], p->t.step[p->t.n / 2], p->t.step[p->t.n - 1]);

    said.finding->evidence.columns.n = 0;
    for (size_t k = 0; k < p->count; k++) {
        if (p->weights.of[p->part[k]] > 0)
            finding_column(out, said.finding, subject->role[p->roles[k]].name);
    }
    said.finding->evidence.n_used = (int64_t)p->t.n;
    say(said,
        "The weighted sum of the parts that are rewarded beside the constraint %s: %.4g at the "
        "start, %.4g at the end, %+.3g (+- %.2g) over the last half.",
        r.state == REWARD_DECLINE       ? "fell back"
        : r.state == REWARD_NO_PROGRESS ? "did not move"
        : found                         ? "has stopped rising"
        : r.state == REWARD_IMPROVING   ? "is rising"
                                        : "may or may not still rise",
        r.start, r.end, r.gain, r.ci);
    say_value(said, "start", r.start, "reward");
    say_value(said, "end", r.end, "reward");
    say_value(said, "gain_last_half", r.gain, "reward");
    say_effect(said, r.gain, "reward", r.gain - r.ci, r.gain + r.ci, 0.9);
    say_method(said, "the state of a reward (block means), of the sum with the weights that "
                     "Lagrangian mode leaves");
    if (!p->weights.known)
        say_caveat(said, "the weights are the trainer's defaults, the run's own are not known");
    say_what_would_change(said, "A gain over the last half beyond its interval.");
    if (!found)
        return;
    say_caveat(said, "unvalidated rule");
    say_harm(said, r.state == REWARD_PLATEAU ? SEVERITY_LOW : SEVERITY_MEDIUM, 0.6);
}

/* A weighted sum that lacks a part is not the sum that was rewarded. */
static enum role missing_primary(const struct subject *subject, const struct parts *p)
{
    for (size_t i = 0; i < REWARD_PARTS; i++) {
        if (p->weights.of[i] > 0 && subject->role[rl_parts[i]].clean.active.n == 0)
            return rl_parts[i];
    }
    return ROLES;
}

static void run(const struct subject *subject, struct findings *out)
{
    struct parts p = gather(subject);
    size_t needs = ITERATIONS_MIN;

    if (p.count == 0) {
        say_not_logged(out, class, subject, ROLE_REWARD_PERPLEXITY);
        return;
    }
    for (size_t k = 0; k < p.count; k++)
        needs = subject->role[p.roles[k]].clean.smoothed ? 3 * ITERATIONS_MIN : needs;
    if (p.t.n < needs) {
        say_too_short(out, class, &subject->role[p.roles[0]], needs);
        return;
    }
    measure(&p, subject->arena);
    say_parts(subject, &p, out);
    if (!subject->lagrangian)
        return;
    enum role missing = missing_primary(subject, &p);
    if (missing == ROLES)
        say_primary(subject, &p, out);
    else
        say_not_logged(out, "primary_stalling", subject, missing);
}

const struct detector detector_reward_components = {
    .name = "reward_components",
    .what = "what each part of a composed reward did, trade-offs, stalling primary parts",
    .applies = FOR_RL,
    .run = run,
};
