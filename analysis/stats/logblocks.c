#include "analysis/stats/logblocks.h"

#include <math.h>

#include "analysis/stats/moments.h"

size_t log_block_edges(size_t n, size_t m, size_t *edges)
{
    size_t blocks = 0, before = 1;

    if (n == 0 || m == 0)
        return 0;
    edges[0] = 0;
    for (size_t k = 1; k <= m; k++) {
        size_t edge = k == m ? n : (size_t)rint(pow((double)n, (double)k / (double)m));

        if (edge > before || (edge == n && blocks == 0 && k == m))
            edges[++blocks] = before = edge;
    }
    return blocks;
}

size_t log_block_medians(const double *y, size_t n, size_t m, struct summary_block *out,
                         struct arena *scratch)
{
    size_t *edges = ARENA_ARRAY(scratch, m + 1, size_t);
    size_t blocks = log_block_edges(n, m, edges);

    for (size_t k = 0; k < blocks; k++) {
        size_t from = edges[k], to = edges[k + 1];

        out[k] = (struct summary_block){from, to - 1, median_of(y + from, to - from, scratch)};
    }
    return blocks;
}
