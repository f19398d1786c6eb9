#include "analysis/stats/special.h"

#include <math.h>
#include <stdbool.h>

#include "analysis/base/banned.h"

enum { SERIES_MAX = 20000 }; /* terms; sqrt(df) of them are needed, so this is df of 1e8 */
static const double TINY = 1e-300, PRECISE = 1e-16;

double log_gamma(double x)
{
    int sign;

    return x > 0 ? lgamma_r(x, &sign) : (double)NAN;
}

double normal_cdf(double z)
{
    return 0.5 * erfc(-z / M_SQRT2);
}

/*
 * The rational start of Abramowitz and Stegun 26.2.23 (error 4.5e-4), then
 * Halley steps: each triples the digits.
 */
double normal_quantile(double p)
{
    if (!(p > 0 && p < 1))
        return NAN;
    double q = p < 0.5 ? p : 1 - p, r = sqrt(-2 * log(q));

    if (!(q < 0.5))
        return 0;
    double z = r - (2.515517 + r * (0.802853 + r * 0.010328)) /
                       (1 + r * (1.432788 + r * (0.189269 + r * 0.001308)));

    for (int i = 0; i < 3; i++) { /* z > 0 has the upper tail q */
        double density = exp(-0.5 * z * z) / sqrt(2 * M_PI);
        double step = (normal_cdf(-z) - q) / density;

        z += step / (1 - 0.5 * z * step);
    }
    return p < 0.5 ? -z : z;
}

/* The continued fraction of I_x(a,b), DLMF 8.17.22, by Lentz's method (1976). */
static double beta_fraction(double a, double b, double x)
{
    double c = 1, d = 1 - (a + b) * x / (a + 1);
    double f = d = 1 / (fabs(d) < TINY ? TINY : d);

    for (int m = 1; m < SERIES_MAX; m++) {
        double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
        double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));

        d = 1 + even * d;
        c = 1 + even / c;
        d = 1 / (fabs(d) < TINY ? TINY : d);
        c = fabs(c) < TINY ? TINY : c;
        f *= d * c;
        d = 1 + odd * d;
        c = 1 + odd / c;
        d = 1 / (fabs(d) < TINY ? TINY : d);
        c = fabs(c) < TINY ? TINY : c;
        f *= d * c;
        if (fabs(d * c - 1) < PRECISE * 4)
            break;
    }
    return f;
}

/* I_x(a,b) for y = 1 - x, given because x near 1 would lose its digits. */
static double beta_part(double a, double b, double x, double y)
{
    if (x <= 0 || y <= 0)
        return x <= 0 ? 0 : 1;
    double front = exp(log_gamma(a + b) - log_gamma(a) - log_gamma(b) +
                       a * (x < 0.5 ? log(x) : log1p(-y)) + b * (y < 0.5 ? log(y) : log1p(-x)));

    /* the fraction is quick on its side of the mean only */
    if (x < (a + 1) / (a + b + 2))
        return front * beta_fraction(a, b, x) / a;
    return 1 - front * beta_fraction(b, a, y) / b;
}

double beta_inc(double a, double b, double x)
{
    if (!(a > 0 && b > 0 && x >= 0 && x <= 1))
        return NAN;
    return beta_part(a, b, x, 1 - x);
}

/* P(T > t) for t >= 0. */
static double t_tail(double t, double df)
{
    double whole = df + t * t;

    if (isinf(df))
        return normal_cdf(-t);
    return isinf(whole) ? 0 : 0.5 * beta_part(df / 2, 0.5, df / whole, t * t / whole);
}

double student_t_sf(double t, double df)
{
    if (!(df > 0) || isnan(t))
        return NAN;
    if (isinf(t))
        return t > 0 ? 0 : 1;
    return t >= 0 ? t_tail(t, df) : 1 - t_tail(-t, df);
}

static double t_density(double t, double df)
{
    if (isinf(df))
        return exp(-0.5 * t * t) / sqrt(2 * M_PI);
    return exp(log_gamma((df + 1) / 2) - log_gamma(df / 2) - 0.5 * log(df * M_PI) -
               (df + 1) / 2 * log1p(t * t / df));
}

/* Newton inside a bracket that halves when a step leaves it. */
double student_t_quantile(double p, double df)
{
    if (!(p > 0 && p < 1 && df > 0))
        return NAN;
    double q = p < 0.5 ? p : 1 - p, lo = 0, hi = 1;

    if (!(q < 0.5))
        return 0;
    while (t_tail(hi, df) > q && hi < 1e300) {
        lo = hi;
        hi *= 2;
    }
    double t = (lo + hi) / 2;
    for (int i = 0; i < 200 && hi - lo > PRECISE * hi; i++) {
        double over = t_tail(t, df) - q;

        if (over > 0)
            lo = t;
        else
            hi = t;
        double next = t + over / t_density(t, df);
        if (!(next > lo && next < hi))
            next = (lo + hi) / 2;
        bool done = fabs(next - t) <= 1e-15 * t;
        t = next;
        if (done)
            break;
    }
    return p < 0.5 ? -t : t;
}

/* P(a,x) by its series, DLMF 8.7.1; for x < a + 1. */
static double gamma_lower(double a, double x)
{
    double term = 1 / a, sum = term;

    for (int i = 1; i < SERIES_MAX && term > sum * PRECISE; i++) {
        term *= x / (a + i);
        sum += term;
    }
    return sum * exp(a * log(x) - x - log_gamma(a));
}

/* Q(a,x) by its continued fraction, DLMF 8.9.2, Lentz; for x >= a + 1. */
static double gamma_upper(double a, double x)
{
    double b = x + 1 - a, c = 1 / TINY, d = 1 / b, f = d;

    for (int i = 1; i < SERIES_MAX; i++) {
        double n = -i * (i - a);

        b += 2;
        d = n * d + b;
        d = 1 / (fabs(d) < TINY ? TINY : d);
        c = b + n / c;
        c = fabs(c) < TINY ? TINY : c;
        f *= d * c;
        if (fabs(d * c - 1) < PRECISE * 4)
            break;
    }
    return f * exp(a * log(x) - x - log_gamma(a));
}

double chi2_sf(double x, double df)
{
    double a = df / 2, half = x / 2;

    if (!(df > 0) || isnan(x))
        return NAN;
    if (x <= 0)
        return 1;
    if (isinf(x))
        return 0;
    return half < a + 1 ? 1 - gamma_lower(a, half) : gamma_upper(a, half);
}

/* psi(x) = psi(x+1) - 1/x up to 10, then the asymptotic series DLMF 5.11.2. */
double digamma(double x)
{
    double below = 0;

    if (!(x > 0))
        return NAN;
    while (x < 10) {
        below += 1 / x;
        x += 1;
    }
    double y = 1 / (x * x);
    double series =
        y *
        (1.0 / 12 -
         y * (1.0 / 120 - y * (1.0 / 252 - y * (1.0 / 240 - y * (1.0 / 132 - y * 691.0 / 32760)))));
    return log(x) - 0.5 / x - series - below;
}

double beta_entropy(double a, double b)
{
    if (!(a > 0 && b > 0))
        return NAN;
    return log_gamma(a) + log_gamma(b) - log_gamma(a + b) - (a - 1) * digamma(a) -
           (b - 1) * digamma(b) + (a + b - 2) * digamma(a + b);
}
