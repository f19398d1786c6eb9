#include "analysis/stats/gradient.h"

#include <math.h>

#include "analysis/stats/moments.h"
#include "analysis/stats/noise.h"
#include "analysis/stats/order.h"

/* Blocks of ln g from index `from` on. */
struct blocks {
    const double *y;
    size_t n, from, width, count;
    double *median, *quartile;
};

static double *logs(const double *g, size_t n, struct arena *scratch)
{
    double *y = ARENA_ARRAY(scratch, n, double);

    for (size_t i = 0; i < n; i++) {
        if (!(g[i] > 0))
            return NULL;
        y[i] = log(g[i]);
    }
    return y;
}

static size_t start_of(const struct blocks *b, size_t k)
{
    return k < b->count ? b->from + k * b->width : b->n;
}

static struct blocks blocks_of(const double *y, size_t n, struct arena *scratch)
{
    struct blocks b = {.y = y, .n = n, .from = n / 10, .width = n / 50 > 9 ? n / 50 : 9};

    b.count = (n - b.from) / b.width;
    b.median = ARENA_ARRAY(scratch, b.count, double);
    b.quartile = ARENA_ARRAY(scratch, b.count, double);
    double *copy = ARENA_ARRAY(scratch, n, double);
    memcpy(copy, y, n * sizeof(*y));
    for (size_t k = 0; k < b.count; k++) {
        size_t from = start_of(&b, k), m = start_of(&b, k + 1) - from;

        b.median[k] = median_select(copy + from, m);
        b.quartile[k] = quantile_select(copy + from, m, 0.25);
    }
    return b;
}

/* What of y lies between two levels, in order; where each block's begins, and how many are below.
 */
struct strip {
    double lo, hi;
    double *v;
    size_t *from, *below; /* of block k and all before it: v[0, from[k + 1]), below[k + 1] */
};

/* The median of what stands before two blocks lies between their medians: so on for more. */
static struct strip strip_of(const struct blocks *b, struct arena *scratch)
{
    struct strip s = {.lo = b->median[0], .hi = b->median[0]};
    size_t at = 0, below = 0;

    for (size_t k = 1; k < b->count; k++) {
        s.lo = fmin(s.lo, b->median[k]);
        s.hi = fmax(s.hi, b->median[k]);
    }
    double margin = 0.01 * (s.hi - s.lo); /* a median of an even count lies between two values */
    s.lo -= margin;
    s.hi += margin;
    s.v = ARENA_ARRAY(scratch, b->n - b->from + 1, double);
    s.from = ARENA_ARRAY(scratch, b->count + 1, size_t);
    s.below = ARENA_ARRAY(scratch, b->count + 1, size_t);
    for (size_t k = 0; k < b->count; k++) {
        for (size_t i = start_of(b, k); i < start_of(b, k + 1); i++) {
            s.v[at] = b->y[i];
            below += b->y[i] < s.lo;
            at += (b->y[i] >= s.lo) & (b->y[i] <= s.hi);
        }
        s.from[k + 1] = at;
        s.below[k + 1] = below;
    }
    return s;
}

/* Of each block k the median of all from block 0 up to it, k >= 1. */
static double *medians_before(const struct blocks *b, struct arena *scratch)
{
    struct strip s = strip_of(b, scratch);
    double *medians = ARENA_ARRAY(scratch, b->count + 1, double);

    for (size_t k = 1; k < b->count; k++) {
        size_t n = start_of(b, k) - b->from, low = (n - 1) / 2, high = n / 2;

        if (low < s.below[k] || high - s.below[k] >= s.from[k]) {
            medians[k] = median_of(b->y + b->from, n, scratch);
            continue;
        }
        double below = order_select(s.v, s.from[k], low - s.below[k]);
        medians[k] = n % 2 ? below : (below + order_select(s.v, s.from[k], high - s.below[k])) / 2;
    }
    return medians;
}

static double share_above(const struct blocks *b, size_t from, double level)
{
    size_t above = 0;

    for (size_t k = from; k < b->count; k++)
        above += b->median[k] > level;
    return from < b->count ? (double)above / (double)(b->count - from) : 1;
}

struct explosion explosion_of(const double *g, size_t n, struct arena *scratch)
{
    struct explosion e = {0};
    const double *y = n >= GRADIENT_POINTS_MIN ? logs(g, n, scratch) : NULL;

    if (!y)
        return e;
    struct blocks b = blocks_of(y, n, scratch);
    double *before = medians_before(&b, scratch);
    e.enough = true;
    e.sigma = sigma_d1(y, n, scratch);
    double need = fmax(log(4), 4 * e.sigma);
    for (size_t k = 2; k < b.count; k++) {
        double ref = before[k];

        e.largest_factor = fmax(e.largest_factor, exp(b.median[k] - ref));
        e.kept = share_above(&b, k + 1, ref + log(3));
        if (b.quartile[k] - ref > need && e.kept >= 0.7) {
            e.exploded = true;
            e.onset = start_of(&b, k);
            e.level_before = exp(ref);
            e.level_after = median_of(g + e.onset, n - e.onset, scratch);
            return e;
        }
    }
    return e;
}

struct last_explosion last_explosion_of(const double *g, size_t n, bool ends_non_finite,
                                        struct arena *scratch)
{
    struct last_explosion e = {.onset = n};
    const double *y = n >= GRADIENT_POINTS_MIN ? logs(g, n, scratch) : NULL;

    if (!y)
        return e;
    double need = median_of(y, n, scratch) + fmax(log(10), 6 * sigma_d1(y, n, scratch));
    while (e.onset > 0 && y[e.onset - 1] > need)
        e.onset--;
    e.exploded = n - e.onset >= (ends_non_finite ? 1 : 2);
    e.level = median_of(g, e.onset, scratch);
    e.last = g[n - 1];
    return e;
}

/* Where y falls most from the point before, by medians of five: single points are noise. */
static size_t largest_fall(const double *y, size_t n, struct arena *scratch)
{
    enum { WIDTH = 5 };
    double *smooth = ARENA_ARRAY(scratch, n, double);
    size_t at = 1, best;

    running_median(y, n, WIDTH, smooth, scratch);
    for (size_t i = 2; i < n; i++) {
        if (smooth[i] - smooth[i - 1] < smooth[at] - smooth[at - 1])
            at = i;
    }
    best = at; /* the fall of the points themselves lies within the window */
    for (size_t i = at > WIDTH / 2 ? at - WIDTH / 2 : 1; i <= at + WIDTH / 2 && i < n; i++) {
        if (y[i] - y[i - 1] < y[best] - y[best - 1])
            best = i;
    }
    return best;
}

static void find_rescaling(struct vanishing *v, const double *y, size_t n, struct arena *scratch)
{
    size_t at = largest_fall(y, n, scratch);
    size_t before = clip_count(at, 1, 50), after = clip_count(n - at, 1, 50);
    double jump = median_of(y + at, after, scratch) - median_of(y + at - before, before, scratch);
    double power = round(jump / M_LN2), fall = log(v->early / v->late);
    double error = 1.25 * sigma_d1(y, n, scratch) *
                   sqrt(1 / (double)before + 1 / (double)after); /* of medians */

    if (-jump > 0.8 * fall && power < 0 && error < 0.05 &&
        fabs(jump - power * M_LN2) <= fmax(1e-3, 2 * error)) {
        v->rescaled = true;
        v->power = power;
        v->rescaled_at = at;
    }
}

struct vanishing vanishing_of(const double *g, size_t n, struct arena *scratch)
{
    struct vanishing v = {0};
    const double *y = n >= GRADIENT_POINTS_MIN ? logs(g, n, scratch) : NULL;

    if (!y)
        return v;
    double early = median_of(y + n / 20, n / 5 - n / 20 + 1, scratch);
    double late = median_of(y + n - n / 10, n / 10, scratch);
    v.enough = true;
    v.early = exp(early);
    v.late = exp(late);
    v.tiny = v.late < 1e-6;
    v.vanished = early - late > log(50);
    if (!v.vanished)
        return v;
    double *smooth = ARENA_ARRAY(scratch, n, double);
    running_median(y, n, 9, smooth, scratch);
    for (size_t i = 0; i < n; i++) {
        if (early - smooth[i] < log(50))
            v.onset = i + 1 < n ? i + 1 : i;
    }
    find_rescaling(&v, y, n, scratch);
    return v;
}

struct noise_scale noise_scale_of(double small_batch, double small_squared, double big_batch,
                                  double big_squared)
{
    struct noise_scale s = {(double)NAN, (double)NAN, (double)NAN};

    if (!(small_batch > 0) || !(big_batch > small_batch))
        return s;
    s.squared_norm =
        (big_batch * big_squared - small_batch * small_squared) / (big_batch - small_batch);
    s.trace = (small_squared - big_squared) / (1 / small_batch - 1 / big_batch);
    if (s.squared_norm > 0)
        s.simple = s.trace / s.squared_norm;
    return s;
}
