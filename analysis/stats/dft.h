#ifndef DFT_H
#define DFT_H
/*
 * The discrete Fourier transform of real values at their own length, no padding
 * and no taper: radix 2 where n is a power of two, else Bluestein's convolution
 * (1970). O(n log n).
 */

#include "analysis/base/arena.h"

enum { DFT_POINTS_MAX = 4096 };

/* power[f] = |DFT_f|^2 / n, f = 0..n/2; `power` has room for n/2 + 1. n <= DFT_POINTS_MAX. */
void periodogram(const double *x, size_t n, double *power, struct arena *scratch);

#endif
