#include "analysis/stats/lttb.h"

#include <math.h>

#include "analysis/stats/moments.h"

/* The first index in [from, to) whose triangle with a and the point (cx, cy) is largest. */
static size_t largest(const double *x, const double *y, size_t a, size_t from, size_t to, double cx,
                      double cy)
{
    size_t best = from;
    double most = -1;

    for (size_t i = from; i < to; i++) {
        double area = fabs((x[a] - cx) * (y[i] - y[a]) - (x[a] - x[i]) * (cy - y[a]));

        if (area > most) {
            most = area;
            best = i;
        }
    }
    return best;
}

size_t lttb(const double *x, const double *y, size_t n, size_t m, size_t *keep)
{
    size_t count = n < m ? n : m;

    if (n <= m || m < 3) {
        for (size_t i = 0; i < count; i++)
            keep[i] = i;
        if (count == 2)
            keep[1] = n - 1;
        return count;
    }

    size_t buckets = m - 2, kept = 0;
    keep[kept++] = 0;
    for (size_t k = 0; k < buckets; k++) {
        size_t from = 1 + block_edge(k, buckets, n - 2), to = 1 + block_edge(k + 1, buckets, n - 2);
        size_t next = k + 2 > buckets ? n : 1 + block_edge(k + 2, buckets, n - 2);
        double cx = mean_of(x + to, next - to), cy = mean_of(y + to, next - to);

        keep[kept] = largest(x, y, keep[kept - 1], from, to, cx, cy);
        kept++;
    }
    keep[kept++] = n - 1;
    return kept;
}

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
