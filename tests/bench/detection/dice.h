#ifndef DICE_H
#define DICE_H
/* The benchmark's random numbers: those of analysis/stats/rng.h, and what is drawn of them. */

#include "analysis/stats/rng.h"

#include <stddef.h>

struct dice {
    struct rng rng;
};

void dice_init(struct dice *dice, uint64_t seed);

double dice_uniform(struct dice *dice);
uint64_t dice_below(struct dice *dice, uint64_t m); /* 0 … m-1 */
double dice_normal(struct dice *dice);
double dice_t5(struct dice *dice);                        /* Student t, 5 degrees, variance 1 */
double dice_laplace(struct dice *dice);                   /* variance 1 */
double dice_in(struct dice *dice, double lo, double hi);  /* uniform */
double dice_log(struct dice *dice, double lo, double hi); /* uniform in the logarithm */
double dice_pick(struct dice *dice, const double *from, size_t n);

#endif
