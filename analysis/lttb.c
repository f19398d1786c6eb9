#include "analysis/lttb.h"

#include <math.h>
#include <stdlib.h>

static void source_init(struct source *source, size_t from, size_t to)
{
    *source = (struct source){.from = from, .to = to};
    source->batches = heap_alloc(BATCHES * sizeof(*source->batches));
}

void source_rows(struct source *source, const struct rows_view *view, size_t key, bool by_row,
                 size_t from, size_t to)
{
    source_init(source, from, to);
    source->view = view;
    source->key = key;
    source->by_row = by_row;
}

void source_arrays(struct source *source, const double *x, const double *y, size_t n)
{
    source_init(source, 0, n);
    source->xs = x;
    source->ys = y;
}

void source_fini(struct source *source)
{
    free(source->batches);
}

/* ---- batches ---- */

static size_t row_of(const struct batch *batch, size_t i)
{
    return batch->row0 + (batch->dense ? i : batch->row[i]);
}

/* Leaves the finite points of the batch; their rows are then written out. */
static void keep_finite(struct batch *batch)
{
    size_t n = 0;

    for (size_t i = 0; i < batch->n; i++) {
        if (!isfinite(batch->y[i]))
            continue;
        batch->y[n] = batch->y[i];
        batch->row[n++] = batch->dense ? (uint32_t)i : batch->row[i];
    }
    batch->n = n;
    batch->dense = false;
}

/* x = first + row * stride, exactly: steps are below 2^53. The fixed count lets it be vectorised.
 */
static void count_x(struct batch *batch, double first, double stride)
{
    if (batch->dense) {
        for (int i = 0; i < BATCH; i++)
            batch->x[i] = first + (double)i * stride;
        return;
    }
    for (size_t i = 0; i < batch->n; i++)
        batch->x[i] = first + (double)batch->row[i] * stride;
}

static void set_x(const struct source *source, struct batch *batch)
{
    const struct places *places = view_places(source->view, batch->row0 / CHUNK_ROWS);
    uint32_t at = batch->row0 % CHUNK_ROWS;

    if (source->by_row) {
        count_x(batch, (double)batch->row0, 1);
    } else if (!places->step) {
        count_x(batch, (double)(places->first + (int64_t)at * places->stride),
                (double)places->stride);
    } else {
        const int64_t *step = places->step + at;
        for (size_t i = 0; i < batch->n; i++)
            batch->x[i] = (double)step[batch->dense ? i : batch->row[i]];
    }
}

/* The rows [row0, end), which lie in one chunk. */
static void fill_rows(const struct source *source, struct batch *batch, size_t end)
{
    uint32_t first = batch->row0 % CHUNK_ROWS, rows = (uint32_t)(end - batch->row0);
    const struct chunk *chunk = view_chunk(source->view, source->key, batch->row0 / CHUNK_ROWS);

    batch->dense = chunk && !chunk->present;
    batch->n = chunk_points(chunk, first, first + rows, batch->y, batch->dense ? NULL : batch->row);
    for (size_t i = 0; !batch->dense && i < batch->n; i++)
        batch->row[i] -= first;
    if (chunk && chunk->digest.finite < chunk->digest.n)
        keep_finite(batch);
    set_x(source, batch);
}

static void fill_arrays(const struct source *source, struct batch *batch, size_t end)
{
    batch->dense = true;
    batch->n = end - batch->row0;
    memcpy(batch->y, source->ys + batch->row0, batch->n * sizeof(double));
    keep_finite(batch);
    for (size_t i = 0; i < batch->n; i++) {
        size_t row = row_of(batch, i);
        batch->x[i] = source->xs ? source->xs[row] : (double)row;
    }
}

/* The batch of that number (from 1), of rows between two multiples of BATCH. */
static const struct batch *batch_get(const struct source *source, size_t number)
{
    struct batch *batch = &source->batches[number % BATCHES];
    size_t start = (source->from / BATCH + number - 1) * BATCH, end = start + BATCH;

    if (start >= source->to)
        return NULL;
    if (batch->number == number)
        return batch;
    batch->number = number;
    batch->row0 = start > source->from ? start : source->from;
    end = end < source->to ? end : source->to;
    if (source->view)
        fill_rows(source, batch, end);
    else
        fill_arrays(source, batch, end);
    return batch;
}

/* ---- going over points ---- */

enum { AREAS = 256 };

struct walk {
    const struct source *source;
    const struct batch *batch; /* NULL at first */
    size_t number, at;
    double area[AREAS];
};

/*
 * How many of the wanted points the batch holds, after the next one was got; 0
 * at the end. In large buckets the two walks make each other's batches anew.
 */
static size_t ready(struct walk *walk, size_t wanted)
{
    if (walk->batch && walk->batch->number != walk->number)
        walk->batch = batch_get(walk->source, walk->number);
    while (!walk->batch || walk->at == walk->batch->n) {
        walk->batch = batch_get(walk->source, ++walk->number);
        walk->at = 0;
        if (!walk->batch)
            return 0;
    }
    size_t left = walk->batch->n - walk->at;
    return wanted < left ? wanted : left;
}

static void skip(struct walk *walk, size_t n)
{
    for (size_t got; n > 0 && (got = ready(walk, n)) > 0; n -= got)
        walk->at += got;
}

/* Two doubles in a register: an addition has to wait for the one before it, so four at a time. */
typedef double pair __attribute__((vector_size(16)));
typedef int64_t pair_bits __attribute__((vector_size(16)));

static pair pair_at(const double *p)
{
    pair v;

    memcpy(&v, p, sizeof(v));
    return v;
}

static double sum_of(const double *p, size_t n)
{
    pair a = {0}, b = {0}, c = {0}, d = {0};
    size_t i = 0;

    for (; i + 8 <= n; i += 8) {
        a += pair_at(p + i);
        b += pair_at(p + i + 2);
        c += pair_at(p + i + 4);
        d += pair_at(p + i + 6);
    }
    a = (a + b) + (c + d);
    double sum = a[0] + a[1];
    for (; i < n; i++)
        sum += p[i];
    return sum;
}

static void centre(struct walk *walk, size_t n, double *x, double *y)
{
    double sx = 0, sy = 0;

    for (size_t left = n, got; left > 0 && (got = ready(walk, left)) > 0; left -= got) {
        sx += sum_of(walk->batch->x + walk->at, got);
        sy += sum_of(walk->batch->y + walk->at, got);
        walk->at += got;
    }
    *x = sx / (double)n;
    *y = sy / (double)n;
}

struct corner {
    double x, y;
    size_t row;
};

/* No branch on the areas: they come as they please. NaN is never larger. */
static double highest(const double *area, size_t n)
{
    double high[4] = {-1, -1, -1, -1};
    size_t i = 0;

    for (; i + 4 <= n; i += 4) {
        high[0] = area[i] > high[0] ? area[i] : high[0];
        high[1] = area[i + 1] > high[1] ? area[i + 1] : high[1];
        high[2] = area[i + 2] > high[2] ? area[i + 2] : high[2];
        high[3] = area[i + 3] > high[3] ? area[i + 3] : high[3];
    }
    for (; i < n; i++)
        high[0] = area[i] > high[0] ? area[i] : high[0];
    high[0] = high[1] > high[0] ? high[1] : high[0];
    high[2] = high[3] > high[2] ? high[3] : high[2];
    return high[2] > high[0] ? high[2] : high[0];
}

/* The first of the largest areas, if that is above *most; else n. */
static size_t peak(const double *area, size_t n, double *most)
{
    double high = highest(area, n);
    size_t i = 0;

    if (!(high > *most))
        return n;
    *most = high;
    while (area[i] != high)
        i++;
    return i;
}

/* Twice the areas of the triangles between a, c and n points. */
static void areas(const double *x, const double *y, size_t n, struct corner a, struct corner c,
                  double *out)
{
    const pair_bits magnitude = {INT64_MAX, INT64_MAX};
    double across = a.x - c.x, up = c.y - a.y;
    size_t i = 0;

    for (; i + 2 <= n; i += 2) {
        pair v = across * (pair_at(y + i) - a.y) - (a.x - pair_at(x + i)) * up;
        pair_bits bits = (pair_bits)v & magnitude;
        memcpy(out + i, &bits, sizeof(bits));
    }
    for (; i < n; i++)
        out[i] = fabs(across * (y[i] - a.y) - (a.x - x[i]) * up);
}

/* Of the next n points the one that makes the largest triangle with a and c, of equals the first.
 */
static struct corner largest(struct walk *walk, size_t n, struct corner a, struct corner c)
{
    double *area = walk->area, most = -1;
    struct corner best = a;

    for (size_t got; n > 0 && (got = ready(walk, n < AREAS ? n : AREAS)) > 0; n -= got) {
        const double *x = walk->batch->x + walk->at, *y = walk->batch->y + walk->at;
        areas(x, y, got, a, c, area);
        size_t found = peak(area, got, &most);
        if (most < 0) { /* values so large that no area is a number */
            most = 0;
            found = 0;
        }
        if (found < got)
            best = (struct corner){x[found], y[found], row_of(walk->batch, walk->at + found)};
        walk->at += got;
    }
    return best;
}

static size_t all(struct walk *walk, size_t n, size_t *out)
{
    size_t at = 0;

    for (size_t got; at < n && (got = ready(walk, n - at)) > 0; walk->at += got) {
        for (size_t i = 0; i < got; i++)
            out[at++] = row_of(walk->batch, walk->at + i);
    }
    return at;
}

size_t lttb(struct source *source, size_t n, size_t m, size_t *out)
{
    struct walk first = {.source = source}, second = first, *ahead = &first, *behind = &second;

    if (m == 0 || n <= m)
        return m == 0 ? 0 : all(behind, n, out);
    struct corner a = largest(behind, 1, (struct corner){0}, (struct corner){0}), c = {0};
    size_t buckets = m > 2 ? m - 2 : 0, at = 0;

    out[at++] = a.row;
    if (m == 1)
        return at;
    size_t from = 1, to = buckets ? 1 + (n - 2) / buckets : n - 1;
    skip(ahead, to);
    for (size_t k = 0; k < buckets; k++) {
        size_t next = k + 2 <= buckets ? 1 + (k + 2) * (n - 2) / buckets : n;
        centre(ahead, next - to, &c.x, &c.y);
        a = largest(behind, to - from, a, c);
        out[at++] = a.row;
        from = to;
        to = next;
    }
    skip(behind, n - 1 - from);
    a = largest(behind, 1, a, a);
    out[at++] = a.row;
    return at;
}
