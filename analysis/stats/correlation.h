#ifndef CORRELATION_H
#define CORRELATION_H
/*
 * Does one thing go with another over a handful of runs. Ranks, because a
 * learning rate of 1e-2 beside three of 1e-4 is no evidence of a line; exact
 * where that can be counted, because at eight runs the normal law is wrong.
 */

#include "analysis/base/arena.h"

/* Ranks from 1, ties get their mean. */
void ranks_of(const double *x, size_t n, double *rank, struct arena *scratch);

/*
 * Spearman 1904: the correlation of midranks. p two-sided: of all n! orders up
 * to 9 values, else of 9,999 drawn with a fixed seed, counted with the observed
 * one (Phipson and Smyth 2010); those that tie with it count. NaN: one of the
 * two is constant, or n < 3.
 */
struct spearman {
    double rho, p;
    bool exact;
};
struct spearman spearman_of(const double *x, const double *y, size_t n, struct arena *scratch);

/*
 * Kruskal and Wallis 1952 with ties, p by the same count of orders: does y
 * differ between the groups 0 … groups-1? NaN where there is one group only,
 * or every run is a group of its own.
 */
struct kruskal {
    double h, p;
    bool exact;
};
struct kruskal kruskal_of(const size_t *group, const double *y, size_t n, size_t groups,
                          struct arena *scratch);

#endif
