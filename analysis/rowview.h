#ifndef ROWVIEW_H
#define ROWVIEW_H
/*
 * What stands behind rows_view: a version is a snapshot of a table, immutable
 * and shared by all views of it; a view adds the open file, so that rows can be
 * copied from it. Only rows*.c and reduce.c look inside.
 */

#include "analysis/rows.h"
#include "analysis/mark.h"
#include "analysis/rowtable.h"

#include <sys/stat.h>

struct seen_column {
    int64_t points, nulls, others;
    bool loaded;
    struct digest digest; /* of all rows */
    struct chunk *open;   /* the rows behind the full chunks; NULL: no points there */
};

struct version {
    atomic_size_t refs;
    struct version *whole; /* whose open rows it shares; NULL: they are its own */
    struct table *table;
    size_t bytes; /* without the table's full chunks */
    size_t chunks_n;
    struct tally tally;
    struct places *open;
    size_t columns_n;
    struct seen_column *column;
    size_t keys_n;
    uint16_t *key; /* the columns that are series, in order of first appearance */
    bool tail;
    bool by_row; /* as tally_by_row has it */
};

/* Steps start anew with each epoch. */
static inline bool tally_by_epoch(const struct tally *t)
{
    return t->epochs > 0 && t->epochs == t->restarts_n;
}

/* … or most of them are no whole numbers: the rows' numbers stand in for all. */
static inline bool tally_by_row(const struct tally *t)
{
    return tally_by_epoch(t) || (t->odd_steps > 0 && 2 * (size_t)t->odd_steps >= t->rows);
}

/*
 * Of a table that is not the text of one file: who answers for where its values
 * are from. Counted by references; a view holds one.
 */
struct origin {
    void (*cover)(const struct origin *origin, struct coverage *coverage);
    void (*unref)(struct origin *origin);
};

struct rows_view {
    atomic_size_t refs;
    struct version *version;
    int fd; /* -1: no text stands behind the rows, they are written from the columns */
    struct file_mark mark;
    char *path;            /* NULL without a text */
    struct origin *origin; /* NULL with one */
};

/* keys NULL: every column that the table has points of. */
struct version *version_new(struct table *table, const struct strs *keys);
/* The same with fewer keys: shares what the whole one has, so the table need not be locked. */
struct version *version_of_keys(struct version *whole, const struct strs *keys);
void version_unref(struct version *version);
/* Does it hold the points of these keys? table: the one it is of, locked. */
bool version_has(const struct version *version, const struct strs *keys);

/* Takes over the version's reference and the descriptor. */
struct rows_view *view_new(struct version *version, int fd, const struct file_mark *mark,
                           const char *path);

/* Takes over both references. */
struct rows_view *view_of_values(struct version *version, struct origin *origin);
static inline bool view_has_texts(const struct rows_view *view)
{
    return view->fd >= 0;
}

const struct places *view_places(const struct rows_view *view, size_t chunk);
/* key: as in rows_key. NULL: no points, or not asked for. */
const struct chunk *view_chunk(const struct rows_view *view, size_t key, size_t chunk);
uint32_t view_chunk_rows(const struct rows_view *view, size_t chunk);
const struct seen_column *view_column(const struct rows_view *view, size_t key);

/*
 * Steps that are missing or odd, keys that stand twice, what was left out, as notes.
 * path: of the source, to stand in front; NULL: it is the only one. tail: the rows
 * before the first were not read.
 */
void tally_cover(const struct tally *t, bool tail, const char *path, struct coverage *coverage);

/* What rows_put and rows_put_column write where there is no text (rowvalues.c). */
void values_put_rows(const struct rows_view *view, const size_t *row, size_t n, const size_t *keys,
                     size_t keys_n, struct buf *out);
bool values_put_column(const struct rows_view *view, size_t key, const size_t *row, size_t n,
                       struct buf *steps, struct buf *values, struct err *err);

#endif
