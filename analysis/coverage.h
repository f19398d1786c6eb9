#ifndef COVERAGE_H
#define COVERAGE_H
/*
 * What was read, and what could not be used: nothing is lost in silence. Every
 * loader adds to the coverage of the call it works for; the tools write it into
 * the answer, empty members left out. Texts belong to the call's arena.
 */

#include "analysis/base/vec.h"

#include <stdint.h>

struct coverage_source {
    const char *path, *format, *why; /* path: below the experiment's directory */
};

struct coverage_non_finite {
    const char *key;
    int64_t count, first_step;
};

struct coverage_restart {
    int64_t step, previous_step;
};

struct coverage {
    struct arena *arena;
    VEC(struct coverage_source) sources;
    VEC(struct coverage_non_finite) non_finite;
    VEC(struct coverage_restart) restarts; /* the first 20; restarts_total counts all */
    VEC(const char *) not_logged;
    VEC(const char *) notes;              /* each once */
    int64_t points_read, points_returned; /* NOT_GIVEN (INT64_MIN) when not counted */
    int64_t restarts_total;
    int64_t duplicates; /* rows whose step is that of the row before */
    struct {
        int64_t count;
        const char *path, *reason; /* of the first */
        int64_t line;              /* 1-based */
    } malformed;
};

void coverage_init(struct coverage *coverage, struct arena *arena);
void coverage_source(struct coverage *coverage, const char *path, const char *format,
                     const char *why);
void coverage_note(struct coverage *coverage, const char *format, ...) PRINTF(2, 3);
void coverage_non_finite(struct coverage *coverage, struct str key, int64_t count,
                         int64_t first_step);
void coverage_malformed(struct coverage *coverage, const char *path, int64_t line,
                        const char *reason, int64_t count);
void coverage_restart(struct coverage *coverage, int64_t step, int64_t previous_step);
void coverage_not_logged(struct coverage *coverage, const char *key);

#endif
