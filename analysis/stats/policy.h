#ifndef POLICY_H
#define POLICY_H
/*
 * What the numbers of a policy and its critic say by formula.
 */

#include <stdbool.h>
#include <stddef.h>

/* 1 - Var(returns - values) / Var(returns); NAN where the returns do not vary or n < 2. */
double explained_variance_of(const double *returns, const double *values, size_t n);

/*
 * Performance bought with entropy: R = -a e^H + b by least squares of R on e^H
 * (Cui and others 2025, on reasoning models). The ceiling b - a is R at H = 0.
 * Predictable from early points where it holds; below an R^2 of .8 it does not
 * describe the run.
 */
enum { ENTROPY_LINE_POINTS_MIN = 6 };

struct entropy_line {
    bool enough;
    double a, b, ceiling, r2;
};

struct entropy_line entropy_line_of(const double *entropy, const double *reward, size_t n);

/*
 * Standard deviation of the symmetric Beta(a,a), a >= 1, that has the
 * differential entropy h <= 0: what an entropy means for the spread of a gate
 * (.173 at -.35). .289, the uniform's, for h >= 0.
 */
double gate_spread_of(double h);

/*
 * Share of groups of `group` samples whose rewards are all alike, at a pass rate
 * p of each sample: p^G + (1-p)^G. Convex in p, so over prompts of different
 * difficulty the share is at least that of their mean rate.
 */
double same_reward_share(double p, double group);

#endif
