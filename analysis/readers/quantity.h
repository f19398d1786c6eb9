#ifndef QUANTITY_H
#define QUANTITY_H
/*
 * Numbers as people print them: "00010", "+3", ".5", "1,234,567", "1.2K",
 * "12.5ms", "38.92%", "30.1GiB(40%)", "nanms", "5/100" (5), "np.float64(0.5)".
 * Counts (K, M, B …) become plain numbers; of every other unit the number stays
 * as it is written, and the unit is given so that one that changes in a log
 * (ms, then s) can be told. Pure functions.
 */

#include "analysis/base/str.h"

#include <stdint.h>

enum quantity_kind { QUANTITY_NUMBER, QUANTITY_MISSING /* None, null */ };

struct quantity {
    enum quantity_kind kind;
    double value; /* NaN and infinities, too */
    uint8_t unit; /* 0: none; see below */
};

/* How many bytes it takes; 0 if the text does not begin with one that ends at a boundary. */
size_t quantity_read(struct str text, struct quantity *out);

/* Only its digits: what stands behind them is for the caller to look at. */
size_t quantity_digits(struct str text, double *value);

/* The bytes of a word that is a unit of time or of a rate ("ms", "it/s"); 0 if there is none. */
size_t quantity_unit_word(struct str text, uint8_t *unit);

/* "ms", "GiB", "" for none. */
const char *quantity_unit(uint8_t unit);
/* What a number of unit `from` is multiplied by to be of `to`; 1 if they are not of one kind. */
double quantity_ratio(uint8_t from, uint8_t to);

#endif
