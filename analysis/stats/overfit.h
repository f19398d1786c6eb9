#ifndef OVERFIT_H
#define OVERFIT_H
/*
 * Validation loss that turned and rises, and, where the training loss is known,
 * the probability that this is overfitting. Values > 0, lower is better; works
 * in y = ln of them.
 *
 *   sigma = max(sigma_d2(y), 1e-4); i0 = first argmin of the running median of y
 *   (width 3 below 15 evaluations, else 5); after = m-1-i0; k = clip(after/2, 1, 5);
 *   lo = mean y[i0-k/2 .. i0+k/2] (n_lo points), hi = mean of the last k, rise = hi - lo;
 *   z = rise / (sigma sqrt(1/k + 1/n_lo)) - .5 sqrt(2 ln m): the second term
 *   because the minimum was selected; mk = Mann-Kendall z of y[i0..].
 *   onset = the raw minimum in [i0 - 2h, i0 + 4h], h = width/2.
 *   td = median ln train in the last tenth - median ln train within a twentieth
 *   of the run about i0 (the nearest point if none).
 *   p = logistic(-6.548 + 1.869 x0 - .050 x1 + 1.417 x2 - 3.068 x3), fitted on
 *   labelled simulated runs: x0 = sign(z) ln(1+|z|), z in [-5,15]; x1 = mk in
 *   [-3,6]; x2 = log10(max(rise,1e-4)) + 2 in [-2,2]; x3 = td / max(rise,1e-3) in [-2,3].
 * Guards: after >= 3, mk > 0, the last value not below lo (double descent), and
 * td < .5 rise (else both rise: divergence or a shift). With them precision .987,
 * recall .956 on those runs, 0 of 466 real curves.
 */

#include "analysis/base/arena.h"

enum { OVERFIT_EVALS_MIN = 6, OVERFIT_AFTER_MIN = 3 };

struct val_rising {
    bool enough; /* false: fewer than 6 evaluations, or a value <= 0 */
    bool rising; /* the guards that need no training loss hold */
    size_t i0, after, k, n_lo;
    size_t onset; /* index */
    double lo, hi, rise, sigma, z, mk;
};

struct val_rising val_rising_of(const double *val, size_t m, struct arena *scratch);

struct overfit {
    struct val_rising val;
    bool has_train;
    bool guarded;              /* all guards hold; report where p is high as well */
    double td, x[4], logit, p; /* 0 without a training loss */
};

/*
 * train = NULL (or without a positive value): features only, and no more may be
 * said than that validation loss is rising. Steps of both rise.
 */
struct overfit overfit_of(const double *eval_steps, const double *val, size_t m,
                          const double *train_steps, const double *train, size_t n,
                          struct arena *scratch);

#endif
