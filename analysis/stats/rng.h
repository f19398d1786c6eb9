#ifndef RNG_H
#define RNG_H
/*
 * Reproducible random numbers for bootstraps and permutations: xoshiro256** of
 * Blackman and Vigna (2021), its state four outputs of splitmix64. The same
 * seed gives the same numbers on every machine; the seed belongs in the evidence.
 */

#include <stdint.h>

struct rng {
    uint64_t state[4];
};

struct rng rng_of(uint64_t seed);

uint64_t rng_next(struct rng *rng);
double rng_uniform(struct rng *rng);                 /* [0,1), 53 bits */
uint64_t rng_below(struct rng *rng, uint64_t bound); /* 0 … bound-1; bound > 0 */
double rng_normal(struct rng *rng); /* Box and Muller 1958, the cosine half: two uniforms each */

#endif
