#include "analysis/stats/oscillation.h"

#include "analysis/stats/dft.h"
#include "analysis/stats/moments.h"
#include "analysis/stats/trend.h"

#include <math.h>

enum { DROPPED = 3 }; /* bins of what is left of the trend */

/* The amplitude at `cycles` periods a sample in e[from, to). */
static double amplitude_in(const double *e, size_t from, size_t to, double cycles)
{
    double re = 0, im = 0;

    for (size_t i = from; i < to; i++) {
        double angle = 2 * 3.14159265358979323846 * cycles * (double)i;

        re += e[i] * cos(angle);
        im += e[i] * sin(angle);
    }
    return 2 * hypot(re, im) / (double)(to - from);
}

/* The bin whose power stands highest over its neighbourhood. */
static size_t highest(const double *power, size_t bins, double *g, struct arena *scratch)
{
    double *near = ARENA_ARRAY(scratch, bins, double);
    size_t reach = bins / 10 > 5 ? bins / 10 : 5, best = 0;

    *g = 0;
    running_median(power, bins, 2 * reach + 1, near, scratch);
    for (size_t f = 0; f < bins; f++) {
        double over = near[f] > 0 ? power[f] * log(2) / near[f] : 0;

        if (over > *g) {
            *g = over;
            best = f;
        }
    }
    return best;
}

struct oscillation oscillation_of(const double *y, size_t n, struct arena *scratch)
{
    size_t from = n / 2, half = n - from, m = half < DFT_POINTS_MAX ? half : DFT_POINTS_MAX;
    struct oscillation o = {.used = m, .points_per_sample = 1, .p = 1};

    if (n < OSCILLATION_POINTS_MIN)
        return o;
    double *e = ARENA_ARRAY(scratch, half, double),
           *power = ARENA_ARRAY(scratch, m / 2 + 1, double);
    log_curve_residuals(y + from, half, from, e);
    if (half > m) {
        double *means = ARENA_ARRAY(scratch, m, double);

        block_means(e, half, m, means);
        e = means;
    }
    periodogram(e, m, power, scratch);
    o.enough = true;
    o.points_per_sample = (double)half / (double)m;

    const double *kept = power + DROPPED;
    size_t bins = m / 2 + 1 - DROPPED;
    double g, total = 0;
    size_t f = highest(kept, bins, &g, scratch);
    for (size_t i = 0; i < bins; i++)
        total += kept[i];
    if (!(total > 0))
        return o;
    double three = kept[f] + (f > 0 ? kept[f - 1] : 0) + (f + 1 < bins ? kept[f + 1] : 0);
    double cycles = (double)(f + DROPPED) / (double)m, third = amplitude_in(e, 0, m / 3, cycles);
    o.period = o.points_per_sample / cycles;
    o.p = g > 0 ? -expm1((double)bins * log1p(-exp(-g))) : 1;
    o.amplitude = 2 * sqrt(kept[f] / (double)m);
    o.share = three / total;
    o.growth = third > 0 ? amplitude_in(e, m - m / 3, m, cycles) / third : 0;
    o.oscillates = o.p < 1e-3 && o.amplitude > 0.01 && o.share > 0.15;
    return o;
}
