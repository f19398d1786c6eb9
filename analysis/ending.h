#ifndef ENDING_H
#define ENDING_H
/*
 * How a series ends when its last points are not finite. Three or more are a
 * run that was lost. One or two are the same after a rise of more than ln 4
 * over the median of the last ten finite points; without the rise they are only
 * an end that is not finite.
 */

#include "analysis/hygiene.h"

enum ending_kind { ENDING_FINITE, ENDING_NON_FINITE, ENDING_EXPLODED, ENDING_LOST };

struct ending {
    enum ending_kind kind;
    double confidence;  /* that this is divergence: .99, .9, 0 */
    double level, last; /* the median of the last ten finite points, and the last of them */
    double rise;        /* ln last - ln level; NAN where one is not > 0 */
    int64_t onset;      /* the first step of the rise, else of the non-finite end */
};

struct ending ending_of(const struct hygiene *clean, struct arena *scratch);

#endif
