#include "analysis/stats/gap.h"

#include "analysis/stats/moments.h"
#include "analysis/stats/order.h"
#include "analysis/stats/special.h"
#include "analysis/stats/trend.h"

#include <math.h>

double spearman(const double *x, const double *y, size_t n, struct arena *scratch)
{
    double xy = 0, xx = 0, yy = 0, centre = ((double)n - 1) / 2;

    if (n < 2)
        return 0;
    double *a = ARENA_ARRAY(scratch, n, double), *b = ARENA_ARRAY(scratch, n, double);
    struct arena passing; /* four times a rank's memory, one after the other */
    arena_init_beside(&passing, scratch);
    order_ranks(x, n, a, &passing);
    arena_reset(&passing);
    order_ranks(y, n, b, &passing);
    arena_fini(&passing);
    for (size_t i = 0; i < n; i++) {
        xy += (a[i] - centre) * (b[i] - centre);
        xx += (a[i] - centre) * (a[i] - centre);
        yy += (b[i] - centre) * (b[i] - centre);
    }
    return xx > 0 && yy > 0 ? xy / sqrt(xx * yy) : 0;
}

/* The training level about each evaluation. Both step lists rise, so two edges move along. */
static double *levels(const double *eval_steps, size_t m, const double *train_steps,
                      const double *train, size_t n, struct arena *scratch)
{
    double *level = ARENA_ARRAY(scratch, m, double);
    double half = m > 1 ? (eval_steps[m - 1] - eval_steps[0]) / (double)(m - 1) / 2 : 0;
    size_t lo = 0, hi = 0;

    for (size_t j = 0; j < m; j++) {
        double at = eval_steps[j];

        while (lo < n && train_steps[lo] < at - half)
            lo++;
        for (hi = hi > lo ? hi : lo; hi < n && train_steps[hi] <= at + half;)
            hi++;
        if (hi > lo) {
            level[j] = median_of(train + lo, hi - lo, scratch);
            continue;
        }
        bool before = lo == n || (lo > 0 && at - train_steps[lo - 1] <= train_steps[lo] - at);
        level[j] = train[before ? lo - 1 : lo];
    }
    return level;
}

static double *without_line(const double *x, size_t n, struct arena *scratch)
{
    double *e = ARENA_ARRAY(scratch, n, double), slope = theil_sen(NULL, x, n, scratch);

    for (size_t i = 0; i < n; i++)
        e[i] = x[i] - slope * (double)i;
    return e;
}

struct gap gap_of(const double *eval_steps, const double *val, size_t m, const double *train_steps,
                  const double *train, size_t n, struct arena *scratch)
{
    struct gap g = {.p = 1};

    if (m < GAP_EVALS_MIN || n == 0)
        return g;
    g.enough = true;
    g.train = levels(eval_steps, m, train_steps, train, n, scratch);
    g.at = ARENA_ARRAY(scratch, m, double);
    for (size_t j = 0; j < m; j++)
        g.at[j] = val[j] - g.train[j];
    g.slope = theil_sen(eval_steps, g.at, m, scratch);
    g.z = mk_ar1(g.at, m, scratch).z;
    g.p = 2 * normal_cdf(-fabs(g.z));
    g.correlation =
        spearman(without_line(val, m, scratch), without_line(g.train, m, scratch), m, scratch);
    return g;
}
