#ifndef CURVES_H
#define CURVES_H
/*
 * Made-up series: the noise of the stored test vectors, u_1 = 0.0138700781
 * first, in [-.5, .5), from s = (1103515245 s + 12345) mod 2^31, s_0 = 1.
 */

#include <math.h>
#include <stddef.h>
#include <stdint.h>

struct noise {
    uint64_t s;
};

#define NOISE_START ((struct noise){1})

static inline double noise_next(struct noise *noise)
{
    noise->s = (1103515245 * noise->s + 12345) % ((uint64_t)1 << 31);
    return (double)noise->s / 2147483648.0 - 0.5;
}

/* x_i = (1.8 + 3 min(i, flat_from)^-.4) exp(.02 u_i), i = 1..n: a loss that may stop falling. */
static inline void curve_loss(double *x, size_t n, size_t flat_from)
{
    struct noise noise = NOISE_START;

    for (size_t i = 1; i <= n; i++) {
        double t = (double)(i < flat_from ? i : flat_from);

        x[i - 1] = (1.8 + 3 * pow(t, -0.4)) * exp(0.02 * noise_next(&noise));
    }
}

static inline void curve_steps(double *steps, size_t n) /* 1..n */
{
    for (size_t i = 0; i < n; i++)
        steps[i] = (double)(i + 1);
}

/* Relative, and absolute where 0 is wanted. */
static inline int near_to(double got, double want, double tolerance)
{
    return fabs(got - want) <= (want == 0 ? 1e-9 : tolerance * fabs(want));
}

#endif
