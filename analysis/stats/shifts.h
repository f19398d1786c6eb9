#ifndef SHIFTS_H
#define SHIFTS_H
/*
 * Steps in the level of a series: a jump that stays, as new data, another batch
 * size or a restart leave behind. Works on y = ln of the values, a jump is then
 * a share.
 *
 * At most 2,000 equal-count blocks (means); PELT with segments of 5 or more and
 * penalty 3 LRV ln n, LRV the long-run variance of AR(1) noise. A falling curve
 * is cut by PELT as well, so each change is looked at again: Theil-Sen lines of
 * up to 100 blocks on both sides, inside the neighbouring segments, are carried
 * to the change; jump = right less left. It counts where
 *   |jump| > max(.01, 4 se), se = 2.5 LRSD sqrt(1/left + 1/right), LRSD larger by
 *   as much as the 40 blocks about it move more than all (sigma_d1), and
 *   the medians of the 5 blocks before and after differ by half of it or more,
 *   in its direction, and
 *   so does, by a quarter of it, either from the five blocks beyond the other: three points
 *   that jump and fall back are the median of five.
 * Changes in the first twentieth belong to the start of the curve. A rise that a fall of .6 of it
 * or more ends within max(20, n/20) points is an event (spikes.h), no shift: both are dropped.
 */

#include "analysis/base/arena.h"

enum { SHIFT_POINTS_MIN = 20 };

struct shift {
    size_t at; /* index of the first point of the new level */
    double jump, se;
    double before, after; /* medians of the 5 blocks on either side */
};

struct shifts {
    bool enough;
    struct shift *v; /* in the arena, by index */
    size_t n, blocks;
    double noise; /* long-run sd of a block */
};

struct shifts shifts_of(const double *y, size_t n, struct arena *scratch);

/*
 * The same with a known sd of a block's noise. Of evaluations, which lie far
 * apart, sigma_d2: below 100 points the memory of AR(1) noise cannot be told.
 */
struct shifts shifts_over(const double *y, size_t n, double noise, struct arena *scratch);

#endif
