#ifndef FLAT_H
#define FLAT_H
/*
 * The longest stretch of evaluations without a new best. y = ln of the values,
 * lower is better; ys = running median (width 3 below 15 evaluations, else 5);
 * a value is a new best where it lies below the best so far by more than
 * max(.001, sigma_d2). A stretch counts from 5 evaluations and a tenth of all on,
 * and only where its Mann-Kendall z is not below -1.64: slow is not flat.
 */

#include "analysis/base/arena.h"

enum { FLAT_EVALS_MIN = 8, FLAT_LEAST = 5 };

struct flat {
    bool enough, any;
    size_t from, to; /* indices: the best, and the last that is no new best */
    bool lasting;    /* it reaches the end */
    double change;   /* mean of its last third less mean of its first, ln units */
    double se;       /* sigma sqrt(2 / points of a third) */
};

struct flat flat_of(const double *y, size_t m, struct arena *scratch);

#endif
