#include "analysis/stats/swing.h"

#include <math.h>

#include "analysis/stats/moments.h"
#include "analysis/stats/trend.h"

enum { SAMPLES_MAX = 512, CYCLES_MIN = 3, CYCLES_MAX = 32, FINENESS = 4 };

static const double share_least = 0.25, peak_over = 2, drift_at = 0.6, p_most = 1e-3;

struct fit {
    double share, amplitude;
};

/* The least-squares sine of `cycles` periods in e[0, n), n points of n_all. */
static struct fit fit_sine(const double *e, size_t n, double cycles, size_t n_all)
{
    double cc = 0, ss = 0, cs = 0, ec = 0, es = 0, ee = 0, mean = mean_of(e, n);

    for (size_t i = 0; i < n; i++) {
        double angle = 2 * M_PI * cycles * (double)i / (double)n_all;
        double c = cos(angle), s = sin(angle), y = e[i] - mean;

        cc += c * c;
        ss += s * s;
        cs += c * s;
        ec += y * c;
        es += y * s;
        ee += y * y;
    }
    double det = cc * ss - cs * cs;
    if (!(det > 0) || !(ee > 0))
        return (struct fit){0};
    double a = (ec * ss - es * cs) / det, b = (es * cc - ec * cs) / det;
    return (struct fit){.share = fmin((a * ec + b * es) / ee, 1 - 1e-12), .amplitude = hypot(a, b)};
}

static double *residuals(const double *y, size_t from, size_t n, size_t m, struct arena *scratch)
{
    double *e = ARENA_ARRAY(scratch, n - from, double), *means = ARENA_ARRAY(scratch, m, double);

    log_curve_residuals(y + from, n - from, from, e);
    block_means(e, n - from, m, means);
    return means;
}

struct swing swing_of(const double *a, const double *b, size_t n, struct arena *scratch)
{
    struct swing out = {.p = 1};
    size_t from = n / 4, m = clip_count(n - from, 0, SAMPLES_MAX);
    size_t most = clip_count(m / 4, 0, CYCLES_MAX);
    double best = 0, cycles = 0;

    if (n < SWING_POINTS_MIN)
        return out;
    const double *e[2] = {residuals(a, from, n, m, scratch), residuals(b, from, n, m, scratch)};
    for (size_t k = CYCLES_MIN * FINENESS; k <= most * FINENESS; k++) {
        double c = (double)k / FINENESS;
        double left = log1p(-fit_sine(e[0], m, c, m).share) + log1p(-fit_sine(e[1], m, c, m).share);

        if (left < best) {
            best = left;
            cycles = c;
        }
    }
    out.enough = true;
    if (!(cycles > 0))
        return out;
    out.p = fmin(1, (double)(most * FINENESS) * exp(best * ((double)m - 5) / 2));
    out.together = out.p < p_most;
    for (int k = 0; k < 2; k++) {
        struct fit at = fit_sine(e[k], m, cycles, m);

        out.share[k] = at.share;
        out.amplitude[k] = at.amplitude;
        out.together &= at.share >= share_least &&
                        at.share >= peak_over * fit_sine(e[k], m, drift_at * cycles, m).share;
    }
    out.period = (double)(n - from) / cycles;
    double early = fit_sine(e[0], m / 3, cycles, m).amplitude;
    double late = fit_sine(e[0] + (m - m / 3), m / 3, cycles, m).amplitude;
    out.growth = early > 0 ? late / early : 0;
    return out;
}
