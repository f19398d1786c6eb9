#include "analysis/stats/pick.h"

#include <math.h>
#include <stdint.h>

#include "analysis/base/arena.h"
#include "analysis/stats/order.h"

enum { BLOCK = 512, SAMPLE_MIN = 1024, SAMPLE_MAX = 8192 };

/* The values between two of a sample, that of the pick among them unless the sample misleads. */
struct bracket {
    double lo, hi;
    size_t below, n; /* values below lo; from lo to hi */
    double *kept;    /* those n, while there is room */
    size_t room;
};

void values_read(const struct values *v, size_t from, size_t n, double *out)
{
    if (v->plain)
        memcpy(out, v->plain + from, n * sizeof(*out));
    else
        v->fill(v->of, from, n, out);
}

static double least_of(const double *x, size_t n)
{
    double least = x[0];

    for (size_t i = 1; i < n; i++)
        least = x[i] < least ? x[i] : least;
    return least;
}

/* x is reordered; k is the pick's place among these. */
static void take(struct pick *pick, double *x, size_t n, size_t k)
{
    pick->at = order_select(x, n, k);
    pick->next = k + 1 < n ? least_of(x + k + 1, n - k - 1) : pick->at;
}

static void pick_of_copy(const struct values *v, struct pick *picks, size_t count,
                         struct arena *arena)
{
    double *copy = ARENA_ARRAY(arena, v->n, double);

    values_read(v, 0, v->n, copy);
    for (size_t i = 0; i < count; i++)
        take(&picks[i], copy, v->n, picks[i].k);
}

/* One value of each of `count` stretches, not always the same one: a log may have a period. */
static void sample_of(const struct values *v, double *sample, size_t count)
{
    size_t stretch = v->n / count;
    uint32_t state = 1;

    for (size_t i = 0; i < count; i++) {
        state = state * 1664525 + 1013904223; /* of Numerical Recipes */
        values_read(v, i * stretch + ((uint64_t)(state >> 8) * stretch >> 24), 1, &sample[i]);
    }
}

/* Four standard errors of the sample's share to both sides. */
static struct bracket bracket_of(double *sample, size_t count, const struct pick *pick, size_t n,
                                 struct arena *arena)
{
    double share = ((double)pick->k + 0.5) / (double)n, size = (double)count;
    double slack = 4 * sqrt(share * (1 - share) / size) + 2 / size;
    double from = floor((share - slack) * size), to = ceil((share + slack) * size);
    struct bracket b = {.lo = -INFINITY, .hi = INFINITY};

    if (from >= 0)
        b.lo = order_select(sample, count, (size_t)from);
    if (to < size)
        b.hi = order_select(sample, count, (size_t)to);
    b.room = (size_t)(3 * slack * (double)n) + 2 * BLOCK;
    b.kept = ARENA_ARRAY(arena, b.room, double);
    return b;
}

/* Values that are all the same, or too many to keep. */
static void count_only(struct bracket *b, const double *x, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        b->below += x[i] < b->lo;
        b->n += (x[i] >= b->lo) & (x[i] <= b->hi);
    }
}

/* No branch: it would be missed too often. */
static void keep_plain(struct bracket *b, const double *x, size_t n)
{
    double lo = b->lo, hi = b->hi, *kept = b->kept;
    size_t below = b->below, at = b->n;

    for (size_t i = 0; i < n; i++) {
        double v = x[i];

        kept[at] = v;
        below += v < lo;
        at += (v >= lo) & (v <= hi);
    }
    b->below = below;
    b->n = at;
}

#ifdef __SSE2__
#include <emmintrin.h>

/* Of four neighbours mostly none is kept. */
static void keep(struct bracket *b, const double *x, size_t n)
{
    __m128d lo = _mm_set1_pd(b->lo), hi = _mm_set1_pd(b->hi);
    __m128i before = _mm_setzero_si128();
    size_t i = 0, at = b->n;

    for (; i + 4 <= n; i += 4) {
        __m128d v = _mm_loadu_pd(x + i), w = _mm_loadu_pd(x + i + 2);
        __m128d v_below = _mm_cmplt_pd(v, lo), w_below = _mm_cmplt_pd(w, lo);
        int v_in = _mm_movemask_pd(_mm_andnot_pd(v_below, _mm_cmple_pd(v, hi)));
        int w_in = _mm_movemask_pd(_mm_andnot_pd(w_below, _mm_cmple_pd(w, hi)));

        before = _mm_sub_epi64(before, _mm_castpd_si128(v_below)); /* a mask is -1 */
        before = _mm_sub_epi64(before, _mm_castpd_si128(w_below));
        for (int in = v_in | w_in << 2; in; in &= in - 1)
            b->kept[at++] = x[i + (size_t)__builtin_ctz((unsigned)in)];
    }
    b->n = at;
    b->below += (size_t)_mm_cvtsi128_si64(before) +
                (size_t)_mm_cvtsi128_si64(_mm_unpackhi_epi64(before, before));
    keep_plain(b, x + i, n - i);
}
#else
static void keep(struct bracket *b, const double *x, size_t n)
{
    keep_plain(b, x, n);
}
#endif

static void sift(struct bracket *b, const double *x, size_t n)
{
    if (b->lo == b->hi || b->n + n > b->room)
        count_only(b, x, n);
    else
        keep(b, x, n);
}

/* False: the bracket does not hold the pick and its next. */
static bool settle(const struct bracket *b, struct pick *pick, size_t n)
{
    size_t last = pick->k + 1 < n ? pick->k + 1 : pick->k;

    if (pick->k < b->below || last >= b->below + b->n)
        return false;
    if (b->lo == b->hi) {
        pick->at = pick->next = b->lo;
        return true;
    }
    if (b->n + BLOCK > b->room)
        return false;
    take(pick, b->kept, b->n, pick->k - b->below);
    return true;
}

static void pick_of_sample(const struct values *v, struct pick *picks, size_t count,
                           const struct arena *scratch)
{
    size_t n = v->n, sampled = n / 64;
    double sample[SAMPLE_MAX], block[BLOCK];
    struct bracket brackets[PICKS_MAX];
    struct arena arena;

    sampled = sampled < SAMPLE_MIN ? SAMPLE_MIN : sampled > SAMPLE_MAX ? SAMPLE_MAX : sampled;
    arena_init_beside(&arena, scratch);
    sample_of(v, sample, sampled);
    for (size_t i = 0; i < count; i++)
        brackets[i] = bracket_of(sample, sampled, &picks[i], n, &arena);
    for (size_t from = 0; from < n; from += BLOCK) {
        size_t m = n - from < BLOCK ? n - from : BLOCK;
        const double *x = v->plain ? v->plain + from : block;

        if (!v->plain)
            v->fill(v->of, from, m, block);
        for (size_t i = 0; i < count; i++)
            sift(&brackets[i], x, m);
    }
    for (size_t i = 0; i < count; i++) {
        if (!settle(&brackets[i], &picks[i], n))
            pick_of_copy(v, &picks[i], 1, &arena);
    }
    arena_fini(&arena);
}

void pick_all(const struct values *values, struct pick *picks, size_t count, struct arena *scratch)
{
    if (values->n < PICK_POINTS_MIN)
        pick_of_copy(values, picks, count, scratch);
    else
        pick_of_sample(values, picks, count, scratch);
}
