#ifndef STALL_H
#define STALL_H
/*
 * Where noise leaves the improvement per doubling (progress.h) too uncertain for
 * an interval that says stalled, how much more likely is what was seen under no
 * improvement than under some?
 *
 * The slope g of block means of ln y on log2(step), least squares with se and
 * K - 2 degrees of freedom, K = min(16, points/3), over the last half, the last
 * two thirds and the last three quarters: a stall that began early shows best in
 * the longest. evidence = ln of t(g/se) over the mean of t((g - h)/se), t the
 * density of Student, h log-uniform from 2 theta to .2 a doubling, which is
 * where the curves of language models lie; a window that rises by more than
 * theta + 3 se is none. The largest of the three counts.
 */

#include "analysis/base/arena.h"

struct stall {
    bool enough;     /* false: too few points, a step < 1 or a y <= 0 */
    double evidence; /* natural logarithm; above 0 for a stall */
    double g, se;    /* of that window */
    size_t from;     /* index of its first point */
};

struct stall stall_of_loss(const double *steps, const double *y, size_t n, double theta,
                           struct arena *scratch);

#endif
