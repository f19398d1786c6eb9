#include "analysis/stats/random.h"

void random_seed(struct random *random, uint64_t seed)
{
    for (int i = 0; i < 4; i++) {
        seed += UINT64_C(0x9e3779b97f4a7c15);
        uint64_t z = seed;
        z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
        z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
        random->s[i] = z ^ (z >> 31);
    }
}

static uint64_t rotate(uint64_t x, int k)
{
    return (x << k) | (x >> (64 - k));
}

uint64_t random_next(struct random *random)
{
    uint64_t *s = random->s, result = rotate(s[1] * 5, 7) * 9, t = s[1] << 17;

    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotate(s[3], 45);
    return result;
}

double random_uniform(struct random *random)
{
    return (double)(random_next(random) >> 11) * 0x1p-53;
}

/* The high half of the product (Lemire 2019) without its rejection: biased by less than bound/2^64.
 */
uint64_t random_below(struct random *random, uint64_t bound)
{
    uint64_t x = random_next(random), low = bound & UINT32_MAX, high = bound >> 32;
    uint64_t middle = (x >> 32) * low + (((x & UINT32_MAX) * low) >> 32);
    uint64_t rest = (x & UINT32_MAX) * high + (middle & UINT32_MAX);

    return (x >> 32) * high + (middle >> 32) + (rest >> 32);
}
