#include "tests/bench/detection/dice.h"

#include <math.h>

__extension__ typedef unsigned __int128 wide;

static uint64_t splitmix64(uint64_t *x)
{
    uint64_t z = *x += 0x9E3779B97F4A7C15;

    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
    return z ^ (z >> 31);
}

void dice_init(struct dice *dice, uint64_t seed)
{
    for (size_t i = 0; i < 4; i++)
        dice->s[i] = splitmix64(&seed);
}

static uint64_t rotl(uint64_t x, unsigned k)
{
    return (x << k) | (x >> (64 - k));
}

uint64_t dice_word(struct dice *dice)
{
    uint64_t *s = dice->s, result = rotl(s[1] * 5, 7) * 9, t = s[1] << 17;

    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotl(s[3], 45);
    return result;
}

double dice_uniform(struct dice *dice)
{
    return (double)(dice_word(dice) >> 11) * 0x1p-53;
}

uint64_t dice_below(struct dice *dice, uint64_t m)
{
    return (uint64_t)(((wide)dice_word(dice) * m) >> 64);
}

double dice_normal(struct dice *dice)
{
    double u1 = dice_uniform(dice), u2 = dice_uniform(dice);

    return sqrt(-2 * log(1 - u1)) * cos(2 * M_PI * u2);
}

double dice_t5(struct dice *dice)
{
    double z = dice_normal(dice), chi2 = 0;

    for (int i = 0; i < 5; i++) {
        double x = dice_normal(dice);
        chi2 += x * x;
    }
    return z / sqrt(chi2 / 5) * sqrt(3.0 / 5); /* the variance of t5 is 5/3 */
}

double dice_laplace(struct dice *dice)
{
    double u = dice_uniform(dice) - 0.5;

    return (u < 0 ? 1 : -1) * log(1 - 2 * fabs(u)) / sqrt(2);
}

double dice_in(struct dice *dice, double lo, double hi)
{
    return lo + (hi - lo) * dice_uniform(dice);
}

double dice_log(struct dice *dice, double lo, double hi)
{
    return lo * pow(hi / lo, dice_uniform(dice));
}

double dice_pick(struct dice *dice, const double *from, size_t n)
{
    return from[dice_below(dice, n)];
}
