#ifndef PICK_H
#define PICK_H
/*
 * Order statistics of values that are only read, or computed as they are asked
 * for: no copy is made of a long series, and nothing is put in order but what
 * lies close to the places that are asked for. The same values as after a sort.
 */

#include "analysis/base/arena.h"

/* n values, no NaN among them; the same each time they are asked for. */
struct values {
    size_t n;
    const double *plain; /* the values themselves, or NULL and: */
    void (*fill)(const void *of, size_t from, size_t n, double *out);
    const void *of;
};

void values_read(const struct values *values, size_t from, size_t n, double *out);

struct pick {
    size_t k;    /* in: a place in the order, from 0, below n */
    double at;   /* out: the k-th smallest */
    double next; /* out: the one behind it; `at` for the last */
};

enum { PICKS_MAX = 8, PICK_POINTS_MIN = 8192 };

/*
 * Of PICK_POINTS_MIN values or more: one pass, about .6 ns a value and pick, and room for a
 * twentieth of the values, which is given back. Of fewer, and where the pick stands among so
 * many equal values that the room is not enough: a copy, and order_select (order.h); of fewer
 * values the copy stays in scratch. At most PICKS_MAX picks.
 */
void pick_all(const struct values *values, struct pick *picks, size_t count, struct arena *scratch);

#endif
