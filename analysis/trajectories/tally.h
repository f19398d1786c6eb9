#ifndef TALLY_H
#define TALLY_H
/* What became of the trajectories of a file, or of all: what could not be used is counted. */

#include "analysis/base/arena.h"

#include <stdint.h>

/* What could not be used, or is odd: how many, and the first. */
struct mishap {
    size_t n;
    const char *path, *what; /* what: a sentence, with the id if there is one */
    int64_t line;
    const char *kind; /* of a remark: what it says without the id */
};

enum { REMARKS_MAX = 8 }; /* kinds that are told apart; the last takes the rest */

struct file_tally {
    size_t used;
    struct mishap refused, repeated; /* repeated: an id that was there already */
    struct mishap *remarks;          /* REMARKS_MAX in the arena; NULL: none */
    size_t remarks_n;                /* in all */
};

/* The remark of that kind, to be counted up. */
struct mishap *tally_remark(struct file_tally *tally, struct arena *arena, const char *what);
void tally_add(struct file_tally *sum, const struct file_tally *one, struct arena *arena);
/* The texts are copied into the arena, the path is this one. */
void tally_copy(struct file_tally *to, const struct file_tally *from, const char *path,
                struct arena *arena);

#endif
