#ifndef PEAKS_H
#define PEAKS_H
/*
 * Which single points of a series are too high, by the rules in use. Each writes
 * the indices it flags into at[] (room for n) and gives their number. O(n), but
 * hampel_peaks O(n width).
 */

#include "analysis/base/arena.h"

/* OLMo 2 2025: at least 7 sd above the mean of the up to 1,000 values before (20 are needed). */
size_t olmo_peaks(const double *x, size_t n, size_t *at);

/*
 * ZClip (Kumar et al. 2025): mean and variance as exponential averages (.97, started with the
 * first 25 values); a value more than z sd above is flagged and enters the averages as
 * mean + z^2 / (its z) sd.
 */
size_t zclip_peaks(const double *x, size_t n, double z, size_t *at);

/* Hampel 1974: above the median of the 21 points about it by 5 of their 1.4826 MAD. */
size_t hampel_peaks(const double *x, size_t n, size_t *at);

/* More than 1.2 times the mean of the ten values before. */
size_t mean_of_ten_peaks(const double *x, size_t n, size_t *at);

#endif
