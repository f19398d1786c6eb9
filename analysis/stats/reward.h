#ifndef REWARD_H
#define REWARD_H
/*
 * Rules for series of reinforcement learning, one value an iteration.
 */

#include "analysis/base/arena.h"

/*
 * Where a reward (higher is better) stands, from K = min(24, n/3) block means b:
 * s = 1.4826 MAD(b_j - b_{j-1}) / sqrt 2; start, end, top are means of three
 * blocks, so 2.45 s and 3.26 s are 3 and 4 sds of their difference.
 *   decline      the peak (largest centred 3-mean, windows cut at the ends) lies
 *                before block K-4, top - end > max(3.26 s, .15 range), and
 *                MK-AR1 from the peak on is < -1.64; or it collapsed (fall.h);
 *   no progress  end - start < 2.45 s and |Mann-Kendall z| < 1.96;
 *   plateau      with gain = slope of the last K - K/2 blocks times their count
 *                and ci its one-sided 95% width: gain + ci < .35 total and
 *                |gain| < .15 total, total = max(|end - start|, end - b_0 - s);
 *   converged    a plateau with end >= .85 of the known maximum;
 *   improving    gain - ci > 0;
 *   inconclusive else.
 * No progress is only said where a gain would have been seen: unresolved instead,
 * unless end - start + 1.282 s sqrt(2/3) is at most half of max(|median of b|, sd of
 * a point), the reward's own level or, about 0, its scatter; and, below 72 points (three a
 * block), unless no step up within the first quarter of the points has a t above 2: what was
 * gained in the first points is gone from a mean of ten.
 * Held: end - start >= 4.9 s (6 sds) and > 0, top - end <= max(2.45 s, .05 (end - start)),
 * and neither declined nor without progress: it got better and is where it was best.
 * A reward that would be on a plateau but for gain - ci > 0 is improving, and slowing.
 * An improving reward is looked at again over the last quarter of the points,
 * where that has 12: late_gain +- late_ci. Levelled off: not above 0; slower:
 * above 0, and twice its upper end is below gain - ci.
 * Right on simulated runs: improving 98%, converged 99.5%, decline 94%, no
 * progress 94%, plateau 67%.
 */
enum reward_state {
    REWARD_TOO_SHORT,
    REWARD_IMPROVING,
    REWARD_PLATEAU,
    REWARD_CONVERGED,
    REWARD_DECLINE,
    REWARD_NO_PROGRESS,
    REWARD_UNRESOLVED,
    REWARD_INCONCLUSIVE,
};

enum { REWARD_POINTS_MIN = 20, REWARD_LATE_MIN = 12, REWARD_SHORT = 72 };

struct reward {
    enum reward_state state;
    size_t blocks, peak_block, peak; /* peak: index of the first point of its block */
    double start, end, top, range, sigma;
    double mk;           /* raw z of all blocks */
    double mk_from_peak; /* MK-AR1 z, 0 where the peak is late */
    double gain, ci, total;
    bool collapsed;  /* a lower level, held to the end (fall.h) */
    bool fell_late;  /* in its last block or two */
    size_t collapse; /* index of the first point of that level */
    double collapse_t;
    bool levelled_off, slower;
    bool held, slowing;
    double most_gain;          /* upper end, one-sided 90 %, of end - start */
    double unit;               /* half of it is what a test of no progress must be able to see */
    double late_gain, late_ci; /* NAN where the quarter is too short */
};

/* known_max: NAN where there is none. */
struct reward reward_of(const double *x, size_t n, double known_max, struct arena *scratch);

/*
 * Is the recent level below 0 (an explained variance that is)? The last quarter
 * (at least 8 points) in at most 8 block means: t = mean / (sd / sqrt K); below
 * where t < t(.05, K-1) and the median of the points is < 0. Means without
 * spread count as infinitely sure. at_floor counts values <= -1, where some
 * trainers cut the explained variance off.
 */
enum { BELOW_ZERO_POINTS_MIN = 12 };

struct below_zero {
    bool enough, below;
    size_t from, blocks, at_floor; /* from: first index used */
    double t, critical, mean, median;
};

struct below_zero below_zero_of(const double *x, size_t n, struct arena *scratch);

/*
 * A gate in [0,1]. Collapsed: over the last fifth (at least 10 points) the share
 * with min(g, 1-g) < .05 is at least .8; `side` is 0 or 1. Stuck in the middle:
 * over the last third q95 - q05 < .05 and the median lies in [.05, .95].
 */
enum { GATE_POINTS_MIN = 12 };

struct gate {
    bool enough, collapsed, stuck;
    size_t from; /* first index of the last fifth */
    int side;
    double share, spread, median; /* spread and median of the last third */
};

struct gate gate_of(const double *g, size_t n, struct arena *scratch);

#endif
