#ifndef EFFICIENCY_H
#define EFFICIENCY_H
/*
 * How fast a loss fell, in steps. Losses > 0, lower is better; steps >= 1 and rising.
 */

#include "analysis/base/arena.h"

#include <stdint.h>

/*
 * The first point at which the median of the last five is at or below the target.
 * 95% interval: 200 curves made of the running median of five and resampled
 * residuals of ln y (blocks of n^(1/3)), seed given; its upper end is NAN where
 * more than 2.5% of them never reach it. n <= EFFICIENCY_POINTS_MAX: a longer
 * series is first reduced to blocks.
 */
enum { EFFICIENCY_POINTS_MIN = 6, EFFICIENCY_POINTS_MAX = 400, EFFICIENCY_RESAMPLES = 200 };

struct reached {
    bool enough, reached;
    size_t at;        /* index */
    double low, high; /* steps */
};

struct reached target_reached(const double *steps, const double *y, size_t n, double target,
                              uint64_t seed, struct arena *scratch);

/*
 * Mean of ln y over ln step (trapezoids): of two runs of one length the one with
 * the smaller value was faster. NAN with fewer than two points.
 */
double area_in_log_steps(const double *steps, const double *y, size_t n);

#endif
