#ifndef ROWS_H
#define ROWS_H
/*
 * A log of one JSON object a line (metrics.jsonl), read exactly and kept small.
 *
 * `struct rows` watches one file. Each look gives a view: one immutable version
 * of the table, counted by references, with a column for every key that was
 * asked for. When the file has grown only the new tail is read and the new view
 * shares the full chunks of the old one; when it shrank, was replaced or its
 * beginning changed, it is read anew. A last line without a newline is left for
 * the next look, and counted as cut if it does not parse.
 *
 * A row is a line that holds a JSON object. Its step is the member `step`, a
 * whole number within 2^53; if no row has one, or half of the rows or more have
 * another number there, the row's number (from 0) stands in and the coverage
 * says so. A key's points are the rows in which it is a number (NaN
 * and Infinity count as numbers; null is a missing value). Keys that hold text,
 * booleans or nested values are no series: they are counted and named.
 *
 * Threads: rows_look takes the rows' own lock, so calls on one file run one
 * after another; a view may be read by any number of threads.
 */

#include "analysis/base/err.h"
#include "analysis/base/shape.h"
#include "analysis/coverage.h"
#include "analysis/series.h"

#include <stdatomic.h>

struct rows;
struct rows_view;

struct rows *rows_new(void);
void rows_free(struct rows *rows);

/* Bytes held between calls, and what to do when they are too many: the columns go, the file stays.
 */
size_t rows_held(struct rows *rows);
void rows_drop(struct rows *rows);

/*
 * The newest version of the file `path` below the directory `dir`. keys: which
 * columns are needed; NULL: all. A file that is not there gives *out = NULL and
 * true. cancelled (may be NULL) is asked between blocks: ERR_CANCELLED.
 */
NODISCARD bool rows_look(struct rows *rows, int dir, const char *path, const struct strs *keys,
                         const atomic_bool *cancelled, struct rows_view **out, struct err *err);

/*
 * Only the last `window` rows, read backwards from the end of the file: costs
 * the same whatever the file's size. Keeps nothing. Where more than
 * TAIL_BYTES_MAX at the end hold fewer rows, these are all; a window that may
 * need more by itself (256 bytes a row) gets as much.
 */
enum { TAIL_BYTES_MAX = 64 * 1024 * 1024 };
NODISCARD bool rows_tail(int dir, const char *path, size_t window, struct rows_view **out,
                         struct err *err);

void rows_view_unref(void *view); /* void: fits arena_own */

size_t rows_count(const struct rows_view *view);
bool rows_is_tail(const struct rows_view *view); /* rows before the first are not counted */

/* Keys in order of first appearance, without `step`; `timestamp` is one of them. */
size_t rows_keys(const struct rows_view *view);
struct str rows_key(const struct rows_view *view, size_t key);
/* SIZE_MAX if there is no such key. */
size_t rows_find(const struct rows_view *view, struct str name);
/* How many points a key has, also if its column was not asked for. */
size_t rows_points(const struct rows_view *view, size_t key);

/* Of a column that was asked for; kept up to date, so it costs nothing on a grown file. */
void rows_summary(const struct rows_view *view, size_t key, struct summary *out);

/* The whole column, or its points in rows [from, to), as plain arrays; with times if there are any.
 */
void rows_series(const struct rows_view *view, size_t key, size_t from, size_t to,
                 struct arena *arena, struct series *out);

/* The whole column; where both have a point in every row, with the steps and times of `like`. */
void rows_series_like(const struct rows_view *view, size_t key, const struct series *like,
                      struct arena *arena, struct series *out);

/*
 * How many rows at the end have null under a key that every row has and that was a number in at
 * least nine of ten rows before: three or more, else 0. *from: the step of the first. Of a column
 * that was asked for.
 */
size_t rows_nulls_at_end(const struct rows_view *view, size_t key, int64_t *from);

/* Steps of the rows [from, from + n). */
void rows_steps(const struct rows_view *view, size_t from, size_t n, int64_t *out);
/* A column's values in the rows [from, from + n); rows without a point get `missing`. */
void rows_values(const struct rows_view *view, size_t key, size_t from, size_t n, double missing,
                 double *out);

/*
 * The chosen rows (ascending) as compact JSON objects separated by commas: the
 * number texts as they stand in the file, non-finite ones as strings, `step`
 * first if the line has it first, members in the line's order. keys: indices of
 * the members to keep; NULL: every key that is a series. Fails if the file was
 * changed under the view (ERR_CONFLICT: look again). Where the rows are of no
 * text (event files, several sources), each has its step first, then the keys in
 * order, and numbers as short as reads back as the same: the same double, or the
 * same float where the log holds floats.
 */
NODISCARD bool rows_put(const struct rows_view *view, const size_t *row, size_t n,
                        const size_t *keys, size_t keys_n, struct buf *out, struct err *err);

/*
 * One key's values in the chosen rows as the elements of a JSON array, and
 * likewise the steps (rows in which the key has no point must not be chosen).
 */
NODISCARD bool rows_put_column(const struct rows_view *view, size_t key, const size_t *row,
                               size_t n, struct buf *steps, struct buf *values, struct err *err);

/* Source, malformed lines, restarts, duplicates, non-finite counts of loaded columns, notes. */
void rows_cover(const struct rows_view *view, struct coverage *coverage);

#endif
