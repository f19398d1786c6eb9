#ifndef LTTB_H
#define LTTB_H
/* The inner part of reduce.h: points one after another, and the choice among them. */

#include "analysis/rowview.h"

enum { BATCH = 1024 }; /* x, y and rows of a batch stay in the first-level cache */

/* Goes over the finite points of a key's rows [from, to), or of two arrays. */
struct walk {
    const struct rows_view *view; /* NULL: arrays */
    size_t key;
    bool by_row; /* x is the row's number */
    const double *xs, *ys;
    size_t next, to; /* rows not yet in the batch */
    /* the batch, and how much of it is used */
    size_t at, n, row0;
    bool dense; /* rows are row0, row0 + 1, … */
    uint32_t row[BATCH];
    double x[BATCH], y[BATCH];
};

void walk_rows(struct walk *walk, const struct rows_view *view, size_t key, bool by_row,
               size_t from, size_t to);
void walk_arrays(struct walk *walk, const double *x, const double *y, size_t n);
bool walk_more(struct walk *walk); /* the next batch; false when there is none */

static inline size_t walk_row(const struct walk *walk, size_t i)
{
    return walk->row0 + (walk->dense ? i : walk->row[i]);
}

/*
 * Of the n finite points that both walks are about to go over: at most m, their
 * rows into out, ascending. Returns how many.
 */
size_t lttb(struct walk *ahead, struct walk *behind, size_t n, size_t m, size_t *out);

#endif
