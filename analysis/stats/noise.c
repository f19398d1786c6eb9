#include "analysis/stats/noise.h"

#include <math.h>

#include "analysis/stats/moments.h"
#include "analysis/stats/trend.h"

static void second_differences(const void *of, size_t from, size_t n, double *out)
{
    const double *y = (const double *)of + from;

    for (size_t i = 0; i < n; i++)
        out[i] = fabs(y[i] - 2 * y[i + 1] + y[i + 2]);
}

double sigma_d2(const double *y, size_t n, struct arena *scratch)
{
    const struct values d = {.n = n - 2, .fill = second_differences, .of = y};

    return n < 3 ? 0 : MAD_TO_SD * median_of_values(&d, scratch) / sqrt(6);
}

struct lagged {
    const double *y;
    size_t lag;
};

static void differences(const void *of, size_t from, size_t n, double *out)
{
    const struct lagged *l = of;
    const double *y = l->y + from;

    for (size_t i = 0; i < n; i++)
        out[i] = y[i + l->lag] - y[i];
}

/* The robust sd of y_t - y_{t-lag}. */
static double diff_scale(const double *y, size_t n, size_t lag, struct arena *scratch)
{
    const struct lagged l = {y, lag};
    const struct values d = {.n = n - lag, .fill = differences, .of = &l};

    return n <= lag ? 0 : MAD_TO_SD * mad_of_values(&d, scratch);
}

double sigma_d1(const double *y, size_t n, struct arena *scratch)
{
    return diff_scale(y, n, 1, scratch) / sqrt(2);
}

struct ar1 ar1_scale(const double *y, size_t n, struct arena *scratch)
{
    double m1 = diff_scale(y, n, 1, scratch), m2 = diff_scale(y, n, 2, scratch);

    if (!(m1 > 0))
        return (struct ar1){0, 0, 0};
    double phi = clip(m2 * m2 / (m1 * m1) - 1, 0, 0.95);
    double sigma = m1 / sqrt(2 * (1 - phi));

    return (struct ar1){phi, sigma, sigma * sqrt((1 + phi) / (1 - phi))};
}

struct ar1 ar1_scale_of_curve(const double *y, size_t n, struct arena *scratch)
{
    double *e = ARENA_ARRAY(scratch, n, double);

    log_curve_residuals(y, n, 0, e);
    struct ar1 plain = ar1_scale(y, n, scratch), left = ar1_scale(e, n, scratch);
    return left.long_run_sd < plain.long_run_sd ? left : plain;
}

double diff_autocorr(const double *y, size_t n)
{
    if (n < 4)
        return 0;
    double centre = (y[n - 1] - y[0]) / (double)(n - 1);
    double pairs = 0, squares = 0, before = 0;

    for (size_t i = 1; i < n; i++) {
        double d = y[i] - y[i - 1] - centre;

        pairs += d * before;
        squares += d * d;
        before = d;
    }
    return squares > 0 ? pairs / squares : 0;
}
