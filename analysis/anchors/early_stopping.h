#ifndef EARLY_STOPPING_H
#define EARLY_STOPPING_H
/*
 * Prechelt 1998, "Early stopping - but when?", at the end of a run. Validation
 * losses v, and the training loss at each of them.
 *
 *   GL   = 100 (v_last / min v - 1)
 *   P_k  = 1000 (sum of the last k training losses / (k * their minimum) - 1)
 *   PQ   = GL / P_k; 0 where P_k is 0
 *   UP   = how many strips of k evaluations in a row, counted from the end,
 *          ended higher than the one before
 * NAN where there are fewer than k values or a minimum is not above 0.
 */

#include <stddef.h>

enum { PRECHELT_STRIP = 5 };

struct prechelt {
    double gl, pk, pq;
    size_t up;
};

struct prechelt prechelt_of(const double *val, const double *train_at_val, size_t m);

#endif
