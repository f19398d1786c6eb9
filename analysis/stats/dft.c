#include "analysis/stats/dft.h"

#include <assert.h>
#include <math.h>
#include <stdint.h>

static const double pi = 3.14159265358979323846;

/* Complex numbers as two arrays: <complex.h> would bring its checks for infinities. */
struct signal {
    double *re, *im;
    size_t n;
};

static struct signal signal_of(size_t n, struct arena *scratch)
{
    return (struct signal){ARENA_ARRAY(scratch, n, double), ARENA_ARRAY(scratch, n, double), n};
}

static void swap(double *x, size_t i, size_t j)
{
    double kept = x[i];

    x[i] = x[j];
    x[j] = kept;
}

static void reverse_bits(struct signal *s)
{
    for (size_t i = 1, j = 0; i < s->n; i++) {
        size_t bit = s->n / 2;

        for (; j & bit; bit /= 2)
            j ^= bit;
        j |= bit;
        if (i < j) {
            swap(s->re, i, j);
            swap(s->im, i, j);
        }
    }
}

/* In place; n is a power of two; sign -1 forwards, +1 backwards (not divided by n). */
static void transform(struct signal *s, double sign)
{
    reverse_bits(s);
    for (size_t half = 1; half < s->n; half *= 2) {
        for (size_t k = 0; k < half; k++) {
            double angle = sign * pi * (double)k / (double)half, c = cos(angle), d = sin(angle);

            for (size_t i = k; i < s->n; i += 2 * half) {
                double re = s->re[i + half] * c - s->im[i + half] * d;
                double im = s->re[i + half] * d + s->im[i + half] * c;

                s->re[i + half] = s->re[i] - re;
                s->im[i + half] = s->im[i] - im;
                s->re[i] += re;
                s->im[i] += im;
            }
        }
    }
}

/* pi k^2 / n, of which only k^2 mod 2n counts: a large angle would lose its digits. */
static double chirp(size_t k, size_t n)
{
    return pi * (double)((uint64_t)k * k % (2 * (uint64_t)n)) / (double)n;
}

static void bluestein(const double *x, size_t n, double *power, struct arena *scratch)
{
    size_t padded = 1;

    while (padded < 2 * n)
        padded *= 2;
    struct signal a = signal_of(padded, scratch), b = signal_of(padded, scratch);
    for (size_t k = 0; k < n; k++) {
        double c = cos(chirp(k, n)), s = sin(chirp(k, n));
        size_t mirror = k ? padded - k : 0;

        a.re[k] = x[k] * c;
        a.im[k] = -x[k] * s;
        b.re[k] = b.re[mirror] = c;
        b.im[k] = b.im[mirror] = s;
    }
    transform(&a, -1);
    transform(&b, -1);
    for (size_t k = 0; k < padded; k++) {
        double re = a.re[k] * b.re[k] - a.im[k] * b.im[k];

        a.im[k] = a.re[k] * b.im[k] + a.im[k] * b.re[k];
        a.re[k] = re;
    }
    transform(&a, 1);
    /* the last chirp turns the phase only: |DFT_f| does not need it */
    for (size_t f = 0; f <= n / 2; f++) {
        double re = a.re[f] / (double)padded, im = a.im[f] / (double)padded;

        power[f] = (re * re + im * im) / (double)n;
    }
}

void periodogram(const double *x, size_t n, double *power, struct arena *scratch)
{
    assert(n <= DFT_POINTS_MAX);
    if (n == 0) {
        power[0] = 0;
        return;
    }
    if (n & (n - 1)) {
        bluestein(x, n, power, scratch);
        return;
    }
    struct signal s = signal_of(n, scratch);
    memcpy(s.re, x, n * sizeof(*x));
    transform(&s, -1);
    for (size_t f = 0; f <= n / 2; f++)
        power[f] = (s.re[f] * s.re[f] + s.im[f] * s.im[f]) / (double)n;
}
