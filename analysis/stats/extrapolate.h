#ifndef EXTRAPOLATE_H
#define EXTRAPOLATE_H
/*
 * Where a loss is going: an ensemble of shifted power laws L = E + A (t+t0)^-b.
 * Valid only where the learning rate is constant; the caller sees to that.
 *
 * For each start f in {.02, .05, .1, .2, .35} the points from max(1, floor(f n))
 * on are averaged in at most 40 log-spaced blocks (mean loss, geometric mean of
 * the steps, weight = count). Each gives two fits, one with t0 = 0 and one with
 * t0 in {0, .005, .01, .02, .05, .1} of the last step: b on a grid of 40 in
 * [.03, 2], E and A >= 0 by weighted least squares. The prediction is the median
 * of the ten, the band lowest - 2 se .. highest + 2 se with se = sd of the last
 * 5% over the root of their count, wider on both sides by what ten fits to the first
 * half of the steps missed the end by (the mean of the last 5%, beyond their own
 * lowest, highest and 2 se): a family that does not fit shows there. The band covers .925 of the
 * frozen benchmark, .826 of the shifted one (tests/bench/detection/RESULTS.md, version 3).
 */

#include "analysis/base/arena.h"

enum { EXTRAPOLATE_POINTS_MIN = 100, EXTRAPOLATE_MEMBERS = 10 };

/* Validated up to twice the last step; refused past four times. */
enum extrapolate_range { EXTRAPOLATE_VALIDATED, EXTRAPOLATE_BEYOND, EXTRAPOLATE_REFUSED };

struct power_law {
    double floor, A, b, t0; /* floor: E, what the loss would tend to */
    double error;           /* weighted sum of squares */
};

/* The best of the grid for t0 among the `t0s`; t + t0 > 0. n >= 2. */
struct power_law power_law_fit(const double *t, const double *y, const double *weight, size_t n,
                               const double *t0s, size_t t0_n, struct arena *scratch);
double power_law_at(const struct power_law *law, double t);

struct extrapolation {
    bool enough; /* false: too few points, a step < 1, or refused: nothing else is set then */
    enum extrapolate_range range;
    struct power_law member[EXTRAPOLATE_MEMBERS]; /* by start: t0 = 0, then the best t0 */
    double now;                                   /* median of the members at the last step */
    double predicted, low, high;                  /* at the step asked for */
    double floor;                                 /* median E */
    double se, missed;
};

/* Steps rise. `to` is a step not below the last. O(n), and about 1 ms for the fits. */
struct extrapolation extrapolate(const double *steps, const double *y, size_t n, double to,
                                 struct arena *scratch);

#endif
