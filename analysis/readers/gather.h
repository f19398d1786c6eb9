#ifndef GATHER_H
#define GATHER_H
/*
 * Single points out of stores that keep each metric by itself, put together to
 * rows. As long as no metric goes back, rows are in the order of their steps.
 * If one does, the run was continued from an earlier step: rows are then in the
 * order of their times, or without times by how often their metric went back
 * before. One thread.
 */

#include "analysis/base/limits.h"
#include "analysis/base/vec.h"
#include "analysis/readers/feed.h"

enum { GATHER_MAX = 20000000 }; /* points held; 800 MB */

struct gathered {
    int64_t step;
    double time, value; /* time: seconds UTC, NAN if unknown */
    int key;
    uint32_t segment;
    size_t order;
};

struct gather {
    VEC(struct gathered) points;
    struct arena *arena;
    bool goes_back, timeless; /* timeless: a point has no time */
    size_t dropped;
    int64_t last[KEYS_MAX]; /* by key: the step of its last point */
    uint32_t segment[KEYS_MAX];
    bool begun[KEYS_MAX];
};

/* The gather and its points live in the arena. */
struct gather *gather_new(struct arena *arena);
/* The points of a key in the order in which they were logged. */
void gather_point(struct gather *gather, int64_t step, int key, double value, double time);
/* All of them to the feed. */
void gather_feed(struct gather *gather, struct feed *feed);

#endif
