#include "analysis/stats/dft.h"

#include "tests/support/curves.h"

#include <criterion/criterion.h>

static const double two_pi = 6.28318530717958647692;

/* |sum x_i exp(-2 pi i f / n)|^2 / n by its definition. */
static double by_definition(const double *x, size_t n, size_t f)
{
    double re = 0, im = 0;

    for (size_t i = 0; i < n; i++) {
        double angle = two_pi * (double)(f * i % n) / (double)n;

        re += x[i] * cos(angle);
        im -= x[i] * sin(angle);
    }
    return (re * re + im * im) / (double)n;
}

Test(dft, any_length_agrees_with_the_definition)
{
    static const size_t lengths[] = {1, 2, 3, 4, 5, 7, 8, 24, 31, 64, 97, 100, 200, 333, 512};
    struct noise noise = NOISE_START;
    struct arena arena;
    double x[512], power[257];

    arena_init(&arena);
    for (size_t i = 0; i < 512; i++)
        x[i] = 3 + noise_next(&noise);
    for (size_t k = 0; k < sizeof(lengths) / sizeof(lengths[0]); k++) {
        size_t n = lengths[k];

        periodogram(x, n, power, &arena);
        for (size_t f = 0; f <= n / 2; f++) {
            double want = by_definition(x, n, f);

            cr_expect(fabs(power[f] - want) <= 1e-9 * (1 + want), "n %zu, f %zu: %g, not %g", n, f,
                      power[f], want);
        }
    }
    arena_fini(&arena);
}

/* Parseval: the powers of all n bins add up to the sum of squares. */
Test(dft, the_longest_lengths_keep_their_power)
{
    static const size_t lengths[] = {4093, 4095, 4096};
    struct noise noise = NOISE_START;
    struct arena arena;
    static double x[4096], power[2049];

    arena_init(&arena);
    for (size_t i = 0; i < 4096; i++)
        x[i] = noise_next(&noise);
    for (size_t k = 0; k < 3; k++) {
        size_t n = lengths[k];
        double squares = 0, sum = 0;

        periodogram(x, n, power, &arena);
        for (size_t i = 0; i < n; i++)
            squares += x[i] * x[i];
        for (size_t f = 0; f <= n / 2; f++)
            sum += power[f] * (f == 0 || 2 * f == n ? 1 : 2);
        cr_expect(near_to(sum, squares, 1e-10), "n %zu", n);
    }
    arena_fini(&arena);
}
