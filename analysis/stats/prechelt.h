#ifndef PRECHELT_H
#define PRECHELT_H
/*
 * The stopping criteria of Prechelt 1998 ("Early Stopping - But When?"), for
 * comparison with what other tools report. They are anchors, no verdicts: on
 * labelled curves GL > 5% has a precision of .825.
 *
 *   GL   = 100 (last val / lowest val - 1)
 *   P_k  = 1000 (sum of the last k train losses / (k times their lowest) - 1)
 *   PQ   = GL / P_k
 *   UP_s = val at the ends of s successive strips of k evaluations rose each time
 *
 * Values > 0, lower is better. NAN: GL without a positive lowest value, P_k with
 * fewer than k training losses, PQ where P_k is 0.
 */

#include <stdbool.h>
#include <stddef.h>

enum { PRECHELT_STRIP = 5 };

struct prechelt {
    double gl, p, pq;
};

struct prechelt prechelt_of(const double *val, size_t m, const double *train, size_t n, size_t k);

/* How many successive strips at the end rose. */
size_t prechelt_strips(const double *val, size_t m, size_t k);

/* UP_s at the last evaluation; false where there are not s strips before it. */
bool prechelt_up(const double *val, size_t m, size_t s, size_t k);

#endif
