#ifndef LTTB_H
#define LTTB_H
/* The inner part of reduce.h: points one after another, and the choice among them. */

#include "analysis/rowview.h"

enum {
    BATCH = 1024, /* x and y of a batch stay in the first-level cache */
    BATCHES = 8,  /* kept: the choice follows the averages at a bucket's distance */
};

/* Finite points of up to BATCH rows one behind the other. */
struct batch {
    size_t number; /* from 1; 0: empty */
    size_t n, row0;
    bool dense; /* rows are row0, row0 + 1, … */
    uint32_t row[BATCH];
    double x[BATCH], y[BATCH];
};

/* The finite points of a key's rows [from, to), or of two arrays. */
struct source {
    const struct rows_view *view; /* NULL: arrays */
    size_t key, from, to;
    bool by_row;           /* x is the row's number */
    const double *xs, *ys; /* xs NULL: the index */
    struct batch *batches; /* the last BATCHES that were made */
};

void source_rows(struct source *source, const struct rows_view *view, size_t key, bool by_row,
                 size_t from, size_t to);
void source_arrays(struct source *source, const double *x, const double *y, size_t n);
void source_fini(struct source *source);

/* Of its n finite points at most m: their rows into out, ascending. Returns how many. */
size_t lttb(struct source *source, size_t n, size_t m, size_t *out);

#endif
