#ifndef DIVERGENCE_H
#define DIVERGENCE_H
/*
 * A loss that turned and rises, or that never moved. Values are taken as they
 * are; both work in ln x (in x over the median of |x| where some x <= 0).
 * Values that stop being finite are found by hygiene, before this.
 */

#include "analysis/base/arena.h"

/*
 * K = min(40, n/5) block medians m_j; i = argmin m; s = sigma_d1 and ns =
 * max(1.25 s / sqrt(n/K), 1.4826 median|dm| / 2) (1.25: a median has 1.25 times
 * the error of a mean). Diverged where
 *   rise = m_last - m_i > max(.05, 5 ns),
 *   the median of the last third of the blocks after i exceeds m_i by .04,
 *   m_last has not come back by more than .6 of the way from the highest.
 * Measured on labelled curves: precision .943, recall 1.000; none of 33 real runs.
 * A level shift near the end looks the same: see how much one jump explains.
 */
enum { DIVERGENCE_POINTS_MIN = 25 };

struct divergence {
    bool enough, diverged;
    size_t blocks, onset_block;
    size_t onset;                  /* index of the first point of the lowest block */
    double rise, noise, tail_rise; /* ln units: m_last - m_i, ns, last third - m_i */
};

/*
 * What of the rise since the lowest block comes at once: the stretch from a twentieth
 * of the run before it on (at most 200 block medians) is cut in two where a line on
 * each side fits best, 3 or more points each; the step between both lines at the cut,
 * as a share of all the fit rises from the cut's left to the end. 0 where it falls.
 */
double step_share(const double *y, size_t n, size_t onset, struct arena *scratch);

struct divergence divergence_of(const double *x, size_t n, struct arena *scratch);
/* The same with another least rise than DIVERGENCE_RISE, .8 of it in the last third. */
#define DIVERGENCE_RISE 0.05
struct divergence divergence_over(const double *x, size_t n, double least, struct arena *scratch);

/*
 * No progress: |median of the last tenth - median of the first tenth| < 3 se of
 * that difference, se = 1.25 s sqrt(2/k) with k points a tenth and s the
 * long-run sd of AR(1) noise about a quadratic in ln t, at least 1e-4, so that a
 * constant counts.
 */
enum { NO_PROGRESS_POINTS_MIN = 20 };

struct no_progress {
    bool enough, none;
    double change, se; /* ln units, last minus first */
    size_t tenth;      /* points in each */
};

struct no_progress no_progress_of(const double *x, size_t n, struct arena *scratch);

#endif
