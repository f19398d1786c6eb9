#ifndef SERIES_H
#define SERIES_H
/*
 * One metric of an experiment as plain arrays, in file order: what every
 * analysis works on. Values may be NaN or infinite; steps may repeat or go
 * back (hygiene.h makes the active series of it). The arrays belong to the
 * arena they were asked for with. Built by one thread, then only read.
 */

#include "analysis/base/arena.h"

#include <stdint.h>

struct series {
    struct str name;
    size_t n;
    const int64_t *step;
    const double *value;
    const double *time; /* seconds UTC, NAN where a point has none; NULL if no point has one */
};

/*
 * What product answers call `summary`. Of all points: n. Of the finite ones:
 * the rest; steps are those of the first point that attains an extreme.
 */
struct summary {
    int64_t n, finite, nan, pos_inf, neg_inf;
    double first, last, min, max;  /* NAN when finite is 0 */
    double mean_last_tenth;        /* of the last max(1, ceil(0.1 finite)) finite points */
    int64_t first_step, last_step; /* of all points */
    int64_t min_step, max_step;
    int64_t first_non_finite_step; /* meaningful when finite < n */
    bool ends_non_finite;
};

void series_summary(const struct series *series, struct summary *out);

/* The points with from <= step <= to, in order; borrows nothing, copies what it keeps. */
void series_slice(const struct series *series, int64_t from, int64_t to, struct arena *arena,
                  struct series *out);

#endif
