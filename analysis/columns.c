#include "analysis/columns.h"

#include <math.h>
#include <stdlib.h>

#include "analysis/base/arena.h"
#include "analysis/base/banned.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

/* ---- digests ---- */

void digest_add(struct digest *all, const struct digest *later, size_t row0)
{
    if (later->n == 0)
        return;
    if (later->finite > 0 && (all->finite == 0 || later->min < all->min)) {
        all->min = later->min;
        all->min_row = row0 + later->min_row;
    }
    if (later->finite > 0 && (all->finite == 0 || later->max > all->max)) {
        all->max = later->max;
        all->max_row = row0 + later->max_row;
    }
    if (later->finite > 0) {
        if (all->finite == 0)
            all->first = later->first;
        all->last = later->last;
        all->sum += later->sum;
    }
    if (later->finite < later->n && all->finite == all->n)
        all->odd_row = row0 + later->odd_row;
    if (all->n == 0)
        all->first_row = row0 + later->first_row;
    all->last_row = row0 + later->last_row;
    all->ends_non_finite = later->ends_non_finite;
    all->n += later->n;
    all->finite += later->finite;
    all->nan += later->nan;
    all->pos_inf += later->pos_inf;
    all->neg_inf += later->neg_inf;
}

/* The row of the k-th point. */
static size_t row_of(const uint64_t *present, size_t k)
{
    size_t word = 0;

    if (!present)
        return k;
    for (; k >= (size_t)__builtin_popcountll(present[word]); word++)
        k -= (size_t)__builtin_popcountll(present[word]);
    uint64_t bits = present[word];
    for (; k > 0; k--)
        bits &= bits - 1;
    return word * 64 + (size_t)__builtin_ctzll(bits);
}

static size_t first_index(const double *value, double wanted)
{
    size_t i = 0;

    while (!(value[i] == wanted))
        i++;
    return i;
}

struct range {
    double sum, low, high;
};

static inline void range_take(struct range *range, double v)
{
    range->sum += v;
    range->low = v < range->low ? v : range->low;
    range->high = v > range->high ? v : range->high;
}

/*
 * As if all values were finite; the sum is not if one is not. Four ranges at a
 * time: one addition has to wait for the last, four do not.
 */
static void digest_range(struct digest *d, const double *value, size_t n)
{
    const struct range none = {0, value[0], value[0]};
    struct range r[4] = {none, none, none, none};
    size_t i = 0;

    for (; i + 4 <= n; i += 4) {
        range_take(&r[0], value[i]);
        range_take(&r[1], value[i + 1]);
        range_take(&r[2], value[i + 2]);
        range_take(&r[3], value[i + 3]);
    }
    for (; i < n; i++)
        range_take(&r[0], value[i]);
    for (size_t k = 1; k < 4; k++) {
        r[0].low = r[k].low < r[0].low ? r[k].low : r[0].low;
        r[0].high = r[k].high > r[0].high ? r[k].high : r[0].high;
    }
    d->finite = (int64_t)n;
    d->sum = (r[0].sum + r[1].sum) + (r[2].sum + r[3].sum);
    d->first = value[0];
    d->last = value[n - 1];
    d->min = r[0].low;
    d->max = r[0].high;
}

static void digest_mixed(struct digest *d, const double *value, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        double v = value[i];
        if (!isfinite(v)) {
            if (d->nan + d->pos_inf + d->neg_inf == 0)
                d->odd_row = i;
            d->nan += isnan(v);
            d->pos_inf += !isnan(v) && v > 0;
            d->neg_inf += !isnan(v) && v < 0;
            continue;
        }
        if (d->finite == 0 || v < d->min) {
            d->min = v;
            d->min_row = i;
        }
        if (d->finite == 0 || v > d->max) {
            d->max = v;
            d->max_row = i;
        }
        if (d->finite == 0)
            d->first = v;
        d->last = v;
        d->sum += v;
        d->finite++;
    }
    d->ends_non_finite = !isfinite(value[n - 1]);
}

static bool all_finite(const double *value, size_t n)
{
    uint64_t bits, odd = 0;

    for (size_t i = 0; i < n; i++) {
        memcpy(&bits, &value[i], sizeof(bits));
        /* carries into the sign's place only from an exponent of all ones */
        odd |= ((bits & ~(UINT64_C(1) << 63)) + (UINT64_C(1) << 52)) >> 63;
    }
    return !odd;
}

static void digest_make(struct digest *d, const double *value, size_t n, const uint64_t *present)
{
    *d = (struct digest){.n = (int64_t)n};
    digest_range(d, value, n);
    if (isfinite(d->sum) || all_finite(value, n)) {
        d->min_row = first_index(value, d->min);
        d->max_row = first_index(value, d->max);
    } else {
        *d = (struct digest){.n = (int64_t)n};
        digest_mixed(d, value, n);
    }
    d->first_row = row_of(present, 0);
    d->last_row = row_of(present, n - 1);
    d->min_row = row_of(present, d->min_row);
    d->max_row = row_of(present, d->max_row);
    d->odd_row = row_of(present, d->odd_row);
}

/* ---- points as they are gathered ---- */

void points_more(struct points *points)
{
    points->room = points->room ? points->room * 4 : 64;
    if (points->room > CHUNK_ROWS + 1)
        points->room =
            CHUNK_ROWS + 1; /* one more than is used, for points_add writes before it looks */
    points->value = heap_grow(points->value, points->room * sizeof(double));
}

void points_back(struct points *points, uint32_t row, uint32_t n)
{
    if (points->n == n)
        return;
    points->n = n;
    points->whole = points->whole < row ? points->whole : row;
    points->present[row >> 6] &= (UINT64_C(1) << (row & 63)) - 1;
    for (uint32_t word = (row >> 6) + 1; word < CHUNK_WORDS; word++)
        points->present[word] = 0;
}

void points_clear(struct points *points)
{
    points_back(points, 0, 0);
}

void points_fini(struct points *points)
{
    free(points->value);
    *points = (struct points){0};
}

/* ---- chunks ---- */

#ifdef __SSE2__

/* Four values as floats; ones in *other where that is another number. */
static inline void to_four(const double *value, float *out, __m128d *other)
{
    __m128d a = _mm_loadu_pd(value), b = _mm_loadu_pd(value + 2);
    __m128 low = _mm_cvtpd_ps(a), high = _mm_cvtpd_ps(b);
    __m128d odd_a = _mm_and_pd(_mm_cmpneq_pd(_mm_cvtps_pd(low), a), _mm_cmpord_pd(a, a));
    __m128d odd_b = _mm_and_pd(_mm_cmpneq_pd(_mm_cvtps_pd(high), b), _mm_cmpord_pd(b, b));

    _mm_storeu_ps(out, _mm_movelh_ps(low, high));
    *other = _mm_or_pd(*other, _mm_or_pd(odd_a, odd_b));
}

/* A multiple of four. */
static bool to_fours(const double *value, size_t n, float *out)
{
    __m128d other = _mm_setzero_pd();

    for (size_t i = 0; i < n; i += 4)
        to_four(value + i, out + i, &other);
    return _mm_movemask_pd(other) == 0;
}

#else

static bool to_fours(const double *value, size_t n, float *out)
{
    bool other = false;

    for (size_t i = 0; i < n; i++) {
        out[i] = (float)value[i];
        other |= !((double)out[i] == value[i]) && !isnan(value[i]);
    }
    return !other;
}

#endif

/* The values as floats; false, and *out is not done, if that changes one. */
static bool to_singles(const double *value, size_t n, float *out)
{
    size_t i = 0;

    for (; i + 64 <= n; i += 64) {
        if (!to_fours(value + i, 64, out + i))
            return false;
    }
    for (; i < n; i++) {
        out[i] = (float)value[i];
        if (!((double)out[i] == value[i]) && !isnan(value[i]))
            return false;
    }
    return true;
}

static void copy_present(const struct points *points, uint64_t *out)
{
    uint32_t words = points->whole / 64;

    memcpy(out, points->present, sizeof(points->present));
    for (uint32_t i = 0; i < words; i++)
        out[i] = UINT64_MAX;
    if (points->whole % 64)
        out[words] |= (UINT64_C(1) << points->whole % 64) - 1;
}

struct chunk *chunk_new(const struct points *points, uint32_t rows, size_t *bytes)
{
    uint32_t n = points->n;

    *bytes = 0;
    if (n == 0)
        return NULL;
    bool whole = n == rows;
    size_t bits = whole ? 0 : sizeof(points->present), head = sizeof(struct chunk) + bits;
    char *p = heap_grow(NULL, head + n * sizeof(double)); /* every byte is written below */
    bool single = to_singles(points->value, n, (void *)(p + head));

    *bytes = head + n * (single ? sizeof(float) : sizeof(double));
    if (single)
        p = heap_grow(p, *bytes);
    else
        memcpy(p + head, points->value, n * sizeof(double));
    struct chunk *chunk = (void *)p;
    *chunk = (struct chunk){.n = n, .single = single, .value = p + head};
    if (!whole) {
        copy_present(points, (void *)(p + sizeof(*chunk)));
        chunk->present = (void *)(p + sizeof(*chunk));
    }
    digest_make(&chunk->digest, points->value, n, chunk->present);
    return chunk;
}

/* How many points lie in rows below `row`. */
static uint32_t rank(const struct chunk *chunk, uint32_t row)
{
    uint32_t n = 0;

    if (!chunk->present)
        return row < chunk->n ? row : chunk->n;
    for (uint32_t word = 0; word < row / 64; word++)
        n += (uint32_t)__builtin_popcountll(chunk->present[word]);
    if (row % 64)
        n += (uint32_t)__builtin_popcountll(chunk->present[row / 64] << (64 - row % 64));
    return n;
}

uint32_t chunk_count(const struct chunk *chunk, uint32_t from, uint32_t to)
{
    return chunk ? rank(chunk, to) - rank(chunk, from) : 0;
}

static void copy(const struct chunk *chunk, uint32_t first, uint32_t n, double *out)
{
    if (chunk->single) {
        const float *value = (const float *)chunk->value + first;
        for (uint32_t i = 0; i < n; i++)
            out[i] = (double)value[i];
    } else {
        memcpy(out, (const double *)chunk->value + first, n * sizeof(double));
    }
}

uint32_t chunk_points(const struct chunk *chunk, uint32_t from, uint32_t to, double *value,
                      uint32_t *row)
{
    if (!chunk)
        return 0;
    uint32_t first = rank(chunk, from), n = rank(chunk, to) - first;

    if (value)
        copy(chunk, first, n, value);
    if (!row)
        return n;
    if (!chunk->present) {
        for (uint32_t i = 0; i < n; i++)
            row[i] = from + i;
        return n;
    }
    for (uint32_t word = from / 64, i = 0; i < n; word++) {
        uint64_t bits = chunk->present[word];
        if (word == from / 64)
            bits &= ~UINT64_C(0) << (from % 64);
        for (; bits && i < n; bits &= bits - 1)
            row[i++] = word * 64 + (uint32_t)__builtin_ctzll(bits);
    }
    return n;
}

void chunk_values(const struct chunk *chunk, uint32_t from, uint32_t n, double missing, double *out)
{
    uint32_t row[CHUNK_ROWS];
    double value[CHUNK_ROWS];

    if (chunk && !chunk->present && from + n <= chunk->n) {
        copy(chunk, from, n, out);
        return;
    }
    for (uint32_t i = 0; i < n; i++)
        out[i] = missing;
    uint32_t points = chunk_points(chunk, from, from + n, value, row);
    for (uint32_t i = 0; i < points; i++)
        out[row[i] - from] = value[i];
}

/* ---- spines ---- */

static unsigned part_of(size_t i, size_t *at)
{
    unsigned part = 63 - (unsigned)__builtin_clzll(i / SPINE_FIRST + 1);

    *at = i - (((size_t)1 << part) - 1) * SPINE_FIRST;
    return part;
}

void *spine_get(const struct spine *spine, size_t i)
{
    size_t at;
    unsigned part = part_of(i, &at);

    return part < SPINE_PARTS && spine->part[part] ? spine->part[part][at] : NULL;
}

void spine_put(struct spine *spine, size_t i, void *thing)
{
    size_t at;
    unsigned part = part_of(i, &at);

    if (part >= SPINE_PARTS)
        abort(); /* 2^44 rows */
    if (!spine->part[part])
        spine->part[part] = heap_alloc(sizeof(void *) * ((size_t)SPINE_FIRST << part));
    spine->part[part][at] = thing;
}

void spine_fini(struct spine *spine, void (*release)(void *thing))
{
    for (unsigned part = 0; part < SPINE_PARTS; part++) {
        for (size_t i = 0; spine->part[part] && i < (size_t)SPINE_FIRST << part; i++)
            release(spine->part[part][i]);
        free(spine->part[part]);
    }
    *spine = (struct spine){0};
}
