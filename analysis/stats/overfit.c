#include "analysis/stats/overfit.h"

#include <math.h>

#include "analysis/stats/moments.h"
#include "analysis/stats/noise.h"
#include "analysis/stats/trend.h"

/* First argmin of v[from..to], both inside. */
static size_t lowest(const double *v, size_t from, size_t to)
{
    size_t best = from;

    for (size_t i = from + 1; i <= to; i++)
        best = v[i] < v[best] ? i : best;
    return best;
}

struct val_rising val_rising_of(const double *val, size_t m, struct arena *scratch)
{
    struct val_rising r = {0};
    double *y = ARENA_ARRAY(scratch, m, double), *smooth = ARENA_ARRAY(scratch, m, double);

    if (m < OVERFIT_EVALS_MIN || !relative_of(val, m, y, scratch))
        return r;
    size_t width = m < 15 ? 3 : 5, h = width / 2;
    running_median(y, m, width, smooth, scratch);
    r.enough = true;
    r.sigma = fmax(sigma_d2(y, m, scratch), 1e-4);
    r.i0 = lowest(smooth, 0, m - 1);
    r.after = m - 1 - r.i0;
    r.k = clip_count(r.after / 2, 1, 5);
    r.onset = lowest(y, r.i0 > 2 * h ? r.i0 - 2 * h : 0, clip_count(r.i0 + 4 * h, 0, m - 1));

    size_t from = r.i0 > r.k / 2 ? r.i0 - r.k / 2 : 0, to = clip_count(r.i0 + r.k / 2, 0, m - 1);
    r.n_lo = to - from + 1;
    r.lo = mean_of(y + from, r.n_lo);
    r.hi = mean_of(y + m - r.k, r.k);
    r.rise = r.hi - r.lo;
    r.z = r.rise / (r.sigma * sqrt(1 / (double)r.k + 1 / (double)r.n_lo)) -
          0.5 * sqrt(2 * log((double)m));
    r.mk = mann_kendall(y + r.i0, m - r.i0, scratch).z;
    r.rising = r.after >= OVERFIT_AFTER_MIN && r.mk > 0 && y[m - 1] >= r.lo;
    return r;
}

/* The median of ln train over the points with lo <= step <= hi, the nearest to `at` if none. */
static double train_level(const double *steps, const double *ln, size_t n, double lo, double hi,
                          double at, struct arena *scratch)
{
    double *in = ARENA_ARRAY(scratch, n, double);
    size_t count = 0, nearest = 0;

    for (size_t i = 0; i < n; i++) {
        if (steps[i] >= lo && steps[i] <= hi)
            in[count++] = ln[i];
        if (fabs(steps[i] - at) < fabs(steps[nearest] - at))
            nearest = i;
    }
    return count ? median_select(in, count) : ln[nearest];
}

/* How far ln train moved from about `at` to the end of the run. */
static double train_change(const double *steps, const double *ln, size_t n, double at,
                           struct arena *scratch)
{
    double last = steps[n - 1], run = last - steps[0];
    double tail = nextafter(last - 0.1 * run, INFINITY); /* the bound itself is outside */

    return train_level(steps, ln, n, fmin(tail, last), last, last, scratch) -
           train_level(steps, ln, n, at - 0.05 * run, at + 0.05 * run, at, scratch);
}

struct overfit overfit_of(const double *eval_steps, const double *val, size_t m,
                          const double *train_steps, const double *train, size_t n,
                          struct arena *scratch)
{
    struct overfit o = {.val = val_rising_of(val, m, scratch)};
    const struct val_rising *v = &o.val;

    if (!v->enough || !train || n == 0)
        return o;
    double *ln = ARENA_ARRAY(scratch, n, double);
    if (!relative_of(train, n, ln, scratch))
        return o;

    o.has_train = true;
    o.td = train_change(train_steps, ln, n, eval_steps[v->i0], scratch);
    double z = clip(v->z, -5, 15);
    o.x[0] = copysign(log1p(fabs(z)), z);
    o.x[1] = clip(v->mk, -3, 6);
    o.x[2] = clip(log10(fmax(v->rise, 1e-4)) + 2, -2, 2);
    o.x[3] = clip(o.td / fmax(v->rise, 1e-3), -2, 3);
    o.logit = -6.548 + 1.869 * o.x[0] - 0.050 * o.x[1] + 1.417 * o.x[2] - 3.068 * o.x[3];
    o.p = 1 / (1 + exp(-o.logit));
    o.guarded = v->rising && o.td < 0.5 * v->rise;
    return o;
}
