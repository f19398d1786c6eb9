#ifndef PARALLEL_H
#define PARALLEL_H
/*
 * Work that falls into parts, done by several threads and taken in order: what
 * comes out is the same with any number of them. The threads live as long as the
 * call; where one cannot be had the others do its work.
 */

#include <stdbool.h>
#include <stddef.h>

enum { PARALLEL_MAX = 4 };

struct parallel {
    size_t parts;
    size_t slots; /* at most so many parts are begun and not yet taken; one at least */
    void *with;   /* for the two */
    /* Any thread. Nobody else has the slot until the part is taken. */
    void (*work)(void *with, size_t part, size_t slot);
    /* The caller's thread, part after part. False: enough, no further part is begun. */
    bool (*take)(void *with, size_t part, size_t slot);
};

/* The processors this thread may use, at most PARALLEL_MAX. */
size_t parallel_processors(void);

/* threads: with the caller's own. False if `take` said so. No thread is left behind. */
bool parallel_run(const struct parallel *parallel, size_t threads);

#endif
