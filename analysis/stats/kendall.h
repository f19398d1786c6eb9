#ifndef KENDALL_H
#define KENDALL_H
/* Rank correlation with ties: tau-b (Kendall 1945) in O(n log n) (Knight 1966). */

#include "analysis/base/arena.h"

struct kendall {
    double tau;   /* NaN if x or y is constant: undefined, not 0 */
    double p;     /* two-sided, normal with ties; NaN where tau is; assumes independent pairs */
    double pairs; /* that are tied in neither: the weight of tau among several */
};

struct kendall kendall_tau(const double *x, const double *y, size_t n, struct arena *scratch);

#endif
