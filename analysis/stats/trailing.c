#include "analysis/stats/trailing.h"

#include <math.h>
#include <stdint.h>

#include "analysis/stats/order.h"

enum { PAIRED_MAX = 128 };

static const double none = INFINITY; /* put in or taken out: nothing */

/*
 * The values of a window: those in [lo, hi] in order, and how many lie below.
 * Of n values about a level, n/2 +- sqrt(n)/2 lie below it, so a band of some
 * sqrt(n) to either side holds the middle for long; a wider one would be changed
 * more often than it has to be moved (sqrt(n/3) was the best of those tried).
 * The middle moves at most one place a step.
 */
struct band {
    double lo, hi;
    double *v; /* room for the whole window, all may be equal; INFINITY behind the n */
    size_t n, below;
    size_t reach; /* to either side of the middle */
    double *spare;
};

/* ---- the values in order ---- */

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
    b->v[b->n] = INFINITY;
}

typedef double pair __attribute__((vector_size(16)));
typedef int64_t pair_bits __attribute__((vector_size(16)));

static inline pair pair_at(const double *p)
{
    pair v;

    memcpy(&v, p, sizeof(v));
    return v;
}

/* a where `which` is -1, b where it is 0 */
static inline pair pair_of(pair_bits which, pair a, pair b)
{
    return (pair)((which & (pair_bits)a) | (~which & (pair_bits)b));
}

#ifdef __SSE2__
#include <emmintrin.h>

static inline pair pair_min(pair a, pair b)
{
    return (pair)_mm_min_pd((__m128d)a, (__m128d)b);
}

static inline pair pair_max(pair a, pair b)
{
    return (pair)_mm_max_pd((__m128d)a, (__m128d)b);
}
#else
static inline pair pair_min(pair a, pair b)
{
    return pair_of(a < b, a, b);
}

static inline pair pair_max(pair a, pair b)
{
    return pair_of(a > b, a, b);
}
#endif

/*
 * Takes `old` out of v[0..n), where it is, and puts x in, both in one pass: no
 * search whose outcome a branch would have to guess. INFINITY for either: none.
 * What is behind v[n] is INFINITY, for three places and more.
 */
static void swap_in_order(double *v, size_t n, double old, double x)
{
    pair out = {old, old}, in = {x, x}, before = {-INFINITY, -INFINITY}, here = pair_at(v);

    for (size_t k = 0; k <= n; k += 2) {
        pair ahead = pair_at(v + k + 2), behind = {here[1], ahead[0]};
        pair left = pair_of(here < out, here, behind);
        pair shifted = {before[1], left[0]};
        pair now = pair_max(shifted, pair_min(left, in));

        memcpy(v + k, &now, sizeof(now));
        before = left;
        here = ahead;
    }
}

static void band_swap(struct band *b, double old, bool removes, double x, bool adds)
{
    if (b->n < PAIRED_MAX) {
        swap_in_order(b->v, b->n, removes ? old : none, adds ? x : none);
        b->n += adds;
        b->n -= removes;
        return;
    }
    if (removes)
        band_remove(b, old);
    if (adds)
        band_add(b, x);
}

/* ---- where the band lies ---- */

static bool has_middle(const struct band *b, size_t m)
{
    return m == 0 || ((m - 1) / 2 >= b->below && m / 2 < b->below + b->n);
}

/* v in order, in v; `from` are the n values. */
static void put_in_order(double *v, size_t n, const double *from)
{
    for (size_t i = 0; i < n && i < PAIRED_MAX; i++)
        swap_in_order(v, i, none, from[i]);
    if (n > PAIRED_MAX) {
        memcpy(v, from, n * sizeof(*v));
        order_sort_few(v, n);
    }
}

/* Takes in what of w[0..m) is between lo and hi. */
static void band_fill(struct band *b, const double *w, size_t m)
{
    double lo = b->lo, hi = b->hi, *in = b->spare;
    size_t below = 0, n = 0;

    for (size_t i = 0; i < m; i++) {
        in[n] = w[i];
        below += w[i] < lo;
        n += (w[i] >= lo) & (w[i] <= hi);
    }
    for (size_t i = 0; i < b->n; i++)
        b->v[i] = INFINITY;
    put_in_order(b->v, n, in);
    b->below = below;
    b->n = n;
}

/* Takes the band anew about the middle of the window w[0..m). */
static void band_centre(struct band *b, const double *w, size_t m)
{
    size_t from = (m - 1) / 2 - b->reach, to = m / 2 + b->reach;

    memcpy(b->spare, w, m * sizeof(*w));
    b->lo = order_select(b->spare, m, from);
    b->hi = order_select(b->spare + from, m - from, to - from);
    band_fill(b, w, m);
}

/* As wide as it was, about where the middle was last seen. False: that will not do. */
static bool band_follow(struct band *b, const double *w, size_t m)
{
    double half = (b->hi - b->lo) / 2, at = b->lo;
    size_t middle = m / 2;

    if (has_middle(b, m))
        at = b->v[middle - b->below];
    else if ((m - 1) / 2 >= b->below)
        at = b->hi;
    b->lo = at - half;
    b->hi = at + half;
    band_fill(b, w, m);
    return b->n <= 4 * b->reach && middle >= b->below + b->reach / 2 &&
           middle + b->reach / 2 < b->below + b->n;
}

/*
 * The medians of whole windows from point i on, until the middle leaves the band
 * or `end` is reached; where it stopped.
 */
static size_t slide(struct band *b, const double *x, size_t window, size_t i, size_t end,
                    double *out)
{
    const double lo = b->lo, hi = b->hi;
    const double *v = b->v;
    size_t low = (window - 1) / 2, high = window / 2, below = b->below;

    for (; i < end && low >= below && high < below + b->n; i++) {
        double old = x[i - window], fresh = x[i];
        bool removes = (old >= lo) & (old <= hi), adds = (fresh >= lo) & (fresh <= hi);

        out[i] = (v[low - below] + v[high - below]) / 2;
        below += fresh < lo;
        below -= old < lo;
        if (removes | adds)
            band_swap(b, old, removes, fresh, adds);
    }
    b->below = below;
    return i;
}

/* The windows that are not whole yet: all of their values in order. */
static size_t grow(struct band *b, const double *x, size_t n, size_t window, size_t least,
                   double *out)
{
    size_t i = 0;

    for (; i < n && i < window; i++) {
        out[i] = i > 0 && i >= least ? (b->v[(i - 1) / 2] + b->v[i / 2]) / 2 : 0;
        band_add(b, x[i]);
    }
    return i;
}

void trailing_median(const double *x, size_t n, size_t window, size_t least, double *out,
                     struct arena *scratch)
{
    struct band b = {.lo = -INFINITY, .hi = INFINITY, .reach = 1};

    while (3 * b.reach * b.reach < window)
        b.reach++;
    bool whole = 2 * b.reach + 2 > window; /* few: all of them in order */
    b.v = ARENA_ARRAY(scratch, window + 6, double);
    b.spare = ARENA_ARRAY(scratch, whole ? 0 : window + 1, double);
    for (size_t i = 0; i < window + 6; i++)
        b.v[i] = INFINITY;
    size_t i = grow(&b, x, n, window, least, out);
    for (size_t again = i; i < n;) {
        if (window == 0 || window < least) {
            out[i++] = 0;
            continue;
        }
        if (!whole && (again == window || !band_follow(&b, x + i - window, window)))
            band_centre(&b, x + i - window, window);
        again = whole || n - i < 4 * window ? n : i + 4 * window; /* they may draw together */
        i = slide(&b, x, window, i, again, out);
    }
}
