#ifndef MOMENTS_H
#define MOMENTS_H
/*
 * Level and spread of plain numbers. Like all of stats/: pure functions, the
 * input is not changed unless the name says so, and NaN or infinity in it is
 * the caller's fault (hygiene takes them out first). Scratch memory comes from
 * the arena and lives as long as it does. Sums are compensated and run in
 * index order, so a result is the same on every machine.
 *
 * An empty input gives 0, and so does the spread of a single value.
 */

#include "analysis/base/arena.h"
#include "analysis/stats/pick.h"

double mean_of(const double *x, size_t n);
double sd_of(const double *x, size_t n); /* divisor n-1 */

double median_of(const double *x, size_t n, struct arena *scratch);
double mad_of(const double *x, size_t n,
              struct arena *scratch); /* median |x - median x|, unscaled */

/* Type 7 of Hyndman and Fan 1996 (linear, the default of R and NumPy); p in [0,1]. */
double quantile_of(const double *x, size_t n, double p, struct arena *scratch);

/* The same of values that are computed as they are asked for; at most PICKS_MAX quantiles. */
double median_of_values(const struct values *values, struct arena *scratch);
double mad_of_values(const struct values *values, struct arena *scratch);
void quantiles_of_values(const struct values *values, const double *p, size_t count, double *out,
                         struct arena *scratch);

/* The same, reordering x: no memory is taken. Average O(n), at worst O(n log n). */
double median_select(double *x, size_t n); /* an even count averages the middle pair */
double quantile_select(double *x, size_t n, double p);

/* Makes the MAD of a normal sample its standard deviation. */
#define MAD_TO_SD 1.4826

/*
 * y so that differences read as shares: ln x where all x > 0, else x over the
 * median of |x| (over 1 where that is 0). True for the logarithm.
 */
bool relative_of(const double *x, size_t n, double *y, struct arena *scratch);

/* Block k of `count` equal-count blocks holds [edge(k), edge(k+1)), edge(k) = floor(k n/count). */
static inline size_t block_edge(size_t k, size_t count, size_t n)
{
    return n / count * k + n % count * k / count; /* k*n alone could overflow */
}

void block_means(const double *x, size_t n, size_t count, double *out);
void block_medians(const double *x, size_t n, size_t count, double *out, struct arena *scratch);

/* The median of a window of `width` (odd) about each point, cut at the ends; for small widths. */
void running_median(const double *x, size_t n, size_t width, double *out, struct arena *scratch);

static inline double clip(double x, double lo, double hi)
{
    return x < lo ? lo : x > hi ? hi : x;
}

static inline size_t clip_count(size_t n, size_t lo, size_t hi)
{
    return n < lo ? lo : n > hi ? hi : n;
}

#endif
