#ifndef CLIPPING_H
#define CLIPPING_H
/*
 * Gradient clipping: is the logged norm that before or after the clip, how often
 * does the clip act, and which threshold would cut only the tail. Norms > 0.
 */

#include "analysis/base/arena.h"

#include <stdint.h>

/*
 * After the clip nothing is above it and much lies at it: at least 5% of the
 * norms within .1% of `at` (the configured value; where that is unknown, NAN,
 * the largest norm) and fewer than .1% above.
 */
struct clip_pile {
    bool after_clip;
    double at;
    double share; /* of the norms within .1% of `at` */
};

struct clip_pile clip_pile_of(const double *g, size_t n, double configured);

double share_above(const double *g, size_t n, double level);

/*
 * The indices of the stable points, `kept` of them: ln g is not above the median of
 * the 64 points before by more than ln 2 and six robust sds of that difference. A
 * rise that lasts becomes the level.
 */
const size_t *without_bursts(const double *g, size_t n, size_t *kept, struct arena *scratch);

/*
 * c* = exp(median + 2.5 * 1.4826 MAD) of ln g over the last half: cuts about .6%
 * of log-normal norms. With 2% of the steps spiking it is 1.02 times what it is
 * without, where mean + 2.5 sd is 13 times and the 99% quantile 27 times.
 * 95% interval from 200 block resamples (blocks of m^(1/3), seed given); where
 * there are more than 2,000 points a resample takes 2,000 and the interval is
 * narrowed by sqrt(2000/m).
 */
enum { CLIP_RESAMPLES = 200, CLIP_RESAMPLED_MAX = 2000 };

struct clip_advice {
    double value, low, high;
    size_t n; /* points used */
};

struct clip_advice clip_advice_of(const double *g, size_t n, uint64_t seed, struct arena *scratch);

/* The same of all n points, without an interval. */
double clip_value_of(const double *g, size_t n, struct arena *scratch);

#endif
