#ifndef SWING_H
#define SWING_H
/*
 * Do two series swing together, slowly? A periodogram of the last half tells
 * whole cycles apart, and needs more of them than a controller makes that swings
 * five times in a run. Two series that must share the period, as a multiplier
 * and its cost, can be asked at every period at once.
 *
 * The last three quarters of both (the first belongs to the start), less a
 * quadratic in ln t, in at most 512 block means, m of them. For c = 3, 3.25 …
 * min(32, m/4) cycles a sine and a cosine are fitted to each by least squares;
 * share_a, share_b are what they explain. The c counts at which
 *   left = (1 - share_a)(1 - share_b)
 * is smallest; p = 4 min(32, m/4) left^((m-5)/2) bounds the chance of it in white noise,
 * by the number of c that are looked at.
 * Together where p < 1e-3, both shares are at least .25, and each is twice what
 * the same fit explains at .6 c: a peak, not the slope of a slow drift.
 */

#include "analysis/base/arena.h"

enum { SWING_POINTS_MIN = 48 };

struct swing {
    bool enough, together;
    double period;                 /* in points of the series */
    double share[2], amplitude[2]; /* amplitude: of its sine, in units of the series */
    double growth;                 /* of the first: amplitude in the last third over the first */
    double p;
};

struct swing swing_of(const double *a, const double *b, size_t n, struct arena *scratch);

#endif
