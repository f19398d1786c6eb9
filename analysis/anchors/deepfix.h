#ifndef DEEPFIX_H
#define DEEPFIX_H
/*
 * The formulas of the deepfix training analyzer (delcaux-labs/deepfix), as its
 * code computes them, over finite values. Where its code fails (a variable used
 * before it is set, a window of no points) nothing is reported instead. NAN
 * means undefined. Standard deviations have divisor n-1.
 */

#include "analysis/base/arena.h"

enum { DEEPFIX_PAIRS_MIN = 3, DEEPFIX_EPOCHS_MIN = 10, DEEPFIX_PLATEAU_MIN = 5 };

/* (start - end)/|start| of a loss, (end - start)/|start| of a score; |start| < 1e-8 counts as 1. */
double deepfix_improvement(const double *x, size_t n, bool is_loss);

/*
 * |train - val| / (|train| + 1e-8) a pair, whichever is larger. divergence_start: the first index
 * whose trailing three-point mean exceeds the one before by .01; n if none does.
 */
struct deepfix_gap {
    double max, final, correlation; /* Pearson; NAN where a side is constant */
    size_t divergence_start;
    bool fired;        /* max > threshold, .1 with deepfix */
    const char *grade; /* NULL: not fired, or the correlation it needs is undefined */
    double confidence; /* min(.9, 5 max) */
};

struct deepfix_gap deepfix_gap(const double *train, const double *val, size_t n, double threshold,
                               struct arena *scratch);

/* Pearson correlation of both after a centred mean of min(5, n/4) points; NAN below 8 points. */
double deepfix_trend_correlation(const double *train, const double *val, size_t n,
                                 struct arena *scratch);

/* Points whose rolling sd (window min(5, max(2, n/6))) is below a tenth of the overall one. */
struct deepfix_plateau {
    size_t points, segments;
};

struct deepfix_plateau deepfix_plateau(const double *x, size_t n);

/* .8, less .3 minimal improvement, .2 high volatility, .3 reversal (n > 10), .2 unfavourable. */
struct deepfix_trend {
    double score, rate, cv, slope;
    bool minimal, unsteady, reversal, unfavourable;
    unsigned concerns;
    const char *grade;
};

struct deepfix_trend deepfix_trend(const double *x, size_t n, bool is_loss);

/* The largest sd/|mean| of a window of min(window, n/2) points (10 with deepfix); NAN for 10 points
 * or fewer. */
double deepfix_loss_variance(const double *x, size_t n, size_t window);

/* Sign changes of the differences over n-1; NAN below 6 points. */
double deepfix_oscillation(const double *x, size_t n);

/* |x[n-1] - x[k]| / |x[k] - x[0]|, k = n/3; NAN below 10 points or where it divides by 0. */
double deepfix_premature(const double *x, size_t n);

/* |x[n-1] - x[n/2]| / |x[0]|; NAN below 10 points or where it divides by 0. */
double deepfix_stagnation(const double *x, size_t n);

#endif
