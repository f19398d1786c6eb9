/*
 * A critic that predicts worse than the mean of the returns would; one that
 * explains all of returns that do not vary; and which way it goes.
 */
#include "analysis/advised.h"
#include "analysis/detectors/detector.h"
#include "analysis/rl.h"
#include "analysis/say.h"
#include "analysis/stats/drift.h"
#include "analysis/stats/moments.h"
#include "analysis/stats/reward.h"

static const char class[] = "explained_variance";

/* Detection benchmark 1, development set, at a tenth of the runs. */
static const double precision = 0.95;
static const double nearly_all = 0.99, constant_within = 1e-3;

static void figures(struct said said, const struct below_zero *b, const struct drift *d)
{
    say_value(said, "mean", b->mean, "");
    say_value(said, "median", b->median, "");
    say_value(said, "t", b->t, "");
    say_value(said, "at_floor", (double)b->at_floor, "points");
    say_value(said, "theil_sen", d->slope, "an iteration");
    say_value(said, "mann_kendall_ar1", d->z, "");
    say_parameter(said, "critical_t", b->critical, "");
    say_parameter(said, "blocks", (double)b->blocks, "");
    if (b->at_floor > 0)
        say_caveat(said, "%zu values stand at -1, where some trainers cut them off", b->at_floor);
}

static void advise(struct said said, const struct subject *subject)
{
    double lr = rl_value_rate(subject);

    say_advice(said, (struct advice){.key = VALUE_RATE_KEY,
                                     .from = isfinite(lr) ? say_text(said, "%.4g", lr) : NULL,
                                     .to = isfinite(lr) ? say_text(said, "%.4g", 3 * lr)
                                                        : "three times what it was",
                                     .expected = "a critic better than the mean return",
                                     .check = "median explained variance of the last quarter above "
                                              "0; check return normalisation and gamma, too"});
}

static void say_below(const struct subject *subject, const struct below_zero *b, size_t needs,
                      struct findings *out)
{
    const struct role_series *ev = &subject->role[ROLE_EXPLAINED_VARIANCE];
    const struct series *s = &ev->clean.active;
    struct drift d = drift_of(s->value, s->n, subject->arena);
    struct said said = say_about(out, class, b->below ? FINDING_FOUND : FINDING_NOT_FOUND, ev,
                                 s->step[b->from], s->step[s->n - 1]);

    say(said,
        "Explained variance %s over the last quarter: mean %.3f, median %.3f (%zu points); over "
        "the run it %s (z %.2f).",
        b->below ? "is below 0" : "is not below 0", b->mean, b->median, s->n - b->from,
        d.rises   ? "rises"
        : d.falls ? "falls"
                  : "shows no trend",
        d.z);
    figures(said, b, &d);
    said.finding->evidence.n_used = (int64_t)(s->n - b->from);
    say_effect(said, b->mean, "", (double)NAN, (double)NAN, (double)NAN);
    say_method(said, "one-sided t-test of block means of the last quarter against 0");
    say_what_would_change(said, "A last quarter with a median of 0 or more.");
    if (!b->below)
        return;
    say_harm(said, b->mean < -0.5 ? SEVERITY_HIGH : SEVERITY_MEDIUM,
             capped(precision, s->n, needs));
    advise(said, subject);
}

/* Spread of the last quarter of the reward over its level; NAN where it is too short. */
static double reward_spread(const struct subject *subject)
{
    const struct series *r = &subject->role[ROLE_REWARD].clean.active;
    size_t last = r->n / 4;

    if (r->n < BELOW_ZERO_POINTS_MIN)
        return (double)NAN;
    const double *late = r->value + r->n - last;
    double level = fabs(mean_of(late, last)), spread = sd_of(late, last);
    return level > 0 ? spread / level : spread;
}

/* Returns that do not vary are explained by any constant, or written as exactly 0. */
static void say_degenerate(const struct subject *subject, const struct below_zero *b,
                           struct findings *out)
{
    const struct role_series *ev = &subject->role[ROLE_EXPLAINED_VARIANCE];
    const struct series *s = &ev->clean.active;
    double spread = reward_spread(subject);
    size_t zeros = 0, count = s->n - b->from;

    for (size_t i = b->from; i < s->n; i++)
        zeros += !(s->value[i] > 0 || s->value[i] < 0);
    bool unvaried = zeros * 2 >= count;
    bool found = unvaried || (b->median > nearly_all && spread < constant_within); /* NAN: no */
    struct said said =
        say_about(out, "explained_variance_degenerate", found ? FINDING_FOUND : FINDING_NOT_FOUND,
                  ev, s->step[b->from], s->step[s->n - 1]);

    if (unvaried)
        say(said,
            "The explained variance is exactly 0 in %zu of the last %zu iterations: the "
            "returns do not vary, or the critic predicts a constant.",
            zeros, count);
    else if (found)
        say(said,
            "The critic explains everything (median %.3f) of returns that hardly vary "
            "(spread of the reward %.2g of its level).",
            b->median, spread);
    else
        say(said, "The explained variance is that of returns that vary.");
    say_value(said, "exact_zeros", (double)zeros, "points");
    say_value(said, "median", b->median, "");
    if (isfinite(spread)) {
        finding_column(out, said.finding, subject->role[ROLE_REWARD].name);
        say_value(said, "reward_spread", spread, "share of its level");
    }
    said.finding->evidence.n_used = (int64_t)count;
    say_method(said, "exact zeros, or a median above .99 with a reward constant within .1%%, over "
                     "the last quarter");
    say_what_would_change(said, "Returns that vary.");
    if (!found)
        return;
    say_caveat(said, "unvalidated rule");
    say_harm(said, SEVERITY_LOW, 0.6);
}

static void run(const struct subject *subject, struct findings *out)
{
    const struct role_series *ev = &subject->role[ROLE_EXPLAINED_VARIANCE];
    const struct series *s = &ev->clean.active;
    size_t needs = subject_needs(ev, BELOW_ZERO_POINTS_MIN);
    struct below_zero b = {0};

    if (!ev->logged) {
        say_not_logged(out, class, subject, ROLE_EXPLAINED_VARIANCE);
        return;
    }
    if (s->n >= needs)
        b = below_zero_of(s->value, s->n, subject->arena);
    if (!b.enough) {
        say_too_short(out, class, ev, needs);
        return;
    }
    say_below(subject, &b, needs, out);
    say_degenerate(subject, &b, out);
}

const struct detector detector_explained_variance = {
    .name = "explained_variance",
    .what = "explained variance: below 0, degenerate, and its trend",
    .applies = FOR_RL,
    .run = run,
};
