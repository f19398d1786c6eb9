#ifndef DICE_H
#define DICE_H
/*
 * The benchmark's random numbers, the same on every machine: xoshiro256** of
 * Blackman and Vigna, its state four successive outputs of splitmix64.
 */

#include <stddef.h>
#include <stdint.h>

struct dice {
    uint64_t s[4];
};

void dice_init(struct dice *dice, uint64_t seed);
uint64_t dice_word(struct dice *dice);

double dice_uniform(struct dice *dice);                   /* word >> 11 times 2^-53, in [0,1) */
uint64_t dice_below(struct dice *dice, uint64_t m);       /* high 64 bits of word * m */
double dice_normal(struct dice *dice);                    /* Box-Muller, two uniforms each */
double dice_t5(struct dice *dice);                        /* Student t, 5 degrees, variance 1 */
double dice_laplace(struct dice *dice);                   /* variance 1 */
double dice_in(struct dice *dice, double lo, double hi);  /* uniform */
double dice_log(struct dice *dice, double lo, double hi); /* uniform in the logarithm */
double dice_pick(struct dice *dice, const double *from, size_t n);

#endif
