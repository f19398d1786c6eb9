#ifndef DRIFT_H
#define DRIFT_H
/*
 * Which way a noisy series goes, as a whole. From 20 points on it is cut into
 * K = min(24, n/3) equal-count blocks and their medians are used; from 8 to 19
 * points each is a block of its own (sparse evaluations). MK-AR1 says whether it
 * moves (two-sided p, and p < .05 is `rises` or `falls`), Theil-Sen how fast,
 * and the means of the first and last quarter of the blocks (at most 3) from
 * where to where. Below 30 blocks MK-AR1 is somewhat optimistic.
 */

#include "analysis/base/arena.h"

enum { DRIFT_POINTS_MIN = 8, DRIFT_BLOCKS_FROM = 20 };

struct drift {
    bool enough, rises, falls;
    size_t blocks;
    double start, end, change; /* change = end - start */
    double slope;              /* per point */
    double z, p;
};

struct drift drift_of(const double *x, size_t n, struct arena *scratch);

#endif
