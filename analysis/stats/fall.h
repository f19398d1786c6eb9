#ifndef FALL_H
#define FALL_H
/*
 * Has a series come down from its best stretch to a lower level and stayed there? A trend
 * test from the peak on asks for a fall that goes on; a collapse is a step, then a level.
 */

#include "analysis/base/arena.h"

/*
 * On K = min(24, n/3) >= 8 block means: the best stretch is the run of blocks about the largest
 * centred 3-mean that lie within a quarter of the drop of it (at least those three); the end is
 * the longest run of last blocks that lie below the middle of top and end, and needs three of
 * them. Points are noise about a line through each of the two stretches, with a lag-1
 * correlation rho = clip((n r + 2)/(n - 4), 0, .995), so a level of m points has the standard
 * error sd sqrt((1 + rho)/(1 - rho)/m), and t is the difference of the two levels over its own
 * (the largest, the end cut at any block that leaves it two).
 * Fallen: top - end >= 8 s and >= .2 of the range, each of the last three blocks at least
 * .15 of the range below the top, and t >= 25 (15 where the end is a third of the run). s is the
 * noise of a block, 1.4826 MAD of neighbours' differences / sqrt 2. High limits, as the stretches
 * are picked by their values: of 1000 series without a fall, 100 points of AR(1) noise, 0 are
 * fallen at a rho of .6 and 2 at .9; of 1000 random walks of 300 points,
 * that do end below where they were, 106.
 */
enum { FALL_POINTS_MIN = 24, FALL_HELD = 3 /* blocks */ };

struct fall {
    bool enough, fallen;
    bool late;         /* the last block or two lie that low: too late to tell whether they stay */
    double top, end;   /* levels: of the best stretch, and of the last three blocks */
    double t;          /* 0 where no stretch of three last blocks lies low */
    size_t best, from; /* index of the first point of the peak's block, and of the low end */
};

struct fall fall_of(const double *x, size_t n, struct arena *scratch);

#endif
