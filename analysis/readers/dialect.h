#ifndef DIALECT_H
#define DIALECT_H
/*
 * The ways in which programs write tables as text: comma, semicolon or tab,
 * quoted or not, names padded with blanks, an unnamed index column first, NA
 * or nothing for what is missing. Pure functions; nothing is kept.
 */

#include "analysis/base/limits.h"
#include "analysis/readers/axis.h"

enum { DIALECT_COLUMNS_MAX = KEYS_MAX };

struct dialect {
    char separator;
    size_t n;
    struct str *name; /* in the arena; without quotes and padding; may be empty */
};

/* Walks the cells of a row: `for (cells = dialect_cells(…); dialect_cell(&cells, &cell);)`. */
struct cells {
    const char *p, *end;
    char separator;
    bool more, open; /* open: a quote does not end */
};
struct cells dialect_cells(const struct dialect *dialect, struct str line);
/* The next cell without blanks and quotes around it; doubled quotes inside stay as they are. */
bool dialect_cell(struct cells *cells, struct str *cell);

enum cell_value { CELL_NUMBER, CELL_EMPTY, CELL_TEXT };
/* What a cell means. NaN and infinities are numbers, durations ("00:12") are seconds. */
enum cell_value dialect_value(struct str cell, double *value);
/* "2,995" in a table of another separator: a number as much of the world writes it. */
bool dialect_decimal_comma(struct str cell);

/* Reads the header; false if the line is none: a cell is a number, or all are empty. */
bool dialect_header(struct str line, struct arena *arena, struct dialect *dialect);
/* The column of that name in any case; SIZE_MAX: none. names: NULL-ended, the first found. */
size_t dialect_find(const struct dialect *dialect, const char *const *names);

/* What the first rows of a table show. */
struct table_look {
    struct dialect dialect;
    struct axis axis;
    const int *rank;                      /* of each column's name as a step (axis.h) */
    int64_t rows, numbers, texts, commas; /* commas: of the texts, numbers with a decimal comma */
    int64_t metrics;                      /* columns named like one */
    const char *refused;                  /* it is no table: why; then nothing else counts */
    bool wide;                            /* the header is longer than the head: no row was seen */
    struct str comment;                   /* a first line that begins with '#' */
};
/* A file's, whichever bid asks: gone over once. */
const struct table_look *table_look_of(const struct probe *probe, struct arena *arena);

#endif
