#ifndef HISTORY_READ_H
#define HISTORY_READ_H
/*
 * The text of one history object, `{"global_step": …, "history": {key: [numbers]},
 * "timestamp": …}`, in one pass: values converted, the place of each one's text
 * remembered, nothing else kept. Bare NaN and Infinity are numbers here.
 */

#include "analysis/base/arena.h"
#include "analysis/base/err.h"

#include <stdint.h>

struct raw_key {
    struct str name; /* decoded; in the arena or in the text */
    double *value;   /* heap; missing_value() where there is no number */
    uint32_t *at;    /* heap; where the element's text begins */
    size_t n, room;
    int64_t missing;
};

struct raw_history {
    struct raw_key *keys; /* heap */
    size_t keys_n, room;
    size_t dropped; /* keys beyond KEYS_MAX */
    size_t odd;     /* members of `history` that are no lists */
    struct str global_step, timestamp;
    bool has_history;
};

/* A NaN of its own bits, so that a null is told from a NaN that was logged. */
double missing_value(void);
bool is_missing(double value);

/* What was read up to a fault stays in *out; raw_fini releases it. */
NODISCARD bool history_read(struct str text, struct arena *arena, struct raw_history *out,
                            struct err *err);
void raw_fini(struct raw_history *raw);

#endif
