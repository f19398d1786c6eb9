#ifndef PELT_H
#define PELT_H
/*
 * Where the mean of a series changes: the segmentation that minimises the sum
 * of squares about the segment means plus `penalty` a change (PELT; Killick,
 * Fearnhead and Eckley 2012; exact, also with a least length). Without a change
 * it is quadratic in n: bin to PELT_POINTS_MAX points first.
 */

#include "analysis/base/arena.h"

enum { PELT_POINTS_MAX = 2000 };

struct changes {
    size_t *at; /* first index of each new segment, rising; in the arena */
    size_t n;
};

/* least: points a segment has at least (>= 1). */
struct changes pelt_means(const double *y, size_t n, double penalty, size_t least,
                          struct arena *scratch);

#endif
