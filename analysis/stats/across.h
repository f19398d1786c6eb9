#ifndef ACROSS_H
#define ACROSS_H
/*
 * Several runs as one figure (Agarwal et al. 2021): robust where a mean is one
 * lucky or failed seed.
 */

#include "analysis/base/arena.h"

/* Interquartile mean: the mean without the lowest and highest floor(n/4). NAN for none. */
double iqm_of(const double *x, size_t n, struct arena *scratch);

/* P(a run of x > a run of y), ties half: the Mann-Whitney U over all pairs. NAN without both. */
double probability_above(const double *x, size_t nx, const double *y, size_t ny);

#endif
