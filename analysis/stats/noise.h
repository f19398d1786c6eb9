#ifndef NOISE_H
#define NOISE_H
/*
 * How much a series moves from point to point, whatever its trend. Usually of
 * ln x, so that a scale reads as a share. Too few points give 0.
 */

#include "analysis/base/arena.h"

/* 1.4826 median |y[i-1] - 2 y[i] + y[i+1]| / sqrt 6: free of any trend; takes the noise for white.
 */
double sigma_d2(const double *y, size_t n, struct arena *scratch);

/* 1.4826 MAD(y[i] - y[i-1]) / sqrt 2. */
double sigma_d1(const double *y, size_t n, struct arena *scratch);

/*
 * Noise that remembers: e_t = phi e_{t-1} + u_t, from the ratio of the scales
 * of y_t - y_{t-2} and y_t - y_{t-1}, which trends and jumps leave alone.
 * phi in [0, .95]; sigma is the sd of e. A mean of k points has the standard
 * error long_run_sd / sqrt k. phi scatters: .73 for .6 at 300 points was seen.
 */
struct ar1 {
    double phi, sigma, long_run_sd;
};

struct ar1 ar1_scale(const double *y, size_t n, struct arena *scratch);

/*
 * The smaller of the two, of y and of what a quadratic in ln t leaves of it: a
 * trend that bends passes for memory, so each can only be too large.
 */
struct ar1 ar1_scale_of_curve(const double *y, size_t n, struct arena *scratch);

/*
 * Lag-1 autocorrelation of the first differences: -.5 for white noise, above .3
 * (n >= 50) the logged values were smoothed before.
 */
double diff_autocorr(const double *y, size_t n);

#endif
