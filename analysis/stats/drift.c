#include "analysis/stats/drift.h"

#include <math.h>

#include "analysis/stats/moments.h"
#include "analysis/stats/special.h"
#include "analysis/stats/trend.h"

enum { BLOCKS_MAX = 24, LEVEL = 3 /* blocks */ };

static double block_sigma(const double *b, size_t n, struct arena *scratch)
{
    double d[BLOCKS_MAX];

    for (size_t i = 1; i < n; i++)
        d[i - 1] = b[i] - b[i - 1];
    return MAD_TO_SD * mad_of(d, n - 1, scratch) / sqrt(2);
}

/* +1, -1, or 0 where noise may be all there is. */
static int direction(const struct drift *d, size_t level)
{
    bool far = fabs(d->change) > 4 * d->sigma * sqrt(2 / (double)level);

    if (d->p < 0.05)
        return d->z > 0 ? 1 : -1;
    if (fabs(d->mk) > 1.96 && far && (d->mk > 0) == (d->change > 0))
        return d->mk > 0 ? 1 : -1;
    return 0;
}

struct drift drift_of(const double *x, size_t n, struct arena *scratch)
{
    struct drift d = {.blocks = n < DRIFT_BLOCKS_FROM ? n : clip_count(n / 3, 0, BLOCKS_MAX),
                      .p = 1};
    double b[BLOCKS_MAX];

    if (n < DRIFT_POINTS_MIN)
        return d;
    d.enough = true;
    block_medians(x, n, d.blocks, b, scratch);
    size_t level = clip_count(d.blocks / 4, 1, LEVEL);
    struct mk_ar1 mk = mk_ar1(b, d.blocks, scratch);

    d.start = mean_of(b, level);
    d.end = mean_of(b + d.blocks - level, level);
    d.change = d.end - d.start;
    d.slope = mk.slope * (double)d.blocks / (double)n;
    d.z = mk.z;
    d.p = 2 * normal_cdf(-fabs(mk.z));
    d.mk = mk.raw.z;
    d.sigma = block_sigma(b, d.blocks, scratch);
    d.rises = direction(&d, level) > 0;
    d.falls = direction(&d, level) < 0;
    return d;
}
