#ifndef RANDOM_H
#define RANDOM_H
/*
 * Draws that are the same on every machine: xoshiro256** (Blackman and Vigna
 * 2021), seeded by splitmix64. For permutation tests and simulations, with a
 * fixed seed: an analysis has no luck of its own.
 */

#include <stdint.h>

struct random {
    uint64_t s[4];
};

void random_seed(struct random *random, uint64_t seed);
uint64_t random_next(struct random *random);
double random_uniform(struct random *random);                 /* [0, 1), 53 bits */
uint64_t random_below(struct random *random, uint64_t bound); /* 0 … bound-1, bound > 0 */

#endif
