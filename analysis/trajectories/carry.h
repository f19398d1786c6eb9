#ifndef TRAJECTORY_CARRY_H
#define TRAJECTORY_CARRY_H
/*
 * What an older index holds of files that have not changed, or have only grown,
 * goes into the new one without being read again. An index built so equals one
 * that is read from the start, times of undated rows in a grown file aside.
 */

#include "analysis/trajectories/store.h"

struct carried {
    enum { CARRY_NOTHING, CARRY_ALL, CARRY_LINES } how; /* lines: up to the file's mark */
    size_t file;                                        /* of the old index */
};

/* Heap, one a file; NULL if too little is left, or an id that was skipped may count now. */
struct carried *carry_plan(const struct trajectories *old, const struct trajectory_file *files,
                           size_t n);

/* The dictionaries of the old index: moved if nobody else uses it, else copied. */
void carry_names(struct trajectories *t, struct trajectories *old);
/* Rows, tally and mark of one file, behind the rows that are there. */
void carry_take(struct trajectories *t, const struct trajectories *old,
                const struct carried *carried, struct trajectory_file *file);
/* As if nothing had been carried over or read. */
void carry_forget(struct trajectories *t);

/* Room for so many rows. */
void trajectories_reserve(struct trajectories *t, size_t rows);

#endif
