#ifndef DIVERGENCE_H
#define DIVERGENCE_H
/*
 * A loss that turned and rises, or that never moved. Values are taken as they
 * are; both work in ln x (in x over the median of |x| where some x <= 0).
 * Values that stop being finite are found by hygiene, before this.
 */

#include "analysis/base/arena.h"
#include "analysis/stats/ramp.h"

/*
 * K = min(40, n/5) block medians m_j; i = argmin m; s = sigma_d1 and ns =
 * max(1.25 s / sqrt(n/K), 1.4826 median|dm| / 2) (1.25: a median has 1.25 times
 * the error of a mean). High where
 *   rise = m_last - m_i > max(.05, 5 ns), and
 *   the median of the last third of the blocks after i exceeds m_i by .04.
 * Diverged where m_last has not come back by more than .6 of the way from the highest, and
 *   it is high, and its ramp (ramp.h) has t > 2.7 or the rise exceeds 10 ns, or
 *   its ramp alone is clear: t > 4.5 and a rise of more than .06 (slow).
 * The blocks alone take noise that remembers for a rise (their lowest is selected), and do
 * not see a slow rise below 5 ns: of four development sets 46 of 7,600 runs without and 25
 * of 375 with; with the ramp 6 and 9.
 * A level shift near the end looks the same: see how much one jump explains.
 */
enum { DIVERGENCE_POINTS_MIN = 25 };

struct divergence {
    bool enough, diverged;
    size_t blocks, onset_block;
    size_t onset; /* index of the first point of the lowest block */
    bool slow;    /* seen by its ramp alone */
    struct ramp ramp;
    double rise, noise, tail_rise; /* ln units: m_last - m_i, ns, last third - m_i */
};

/*
 * What of the rise since the lowest block comes at once: the stretch from a twentieth
 * of the run before it on (at most 200 block medians) is cut in two where a line on
 * each side fits best, 3 or more points each; the step between both lines at the cut,
 * as a share of all the fit rises from the cut's left to the end. 0 where it falls, and
 * where a line that bends into a quadratic leaves no more than `margin` times its squares:
 * the noise of a ramp's steep end makes steps as well.
 */
double step_share(const double *y, size_t n, size_t onset, double margin, struct arena *scratch);

struct divergence divergence_of(const double *x, size_t n, struct arena *scratch);
/* The same with another least rise than DIVERGENCE_RISE, .8 of it in the last third. */
#define DIVERGENCE_RISE 0.05
struct divergence divergence_over(const double *x, size_t n, double least, struct arena *scratch);

/*
 * No progress: |median of the last tenth - median of the first tenth| < 3 se of
 * that difference, se = 1.25 s sqrt(2/k) with k points a tenth and s the
 * long-run sd of AR(1) noise about a quadratic in ln t, at least 1e-4, so that a
 * constant counts. A curve of another shape leaves its bend there, which passes for
 * memory. So se is at most sqrt(3 min(n - k, 50.5)) sigma_d2, what AR(1) noise of phi .98
 * with those second differences moves in n - k points; noise that forgets sooner moves less.
 * Of 2,000 series of such noise of 20 to 100 points each (phi .6, .9) as many are told as
 * without this bound, to .0015.
 */
enum { NO_PROGRESS_POINTS_MIN = 20 };

struct no_progress {
    bool enough, none;
    double change, se; /* ln units, last minus first */
    size_t tenth;      /* points in each */
};

struct no_progress no_progress_of(const double *x, size_t n, struct arena *scratch);

#endif
