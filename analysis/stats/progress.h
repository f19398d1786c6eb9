#ifndef PROGRESS_H
#define PROGRESS_H
/*
 * Improvement per doubling of steps: is the run still getting better? A loss
 * that follows a power law falls by about the same share each time the steps
 * double, so the slope against log2(step) over the last half of the run says
 * what another such stretch would bring, where "the last 10% improved by less
 * than 1%" is only a matter of time.
 *
 * The last half by index (n/2 .. n-1) in K = min(16, count/3) equal-count blocks,
 * block means of value and of log2(step), least squares; g = improvement per
 * doubling, 90% interval lo..hi = g +- t(K-2, .95) se. Stalled: hi < 2 theta and
 * |g| < theta; improving: lo > theta; otherwise inconclusive. The interval
 * covers .88 on simulated curves.
 *
 * A second look, the same over the last quarter where that has 12 points: a
 * curve that flattened inside the last half keeps a good mean rate. Levelled off:
 * its lo is not above 0; slower: its lo is, and its hi is below lo of the half.
 *
 * Whether the schedule had ended (learning rate below .2 of its peak: a plateau
 * is then by design) is for the caller to say.
 */

#include "analysis/base/arena.h"

#define PROGRESS_THETA 0.005 /* half a percent a doubling */

enum {
    PROGRESS_POINTS_MIN = 20,
    PROGRESS_LATE_MIN = 12,  /* points of the last quarter */
    PROGRESS_BLOCKS_MIN = 6, /* in the last half, which takes 35 points */
};

struct progress {
    bool enough;   /* false: too few points or blocks, or a step < 1 in the last half; no verdict */
    size_t blocks; /* K */
    double g, se, lo, hi, theta;
    bool levelled_off, slower;             /* the last quarter; only where improving */
    double late_g, late_lo, late_hi;       /* NAN where the quarter is too short */
    bool stalled, improving, inconclusive; /* exactly one where enough */
};

/* Of ln y, y > 0 and lower is better: g is a share (.04: 4% a doubling). Not enough where a y <= 0.
 */
struct progress progress_of_loss(const double *steps, const double *y, size_t n, double theta,
                                 struct arena *scratch);

/* Of y itself, for rewards and accuracies; g and theta in its unit (theta: .005 of the range). */
struct progress progress_of_score(const double *steps, const double *y, size_t n,
                                  bool higher_is_better, double theta, struct arena *scratch);

#endif
