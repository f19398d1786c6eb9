#ifndef JSONROW_H
#define JSONROW_H
/*
 * From lines of JSON objects to a feed. Nested objects become keys joined by
 * "/". A line of a shape that was there before (lineshape.h) is read without
 * looking at its names; both ways give the same rows.
 */

#include "analysis/base/buf.h"
#include "analysis/base/scan.h"
#include "analysis/base/vec.h"
#include "analysis/readers/axis.h"
#include "analysis/readers/feed.h"
#include "analysis/readers/lineshape.h"

enum cell_kind {
    CELL_VALUE,
    CELL_STEP,
    CELL_CLOCK,   /* wall time */
    CELL_ELAPSED, /* bears the name of a clock, but the value is none: seconds since the start */
    CELL_DATE,    /* wall time as text */
    CELL_SPAN,    /* a duration as text */
    CELL_MISSING, /* from here on nothing of it varies */
    CELL_OTHER,
};

struct json_cell {
    enum cell_kind kind;
    int key;
    double value;
    const char *at, *end; /* the number's text in the line */
};

/* What the slots of a shape are. */
struct row_kind {
    size_t slots_n, special_n, fixed_n;
    int key[SHAPE_SLOTS];
    struct {
        enum cell_kind kind;
        size_t slot;
    } special[SHAPE_SLOTS]; /* those that are more than a value */
    struct {
        enum cell_kind kind;
        int key;
    } fixed[SHAPE_SLOTS]; /* what repeats as text */
};

struct jsonrow {
    struct feed *feed;
    struct arena *arena;
    struct axis_name axis; /* the key that is the step */
    bool plain;            /* remembers no kinds: what they are tested against */
    int clock;             /* the key "timestamp" */
    struct buf name, part; /* of nested and of escaped keys */
    struct shapes shapes;
    struct row_kind *kinds; /* by shape */
    /* the line being read */
    VEC(struct json_cell) cells;
    struct {
        uint64_t serial; /* of the line that had it last */
        size_t cell;
    } * seen; /* by key; behind the last one: the step */
    uint64_t serial;
    struct str clock_name; /* that its wall time stood under last */
    bool twice;            /* a key stands in it twice */
    bool simple;           /* may be remembered */
    bool has_step, odd_step, has_runtime, is_done;
    int64_t step;
    double total, percentage;
    struct jsonrow_told {
        bool config, host, run, end, total;
    } told; /* to the feed: each only once */
};

void jsonrow_init(struct jsonrow *row, struct feed *feed, struct arena *arena,
                  struct axis_name axis);
void jsonrow_fini(struct jsonrow *row);

/*
 * The line as a row of the feed; NULL, or what is wrong with it (then nothing
 * was fed). LINES_PAD bytes behind the line are readable.
 */
const char *jsonrow_line(struct jsonrow *row, struct str line);

#endif
