#ifndef SPIKES_H
#define SPIKES_H
/*
 * Short rises of a loss (or of a gradient norm) above what is around them.
 *
 * y = ln x, W = clip(n/20, 8, 64). r = y - median of the W points on both sides;
 * s = max(1.4826 median|r| over 4W points on both sides, .7 sigma_d2); z = min(r, loc/.7)/s
 * with loc = y - median of the 9 points before: after a step down nothing fires.
 * The threshold follows the tail of r/s: a Student t is matched to its quantile
 * ratios (nu; 10 below 200 points), thr = clip(t(1 - .01/n, nu) .6745 / t(.75, nu), 6, 30).
 * Flagged: z > thr and r > .02; or members with z > 2.5 of k = 2 or 4 neighbours
 * whose sum of clip(z, -4, thr) over sqrt k exceeds max(8 m, thr a/sqrt k + 2 m) at a
 * mean r > .02; m^2 and a are the variance of such a sum and the pull of one point on
 * it in AR(1) noise of r's own phi. Flags within max(3, n/200) are one event.
 *
 * A level that stays does not show that way. It is flagged at its first steps by
 * the same rule against the past alone: trailing median of clip(n/20, 16, 256)
 * points less its own lag, .05 for .01, phi 0; label SHIFT, when more than .4 of
 * the rise is still there after max(20, n/20) points. nu, threshold and, for what
 * both rules flag, z are of that rule. O(n log n).
 */

#include "analysis/base/arena.h"

enum { SPIKE_POINTS_MIN = 25 };

enum spike_label {
    SPIKE_PASSED,
    SPIKE_SHIFT,
    SPIKE_UNRESOLVED /* fewer than 5 points behind it */
};

struct spike {
    size_t first, last, peak; /* indices, both inside; peak: of the largest x */
    double z;                 /* at first; largest_z over the event */
    double largest_z;
    double base, height; /* median before, x at the peak */
    double kept;         /* share of the rise still there afterwards; 0 where unresolved */
    enum spike_label label;
};

struct spikes {
    bool enough;          /* false: fewer than 25 points, or an x <= 0 */
    struct spike *events; /* in the arena, by index */
    size_t count;
    double threshold, nu;
    double threshold_around; /* against both sides */
};

struct spikes spikes_of(const double *x, size_t n, struct arena *scratch);

/*
 * The spike score of OLMo 2 (2025), for comparison: the values at least 7 sd
 * above the mean of the up to 1,000 before them (20 are needed, with a spread),
 * as percent of all n.
 */
struct spike_score {
    size_t hits;
    double percent;
};

struct spike_score olmo_spike_score(const double *x, size_t n);

#endif
