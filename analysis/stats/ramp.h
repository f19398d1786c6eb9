#ifndef RAMP_H
#define RAMP_H
/*
 * Does a curve turn up for good, and is that more than its noise makes? Block
 * levels see a rise only once the last block is far above the lowest; a ramp
 * fitted to all of it sees a slow one, and tells how sure it is.
 *
 * At most 60 block means b of the points behind the first tenth; baseline 1,
 * ln t, (ln t)^2; ramp v or v^2, v = max(0, t - h), h at each block but the
 * last three. The h and power that leave least, of those that rise, count.
 *   t = sqrt((SSE_0 - SSE_1) / (SSE_1 / (K - 5)) (1 - rho)/(1 + rho)),
 * rho = clip((K r + 2)/(K - 4), 0, .95), r the lag-1 correlation of what is left.
 * rise: of the fitted curve, from its lowest to its end.
 */

#include "analysis/base/arena.h"

enum { RAMP_POINTS_MIN = 25 };

struct ramp {
    bool enough;
    size_t from; /* index of the first point of the block it begins at */
    double t, rise, rho;
};

struct ramp ramp_of(const double *y, size_t n, struct arena *scratch);

#endif
