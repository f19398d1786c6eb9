#include "analysis/anchors/deepfix.h"

#include "analysis/stats/moments.h"
#include "analysis/stats/trend.h"

#include <math.h>

double deepfix_improvement(const double *x, size_t n, bool is_loss)
{
    if (n == 0)
        return (double)NAN;
    double start = x[0], end = x[n - 1];
    double by = fabs(start) < 1e-8 ? 1 : fabs(start);
    return (is_loss ? start - end : end - start) / by;
}

static double correlation_of(const double *x, const double *y, size_t n)
{
    double mx = mean_of(x, n), my = mean_of(y, n), sxy = 0, sxx = 0, syy = 0;

    for (size_t i = 0; i < n; i++) {
        sxy += (x[i] - mx) * (y[i] - my);
        sxx += (x[i] - mx) * (x[i] - mx);
        syy += (y[i] - my) * (y[i] - my);
    }
    /* a constant leaves only the rounding of its mean */
    if (!(sxx > 1e-20 * (double)n * mx * mx) || !(syy > 1e-20 * (double)n * my * my))
        return (double)NAN;
    return sxy / sqrt(sxx * syy);
}

/* A correlation below a bound; undefined is not. */
static bool is_below(double correlation, double bound)
{
    return isfinite(correlation) && correlation < bound;
}

struct deepfix_gap deepfix_gap(const double *train, const double *val, size_t n, double threshold,
                               struct arena *scratch)
{
    struct deepfix_gap g = {.correlation = (double)NAN, .divergence_start = n};
    double *gap = ARENA_ARRAY(scratch, n, double);

    if (n == 0)
        return g;
    for (size_t i = 0; i < n; i++) {
        gap[i] = fabs(train[i] - val[i]) / (fabs(train[i]) + 1e-8);
        g.max = fmax(g.max, gap[i]);
    }
    g.final = gap[n - 1];
    for (size_t i = 3; i < n && g.divergence_start == n; i++) {
        if ((gap[i] - gap[i - 3]) / 3 > 0.01) /* of the two means only these differ */
            g.divergence_start = i;
    }
    g.correlation = correlation_of(train, val, n);
    g.fired = g.max > threshold;
    g.confidence = fmin(0.9, 5 * g.max);
    if (!g.fired)
        return g;
    if (g.max > 0.30 || is_below(g.correlation, 0.30))
        g.grade = "high";
    else if (g.max > 0.15 || is_below(g.correlation, 0.60))
        g.grade = "medium";
    else if (isfinite(g.correlation))
        g.grade = "low";
    return g;
}

double deepfix_trend_correlation(const double *train, const double *val, size_t n,
                                 struct arena *scratch)
{
    size_t width = n / 4 < 5 ? n / 4 : 5;

    if (width < 2)
        return (double)NAN;
    size_t m = n - width + 1;
    double *a = ARENA_ARRAY(scratch, m, double), *b = ARENA_ARRAY(scratch, m, double);
    for (size_t i = 0; i < m; i++) {
        a[i] = mean_of(train + i, width);
        b[i] = mean_of(val + i, width);
    }
    return correlation_of(a, b, m);
}

struct deepfix_plateau deepfix_plateau(const double *x, size_t n)
{
    struct deepfix_plateau p = {0};
    size_t width = clip_count(n / 6, 2, 5);
    double least = fmax(1e-12, 0.1 * sd_of(x, n));
    bool inside = false;

    if (n < DEEPFIX_PLATEAU_MIN)
        return p;
    for (size_t i = 1; i < n; i++) {
        size_t w = i + 1 < width ? i + 1 : width;
        bool flat = sd_of(x + i + 1 - w, w) < least;

        p.points += flat;
        p.segments += flat && !inside;
        inside = flat;
    }
    return p;
}

struct deepfix_trend deepfix_trend(const double *x, size_t n, bool is_loss)
{
    struct deepfix_trend t = {.score = 0.8, .rate = deepfix_improvement(x, n, is_loss)};
    size_t half = n / 2;
    double mean = mean_of(x, n), way = is_loss ? 1 : -1;

    t.cv = mean != 0 ? sd_of(x, n) / fabs(mean) : (double)NAN;
    t.slope = ols_line(NULL, x, n).slope; /* a centred mean leaves the sign of a slope alone */
    t.minimal = fabs(t.rate) < 0.01;
    t.unsteady = t.cv > 0.2;
    if (n > 10) {
        double first = mean_of(x, half), second = mean_of(x + half, n - half);
        t.reversal = is_loss ? second > 1.1 * first : second < 0.9 * first;
    }
    t.unfavourable = way * t.slope > 0;
    t.concerns = (unsigned)t.minimal + t.unsteady + t.reversal + t.unfavourable;
    t.score -= 0.3 * t.minimal + 0.2 * t.unsteady + 0.3 * t.reversal + 0.2 * t.unfavourable;
    if (t.concerns > 0) {
        bool high = t.score < 0.3 || t.reversal, medium = t.score < 0.6 || t.concerns > 1;
        t.grade = high ? "high" : medium ? "medium" : "low";
    }
    return t;
}

double deepfix_loss_variance(const double *x, size_t n, size_t window)
{
    size_t width = n / 2 < window ? n / 2 : window;
    double worst = 0;

    if (n <= 10)
        return (double)NAN;
    for (size_t i = 0; i + width <= n; i++) {
        double mean = mean_of(x + i, width);
        if (mean != 0)
            worst = fmax(worst, sd_of(x + i, width) / fabs(mean));
    }
    return worst;
}

double deepfix_oscillation(const double *x, size_t n)
{
    size_t changes = 0;

    if (n < 6)
        return (double)NAN;
    for (size_t i = 2; i < n; i++)
        changes += (x[i] - x[i - 1]) * (x[i - 1] - x[i - 2]) < 0;
    return (double)changes / (double)(n - 1);
}

double deepfix_premature(const double *x, size_t n)
{
    if (n < 10 || x[n / 3] == x[0])
        return (double)NAN;
    return fabs(x[n - 1] - x[n / 3]) / fabs(x[n / 3] - x[0]);
}

double deepfix_stagnation(const double *x, size_t n)
{
    if (n < 10 || x[0] == 0)
        return (double)NAN;
    return fabs(x[n - 1] - x[n / 2]) / fabs(x[0]);
}
