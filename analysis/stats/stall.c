#include "analysis/stats/stall.h"

#include "analysis/stats/moments.h"
#include "analysis/stats/progress.h"
#include "analysis/stats/trend.h"

#include <math.h>

enum { BLOCKS_MAX = 16, BLOCK_POINTS = 3, GRID = 60 };

static const double fastest = 0.2; /* a doubling */

/* Student's density at x, without the constant of its degrees of freedom. */
static double density(double x, double df)
{
    return pow(1 + x * x / df, -(df + 1) / 2);
}

static double evidence_of(double g, double se, double df, double theta)
{
    double sum = 0, low = log(2 * theta), width = log(fastest) - low;

    for (size_t k = 0; k < GRID; k++) {
        double h = exp(low + width * ((double)k + 0.5) / GRID);

        sum += density((g - h) / se, df);
    }
    return log(density(g / se, df)) - log(fmax(sum / GRID, 1e-300));
}

static void look(struct stall *s, const double *tau, const double *v, size_t n, size_t from,
                 double theta)
{
    size_t count = n - from, blocks = clip_count(count / BLOCK_POINTS, 0, BLOCKS_MAX);
    double mean_tau[BLOCKS_MAX], mean_v[BLOCKS_MAX];

    if (blocks < PROGRESS_BLOCKS_MIN)
        return;
    block_means(tau + from, count, blocks, mean_tau);
    block_means(v + from, count, blocks, mean_v);
    struct ols line = ols_line(mean_tau, mean_v, blocks);
    double g = -line.slope, se = fmax(line.se, 1e-6);
    double evidence = g < -theta - 3 * se /* it rises */
                          ? (double)-INFINITY
                          : evidence_of(g, se, (double)blocks - 2, theta);
    if (!s->enough || evidence > s->evidence)
        *s = (struct stall){true, evidence, g, se, from};
}

struct stall stall_of_loss(const double *steps, const double *y, size_t n, double theta,
                           struct arena *scratch)
{
    struct stall s = {0};
    double *tau = ARENA_ARRAY(scratch, n + 1, double), *v = ARENA_ARRAY(scratch, n + 1, double);

    for (size_t i = n / 4; i < n; i++) {
        if (!(steps[i] >= 1) || !(y[i] > 0))
            return s;
        tau[i] = log2(steps[i]);
        v[i] = log(y[i]);
    }
    look(&s, tau, v, n, n / 2, theta);
    look(&s, tau, v, n, n / 3, theta);
    look(&s, tau, v, n, n / 4, theta);
    return s;
}
