#include "analysis/stats/efficiency.h"

#include <math.h>

#include "analysis/stats/moments.h"
#include "analysis/stats/rng.h"

enum { LAST = 5 };

/* n where it is never reached. */
static size_t first_at(const double *y, size_t n, double target)
{
    double window[LAST];

    for (size_t i = LAST - 1; i < n; i++) {
        memcpy(window, y + i + 1 - LAST, sizeof(window));
        if (median_select(window, LAST) <= target)
            return i;
    }
    return n;
}

static double positive_logs(const double *y, size_t n, double *ln)
{
    double least = (double)INFINITY;

    for (size_t i = 0; i < n; i++) {
        least = fmin(least, y[i]);
        ln[i] = log(y[i]);
    }
    return least;
}

struct reached target_reached(const double *steps, const double *y, size_t n, double target,
                              uint64_t seed, struct arena *scratch)
{
    struct reached r = {0};
    double ends[EFFICIENCY_RESAMPLES];
    double *ln = ARENA_ARRAY(scratch, n, double), *level = ARENA_ARRAY(scratch, n, double);
    double *drawn = ARENA_ARRAY(scratch, n, double);

    if (n < EFFICIENCY_POINTS_MIN || n > EFFICIENCY_POINTS_MAX || !(target > 0) ||
        !(positive_logs(y, n, ln) > 0))
        return r;
    r.enough = true;
    r.at = first_at(y, n, target);
    r.reached = r.at < n;
    if (!r.reached)
        return r;
    running_median(ln, n, LAST, level, scratch);
    struct rng rng = rng_of(seed);
    size_t block = clip_count((size_t)round(cbrt((double)n)), 1, n);
    for (int k = 0; k < EFFICIENCY_RESAMPLES; k++) {
        for (size_t i = 0; i < n; i += block) {
            size_t from = (size_t)rng_below(&rng, n - block + 1);

            for (size_t j = 0; j < block && i + j < n; j++)
                drawn[i + j] = level[i + j] + ln[from + j] - level[from + j];
        }
        size_t at = first_at(drawn, n, log(target));
        ends[k] = at < n ? steps[at] : HUGE_VAL;
    }
    r.low = quantile_select(ends, EFFICIENCY_RESAMPLES, 0.025);
    r.high = quantile_select(ends, EFFICIENCY_RESAMPLES, 0.975);
    if (!isfinite(r.high))
        r.high = (double)NAN;
    return r;
}

double area_in_log_steps(const double *steps, const double *y, size_t n)
{
    double area = 0;

    if (n < 2)
        return (double)NAN;
    for (size_t i = 1; i < n; i++)
        area += (log(y[i]) + log(y[i - 1])) / 2 * (log(steps[i]) - log(steps[i - 1]));
    return area / (log(steps[n - 1]) - log(steps[0]));
}
