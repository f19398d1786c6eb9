#include "analysis/stats/pelt.h"

#include "analysis/stats/moments.h"

#include <math.h>

struct sums {
    double *first, *second; /* of y less its mean: [0, i) */
};

static struct sums sums_of(const double *y, size_t n, struct arena *scratch)
{
    struct sums s = {ARENA_ARRAY(scratch, n + 1, double), ARENA_ARRAY(scratch, n + 1, double)};
    double centre = mean_of(y, n);

    for (size_t i = 0; i < n; i++) {
        double d = y[i] - centre;

        s.first[i + 1] = s.first[i] + d;
        s.second[i + 1] = s.second[i] + d * d;
    }
    return s;
}

/* The sum of squares of [from, to) about its mean. */
static double cost(const struct sums *s, size_t from, size_t to)
{
    double sum = s->first[to] - s->first[from];

    return fmax(s->second[to] - s->second[from] - sum * sum / (double)(to - from), 0);
}

struct changes pelt_means(const double *y, size_t n, double penalty, size_t least,
                          struct arena *scratch)
{
    struct changes out = {0};
    size_t *before = ARENA_ARRAY(scratch, n + 1, size_t); /* the last change before i */
    size_t *open = ARENA_ARRAY(scratch, n + 1, size_t);   /* candidates for it */
    size_t *dead_at = ARENA_ARRAY(scratch, n + 1, size_t);
    double *best = ARENA_ARRAY(scratch, n + 1, double);
    size_t open_n = 0;

    least = least ? least : 1;
    if (n < 2 * least)
        return out;
    struct sums sums = sums_of(y, n, scratch);
    best[0] = -penalty;
    for (size_t i = least; i <= n; i++) {
        size_t kept = 0, from = i - least;

        best[i] = INFINITY;
        if (from == 0 || from >= least)
            open[open_n++] = from;
        for (size_t k = 0; k < open_n; k++) {
            double total = best[open[k]] + cost(&sums, open[k], i) + penalty;

            if (total < best[i]) {
                best[i] = total;
                before[i] = open[k];
            }
        }
        for (size_t k = 0; k < open_n; k++) {
            size_t s = open[k];

            /* i itself may begin a segment only `least` points later: until then s may be best */
            if (!dead_at[s] && best[s] + cost(&sums, s, i) > best[i])
                dead_at[s] = i + least;
            if (!dead_at[s] || i < dead_at[s])
                open[kept++] = s;
        }
        open_n = kept;
    }
    for (size_t i = before[n]; i > 0; i = before[i])
        out.n++;
    out.at = ARENA_ARRAY(scratch, out.n, size_t);
    size_t k = out.n;
    for (size_t i = before[n]; i > 0; i = before[i])
        out.at[--k] = i;
    return out;
}
