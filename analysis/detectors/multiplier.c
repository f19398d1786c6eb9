/*
 * The multiplier of a constrained run against its equilibrium. A rise is no
 * fault by itself: under a cost that stays, and with weight decay in the dual
 * optimiser, lambda rises to a known value. Only without one is it unbounded.
 */
#include "analysis/detectors/detector.h"
#include "analysis/rl.h"
#include "analysis/say.h"
#include "analysis/stats/moments.h"
#include "analysis/stats/trend.h"

enum { ITERATIONS_MIN = 20, BLOCKS_MAX = 20 };

/* Detection benchmark 1, development set, at .3 of the runs. */
static const double precision = 0.98;
static const double tolerance = 0.02; /* of the cost */
static const double settled_from = 0.95, grown_from = 1.25;
static const double fits_within = 0.05;   /* of the logged lambda */
static const double still_climbing = 0.5; /* of the mean growth, over the last quarter */

struct multiplier {
    struct together t; /* lambda, cost */
    size_t half;       /* first index of the last half */
    double late_cost, mk, start, end, growth_a_step;
    double decay, misfit; /* of the law that fits better: with decay, or with none */
    bool known;           /* that law is the run's */
    bool bounded, met, grown;
    double limit, ratio;   /* NAN where the law is not known */
    double mean_diversity; /* last quarter; NAN if not logged */
};

static double median_at(const struct multiplier *m, size_t which, size_t from, size_t to,
                        struct arena *scratch)
{
    return median_of(m->t.value[which] + from, to - from, scratch);
}

/*
 * Whether the dual optimiser decays its parameter is in the configuration, or
 * else in the numbers: the law that reproduces the logged lambda is the run's.
 * Where none does, all that can be seen is whether lambda still climbs at its end.
 */
static void find_law(const struct subject *subject, struct multiplier *m)
{
    struct dual with = rl_dual(subject), without = with;
    bool stated = isfinite(subject_setting(subject, "RL_LAGRANGE_MULTIPLIER_WEIGHT_DECAY"));
    const double *lambda = m->t.value[0], *cost = m->t.value[1];

    without.decay = 0;
    double a = multiplier_misfit(&with, cost, lambda, m->t.n);
    double b = multiplier_misfit(&without, cost, lambda, m->t.n);
    m->misfit = stated ? a : fmin(a, b);
    m->decay = stated || a <= b ? with.decay : 0;
    m->known = stated || m->misfit <= fits_within;
    if (m->known) {
        m->bounded = m->decay > 0;
        m->limit = multiplier_limit(m->late_cost, m->decay);
    } else {
        double whole = (m->end - m->start) / (double)m->t.n;

        m->bounded = !(m->growth_a_step > still_climbing * whole);
        m->limit = (double)NAN;
    }
    m->ratio = m->bounded ? m->end / m->limit : (double)NAN;
}

static struct multiplier measure(const struct subject *subject)
{
    static const enum role roles[] = {ROLE_MULTIPLIER, ROLE_COST};
    struct multiplier m = {.t = rl_together(subject, roles, 2)};
    const struct role_series *diversity = &subject->role[ROLE_REWARD_DIVERSITY];
    size_t n = m.t.n, ends = n / 20 > 0 ? n / 20 : 1;
    struct arena *scratch = subject->arena;
    double b[BLOCKS_MAX];

    if (n < ITERATIONS_MIN)
        return m;
    m.half = n / 2;
    size_t blocks = clip_count((n - m.half) / 2, 1, BLOCKS_MAX);
    block_means(m.t.value[1] + m.half, n - m.half, blocks, b);
    m.late_cost = median_of(b + blocks / 2, blocks - blocks / 2, scratch);
    m.mk = mk_ar1(b, blocks, scratch).z;
    m.start = median_at(&m, 0, 0, ends, scratch);
    m.end = median_at(&m, 0, n - ends, n, scratch);
    m.grown = m.end >= grown_from * m.start;
    size_t quarter = n / 4;
    m.growth_a_step =
        (m.end - median_at(&m, 0, n - quarter - ends, n - quarter, scratch)) / (double)quarter;
    m.met = !(m.late_cost > tolerance && m.mk > -1.64);
    find_law(subject, &m);
    const struct series *d = &diversity->clean.active;
    m.mean_diversity = d->n > 3 ? mean_of(d->value + d->n - d->n / 4, d->n / 4) : (double)NAN;
    return m;
}

static void figures(struct said said, const struct subject *subject, const struct multiplier *m)
{
    finding_column(said.findings, said.finding, subject->role[ROLE_COST].name);
    said.finding->evidence.n_used = (int64_t)m->t.n;
    say_value(said, "late_cost", m->late_cost, "");
    say_value(said, "late_cost_mann_kendall_ar1", m->mk, "");
    say_value(said, "lambda_start", m->start, "");
    say_value(said, "lambda_end", m->end, "");
    say_value(said, "lambda_growth_last_quarter", m->growth_a_step, "an iteration");
    if (m->bounded && m->known) {
        say_value(said, "lambda_inf", m->limit, "");
        say_value(said, "lambda_end_over_lambda_inf", m->ratio, "");
    }
    say_value(said, "law_misfit", m->misfit, "share of lambda");
    if (isfinite(m->mean_diversity))
        say_value(said, "mean_diversity_last_quarter", m->mean_diversity, "");
    say_parameter(said, "cost_tolerance", tolerance, "");
    if (m->known)
        say_parameter(said, "weight_decay", m->decay, "");
    say_parameter(said, "dual_rate", rl_dual(subject).rate, "");
    say_method(said, "block means of the cost of the last half (median of the later half, MK-AR1); "
                     "lambda against the equilibrium raw = cost/decay sigmoid(raw), and against a "
                     "simulation of Adam on the logged cost");
    if (isfinite(subject_setting(subject, "RL_LAGRANGE_MULTIPLIER_WEIGHT_DECAY")))
        return;
    if (m->known)
        say_caveat(said,
                   "the weight decay is not in the configuration; %.4g reproduces the logged "
                   "multiplier within %.2g of it",
                   m->decay, m->misfit);
    else
        say_caveat(said, "the law of the multiplier is not known (the trainer's, with its weight "
                         "decay or without, does not reproduce it): judged by whether it still "
                         "climbs at the end");
}

/* A mean over steps of max(0, threshold - d) stays above 0 where the mean of d is above it. */
static void say_diversity(struct said said, const struct subject *subject,
                          const struct multiplier *m)
{
    double threshold = subject_setting(subject, "RL_DIVERSITY_CONSTRAINT_THRESHOLD");

    if (!isfinite(threshold) || !isfinite(m->mean_diversity))
        return;
    say_parameter(said, "threshold", threshold, "");
    if (m->mean_diversity >= threshold && m->late_cost > tolerance)
        say_caveat(said,
                   "the cost is a mean over steps of max(0, threshold - diversity): it is %.4g "
                   "although the mean diversity (%.4g) is not below the threshold (%.4g)",
                   m->late_cost, m->mean_diversity, threshold);
    double least = constraint_cost(threshold, m->mean_diversity);
    if (m->late_cost < least - tolerance)
        say_caveat(said,
                   "a mean diversity of %.4g alone costs %.4g at the threshold %.4g, and %.4g is "
                   "logged: one of the three is not what the trainer used",
                   m->mean_diversity, least, threshold, m->late_cost);
}

static enum severity harm(const struct subject *subject, const struct multiplier *m)
{
    double threshold = subject_setting(subject, "RL_DIVERSITY_CONSTRAINT_THRESHOLD");
    struct reward reward = rl_reward(subject);

    if (rl_is_flat(&reward))
        return SEVERITY_HIGH;
    if (isfinite(m->mean_diversity) && m->mean_diversity >= threshold) /* false for NAN */
        return SEVERITY_LOW;
    return SEVERITY_MEDIUM;
}

static void advise(struct said said, const struct subject *subject)
{
    const struct series *d = &subject->role[ROLE_REWARD_DIVERSITY].clean.active;
    double threshold = subject_setting(subject, "RL_DIVERSITY_CONSTRAINT_THRESHOLD");
    double half = d->n ? median_of(d->value, d->n, subject->arena) : (double)NAN;

    say_advice(said,
               (struct advice){
                   .key = "RL_DIVERSITY_CONSTRAINT_THRESHOLD",
                   .from = isfinite(threshold) ? say_text(said, "%.4g", threshold) : NULL,
                   .to = isfinite(half) ? say_text(said, "%.4g, the median diversity reached", half)
                                        : "the median of what the run reached",
                   .expected = "a constraint that can be met, so that the multiplier "
                               "comes to rest",
                   .check = "mean cost falling below 0.02 in the last half; else a cap on "
                            "the multiplier, or a proportional term"});
}

static void say_unbounded(const struct subject *subject, const struct multiplier *m,
                          struct findings *out)
{
    bool found = !m->bounded && !m->met && m->grown;
    struct said said = say_about(
        out, "multiplier_unbounded", found ? FINDING_FOUND : FINDING_NOT_FOUND,
        &subject->role[ROLE_MULTIPLIER], m->t.step[found ? m->half : 0], m->t.step[m->t.n - 1]);

    figures(said, subject, m);
    say_effect(said, m->end - m->start, "lambda", (double)NAN, (double)NAN, (double)NAN);
    if (found)
        say(said,
            "The multiplier grows without bound: %.3g to %.3g, %+.3g an iteration at the end%s, "
            "and "
            "the mean cost stays at %.3g.",
            m->start, m->end, m->growth_a_step, m->known ? ", and no weight decay holds it" : "",
            m->late_cost);
    else if (m->bounded && m->known)
        say(said,
            "The multiplier is bounded: it is %.3g, and at a mean cost of %.3g it settles at %.3g "
            "(weight decay %.3g).",
            m->end, m->late_cost, m->limit, m->decay);
    else
        say(said,
            "The multiplier does not grow without bound: %.3g to %.3g, %+.3g an iteration at the "
            "end, at a mean cost of %.3g.",
            m->start, m->end, m->growth_a_step, m->late_cost);
    say_what_would_change(said, "A mean cost below %.2g, or a multiplier that stops growing.",
                          tolerance);
    if (!found)
        return;
    struct reward reward = rl_reward(subject);
    say_harm(said, rl_is_flat(&reward) ? SEVERITY_HIGH : SEVERITY_MEDIUM,
             capped(precision, m->t.n, ITERATIONS_MIN));
    advise(said, subject);
}

static void say_not_met(const struct subject *subject, const struct multiplier *m,
                        struct findings *out)
{
    bool found = m->bounded && !m->met, settled = m->ratio >= settled_from;
    struct said said =
        say_about(out, "constraint_not_met", found ? FINDING_FOUND : FINDING_NOT_FOUND,
                  &subject->role[ROLE_MULTIPLIER], m->t.step[m->half], m->t.step[m->t.n - 1]);

    figures(said, subject, m);
    say_effect(said, m->late_cost, "mean cost", (double)NAN, (double)NAN, (double)NAN);
    if (found && m->known)
        say(said,
            "The constraint is not being met: the mean cost stays at %.3g; the multiplier is %.3g, "
            "%.0f%% of the %.3g where it settles at that cost%s.",
            m->late_cost, m->end, 100 * m->ratio, m->limit,
            settled ? " (settled: it will push no harder)" : "");
    else if (found)
        say(said,
            "The constraint is not being met: the mean cost stays at %.3g, and the multiplier has "
            "stopped climbing at %.3g.",
            m->late_cost, m->end);
    else if (!m->met)
        say(said, "The mean cost stays at %.3g: see multiplier_unbounded.", m->late_cost);
    else
        say(said, "The constraint is met or on its way: the mean cost of the last half is %.3g%s.",
            m->late_cost, m->late_cost > tolerance ? " and falling" : "");
    say_diversity(said, subject, m);
    say_what_would_change(said, "A mean cost of %.2g or less over the end of the run, or falling.",
                          tolerance);
    if (!found)
        return;
    say_harm(said, harm(subject, m), capped(precision, m->t.n, ITERATIONS_MIN));
    advise(said, subject);
}

static void run(const struct subject *subject, struct findings *out)
{
    const struct role_series *lambda = &subject->role[ROLE_MULTIPLIER];

    if (!lambda->logged || !subject->role[ROLE_COST].logged) {
        say_not_logged(out, "multiplier_unbounded", subject,
                       lambda->logged ? ROLE_COST : ROLE_MULTIPLIER);
        return;
    }
    struct multiplier m = measure(subject);
    if (m.t.n < ITERATIONS_MIN) {
        struct said said = say_too_short(out, "multiplier_unbounded", lambda, ITERATIONS_MIN);

        finding_column(out, said.finding, subject->role[ROLE_COST].name);
        say_value(said, "iterations_with_both", (double)m.t.n, "iterations");
        return;
    }
    say_unbounded(subject, &m, out);
    say_not_met(subject, &m, out);
}

const struct detector detector_multiplier = {
    .name = "multiplier",
    .what = "a constraint that is not met, and a multiplier against its equilibrium",
    .applies = FOR_RL,
    .run = run,
};
