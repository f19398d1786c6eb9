#include "analysis/stats/fall.h"

#include <math.h>

#include "analysis/stats/moments.h"
#include "analysis/stats/trend.h"

enum { BLOCKS_MAX = 24, BLOCKS_MIN = 8, LEVEL_MIN = 2 /* blocks */ };

static const double least_noise = 8, least_share = 0.2, each_share = 0.15, least_t = 25,
                    held_t = 15, least_late = 0.3;

struct blocks {
    size_t k;
    double b[BLOCKS_MAX], range, sigma;
};

/* Some points in a row: their level and the variance of it under AR(1) noise about a line. */
struct level {
    double mean, variance;
};

static struct blocks blocks_of(const double *x, size_t n, struct arena *scratch)
{
    struct blocks c = {.k = clip_count(n / 3, 0, BLOCKS_MAX)};
    double step[BLOCKS_MAX], least, most;

    block_means(x, n, c.k, c.b);
    least = most = c.b[0];
    for (size_t i = 1; i < c.k; i++) {
        step[i - 1] = c.b[i] - c.b[i - 1];
        least = fmin(least, c.b[i]);
        most = fmax(most, c.b[i]);
    }
    c.range = most - least;
    c.sigma = MAD_TO_SD * mad_of(step, c.k - 1, scratch) / sqrt(2);
    return c;
}

static struct level level_of(const double *x, size_t n)
{
    struct ols line = ols_line(NULL, x, n);
    double mean = mean_of(x, n), middle = (double)(n - 1) / 2;
    double squares = 0, lag = 0, last = 0;

    for (size_t i = 0; i < n; i++) {
        double e = x[i] - mean - line.slope * ((double)i - middle);

        squares += e * e;
        lag += i ? e * last : 0;
        last = e;
    }
    if (!(squares > 0))
        return (struct level){mean, 0};
    double count = (double)n;
    double rho = clip((count * lag / squares + 2) / (count - 4), 0, 0.995);
    return (struct level){mean, squares / (count - 2) * (1 + rho) / (1 - rho) / count};
}

/* The index of the middle block of the best three in a row. */
static size_t peak_of(const struct blocks *c)
{
    size_t peak = 1;

    for (size_t i = 1; i + 1 < c->k; i++) {
        if (mean_of(c->b + i - 1, 3) > mean_of(c->b + peak - 1, 3))
            peak = i;
    }
    return peak;
}

struct fall fall_of(const double *x, size_t n, struct arena *scratch)
{
    struct fall f = {0};

    if (n < FALL_POINTS_MIN)
        return f;
    struct blocks c = blocks_of(x, n, scratch);
    size_t peak = peak_of(&c), first = peak - 1, after = peak + 2, low = c.k;
    double highest = c.b[c.k - 1];

    f.enough = c.k >= BLOCKS_MIN;
    f.top = mean_of(c.b + peak - 1, 3);
    f.end = mean_of(c.b + c.k - FALL_HELD, FALL_HELD);
    f.best = block_edge(peak, c.k, n);
    double drop = f.top - f.end;
    while (low > after && c.b[low - 1] < f.top - drop / 2)
        low--;
    f.from = block_edge(low, c.k, n);
    f.late = f.enough && c.k - low < FALL_HELD &&
             f.top - c.b[c.k - 1] >= fmax(least_noise * c.sigma, least_late * c.range);
    if (!f.enough || !(drop > 0) || c.k - low < FALL_HELD)
        return f;
    for (size_t i = c.k - FALL_HELD; i < c.k; i++)
        highest = fmax(highest, c.b[i]);
    while (first > 0 && c.b[first - 1] > f.top - drop / 4)
        first--;
    while (after < low && c.b[after] > f.top - drop / 4)
        after++;

    size_t begin = block_edge(first, c.k, n), stop = block_edge(after, c.k, n);
    struct level best = level_of(x + begin, stop - begin);
    for (size_t i = low; i + LEVEL_MIN <= c.k; i++) { /* a fall that ends within it is no level */
        size_t at = block_edge(i, c.k, n);
        struct level end = level_of(x + at, n - at);
        double apart = best.mean - end.mean, variance = best.variance + end.variance;

        f.t = fmax(f.t, variance > 0 ? apart / sqrt(variance) : (double)INFINITY);
    }
    f.fallen = drop >= fmax(least_noise * c.sigma, least_share * c.range) &&
               f.top - highest >= each_share * c.range &&
               f.t >= (3 * (c.k - low) >= c.k ? held_t : least_t);
    return f;
}
