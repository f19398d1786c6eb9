#ifndef MULTIPLIER_H
#define MULTIPLIER_H
/*
 * The multiplier of a constrained policy gradient as its trainer moves it:
 * lambda = softplus(raw), one Adam step an iteration on -lambda * mean cost
 * (betas .9 and .999, eps 1e-8; Kingma and Ba 2015), with weight decay added to
 * the gradient, as torch.optim.Adam does. raw starts at ln(e^init - 1).
 *
 * A cost is max(0, c), so it can only push lambda up; the decay alone pulls it
 * back. Under a constant cost c lambda therefore settles where
 *
 *     raw = c / decay * sigmoid(raw)
 *
 * (near c / decay, ln 2 without a cost). A lambda that rises towards that value
 * is a constraint that is not met, not one that diverges.
 */

#include <stddef.h>

struct dual {
    double init;  /* lambda before the first step, > 0 */
    double rate;  /* Adam's step size */
    double decay; /* of the raw parameter; 0: lambda has no equilibrium while cost > 0 */
};

/* Of one step: what is missing to the threshold, 0 above it. A mean of costs is never below the
 * cost of the mean. */
double constraint_cost(double threshold, double diversity);

/* lambda after each of n steps. */
void multiplier_run(const struct dual *dual, const double *cost, size_t n, double *lambda);

/* Where it settles under a constant cost >= 0; infinite for decay = 0 and cost > 0. */
double multiplier_limit(double cost, double decay);

/*
 * Was the logged lambda made by this law from the logged costs? Largest
 * |logged - simulated| / max(simulated, .01) of n >= 1 steps.
 */
double multiplier_misfit(const struct dual *dual, const double *cost, const double *lambda,
                         size_t n);

/*
 * By which share of the period (in points) `follows` runs behind `leads`, in
 * [0, 1): the difference of their phases at that period over n points, each
 * less its least-squares line. A multiplier integrates its cost: a quarter.
 */
double phase_lag(const double *leads, const double *follows, size_t n, double period);

/* What is left of the reward's advantage in (A_reward - lambda A_cost) / (1 + lambda). */
double reward_advantage_share(double lambda);

#endif
