#ifndef ORDER_H
#define ORDER_H
/*
 * Values in order, or as much of the order as is asked for. No NaN; which of
 * equal values goes where is not said, and -0 equals 0.
 */

#include "analysis/base/arena.h"

/*
 * Puts the k-th smallest (k < n, from 0) at k, no larger ones before it and no
 * smaller ones behind, and returns it. About 1.7 n comparisons, none of them a
 * branch; at worst O(n log n).
 */
double order_select(double *x, size_t n, size_t k);

/* Ascending. order_sort_few costs n^1.3 or so: for some hundred values at most. */
void order_sort_few(double *x, size_t n);

/*
 * Ranks from 0, those of equal values their mean; O(n), but for few values
 * O(n log n). Fewer than 2^32 values.
 */
void order_ranks(const double *x, size_t n, double *rank, struct arena *scratch);

#endif
