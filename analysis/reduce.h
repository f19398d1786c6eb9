#ifndef REDUCE_H
#define REDUCE_H
/*
 * Which rows of a log stand for all of them. Kept first, until half of the
 * budget is used: the first and the last row, the first and last of each run of
 * non-finite values, the lowest and highest of each key, the rows around a
 * restart. The rest is chosen by largest triangles three buckets (S.
 * Steinarsson, "Downsampling Time Series for Visual Representation", 2013, 4.2)
 * over the finite points, bucket edges floor(linspace(1, n - 1, m - 1)), with
 * the step as x (the row's number where steps go back).
 *
 * Chosen rows ascend, come once and are at most `budget`. The view is read in
 * pieces: nothing here grows with the file but time.
 */

#include "analysis/rows.h"

/*
 * For whole rows: of rows [from, to), chosen on the series `primary` (SIZE_MAX:
 * the returned key with the most points). A key that fewer than a quarter of
 * the rows have keeps 32 points of its own, or all it has, as far as they fit.
 */
void reduce_rows(const struct rows_view *view, size_t from, size_t to, const size_t *keys,
                 size_t keys_n, size_t primary, size_t budget, struct arena *arena, size_t **rows,
                 size_t *n);

/* For one key on its own: only rows in which it has a point. */
void reduce_column(const struct rows_view *view, size_t from, size_t to, size_t key, size_t budget,
                   struct arena *arena, size_t **rows, size_t *n);

/* Indices into plain arrays; x NULL: the index itself. Kept first as for a column, but restarts. */
void reduce_values(const double *x, const double *y, size_t n, size_t budget, struct arena *arena,
                   size_t **chosen, size_t *chosen_n);

#endif
