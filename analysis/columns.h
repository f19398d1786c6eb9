#ifndef COLUMNS_H
#define COLUMNS_H
/*
 * Values of one key in chunks of CHUNK_ROWS rows. A chunk is made once and then
 * only read, by any number of threads. It is as small as it can be exactly:
 * floats if every value is one, a bit a row only if some row has no point.
 * With it comes a digest, so that summaries and searches need not open it.
 */

#include "analysis/base/str.h"
#include "analysis/series.h"

#include <stdint.h>

enum {
    CHUNK_ROWS =
        4096, /* two decompressed columns fit the first-level cache, 1M rows are 245 chunks */
    CHUNK_WORDS = CHUNK_ROWS / 64,
};

/* What a summary needs of some points. Rows count from where the owner counts. */
struct digest {
    int64_t n, finite, nan, pos_inf, neg_inf;
    double first, last, min, max, sum; /* of the finite ones; meaningless if there are none */
    size_t first_row, last_row;        /* of all points */
    size_t min_row, max_row;           /* the first that attain them */
    size_t odd_row;                    /* the first non-finite point, if finite < n */
    bool ends_non_finite;
};

/* Adds the digest of later points, whose rows count from row0. */
void digest_add(struct digest *all, const struct digest *later, size_t row0);

struct chunk {
    struct digest digest;
    uint32_t n;              /* points */
    bool single;             /* floats */
    const uint64_t *present; /* NULL: the first n rows */
    const void *value;       /* packed: points only */
};

/*
 * Points as they are gathered: values packed, and a bit for each row that has
 * one. Most columns have one in every row: as long as that is so no bits are set.
 */
struct points {
    double *value;
    uint32_t n, room;
    uint32_t whole;                /* the first rows, with a point each … */
    uint64_t present[CHUNK_WORDS]; /* … and of the rows behind them those with one */
};

void points_more(struct points *points); /* makes room */
/* The points of rows from `row` on go, `n` stay. */
void points_back(struct points *points, uint32_t row, uint32_t n);
void points_clear(struct points *points);
void points_fini(struct points *points);

static inline bool points_has(const struct points *points, uint32_t row)
{
    return row < points->whole || (points->present[row >> 6] >> (row & 63) & 1);
}

/*
 * `row` is not below any row before. The last value given for a row stands;
 * false: it had one before.
 */
static inline bool points_add(struct points *points, uint32_t row, double value)
{
    if (points->n == points->room)
        points_more(points);
    bool first = true;
    if (points->whole == row && points->n == row) {
        points->n = points->whole = row + 1;
    } else {
        first = !points_has(points, row);
        points->n += first;
        points->present[row >> 6] |= (uint64_t)first << (row & 63);
    }
    points->value[points->n - 1] = value;
    return first;
}

/* A chunk of the points, of the first `rows` rows; NULL if there are none. *bytes: its size. */
struct chunk *chunk_new(const struct points *points, uint32_t rows, size_t *bytes);
/* chunk NULL: no point. out: n values, `missing` where a row has no point. */
void chunk_values(const struct chunk *chunk, uint32_t from, uint32_t n, double missing,
                  double *out);
/* The points in rows [from, to): their values and rows (either may be NULL). Returns how many. */
uint32_t chunk_points(const struct chunk *chunk, uint32_t from, uint32_t to, double *value,
                      uint32_t *row);
uint32_t chunk_count(const struct chunk *chunk, uint32_t from, uint32_t to);

/*
 * A list that grows without moving: who knows that it had n entries reads those
 * without a lock while one thread adds more.
 */
enum { SPINE_FIRST = 16, SPINE_PARTS = 28 };
struct spine {
    void **part[SPINE_PARTS]; /* part k holds SPINE_FIRST << k */
};

void *spine_get(const struct spine *spine, size_t i); /* NULL where nothing was put */
void spine_put(struct spine *spine, size_t i, void *thing);
void spine_fini(struct spine *spine, void (*release)(void *thing));

#endif
