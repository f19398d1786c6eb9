#ifndef SCORE_H
#define SCORE_H
/*
 * The measures of the benchmark: intervals of shares, calibration, medians of
 * errors. Pure functions.
 */

#include <stdbool.h>
#include <stddef.h>

/* Wilson 1927: 95% of a share; [0, 1] where there is nothing. */
struct wilson {
    double low, high;
};

struct wilson wilson_of(size_t hits, size_t n);

/* Probabilities p in [0,1] and what was the case. 0 where there is nothing. */
double brier_of(const double *p, const bool *is, size_t n);

/*
 * Expected calibration error: equal bins, bin = min(floor(bins p), bins-1). bins <= 100.
 * Row i counts weight[i] times; NULL: once each.
 */
double ece_of(const double *p, const bool *is, const double *weight, size_t n, size_t bins);

/*
 * Isotonic fit (pool adjacent violators; Ayer et al. 1955): rows sorted by p, out[i] the share
 * that was the case at or about row i, never falling. Equal p get one value.
 */
void isotonic_of(const double *p, const bool *is, size_t n, double *out);

struct ratio {
    double precision, recall, f1; /* NAN where undefined */
};

struct ratio ratio_of(size_t true_hits, size_t false_hits, size_t missed);

#endif
