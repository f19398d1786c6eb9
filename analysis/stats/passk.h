#ifndef PASSK_H
#define PASSK_H
/*
 * pass@k and pass^k from n trials of a task, c of them passed (Chen et al.
 * 2021; tau-bench 2024), and what may be said about their means.
 *
 * k = 0 or more trials than there are is undefined: NaN, never 1. Trials must
 * be independent samples; retries and the beams of one search are not.
 */

#include "analysis/stats/proportion.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct trials {
    uint32_t n, c;
};

typedef double pass_of(uint32_t n, uint32_t c, uint32_t k);

/* At least one of k passes: 1 - C(n-c,k)/C(n,k). */
double pass_at_k(uint32_t n, uint32_t c, uint32_t k);
/* All of k pass: C(c,k)/C(n,k). */
double pass_hat_k(uint32_t n, uint32_t c, uint32_t k);

/* Mean over the tasks that have k trials, *used of them; NaN if there is none. */
double pass_mean(pass_of *of, const struct trials *tasks, size_t n, uint32_t k, size_t *used);

/* The share of tasks with any pass: what "top k by reward" gives for every k. NaN without tasks. */
double best_of_n(const struct trials *tasks, size_t n);

/*
 * (A) New tasks of the same kind: t on the logit of the mean of one value a
 * task in [0,1]; all equal: Wilson on n tasks. False with *why below 10 tasks,
 * where coverage was not shown. new_tasks_raw has no such floor.
 */
bool interval_new_tasks(const double *value, size_t n, struct interval *out, const char **why);
bool new_tasks_raw(const double *value, size_t n, struct interval *out);
/* Plain t, for values that are no shares (rewards); false for fewer than 2. */
bool interval_t(const double *value, size_t n, struct interval *out);

/* (B) The same tasks, answers drawn anew: beta-binomial empirical Bayes. */
struct same_tasks {
    double m, rho, a, b; /* the prior: mean, correlation, Beta(a, b) */
    double mean, se_bayes, se_unbiased;
    struct interval interval;
    bool approximate; /* 2k > n for some task: se_unbiased is not known, only se_bayes was used */
};
/* False with *why if all or no trial passed, or fewer than 2 tasks have k trials of at least 2. */
bool pass_same_tasks(const struct trials *tasks, size_t n, uint32_t k, struct same_tasks *out,
                     const char **why);

#endif
