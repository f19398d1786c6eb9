#ifndef PLAIN_LOSS_H
#define PLAIN_LOSS_H
/*
 * Two plain rules on a fine-tuning run's losses, as its workflow states them.
 * They are reported by name beside the analyses, which use all points.
 */

#include <stdbool.h>
#include <stddef.h>

enum { PLAIN_POINTS_MIN = 101, PLAIN_ENDS = 10 };

/* 100 (mean of the first ten - mean of the last ten) / mean of the first ten. */
struct plain_improvement {
    bool enough;  /* more than 100 losses */
    bool defined; /* the first ten do not average 0 */
    double early, late, percent;
};

struct plain_improvement plain_improvement_of(const double *loss, size_t n);

/* Warns where the last validation loss is above the one at index n/2; never of a single one. */
struct plain_overfit {
    bool enough; /* there is one */
    bool warns;
    double middle, last;
};

struct plain_overfit plain_overfit_of(const double *val, size_t n);

#endif
