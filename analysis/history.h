#ifndef HISTORY_H
#define HISTORY_H
/*
 * The history of an RL experiment: for each key one value an iteration. Read
 * from rl_metrics/rl_training_metrics.json, else from the last complete line of
 * dashboard_metrics/rl_metrics.jsonl (each line repeats the whole history).
 * Immutable once read, counted by references, read by any number of threads.
 */

#include "analysis/base/buf.h"
#include "analysis/base/err.h"
#include "analysis/coverage.h"
#include "analysis/series.h"

#include <stdatomic.h>

struct history_key {
    struct str name;
    size_t n;               /* 0: the key is there and its list is empty */
    const double *value;    /* NaN for a null, which is counted as missing */
    struct summary summary; /* steps are iterations, from 0 */
    int64_t missing;        /* nulls and elements that are no numbers */
};

struct history {
    size_t keys_n;
    const struct history_key *keys; /* in file order */
    struct str global_step; /* texts as they stand in the file, valid JSON; empty: not there */
    struct str timestamp;
};

/* *out is NULL (and true returned) when there is neither file. cancelled may be NULL. */
NODISCARD bool history_load(int dir, const atomic_bool *cancelled, struct history **out,
                            struct err *err);
void history_unref(void *history); /* void: fits arena_own */
struct history *history_ref(struct history *history);
size_t history_held(const struct history *history); /* bytes */

const struct history_key *history_find(const struct history *history, const char *name);

/* The chosen iterations of a key as elements of a JSON array, in the text they came in. */
void history_put(const struct history *history, const struct history_key *key,
                 const size_t *iteration, size_t n, struct buf *out);

/* A key's values with their iterations as steps. */
void history_series(const struct history_key *key, struct arena *arena, struct series *out);

void history_cover(const struct history *history, struct coverage *coverage);

#endif
