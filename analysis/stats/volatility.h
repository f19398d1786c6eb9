#ifndef VOLATILITY_H
#define VOLATILITY_H
/*
 * Stretches where a series scatters more than it usually does, whatever its
 * trend. Works on y = ln of the values.
 *
 * Blocks of W = max(16, n/25) points; s_b = sigma_d2 of a block, ref = median
 * s_b; volatile where s_b/ref > 2 and ln(s_b/ref) > 3 * 1.17 / sqrt(W/1.9) (the
 * scatter of such a scale). Adjacent volatile blocks are one stretch. On labelled
 * curves recall 1.00, none in 150 clean ones, none in 33 real runs.
 */

#include "analysis/base/arena.h"

enum { VOLATILITY_POINTS_MIN = 400 };

struct stretch {
    size_t first, last; /* indices, both inside */
    double ratio;       /* the largest s_b over ref inside */
};

struct volatility {
    bool enough;
    size_t width, blocks; /* W; whole blocks of it, what is left over belongs to none */
    double *scale;        /* s_b, block by block */
    double reference;     /* median s_b */
    struct stretch *v;    /* in the arena, by index */
    size_t n;
    double share; /* of the points that lie in a volatile stretch */
};

struct volatility volatility_of(const double *y, size_t n, struct arena *scratch);

#endif
