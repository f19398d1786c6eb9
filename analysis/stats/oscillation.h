#ifndef OSCILLATION_H
#define OSCILLATION_H
/*
 * Does a series swing with one period? A count of sign changes is high on every
 * noisy curve; a peak of the periodogram over its own neighbourhood is not.
 *
 * The last half of y by index (n/2 .. n-1), less the least-squares quadratic in
 * ln t (t = index + 1); averaged to at most 4,096 points, m of them. P_f =
 * |DFT_f|^2 / m, f = 3 .. m/2 (M bins); bg = running median of P over
 * +-max(5, M/10) bins / ln 2; g = P / bg; at the f of the largest g:
 *   p = 1 - (1 - exp(-g))^M, amplitude = 2 sqrt(P/m),
 *   share = P of f and its two neighbours over the sum of the M, period = m/f.
 * Oscillates: p < 1e-3, amplitude > .01, share > .15. On labelled curves precision
 * .912, recall .797; none of 33 real runs.
 *
 * growth: amplitude at that period in the last third of the points over that in
 * the first third.
 */

#include "analysis/base/arena.h"

enum { OSCILLATION_POINTS_MIN = 48 };

struct oscillation {
    bool enough, oscillates;
    size_t used;              /* points after averaging */
    double points_per_sample; /* of the series; 1 where nothing was averaged */
    double period;            /* in points of the series */
    double p, amplitude, share, growth;
};

/* y in ln units, so that an amplitude is a share. */
struct oscillation oscillation_of(const double *y, size_t n, struct arena *scratch);

#endif
