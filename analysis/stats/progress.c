#include "analysis/stats/progress.h"

#include <math.h>

#include "analysis/stats/moments.h"
#include "analysis/stats/special.h"
#include "analysis/stats/trend.h"

enum { BLOCKS_MAX = 16, BLOCK_POINTS = 3 };

/* steps and y are the last half; `sign` makes improvement positive. */
static void judge(struct progress *p, double *tau, const double *y, size_t n, double sign)
{
    double mean_tau[BLOCKS_MAX], mean_y[BLOCKS_MAX];

    block_means(tau, n, p->blocks, mean_tau);
    block_means(y, n, p->blocks, mean_y);
    struct ols line = ols_line(mean_tau, mean_y, p->blocks);
    double half = student_t_quantile(0.95, (double)p->blocks - 2) * line.se;

    p->enough = true;
    p->g = sign * line.slope;
    p->se = line.se;
    p->lo = p->g - half;
    p->hi = p->g + half;
    p->improving = p->lo > p->theta;
    p->stalled = !p->improving && p->hi < 2 * p->theta && fabs(p->g) < p->theta;
    p->inconclusive = !p->improving && !p->stalled;
}

static struct progress per_doubling(const double *steps, const double *y, size_t n, bool ln,
                                    double sign, double theta, struct arena *scratch)
{
    size_t from = n / 2, count = n - from;
    struct progress p = {.blocks = clip_count(count / BLOCK_POINTS, 0, BLOCKS_MAX), .theta = theta};

    if (n < PROGRESS_POINTS_MIN || p.blocks < PROGRESS_BLOCKS_MIN)
        return p;
    double *tau = ARENA_ARRAY(scratch, count, double), *v = ARENA_ARRAY(scratch, count, double);
    for (size_t i = 0; i < count; i++) {
        if (!(steps[from + i] >= 1) || (ln && !(y[from + i] > 0)))
            return p;
        tau[i] = log2(steps[from + i]);
        v[i] = ln ? log(y[from + i]) : y[from + i];
    }
    judge(&p, tau, v, count, sign);
    return p;
}

struct progress progress_of_loss(const double *steps, const double *y, size_t n, double theta,
                                 struct arena *scratch)
{
    return per_doubling(steps, y, n, true, -1, theta, scratch);
}

struct progress progress_of_score(const double *steps, const double *y, size_t n,
                                  bool higher_is_better, double theta, struct arena *scratch)
{
    return per_doubling(steps, y, n, false, higher_is_better ? 1 : -1, theta, scratch);
}
