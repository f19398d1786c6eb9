#include "tests/bench/detection/score.h"

#include <assert.h>
#include <math.h>

struct wilson wilson_of(size_t hits, size_t n)
{
    const double z = 1.959963985;

    if (n == 0)
        return (struct wilson){0, 1};
    double m = (double)n, p = (double)hits / m, d = 1 + z * z / m;
    double mid = (p + z * z / (2 * m)) / d;
    double half = z / d * sqrt(p * (1 - p) / m + z * z / (4 * m * m));
    return (struct wilson){hits == 0 ? 0 : mid - half, hits == n ? 1 : mid + half};
}

double brier_of(const double *p, const bool *is, size_t n)
{
    double sum = 0;

    for (size_t i = 0; i < n; i++)
        sum += (p[i] - is[i]) * (p[i] - is[i]);
    return n ? sum / (double)n : 0;
}

double ece_of(const double *p, const bool *is, const double *weight, size_t n, size_t bins)
{
    double sum_p[100] = {0}, sum_is[100] = {0}, error = 0, all = 0;

    assert(bins >= 1 && bins <= 100);
    for (size_t i = 0; i < n; i++) {
        size_t b = (size_t)((double)bins * p[i]);

        b = b < bins ? b : bins - 1;
        double w = weight ? weight[i] : 1;

        sum_p[b] += w * p[i];
        sum_is[b] += w * is[i];
        all += w;
    }
    for (size_t b = 0; b < bins; b++)
        error += fabs(sum_p[b] - sum_is[b]);
    return all > 0 ? error / all : 0;
}

/* out holds the mean of the block at its first row and its length, negated, at the rows behind. */
void isotonic_of(const double *p, const bool *is, size_t n, double *out)
{
    size_t first = 0;

    while (first < n) {
        size_t last = first;
        double sum = 0;

        while (last < n && p[last] == p[first])
            sum += is[last++];
        double level = sum / (double)(last - first);
        size_t from = first;
        while (from > 0 && out[from - 1] >= level) { /* pool with the block before */
            double before = out[from - 1];
            size_t k = from;

            while (k > 0 && out[k - 1] == before)
                k--;
            level =
                (level * (double)(last - from) + before * (double)(from - k)) / (double)(last - k);
            from = k;
        }
        for (size_t k = from; k < last; k++)
            out[k] = level;
        first = last;
    }
}

struct ratio ratio_of(size_t true_hits, size_t false_hits, size_t missed)
{
    size_t said = true_hits + false_hits, there = true_hits + missed;
    struct ratio r = {
        said ? (double)true_hits / (double)said : (double)NAN,
        there ? (double)true_hits / (double)there : (double)NAN,
        said + there ? 2 * (double)true_hits / (double)(said + there) : (double)NAN,
    };

    return r;
}
