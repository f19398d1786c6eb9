#include "analysis/stats/trailing.h"

#include <math.h>
#include <stdint.h>

#include "analysis/stats/order.h"

/*
 * The values of a window: those in [lo, hi] in order, and how many lie below.
 * Of n values about a level, n/2 +- sqrt(n)/2 lie below it, so a band of
 * sqrt(n) to either side seldom loses the middle; it moves at most one place a
 * step, so a band lasts sqrt(n) steps at least.
 */
struct band {
    double lo, hi;
    double *v; /* room for the whole window: all may be equal */
    size_t n, below;
    size_t reach; /* to either side of the middle */
    double *spare;
};

/* The first place in sorted w[0..n) whose value is not below x. */
static size_t place_of(const double *w, size_t n, double x)
{
    const double *base = w;

    while (n > 0) {
        size_t half = n / 2;

        base += base[half] < x ? n - half : 0; /* no branch: it would be missed half the time */
        n = half;
    }
    return (size_t)(base - w);
}

static void band_add(struct band *b, double x)
{
    size_t k = place_of(b->v, b->n, x);

    memmove(b->v + k + 1, b->v + k, (b->n - k) * sizeof(*b->v));
    b->v[k] = x;
    b->n++;
}

static void band_remove(struct band *b, double x)
{
    size_t k = place_of(b->v, b->n, x);

    memmove(b->v + k, b->v + k + 1, (b->n - k - 1) * sizeof(*b->v));
    b->n--;
}

static void band_swap(struct band *b, double old, double x)
{
    size_t from = place_of(b->v, b->n, old), to = place_of(b->v, b->n, x);

    if (to > from) {
        to--;
        memmove(b->v + from, b->v + from + 1, (to - from) * sizeof(*b->v));
    } else {
        memmove(b->v + to + 1, b->v + to, (from - to) * sizeof(*b->v));
    }
    b->v[to] = x;
}

static bool is_in(const struct band *b, double x)
{
    return (x >= b->lo) & (x <= b->hi);
}

static void band_replace(struct band *b, double old, double x)
{
    bool removes = is_in(b, old), adds = is_in(b, x);

    b->below += x < b->lo;
    b->below -= old < b->lo;
    if (removes && adds)
        band_swap(b, old, x);
    else if (removes)
        band_remove(b, old);
    else if (adds)
        band_add(b, x);
}

/* Takes the band anew about the middle of the window w[0..m). */
static void band_centre(struct band *b, const double *w, size_t m)
{
    size_t from = (m - 1) / 2 - b->reach, to = m / 2 + b->reach;

    memcpy(b->spare, w, m * sizeof(*w));
    b->lo = order_select(b->spare, m, from);
    b->hi = order_select(b->spare + from, m - from, to - from);
    b->n = b->below = 0;
    for (size_t i = 0; i < m; i++) {
        b->below += b->spare[i] < b->lo;
        b->v[b->n] = b->spare[i];
        b->n += is_in(b, b->spare[i]);
    }
    order_sort_few(b->v, b->n);
}

static bool has_middle(const struct band *b, size_t m)
{
    return m == 0 || ((m - 1) / 2 >= b->below && m / 2 < b->below + b->n);
}

void trailing_median(const double *x, size_t n, size_t window, size_t least, double *out,
                     struct arena *scratch)
{
    struct band b = {.lo = -INFINITY, .hi = INFINITY, .reach = 1};

    while (b.reach * b.reach < window)
        b.reach++;
    bool whole = 2 * b.reach + 2 > window; /* few: all of them in order */
    size_t again = whole ? SIZE_MAX : window;
    b.v = ARENA_ARRAY(scratch, window + 1, double);
    b.spare = ARENA_ARRAY(scratch, whole ? 0 : window, double);
    for (size_t i = 0; i < n; i++) {
        size_t m = i < window ? i : window;

        if (i >= again || !has_middle(&b, m)) {
            band_centre(&b, x + i - m, m);
            again = i + 4 * window; /* the values may have drawn together since */
        }
        out[i] = 0;
        if (m > 0 && m >= least)
            out[i] = (b.v[(m - 1) / 2 - b.below] + b.v[m / 2 - b.below]) / 2;
        if (m < window)
            band_add(&b, x[i]);
        else if (window > 0)
            band_replace(&b, x[i - window], x[i]);
    }
}
