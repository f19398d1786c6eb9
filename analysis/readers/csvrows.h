#ifndef CSVROWS_H
#define CSVROWS_H
/*
 * A table file row by row, in one pass: what all readers of tables share.
 * Headers that stand again in the middle are passed over (a different one
 * counts from there on), rows shorter or longer than the header are taken as
 * far as both go, and a last row that was cut off is left out. What was odd is
 * told to the feed at the end.
 */

#include "analysis/readers/dialect.h"
#include "analysis/readers/lines.h"
#include "analysis/readers/rowcut.h"

struct csvrows {
    struct lines lines;
    struct dialect dialect;
    struct feed *feed;
    struct arena *arena;
    struct str header;  /* its line */
    struct str comment; /* the first line that begins with '#' */
    bool new_header;    /* dialect changed with this row */
    bool given;         /* a row was, by the last call */
    bool unread;        /* numbers are read when they are asked for */
    size_t n;           /* cells of the row; at most dialect.n */
    struct str *cell;
    struct rowcut cut; /* numbers and forms of the cells */
    struct csvrows_counts {
        int64_t rows, shorter, longer, headers;
    } count;
    struct csvrows_counts whole; /* without a last line that has no end */
    bool settled;                /* the header will not become another one */
};

/* Up to the header, which must be there. */
NODISCARD bool csvrows_open(struct csvrows *rows, const struct source *source, struct feed *feed,
                            struct arena *arena, struct err *err);
/* The next row; false at the end, or if lines.failed. Cells are good until the next call. */
NODISCARD bool csvrows_next(struct csvrows *rows, struct err *err);
/* What the row's i-th cell means (dialect_value); most were read when the row was cut up. */
static inline enum cell_value csvrows_value(const struct csvrows *rows, size_t i, double *value)
{
    if (rows->cut.form[i] == FORM_NUMBER) {
        *value = rows->cut.number[i];
        return CELL_NUMBER;
    }
    return rows->cut.form[i] == FORM_NOTHING ? CELL_EMPTY : dialect_value(rows->cell[i], value);
}
/* Tells what was odd, and lets go of the file. True if rows were read to the end. */
bool csvrows_close(struct csvrows *rows);

/*
 * For a table that may grow (struct live_reading): csvrows_whole, and all rows that have an
 * end; csvrows_rest, and the last one that has none; csvrows_pause instead of
 * csvrows_close. The next look begins with csvrows_go_on and csvrows_whole.
 */
void csvrows_whole(struct csvrows *rows);
void csvrows_rest(struct csvrows *rows);
bool csvrows_pause(struct csvrows *rows);
NODISCARD bool csvrows_go_on(struct csvrows *rows, const struct source *source, struct err *err);
int64_t csvrows_taken(const struct csvrows *rows); /* as in struct live_reading */

/*
 * The step of a table, from its first rows (axis.h). Told to the feed.
 * *settled (may be NULL): later rows cannot make it another one.
 */
NODISCARD bool csvrows_axis(const struct source *source, struct feed *feed, struct arena *arena,
                            struct axis_name *out, bool *settled, struct err *err);

#endif
