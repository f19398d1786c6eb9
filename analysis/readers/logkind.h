#ifndef LOGKIND_H
#define LOGKIND_H
/*
 * Printed lines of a shape that was there before (lineshape.h): the step and the
 * values without looking at their names. What a line gives so is what
 * logline.h gives for it: of its text nothing may differ but digits in front of
 * its first word (a time), the numbers of its values, blanks in front of those,
 * and the number of "(40%)" behind one.
 */

#include "analysis/readers/lineshape.h"
#include "analysis/readers/logline.h"

/* A value of the line just read. */
struct log_span {
    const char *at; /* its text */
    int key;        /* LOG_STEP: it is the step; FEED_NO_KEY is one, too */
    struct quantity quantity;
    double ratio; /* what its number is multiplied by */
};
enum { LOG_STEP = -2 };

struct log_kind {
    struct logline line; /* as it was read; its step is another */
    size_t values_n, steps_n;
    int key[SHAPE_SLOTS]; /* of the values */
    double ratio[SHAPE_SLOTS];
    uint16_t slot[SHAPE_SLOTS], step[SHAPE_SLOTS];
};

struct log_kinds {
    struct shapes shapes;
    struct log_kind *kind; /* by shape */
    /* the line that matched last */
    double value[SHAPE_SLOTS];
    int64_t step;
};

void logkinds_init(struct log_kinds *kinds);
void logkinds_fini(struct log_kinds *kinds);

/* NULL: read it. Else kinds->value are its values, kinds->step is its step if such lines have one.
 */
const struct log_kind *logkinds_match(struct log_kinds *kinds, struct str text);

/* The line that was read, its spans in its order. LINES_PAD bytes behind it are readable. */
void logkinds_learn(struct log_kinds *kinds, struct str text, const struct logline *line,
                    const struct log_span *span, size_t n);

#endif
