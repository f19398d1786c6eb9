#ifndef LEFTOVER_H
#define LEFTOVER_H
/*
 * What a few columns leave of a series, by least squares. Modified Gram-Schmidt:
 * columns that others make up are left out, so any set will do.
 */

#include "analysis/base/arena.h"

enum { LEFTOVER_COLUMNS_MAX = 8 };

/*
 * out = y less its projection on the k columns of n values each; returns its sum of squares.
 * The columns are made orthogonal in place.
 */
double leftover_of(double *const *columns, size_t k, const double *y, size_t n, double *out);

/* The same for 1, t, t^2, t^3 of the index. */
double cubic_leftover_of(const double *y, size_t n, double *out, struct arena *scratch);

#endif
