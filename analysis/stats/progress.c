#include "analysis/stats/progress.h"

#include <math.h>

#include "analysis/stats/moments.h"
#include "analysis/stats/special.h"
#include "analysis/stats/trend.h"

enum { BLOCKS_MAX = 16, BLOCK_POINTS = 3 };

/* The last quarter of the run: the second half of what judge() has. */
static void judge_late(struct progress *p, const double *tau, const double *y, size_t n,
                       double sign)
{
    size_t from = n / 2, count = n - from, blocks = clip_count(count / BLOCK_POINTS, 0, BLOCKS_MAX);
    double mean_tau[BLOCKS_MAX], mean_y[BLOCKS_MAX];

    p->late_g = p->late_lo = p->late_hi = (double)NAN;
    if (count < PROGRESS_LATE_MIN)
        return;
    block_means(tau + from, count, blocks, mean_tau);
    block_means(y + from, count, blocks, mean_y);
    struct ols line = ols_line(mean_tau, mean_y, blocks);
    double half = student_t_quantile(0.95, (double)blocks - 2) * line.se;
    p->late_g = sign * line.slope;
    p->late_lo = p->late_g - half;
    p->late_hi = p->late_g + half;
    p->levelled_off = p->improving && !(p->late_lo > 0);
    p->slower = p->improving && p->late_lo > 0 && p->late_hi < p->lo;
}

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
    judge_late(p, tau, y, n, sign);
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
