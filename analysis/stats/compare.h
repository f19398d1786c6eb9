#ifndef COMPARE_H
#define COMPARE_H
/*
 * Is one mean above another, from summaries; and what several such questions at
 * once do to their answers.
 */

#include "analysis/base/arena.h"

#include <stdint.h>

/* n values with their mean and standard deviation (divisor n-1). */
struct sample {
    double mean, sd, n;
};

double sample_sd(double population_sd, double n); /* of a deviation with divisor n, n > 1 */

/*
 * Welch 1947: t = (a - b) / sqrt(va + vb), v = sd^2 / n, degrees of freedom by
 * Satterthwaite, p two-sided; d = (a - b) / sqrt((sd_a^2 + sd_b^2) / 2). All NAN
 * where n <= 1, a deviation is unknown, or both are 0.
 */
struct welch {
    double difference, t, df, p, d;
};

struct welch welch_of(const struct sample *a, const struct sample *b);

/*
 * Where n is not known: the least n a side, with these means and deviations, at
 * which that p is below .05. INT64_MIN where 10^6 are too few or nothing is known.
 */
int64_t welch_least_n(const struct sample *a, const struct sample *b);

/* Benjamini and Hochberg 1995: q[i] of p[i]; a NaN stays one and does not count. */
void bh_adjust(const double *p, size_t n, double *q, struct arena *scratch);

#endif
