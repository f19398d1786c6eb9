#include "analysis/stats/clipping.h"

#include <math.h>

#include "analysis/stats/moments.h"
#include "analysis/stats/rng.h"
#include "analysis/stats/trailing.h"

struct clip_pile clip_pile_of(const double *g, size_t n, double configured)
{
    struct clip_pile p = {.at = configured};
    size_t at = 0, above = 0;

    if (!(configured > 0)) {
        p.at = 0;
        for (size_t i = 0; i < n; i++)
            p.at = fmax(p.at, g[i]);
    }
    for (size_t i = 0; i < n; i++) {
        at += fabs(g[i] - p.at) <= 1e-3 * p.at;
        above += g[i] > 1.001 * p.at;
    }
    p.share = n ? (double)at / (double)n : 0;
    p.after_clip = p.share >= 0.05 && (double)above < 1e-3 * (double)n;
    return p;
}

double share_above(const double *g, size_t n, double level)
{
    size_t above = 0;

    for (size_t i = 0; i < n; i++)
        above += g[i] > level;
    return n ? (double)above / (double)n : 0;
}

static double *logs(const double *g, size_t n, struct arena *scratch)
{
    double *y = ARENA_ARRAY(scratch, n, double);

    for (size_t i = 0; i < n; i++)
        y[i] = log(g[i]);
    return y;
}

const size_t *without_bursts(const double *g, size_t n, size_t *kept, struct arena *scratch)
{
    enum { WINDOW = 64, LEAST = 9 };
    size_t *index = ARENA_ARRAY(scratch, n, size_t);
    double *level = ARENA_ARRAY(scratch, n, double), *r = logs(g, n, scratch);

    trailing_median(r, n, WINDOW, LEAST, level, scratch);
    for (size_t i = 0; i < n; i++)
        r[i] = i < LEAST ? 0 : r[i] - level[i];
    double most = fmax(M_LN2, 6 * MAD_TO_SD * mad_of(r, n, scratch));
    *kept = 0;
    for (size_t i = 0; i < n; i++) {
        if (r[i] <= most)
            index[(*kept)++] = i;
    }
    return index;
}

/* ln c* of what is in y, which is reordered. */
static double ln_value(double *y, size_t n)
{
    double centre = median_select(y, n);

    for (size_t i = 0; i < n; i++)
        y[i] = fabs(y[i] - centre);
    return centre + 2.5 * MAD_TO_SD * median_select(y, n);
}

double clip_value_of(const double *g, size_t n, struct arena *scratch)
{
    return n ? exp(ln_value(logs(g, n, scratch), n)) : 0;
}

/* One resample of `size` points: blocks that begin anywhere, the last one cut. */
static void resample(const double *y, size_t n, size_t block, double *out, size_t size,
                     struct rng *rng)
{
    for (size_t k = 0; k < size; k += block) {
        size_t from = (size_t)rng_below(rng, n - block + 1);
        size_t length = size - k < block ? size - k : block;

        memcpy(out + k, y + from, length * sizeof(*y));
    }
}

struct clip_advice clip_advice_of(const double *g, size_t n, uint64_t seed, struct arena *scratch)
{
    size_t m = n - n / 2, size = m < CLIP_RESAMPLED_MAX ? m : CLIP_RESAMPLED_MAX;
    struct clip_advice advice = {.n = m, .value = clip_value_of(g + n / 2, m, scratch)};
    double draws[CLIP_RESAMPLES];

    if (n == 0)
        return advice;
    const double *y = logs(g + n / 2, m, scratch);
    double *drawn = ARENA_ARRAY(scratch, size, double);
    struct rng rng = rng_of(seed);
    size_t block = clip_count((size_t)round(cbrt((double)m)), 1, m);
    double narrow = sqrt((double)size / (double)m), centre = log(advice.value);
    for (int k = 0; k < CLIP_RESAMPLES; k++) {
        resample(y, m, block, drawn, size, &rng);
        draws[k] = centre + narrow * (ln_value(drawn, size) - centre);
    }
    advice.low = exp(quantile_select(draws, CLIP_RESAMPLES, 0.025));
    advice.high = exp(quantile_select(draws, CLIP_RESAMPLES, 0.975));
    return advice;
}
