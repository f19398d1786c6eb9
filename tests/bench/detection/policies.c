/* Reinforcement learning: gates, entropies and their controller, multipliers, groups. */
#include "analysis/stats/moments.h"
#include "analysis/stats/multiplier.h"
#include "tests/bench/detection/draft.h"

#include <math.h>

static double *noise(struct draft *d, double sd)
{
    double *x = ARENA_ARRAY(d->arena, d->n, double);
    struct noise_law law = {.sd = sd, .phi = d->laws == LAWS_SHIFTED ? .45 : .3, .laws = d->laws};

    noise_fill(&d->dice, &law, x, d->n);
    return x;
}

/* From one level to another between two shares of the run, with noise, cut to a range. */
static double *moving(struct draft *d, double a, double b, double from, double until, double sd,
                      double least, double most)
{
    double *x = noise(d, sd);

    for (size_t i = 0; i < d->n; i++) {
        double v = fmin(1, fmax(0, (draft_u(d, i) - from) / (until - from)));
        x[i] = fmin(fmax(x[i] + a + (b - a) * v, least), most);
    }
    return x;
}

static void log_gate(struct draft *d, double *x)
{
    run_log(d->run, "gate_modulation", d->step, x, d->n);
}

static void log_entropy(struct draft *d, double *x)
{
    run_log(d->run, "entropy", d->step, x, d->n);
}

/* What one Beta gate allows: -1.77 to 0. */
static double *beta_entropies(struct draft *d, double a, double b)
{
    return moving(d, a, b, 0, .8, .03, -1.76, 0);
}

static void gate_moves(struct draft *d)
{
    log_gate(d, moving(d, .5, dice_in(&d->dice, .25, .75), 0, 1, .1, .06, .94));
    log_entropy(d, beta_entropies(d, -.05, dice_in(&d->dice, -.6, -.1)));
}

static void gate_biased(struct draft *d)
{
    double at = dice_below(&d->dice, 2) ? .85 : .15;

    log_gate(d, moving(d, .5, at, 0, .4, .04, .055, .945));
    log_entropy(d, beta_entropies(d, -.05, dice_in(&d->dice, -.9, -.3)));
}

static void gate_collapses(struct draft *d)
{
    double side = dice_below(&d->dice, 2) ? .98 : .02, u0 = dice_in(&d->dice, .2, .6);
    bool sure = dice_below(&d->dice, 2);

    log_gate(d, moving(d, .5, side, u0 - .1, u0 + .15, .006, .001, .999));
    log_entropy(d, beta_entropies(d, -.05, sure ? -1.68 : -1.2));
    d->run->label[CLASS_GATE].truth = TRUTH_YES;
    if (sure)
        d->run->label[CLASS_ENTROPY_COLLAPSE].truth = TRUTH_YES;
}

static void gate_stuck(struct draft *d)
{
    double at = dice_in(&d->dice, .2, .8);

    log_gate(d, moving(d, .5, at, 0, .3, .006, .06, .94));
    log_entropy(d, beta_entropies(d, -.05, dice_in(&d->dice, -.9, -.3)));
    d->run->label[CLASS_GATE].truth = TRUTH_YES;
}

/* Of a choice among tokens: positive, and falling as the policy learns. */
static void entropy_falls(struct draft *d)
{
    double start = dice_in(&d->dice, .8, 4), end = start * dice_in(&d->dice, .35, .8);

    log_entropy(d, moving(d, start, end, 0, 1, .02 * start, 0, 10));
}

static void entropy_collapses(struct draft *d)
{
    double start = dice_in(&d->dice, .8, 4), end = start * dice_in(&d->dice, .01, .07);
    double until = dice_below(&d->dice, 2) ? .08 : dice_in(&d->dice, .3, .8);

    log_entropy(d, moving(d, start, end, 0, until, .01 * start, 0, 10));
    d->run->label[CLASS_ENTROPY_COLLAPSE].truth = TRUTH_YES;
}

enum { WORKS, UNWIRED, SATURATED };

/* coefficient += release (target - H), kept at .95 of its distance from base; at most `most`. */
static void log_control(struct draft *d, int how)
{
    double target = -.35, base = .01, most = how == SATURATED ? .06 : 1, k = base;
    double *h = beta_entropies(d, -.05, dice_in(&d->dice, -.9, -.6));
    double *coefficient = ARENA_ARRAY(d->arena, d->n, double);

    for (size_t i = 0; i < d->n; i++) {
        if (how != UNWIRED)
            k = base + .95 * (k - base) + (h[i] < target ? .05 * .95 * (target - h[i]) : 0);
        k = fmin(k, most);
        coefficient[i] = k;
    }
    log_entropy(d, h);
    run_log(d->run, "entropy_coef", d->step, coefficient, d->n);
    log_gate(d, moving(d, .5, dice_in(&d->dice, .3, .7), 0, 1, .1, .06, .94));
    if (how == SATURATED) /* where the law comes to rest at the mean of the last fifth */
        d->run->number[CLASS_ENTROPY_CONTROL] =
            base + .05 * .95 * (target - mean_of(h + d->n - d->n / 5, d->n / 5)) / (1 - .95);
    run_set(d->run, "RL_POLICY_ENTROPY_TARGET", target);
    run_set(d->run, "RL_ENTROPY_COEF", base);
    run_set(d->run, "RL_ENTROPY_COEF_MAX", most);
    d->run->entropy_schedule = "homeostasis";
}

static void control_works(struct draft *d)
{
    log_control(d, WORKS);
}

static void control_fails(struct draft *d)
{
    log_control(d, dice_below(&d->dice, 2) ? UNWIRED : SATURATED);
    d->run->label[CLASS_ENTROPY_CONTROL].truth = TRUTH_YES;
}

/* ---- a constraint and its multiplier ---- */

/*
 * The multiplier as the trainer's dual optimiser moves it under that cost: it climbs by about
 * `travel` in the run, and is pulled back by a decay of its parameter.
 */
static void log_constraint(struct draft *d, double *cost, double travel, double decay)
{
    struct dual dual = {.init = .5, .rate = travel / (double)d->n, .decay = decay};
    double *lambda = ARENA_ARRAY(d->arena, d->n, double);

    for (size_t i = 0; i < d->n; i++)
        cost[i] = fmax(cost[i], 0);
    multiplier_run(&dual, cost, d->n, lambda);
    run_log(d->run, "mean_cost", d->step, cost, d->n);
    run_log(d->run, "lagrange_multiplier", d->step, lambda, d->n);
    run_set(d->run, "RL_LAGRANGE_MULTIPLIER_INIT", dual.init);
    run_set(d->run, "RL_LAGRANGE_MULTIPLIER_LR", dual.rate);
    run_set(d->run, "RL_LAGRANGE_MULTIPLIER_WEIGHT_DECAY", decay);
}

static void constraint_none(struct draft *d)
{
    (void)d;
}

static void constraint_infeasible(struct draft *d)
{
    double level = dice_in(&d->dice, .08, .4), travel = dice_in(&d->dice, 2, 15);

    log_constraint(d, moving(d, level, level, 0, 1, .1 * level, .03, 1), travel, 0);
    d->run->label[CLASS_MULTIPLIER].truth = TRUTH_YES;
    run_skip(d->run, CLASS_CONSTRAINT); /* it is not met, either */
}

static void constraint_settles(struct draft *d)
{
    double start = dice_in(&d->dice, .1, .4), until = dice_in(&d->dice, .1, .4);
    double decay = dice_below(&d->dice, 2) ? 0 : .01;

    log_constraint(d, moving(d, start, -.05, 0, until, .01, 0, 1), 10, decay);
}

/* It settles where the pull of the cost and the decay meet. */
static void constraint_equilibrium(struct draft *d)
{
    double level = dice_in(&d->dice, .08, .4), top = dice_in(&d->dice, 1, 8);
    double travel = top * dice_in(&d->dice, 1.2, 4);

    log_constraint(d, moving(d, level, level, 0, 1, .08 * level, .03, 1), travel, level / top);
    d->run->label[CLASS_CONSTRAINT].truth = TRUTH_YES;
}

static void constraint_swings(struct draft *d)
{
    double cycles = dice_in(&d->dice, 5, 12), *cost = noise(d, .01);
    double *lambda = noise(d, .02);

    for (size_t i = 0; i < d->n; i++) {
        double w = 2 * M_PI * cycles * draft_u(d, i);
        cost[i] += .12 + .1 * sin(w);
        lambda[i] += 2 - .8 * cos(w);
    }
    for (size_t i = 0; i < d->n; i++)
        cost[i] = fmax(cost[i], 0);
    run_log(d->run, "mean_cost", d->step, cost, d->n);
    run_log(d->run, "lagrange_multiplier", d->step, lambda, d->n);
    d->run->label[CLASS_MULTIPLIER_SWINGS].truth = TRUTH_YES;
    run_skip(d->run, CLASS_MULTIPLIER);
    run_skip(d->run, CLASS_CONSTRAINT);
}

static void constraint_late(struct draft *d)
{
    log_constraint(d, moving(d, dice_in(&d->dice, .15, .4), -.1, .4, .95, .01, 0, 1), 6, .01);
    run_skip(d->run, CLASS_CONSTRAINT);
}

/* ---- groups without a spread of rewards ---- */

static void log_groups(struct draft *d, double lo, double hi)
{
    static const char *const names[] = {"frac_reward_zero_std", "train/frac_reward_zero_std",
                                        "zero_variance_groups", "env/all/by_group/frac_all_bad"};
    double at = dice_in(&d->dice, lo, hi);
    double *x = moving(d, at, at, 0, 1, .05, 0, 1);

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (role_of(str_of(names[i])) == ROLES)
            continue;
        run_log(d->run, names[i], d->step, x, d->n);
        return;
    }
}

static void groups_none(struct draft *d)
{
    (void)d;
}

static void groups_mixed(struct draft *d)
{
    log_groups(d, .05, .35);
}

static void groups_starved(struct draft *d)
{
    log_groups(d, .6, .95);
    d->run->label[CLASS_STARVATION].truth = TRUTH_YES;
}

#define POLICY(id, channel_, nature_, apply_)                                                      \
    extern const struct family family_##id;                                                        \
    const struct family family_##id = {#id, channel_, nature_, ANY_SCHEDULE, apply_}

POLICY(gate_moves, CHANNEL_POLICY, NATURE_CLEAN, gate_moves);
POLICY(gate_biased, CHANNEL_POLICY, NATURE_DECOY, gate_biased);
POLICY(gate_collapses, CHANNEL_POLICY, NATURE_FAULT, gate_collapses);
POLICY(gate_stuck, CHANNEL_POLICY, NATURE_FAULT, gate_stuck);
POLICY(entropy_falls, CHANNEL_POLICY, NATURE_CLEAN, entropy_falls);
POLICY(entropy_collapses, CHANNEL_POLICY, NATURE_FAULT, entropy_collapses);
POLICY(control_works, CHANNEL_POLICY, NATURE_CLEAN, control_works);
POLICY(control_fails, CHANNEL_POLICY, NATURE_FAULT, control_fails);
POLICY(constraint_none, CHANNEL_CONSTRAINT, NATURE_CLEAN, constraint_none);
POLICY(constraint_infeasible, CHANNEL_CONSTRAINT, NATURE_FAULT, constraint_infeasible);
POLICY(constraint_settles, CHANNEL_CONSTRAINT, NATURE_DECOY, constraint_settles);
POLICY(constraint_equilibrium, CHANNEL_CONSTRAINT, NATURE_FAULT, constraint_equilibrium);
POLICY(constraint_swings, CHANNEL_CONSTRAINT, NATURE_FAULT, constraint_swings);
POLICY(constraint_late, CHANNEL_CONSTRAINT, NATURE_DECOY, constraint_late);
POLICY(groups_none, CHANNEL_GROUPS, NATURE_CLEAN, groups_none);
POLICY(groups_mixed, CHANNEL_GROUPS, NATURE_DECOY, groups_mixed);
POLICY(groups_starved, CHANNEL_GROUPS, NATURE_FAULT, groups_starved);
