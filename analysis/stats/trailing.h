#ifndef TRAILING_H
#define TRAILING_H
/*
 * Medians of what came before each point: levels that no later value can change.
 */

#include "analysis/base/arena.h"

/*
 * out[i] = median of the up to `window` values before i; 0 where fewer than
 * `least` (at least 1) are there. out is not x.
 *
 * Only the values about the middle are kept in order. Noise about a level costs
 * a few ns a point, whatever the window; a steady trend O(sqrt window).
 */
void trailing_median(const double *x, size_t n, size_t window, size_t least, double *out,
                     struct arena *scratch);

#endif
