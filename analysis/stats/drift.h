#ifndef DRIFT_H
#define DRIFT_H
/*
 * Which way a noisy series goes, as a whole. From 20 points on it is cut into
 * K = min(24, n/3) equal-count blocks and their medians are used; from 8 to 19
 * points each is a block of its own (sparse evaluations). start and end are the
 * means of the first and last L = min(3, K/4) blocks, Theil-Sen says how fast,
 * and it rises (or falls) if
 *   MK-AR1 says so (two-sided p < .05), or
 *   Mann-Kendall does (|z| > 1.96) and |change| > 4 sigma sqrt(2/L), sigma = 1.4826
 *   MAD of the differences of neighbouring blocks / sqrt 2.
 * The second because a bent rise leaves residuals about a line that look like
 * noise with a memory: MK-AR1 then misses what anyone can see. Of 400 simulated
 * AR(1) series without a trend (rho .6, 240 points) 11 move by this rule.
 */

#include "analysis/base/arena.h"

enum { DRIFT_POINTS_MIN = 8, DRIFT_BLOCKS_FROM = 20 };

struct drift {
    bool enough, rises, falls;
    size_t blocks;
    double start, end, change; /* change = end - start */
    double slope;              /* per point */
    double z, p;               /* MK-AR1 */
    double mk, sigma;          /* plain z; noise of a block */
};

struct drift drift_of(const double *x, size_t n, struct arena *scratch);

#endif
