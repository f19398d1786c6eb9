#ifndef JSONROW_H
#define JSONROW_H
/*
 * From lines of JSON objects to a feed. Nested objects become keys joined by
 * "/". Lines of a log repeat: the text between the numbers of the last few
 * kinds of line is kept, and a line that has the same text is read with a few
 * comparisons and its numbers. Both ways give the same rows.
 */

#include "analysis/base/buf.h"
#include "analysis/base/scan.h"
#include "analysis/base/vec.h"
#include "analysis/readers/feed.h"

enum {
    JSONROW_KINDS = 4,
    JSONROW_TEXT = 8192, /* of a line that is remembered, without its numbers */
    JSONROW_CELLS = 256,
};

enum cell_kind {
    CELL_VALUE,
    CELL_STEP,
    CELL_CLOCK,   /* wall time */
    CELL_ELAPSED, /* bears the name of a clock, but the value is none: seconds since the start */
    CELL_DATE,    /* wall time as text */
    CELL_SPAN,    /* a duration as text */
    CELL_MISSING, /* from here on a line must repeat the text to be of the same kind */
    CELL_OTHER,
};

struct json_cell {
    enum cell_kind kind;
    int key;
    double value;
    const char *at, *end; /* the number's text in the line */
};

struct line_kind {
    size_t cells_n, last_n; /* last_n: the text behind the last number */
    struct {
        enum cell_kind kind;
        int key;
        size_t text, n; /* in front of it; a number follows unless it is missing or other */
    } cell[JSONROW_CELLS];
    size_t text_n;
    char text[JSONROW_TEXT + 16]; /* as same_bytes has it */
};

struct jsonrow {
    struct feed *feed;
    struct arena *arena;
    struct str axis;       /* the key that is the step; empty: none */
    bool plain;            /* remembers no kinds: what they are tested against */
    int clock;             /* the key "timestamp" */
    struct buf name, part; /* of nested and of escaped keys */
    size_t kinds_n, oldest, newest;
    struct line_kind *kinds;
    /* the line being read */
    VEC(struct json_cell) cells;
    bool simple; /* may be remembered */
    bool has_step, has_runtime, is_done;
    int64_t step;
    double total, percentage;
    bool told_config, told_host, told_run, told_end, told_total;
};

void jsonrow_init(struct jsonrow *row, struct feed *feed, struct arena *arena, struct str axis);
void jsonrow_fini(struct jsonrow *row);

/*
 * The line as a row of the feed; NULL, or what is wrong with it (then nothing
 * was fed). LINES_PAD bytes behind the line are readable.
 */
const char *jsonrow_line(struct jsonrow *row, struct str line);

#endif
