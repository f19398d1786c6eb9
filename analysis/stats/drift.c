#include "analysis/stats/drift.h"

#include <math.h>

#include "analysis/stats/moments.h"
#include "analysis/stats/special.h"
#include "analysis/stats/trend.h"

enum { BLOCKS_MAX = 24, LEVEL = 3 /* blocks */ };

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
    d.rises = d.p < 0.05 && d.z > 0;
    d.falls = d.p < 0.05 && d.z < 0;
    return d;
}
