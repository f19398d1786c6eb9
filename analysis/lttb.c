#include "analysis/lttb.h"

#include <math.h>

void walk_rows(struct walk *walk, const struct rows_view *view, size_t key, bool by_row,
               size_t from, size_t to)
{
    walk->view = view;
    walk->key = key;
    walk->by_row = by_row;
    walk->xs = walk->ys = NULL;
    walk->next = from;
    walk->to = to;
    walk->at = walk->n = 0;
}

void walk_arrays(struct walk *walk, const double *x, const double *y, size_t n)
{
    walk->view = NULL;
    walk->key = SIZE_MAX;
    walk->by_row = !x;
    walk->xs = x;
    walk->ys = y;
    walk->next = 0;
    walk->to = n;
    walk->at = walk->n = 0;
}

/* Leaves the finite points of the batch; their rows are then written out. */
static void keep_finite(struct walk *walk)
{
    size_t n = 0;

    for (size_t i = 0; i < walk->n; i++) {
        if (!isfinite(walk->y[i]))
            continue;
        walk->y[n] = walk->y[i];
        walk->row[n++] = walk->dense ? (uint32_t)i : walk->row[i];
    }
    walk->n = n;
    walk->dense = false;
}

static void set_x(struct walk *walk, const struct places *places, uint32_t first)
{
    if (walk->by_row) {
        for (size_t i = 0; i < walk->n; i++)
            walk->x[i] = (double)walk_row(walk, i);
        return;
    }
    for (size_t i = 0; i < walk->n; i++) {
        uint32_t row = first + (uint32_t)(walk->dense ? i : walk->row[i]);
        int64_t step =
            places->step ? places->step[row] : places->first + (int64_t)row * places->stride;
        walk->x[i] = (double)step;
    }
}

static void fill_rows(struct walk *walk, size_t rows)
{
    size_t chunk_i = walk->next / CHUNK_ROWS;
    uint32_t first = walk->next % CHUNK_ROWS;
    const struct chunk *chunk = view_chunk(walk->view, walk->key, chunk_i);
    const struct places *places = view_places(walk->view, chunk_i);

    if (rows > CHUNK_ROWS - first)
        rows = CHUNK_ROWS - first;
    walk->row0 = walk->next;
    walk->next += rows;
    walk->dense = chunk && !chunk->present;
    walk->n =
        chunk_points(chunk, first, first + (uint32_t)rows, walk->y, walk->dense ? NULL : walk->row);
    for (size_t i = 0; !walk->dense && i < walk->n; i++)
        walk->row[i] -= first;
    if (chunk && chunk->digest.finite < chunk->digest.n)
        keep_finite(walk);
    set_x(walk, places, first);
}

static void fill_arrays(struct walk *walk, size_t n)
{
    walk->row0 = walk->next;
    walk->n = n;
    walk->dense = true;
    memcpy(walk->y, walk->ys + walk->next, n * sizeof(double));
    keep_finite(walk);
    for (size_t i = 0; i < walk->n; i++)
        walk->x[i] = walk->xs ? walk->xs[walk_row(walk, i)] : (double)walk_row(walk, i);
    walk->next += n;
}

bool walk_more(struct walk *walk)
{
    walk->at = walk->n = 0;
    while (walk->n == 0 && walk->next < walk->to) {
        size_t left = walk->to - walk->next, n = left < BATCH ? left : BATCH;
        if (walk->view)
            fill_rows(walk, n);
        else
            fill_arrays(walk, n);
    }
    return walk->n > 0;
}

/* How many of the wanted points the batch holds; 0 at the end. */
static size_t ready(struct walk *walk, size_t wanted)
{
    if (walk->at == walk->n && !walk_more(walk))
        return 0;
    return wanted < walk->n - walk->at ? wanted : walk->n - walk->at;
}

static void skip(struct walk *walk, size_t n)
{
    for (size_t got; n > 0 && (got = ready(walk, n)) > 0; n -= got)
        walk->at += got;
}

/* Their mean, in four sums: an addition has to wait for the one before it. */
static void centre(struct walk *walk, size_t n, double *x, double *y)
{
    double sx[4] = {0}, sy[4] = {0};
    size_t left = n;

    for (size_t got; left > 0 && (got = ready(walk, left)) > 0; left -= got) {
        const double *px = walk->x + walk->at, *py = walk->y + walk->at;
        size_t i = 0;
        for (; i + 4 <= got; i += 4) {
            for (size_t k = 0; k < 4; k++) {
                sx[k] += px[i + k];
                sy[k] += py[i + k];
            }
        }
        for (; i < got; i++) {
            sx[0] += px[i];
            sy[0] += py[i];
        }
        walk->at += got;
    }
    *x = ((sx[0] + sx[1]) + (sx[2] + sx[3])) / (double)n;
    *y = ((sy[0] + sy[1]) + (sy[2] + sy[3])) / (double)n;
}

struct corner {
    double x, y;
    size_t row;
};

/* Of the next n points the one that makes the largest triangle with a and c, of equals the first.
 */
static struct corner largest(struct walk *walk, size_t n, struct corner a, struct corner c)
{
    struct corner best = a;
    double most = -1, dx = a.x - c.x, dy = c.y - a.y;

    for (size_t got; n > 0 && (got = ready(walk, n)) > 0; n -= got) {
        const double *px = walk->x + walk->at, *py = walk->y + walk->at;
        size_t found = SIZE_MAX;
        for (size_t i = 0; i < got; i++) {
            double area = fabs(dx * (py[i] - a.y) - (a.x - px[i]) * dy);
            if (area > most) {
                most = area;
                found = i;
            }
        }
        if (found == SIZE_MAX && most < 0) { /* values so large that the area is no number */
            most = 0;
            found = 0;
        }
        if (found != SIZE_MAX)
            best = (struct corner){px[found], py[found], walk_row(walk, walk->at + found)};
        walk->at += got;
    }
    return best;
}

static size_t all(struct walk *walk, size_t n, size_t *out)
{
    size_t at = 0;

    for (size_t got; at < n && (got = ready(walk, n - at)) > 0; walk->at += got) {
        for (size_t i = 0; i < got; i++)
            out[at++] = walk_row(walk, walk->at + i);
    }
    return at;
}

size_t lttb(struct walk *ahead, struct walk *behind, size_t n, size_t m, size_t *out)
{
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
