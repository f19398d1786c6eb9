#ifndef PROCESS_REWARD_H
#define PROCESS_REWARD_H
/*
 * Do steps that are rewarded lead to rewarded episodes? Over all of them
 * (Kendall's tau-b), and within questions, which is the test: easy questions
 * raise both rewards.
 */

#include "analysis/stats/kendall.h"
#include "analysis/stats/stratified.h"
#include "analysis/trajectories/filter.h"

struct process_reward {
    uint32_t *row; /* those with step rewards and a final one, by question */
    double *x, *y; /* mean reward of its steps, final reward */
    size_t n;
    size_t seen, stepped, rewarded; /* episodes; those with step rewards; with a final reward */
    struct kendall pooled;          /* NAN: fewer than 2, or one of them is constant */
    struct ranksum within; /* stratified rank sum, unit weights; z NAN: no question tells */
    double within_tau;
};

struct process_reward process_reward_of(const struct selection *s, struct arena *arena);

/* Why there is no pooled figure, NULL if there is one; and what the test says. */
const char *process_reward_why(const struct process_reward *p, struct arena *arena);
const char *process_reward_says(const struct process_reward *p, struct arena *arena);
/* "moderate_positive_correlation", "no_correlation": the seed's names of a size of tau. */
const char *process_reward_name(double tau, struct arena *arena);

#endif
