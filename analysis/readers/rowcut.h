#ifndef ROWCUT_H
#define ROWCUT_H
/*
 * A row of a table cut into its cells at once, and the numbers among them read:
 * what dialect_cell and dialect_value give one by one, in a third of the time.
 */

#include "analysis/base/number.h"
#include "analysis/readers/dialect.h"

/* Bytes behind a row that must be readable, of any content. */
enum { ROWCUT_AHEAD = NUMBER_AHEAD };

enum cell_form {
    FORM_NOTHING,
    FORM_NUMBER, /* as number_read takes it, and read */
    FORM_OTHER,  /* dialect_value tells */
    FORMS,
};

/* Where to: arrays of `room` entries. */
struct rowcut {
    size_t room;
    struct str *cell;
    double *number;      /* of FORM_NUMBER */
    unsigned char *form; /* enum cell_form */
};

/* The row's first cells, as many as there is room for; how many. Those behind stay in *cells. */
size_t rowcut(struct cells *cells, const struct rowcut *row);
/* The same, but every cell that is not empty is FORM_OTHER: for who wants few of them. */
size_t rowcut_unread(struct cells *cells, const struct rowcut *row);

#endif
