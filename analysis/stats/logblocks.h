#ifndef LOGBLOCKS_H
#define LOGBLOCKS_H
/*
 * A long series in a few points for a reader of text: log-spaced block medians.
 * They do not keep every spike; events are listed apart.
 */

#include "analysis/base/arena.h"

#define SUMMARY_BLOCKS 24

/*
 * Edges of at most m log-spaced blocks of 0..n-1: unique round(geomspace(1, n,
 * m+1)), the first of them 0; block k is [edges[k], edges[k+1]). Takes room for
 * m+1 edges, returns the number of blocks (0 for n = 0). A curve changes fast
 * early: 24 such medians have a quarter of the error of 24 LTTB points.
 */
size_t log_block_edges(size_t n, size_t m, size_t *edges);

struct summary_block {
    size_t first, last; /* indices, both inside */
    double median;
};

/* `out` has room for m blocks; returns how many there are. */
size_t log_block_medians(const double *y, size_t n, size_t m, struct summary_block *out,
                         struct arena *scratch);

#endif
