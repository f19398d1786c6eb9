#ifndef GAP_H
#define GAP_H
/*
 * Validation loss against training loss at the evaluations. gap_j = v_j - the
 * median of the training loss within half an evaluation interval of e_j (the
 * nearest point if none). A constant gap of either sign means nothing (dropout,
 * averaged weights, easier data); one that widens is evidence, never a finding.
 */

#include "analysis/base/arena.h"

enum { GAP_EVALS_MIN = 5 };

struct gap {
    bool enough;
    double *at;         /* the gap at each evaluation */
    double *train;      /* the training level it was taken against */
    double slope;       /* Theil-Sen, per step */
    double z, p;        /* Mann-Kendall of the gap, AR(1) noise; two-sided */
    double correlation; /* Spearman, of both losses less their Theil-Sen lines: description only */
};

/* Steps of both rise; `m` evaluations, `n` training points. */
struct gap gap_of(const double *eval_steps, const double *val, size_t m, const double *train_steps,
                  const double *train, size_t n, struct arena *scratch);

/* Rank correlation with mid-ranks of ties; 0 without a spread. O(n log n). */
double spearman(const double *x, const double *y, size_t n, struct arena *scratch);

#endif
