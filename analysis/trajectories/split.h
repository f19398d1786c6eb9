#ifndef TRAJECTORY_SPLIT_H
#define TRAJECTORY_SPLIT_H
/*
 * The lines of a file read block by block on several threads, and heard of in
 * their order by the one that asks: it cannot tell how many there were. What a
 * block has no room for (a line of more than PART_LINE_MAX, more than REPLAY_MAX to
 * say) is read by the asking thread when it is its turn.
 *
 * For readers to which a line is on its own: no `begin`, no `finish`.
 */

#include "analysis/trajectories/replay.h"

struct split {
    size_t threads; /* 1: no blocks */
    size_t bytes;   /* of a block */
};

enum { SPLIT_LEAST = 4 }; /* a file of fewer is not worth a thread */

/* As many threads as processors. */
struct split split_usual(void);

struct split_lines {
    int fd;
    const struct trajectory_reader *reader;
    uint64_t offset;  /* where the first line begins; not that of the file */
    int64_t line;     /* its number */
    uint64_t size;    /* of the file, or about that: lines behind it are read, too */
    struct hearer to; /* what its sink holds of the file is not changed meanwhile */
    const atomic_bool *cancelled;
};

/* Whether it makes sense and is allowed. */
bool split_fits(const struct split_lines *lines, const struct split *how);

/* As a loop over records_next to its end: err->code stays ERR_NONE, or says why it ended. */
void split_read(const struct split_lines *lines, const struct split *how, struct err *err);

#endif
