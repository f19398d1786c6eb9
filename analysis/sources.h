#ifndef SOURCES_H
#define SOURCES_H
/*
 * The files that a run of another program's layout is read from: looked at by
 * stat to see whether anything is new, and read into one woven run.
 */

#include "analysis/base/err.h"
#include "analysis/walk.h"

#include <stdatomic.h>

struct follow;
struct woven;

/* What the files are now, by device, inode, size and time. */
struct sources_state {
    uint64_t print;    /* equal for equal files */
    bool young;        /* one changed within the clock's grain: not to be trusted */
    int64_t bytes;     /* of all */
    int64_t newest_ms; /* modification times; NOT_GIVEN if no file is there */
};

struct sources_state sources_look(int dir, const struct walk_source *sources, size_t n);

/* Whether the first rows of each come without reading the rest (reader.h: streams). */
bool sources_stream(const struct walk_source *sources, size_t n);

/*
 * Reads them, or of each about the first `rows` rows (0: all; then not to be cancelled: it is
 * short), or what is new of them since the last look (follow.h). A source that cannot be read is
 * named in the woven run; false only if that is the only one a run could be read from, or if
 * cancelled.
 */
NODISCARD bool sources_read(int dir, const struct walk_source *sources, size_t n, size_t rows,
                            struct follow *follow, const atomic_bool *cancelled, struct woven **out,
                            struct err *err);

#endif
