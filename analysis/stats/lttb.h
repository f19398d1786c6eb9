#ifndef LTTB_H
#define LTTB_H
/*
 * A long series in a few points: for the eye (LTTB) and for a reader of text
 * (log-spaced block medians). Neither keeps every spike; events are listed apart.
 */

#include "analysis/base/arena.h"

/*
 * Largest triangle three buckets (Steinarsson 2013): writes the indices of at
 * most m points to keep, rising, and returns how many. First and last are kept;
 * between them bucket k is [e_k, e_{k+1}) with e_k = floor(1 + k (n-2)/(m-2)),
 * k = 0..m-2, and the point after the last bucket is the last point. Of equal
 * triangles the first. n <= m keeps all. O(n), no memory taken; x rising.
 */
size_t lttb(const double *x, const double *y, size_t n, size_t m, size_t *keep);

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
