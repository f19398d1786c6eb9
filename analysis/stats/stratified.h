#ifndef STRATIFIED_H
#define STRATIFIED_H
/*
 * Tests that compare within tasks, so that easy and hard ones do not pose as an
 * effect. Observations of a task stand next to each other: task[] is sorted.
 */

#include "analysis/base/arena.h"

#include <stdint.h>

/*
 * Do those that passed have the larger x? Stratified rank sum with unit weights
 * (van Elteren 1960 where all n are equal), midranks, no continuity correction.
 */
struct ranksum {
    double s, v, z, p;             /* z and p NaN without a task that has both outcomes */
    double auc, auc_low, auc_high; /* P(x of a pass > x of a failure), ties half; pooled */
    size_t tasks;                  /* with both outcomes */
    double pairs;
};
struct ranksum stratified_ranksum(const uint32_t *task, const double *x, const bool *passed,
                                  size_t n, struct arena *scratch);

/* tau-b within each task, weighted by its untied pairs; NaN if no task has any. */
double within_tau(const uint32_t *task, const double *x, const double *y, size_t n,
                  struct arena *scratch, size_t *tasks);

/* Counts of a 2x2 table: rows with and without, columns failed and passed. */
struct table2 {
    double a, b, c, d;
};

/* Two-sided: all tables no likelier than this one. *odds: ad/bc, may be infinite or NaN. */
double fisher_exact(const struct table2 *t, double *odds);

/* Mantel and Haenszel 1959; the interval by Robins, Breslow and Greenland 1986. */
struct odds {
    double ratio, low, high, p; /* NaN if no table tells */
    size_t tables;              /* that have both outcomes and both rows */
};
struct odds mantel_haenszel(const struct table2 *t, size_t n);

#endif
