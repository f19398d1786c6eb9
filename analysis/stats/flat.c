#include "analysis/stats/flat.h"

#include "analysis/stats/moments.h"
#include "analysis/stats/noise.h"
#include "analysis/stats/trend.h"

#include <math.h>

static void measure(struct flat *f, const double *y, double sigma)
{
    size_t n = f->to - f->from + 1, third = n / 3;

    f->change = mean_of(y + f->to + 1 - third, third) - mean_of(y + f->from, third);
    f->se = sigma * sqrt(2 / (double)third);
}

struct flat flat_of(const double *y, size_t m, struct arena *scratch)
{
    struct flat f = {0};
    double *ys = ARENA_ARRAY(scratch, m, double);
    size_t best = 0, least = m / 10 > FLAT_LEAST ? m / 10 : FLAT_LEAST;

    if (m < FLAT_EVALS_MIN)
        return f;
    f.enough = true;
    running_median(y, m, m < 15 ? 3 : 5, ys, scratch);
    double sigma = fmax(sigma_d2(y, m, scratch), 1e-4), gain = fmax(0.001, sigma);
    for (size_t i = 1; i <= m; i++) {
        bool ends = i == m || ys[i] < ys[best] - gain;

        if (!ends)
            continue;
        if (i - 1 - best >= least && (!f.any || i - 1 - best > f.to - f.from) &&
            mann_kendall(y + best, i - best, scratch).z > -1.64) {
            f.any = true;
            f.from = best;
            f.to = i - 1;
        }
        best = i < m ? i : best;
    }
    if (!f.any)
        return f;
    f.lasting = f.to + 1 == m;
    measure(&f, y, sigma);
    return f;
}
