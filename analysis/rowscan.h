#ifndef ROWSCAN_H
#define ROWSCAN_H
/*
 * From bytes of a log to rows of a table. Lines of a log repeat: the text
 * between the numbers of the last few kinds of line is kept as a template, and
 * a line that fits one is read with a few comparisons and its numbers. Any
 * other goes through scan.h. Both give the same rows; only the time differs.
 */

#include "analysis/base/err.h"
#include "analysis/base/scan.h"
#include "analysis/rowtable.h"

enum {
    ROWSCAN_PAD = 1024, /* readable bytes behind what is scanned, of any content */
    TEMPLATES = 4,      /* kinds of line remembered: logs mix training and validation lines */
    SLOTS_MAX = 64,
    TEMPLATE_TEXT = 4096,
};

struct slot {
    uint16_t text, n;      /* what stands before the value: in the template's text */
    bool loaded;           /* its column's points are kept */
    struct column *column; /* NULL: the step */
};

struct row_template {
    uint64_t hits; /* rows not yet counted in the columns */
    uint32_t slots_n;
    uint16_t last, last_n; /* the text behind the last value, newline included */
    struct slot slot[SLOTS_MAX];
    char text[TEMPLATE_TEXT + 16];
};

#define STEP_COLUMN UINT32_MAX
struct scanned {
    uint32_t column; /* or STEP_COLUMN */
    enum scan_kind kind;
    struct str value;
};

struct rowscan {
    struct table *table;
    bool plain; /* no templates: what they are tested against */
    uint32_t templates_n, newest, oldest;
    struct row_template *templates;
    /* the line being read */
    struct scanned *members;
    size_t members_n;
    int64_t dropped;
    double value[SLOTS_MAX];          /* by slot of the template it fits */
    bool has_step, odd_step, repeats; /* odd_step: there is one, and it is no whole number */
    int64_t step;
    uint64_t serial;
    struct {
        uint64_t serial;
        size_t at;
    } * seen;   /* by column: the member that holds it, if the serial is this line's */
    char *name; /* of an escaped key */
    size_t name_room;
};

void rowscan_init(struct rowscan *scan, struct table *table);
void rowscan_fini(struct rowscan *scan);

/* The complete lines at the start of p[0..n), which stand at `offset`; returns their bytes. */
size_t rowscan_lines(struct rowscan *scan, const char *p, size_t n, uint64_t offset);

/*
 * What stands behind the last newline, as a row for now: rowscan_undo takes it
 * back. False if it is no row; *reason then says why, NULL if it is blank.
 */
struct row_undo {
    struct tally tally;
    uint16_t length; /* of the row before */
};
bool rowscan_last(struct rowscan *scan, struct str line, uint64_t offset, struct row_undo *undo,
                  const char **reason);
void rowscan_undo(struct rowscan *scan, const struct row_undo *undo);

/* A line that was not read. */
void rowscan_malformed(struct rowscan *scan, const char *reason);

/* A step as the log writes it: a whole number within +-(2^53 - 1), however written. */
bool step_of(double value, int64_t *step);

#endif
