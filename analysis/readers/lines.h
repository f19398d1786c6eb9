#ifndef LINES_H
#define LINES_H
/*
 * A source as text: whole, or line by line in blocks of READ_BLOCK, so that
 * memory does not grow with the file. A byte order mark at the start is left
 * out. One thread.
 */

#include "analysis/readers/reader.h"

enum { LINES_PAD = 64 }; /* readable bytes behind a line, of any content */

struct lines {
    int fd;
    const atomic_bool *cancelled;
    struct feed *feed;
    char *block; /* room + LINES_PAD bytes */
    size_t room, n, at;
    int64_t offset; /* of block[0] in the file */
    bool at_end;
    bool whole; /* set by who reads on later: a last line without an end is not given */
    bool lost;  /* … and the file ends inside a line that is too long: it cannot be read on */
    struct lines_place {
        int64_t offset, number;
    } place; /* behind the last whole line, once all of these were given */
    /* of the line given last */
    int64_t number; /* 1-based */
    bool ended;     /* a newline stands behind it: it is no half-written last one */
    bool failed;    /* *err of lines_next says why */
};

/* The whole file. A missing one is an error, too. */
NODISCARD bool source_text(const struct source *source, size_t max, struct arena *arena,
                           struct str *text, struct err *err);
/* A descriptor of it, or -1 with err. */
NODISCARD int source_open(const struct source *source, struct err *err);
/* It is a file, and somebody wants it: for readers that read what stands beside it. */
NODISCARD bool source_there(const struct source *source, struct err *err);
/* Somebody does not want the answer any more: false, and err says so. */
NODISCARD bool source_wanted(const struct source *source, struct err *err);

/* feed: lines longer than DATA_LINE_MAX are told to it and left out; may be NULL. */
NODISCARD bool lines_open(struct lines *lines, const struct source *source, struct feed *feed,
                          struct err *err);
void lines_close(struct lines *lines);
/* For a file that may grow: lets go of it, and opens it again behind the last whole line. */
void lines_pause(struct lines *lines);
NODISCARD bool lines_go_on(struct lines *lines, const struct source *source, struct err *err);
/*
 * The next line without its newline and carriage return; good until the next
 * call. False at the end, or with `failed` set and err filled.
 */
NODISCARD bool lines_next(struct lines *lines, struct str *line, struct err *err);

#endif
