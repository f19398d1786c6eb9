#include "analysis/stats/extrapolate.h"

#include <math.h>

#include "analysis/stats/moments.h"

enum { BACK_POINTS_MIN = 25 };
enum { EXPONENTS = 40, BLOCKS = 40, STARTS = 5, SHIFTS = 6 };

/* Block means of a stretch. */
struct blocks {
    double t[BLOCKS], y[BLOCKS], weight[BLOCKS];
    size_t n;
};

double power_law_at(const struct power_law *law, double t)
{
    return law->floor + law->A * pow(t + law->t0, -law->b);
}

/* E and A for given x = (t+t0)^-b: least squares, and on the border where one would be < 0. */
static struct power_law solve(const double *x, const double *y, const double *w, size_t n)
{
    double sw = 0, sx = 0, sy = 0, sxx = 0, sxy = 0;
    struct power_law law = {0};

    for (size_t i = 0; i < n; i++) {
        sw += w[i];
        sx += w[i] * x[i];
        sy += w[i] * y[i];
    }
    for (size_t i = 0; i < n; i++) {
        sxx += w[i] * (x[i] - sx / sw) * (x[i] - sx / sw);
        sxy += w[i] * (x[i] - sx / sw) * (y[i] - sy / sw);
    }
    law.A = sxx > 0 ? fmax(0, sxy / sxx) : 0;
    law.floor = (sy - law.A * sx) / sw;
    if (law.floor < 0) {
        law.floor = 0;
        law.A = fmax(0, (sxy + sx * sy / sw) / (sxx + sx * sx / sw));
    }
    for (size_t i = 0; i < n; i++) {
        double e = y[i] - law.floor - law.A * x[i];

        law.error += w[i] * e * e;
    }
    return law;
}

struct power_law power_law_fit(const double *t, const double *y, const double *weight, size_t n,
                               const double *t0s, size_t t0_n, struct arena *scratch)
{
    double *x = ARENA_ARRAY(scratch, n, double), *ln = ARENA_ARRAY(scratch, n, double);
    struct power_law best = {.error = (double)INFINITY};

    for (size_t k = 0; k < t0_n; k++) {
        for (size_t i = 0; i < n; i++)
            ln[i] = log(t[i] + t0s[k]);
        for (int e = 0; e < EXPONENTS; e++) {
            double b = 0.03 * pow(2 / 0.03, (double)e / (EXPONENTS - 1));

            for (size_t i = 0; i < n; i++)
                x[i] = exp(-b * ln[i]);
            struct power_law law = solve(x, y, weight, n);
            if (law.error < best.error) {
                best = law;
                best.b = b;
                best.t0 = t0s[k];
            }
        }
    }
    return best;
}

/* Points from..n-1 in log-spaced blocks; the edges are indices, the steps need not be. */
static void block(const double *steps, const double *y, size_t n, double start, struct blocks *out)
{
    double first = fmax(1, floor(start * (double)n));
    size_t from = (size_t)first;

    out->n = 0;
    for (int k = 1; k <= BLOCKS && from < n; k++) {
        size_t to = (size_t)round(first * pow((double)n / first, (double)k / BLOCKS));

        if (to <= from)
            continue; /* edges that round alike are one */
        to = to < n ? to : n;
        double sum = 0;
        for (size_t i = from; i < to; i++)
            sum += log(steps[i]);
        out->t[out->n] = exp(sum / (double)(to - from));
        out->y[out->n] = mean_of(y + from, to - from);
        out->weight[out->n++] = (double)(to - from);
        from = to;
    }
}

static void fit_all(struct extrapolation *e, const double *steps, const double *y, size_t n,
                    struct arena *scratch)
{
    static const double starts[STARTS] = {0.02, 0.05, 0.1, 0.2, 0.35};
    static const double shares[SHIFTS] = {0, 0.005, 0.01, 0.02, 0.05, 0.1};
    double shifts[SHIFTS];
    struct blocks b;

    for (int k = 0; k < SHIFTS; k++)
        shifts[k] = shares[k] * steps[n - 1];
    for (int f = 0; f < STARTS; f++) {
        block(steps, y, n, starts[f], &b);
        struct power_law plain = power_law_fit(b.t, b.y, b.weight, b.n, shifts, 1, scratch);
        struct power_law shifted =
            power_law_fit(b.t, b.y, b.weight, b.n, shifts + 1, SHIFTS - 1, scratch);

        e->member[(size_t)f * 2] = plain;
        e->member[(size_t)f * 2 + 1] = shifted.error < plain.error ? shifted : plain;
    }
}

static double median_at(const struct extrapolation *e, double t, double *low, double *high)
{
    double at[EXTRAPOLATE_MEMBERS];

    *low = (double)INFINITY;
    *high = -(double)INFINITY;
    for (int k = 0; k < EXTRAPOLATE_MEMBERS; k++) {
        at[k] = power_law_at(&e->member[k], t);
        *low = fmin(*low, at[k]);
        *high = fmax(*high, at[k]);
    }
    return median_select(at, EXTRAPOLATE_MEMBERS);
}

/*
 * By how much the curve's own end lies outside of what its first half foretold: what the
 * family of curves, fitting or not, was worth over the last doubling of the steps.
 */
static double missed(const double *steps, const double *y, size_t n, struct arena *scratch)
{
    struct extrapolation e = {0};
    size_t half = 0, last = n / 20;
    double low, high;

    while (half < n && 2 * steps[half] <= steps[n - 1])
        half++;
    if (half < BACK_POINTS_MIN)
        return 0;
    fit_all(&e, steps, y, half, scratch);
    (void)median_at(&e, mean_of(steps + n - last, last), &low, &high);
    double level = mean_of(y + n - last, last), se = sd_of(y + n - last, last) / sqrt((double)last);
    return fmax(0, fmax(low - level, level - high) - 2 * se);
}

struct extrapolation extrapolate(const double *steps, const double *y, size_t n, double to,
                                 struct arena *scratch)
{
    struct extrapolation e = {.range = EXTRAPOLATE_REFUSED};
    double floors[EXTRAPOLATE_MEMBERS], low, high;

    if (n < EXTRAPOLATE_POINTS_MIN || !(steps[0] >= 1) || !(to >= steps[n - 1]))
        return e;
    double horizon = to / steps[n - 1];
    e.range = horizon <= 2   ? EXTRAPOLATE_VALIDATED
              : horizon <= 4 ? EXTRAPOLATE_BEYOND
                             : EXTRAPOLATE_REFUSED;
    if (e.range == EXTRAPOLATE_REFUSED)
        return e;
    fit_all(&e, steps, y, n, scratch);
    size_t last = n / 20;
    e.enough = true;
    e.se = sd_of(y + n - last, last) / sqrt((double)last);
    e.now = median_at(&e, steps[n - 1], &low, &high);
    e.predicted = median_at(&e, to, &low, &high);
    e.missed = missed(steps, y, n, scratch);
    e.low = low - 2 * e.se - e.missed;
    e.high = high + 2 * e.se + e.missed;
    for (int k = 0; k < EXTRAPOLATE_MEMBERS; k++)
        floors[k] = e.member[k].floor;
    e.floor = median_select(floors, EXTRAPOLATE_MEMBERS);
    return e;
}
