#include "tests/bench/detection/dice.h"

#include <math.h>

void dice_init(struct dice *dice, uint64_t seed)
{
    dice->rng = rng_of(seed);
}

double dice_uniform(struct dice *dice)
{
    return rng_uniform(&dice->rng);
}

uint64_t dice_below(struct dice *dice, uint64_t m)
{
    return rng_below(&dice->rng, m);
}

double dice_normal(struct dice *dice)
{
    return rng_normal(&dice->rng);
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
