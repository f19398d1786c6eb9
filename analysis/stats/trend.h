#ifndef TREND_H
#define TREND_H
/*
 * Does a series go up or down, how fast, and is that more than noise.
 */

#include "analysis/base/arena.h"

#include <stdint.h>

/*
 * Median slope of all pairs (Theil 1950, Sen 1968) per unit of x; x = NULL means
 * the index. Exact up to 400 points. Longer input is first reduced to 400
 * equal-count blocks (median of y, mean of x), so no more than 79,800 pairs are
 * looked at. Pairs of equal x are left out; 0 without a pair.
 */
double theil_sen(const double *x, const double *y, size_t n, struct arena *scratch);

/*
 * Mann 1945, Kendall 1975: S = pairs that rise - pairs that fall, V corrected
 * for ties, z = (S - sign S) / sqrt V (0 where V is 0). O(n log n).
 */
struct mann_kendall {
    int64_t s;
    double var, z;
};

struct mann_kendall mann_kendall(const double *y, size_t n, struct arena *scratch);

/*
 * Mann-Kendall for noise that remembers: z / sqrt F, where F inflates the
 * variance as AR(1) of the given rho does (Yue and Wang 2004), with rho =
 * clip((n r + 2)/(n - 4), 0, .95) of the lag-1 correlation r of the residuals
 * of the Theil-Sen line. Short memory is assumed: at rho .9 and n = 20 it still
 * errs in 13.5%; below 30 points call it optimistic. Below 5 points z is 0.
 */
struct mk_ar1 {
    struct mann_kendall raw;
    double slope; /* Theil-Sen, per point */
    double r, rho, inflation, z;
};

struct mk_ar1 mk_ar1(const double *y, size_t n, struct arena *scratch);

/* F = 1 + 2 (rho^(n+1) - n rho^2 + (n-1) rho) / (n (rho-1)^2), rho < 1. */
double ar1_inflation(size_t n, double rho);

/* Least squares y = intercept + slope x; se of the slope with n-2 degrees. All 0 without a spread
 * of x. */
struct ols {
    double slope, intercept, se;
};

struct ols ols_line(const double *x, const double *y, size_t n); /* x = NULL: the index */

/* What the least-squares quadratic in ln t leaves of y, t = from + 1 .. from + n. */
void log_curve_residuals(const double *y, size_t n, size_t from, double *out);

#endif
