#ifndef LOGLINE_H
#define LOGLINE_H
/*
 * One line that a training program prints: found behind time stamps, ranks and
 * logger names, and taken apart into the step and the values it names. A line
 * begins with a word and a number ("step 5/100:", "iter 5:", "s:5", "iteration
 * 5/ 100 |") and goes on with `name: value` or, if no colon is there, with
 * `name value`, commas or blanks between; or it is a Python dictionary with an
 * epoch.
 *
 *     if (logline_read(text, &line))
 *         while (logline_field(&line, guess, &field)) …
 *
 * Pure functions; everything borrows the text.
 */

#include "analysis/readers/quantity.h"

#include <stdint.h>

enum { LOGHEADS_MAX = 24, LOGFIELDS_MAX = 512 };

enum loghead {
    LOGHEAD_DICT,    /* {'loss': 0.5, 'epoch': 0.1} */
    LOGHEAD_ROUND,   /* [10]<TAB>train-rmse:0.5: a round of boosting */
    LOGHEAD_BAR,     /* 100/100 [====] - 12s - loss: 0.5: the end of the epoch named above it */
    LOGHEAD_SUMMARY, /* val_bpb:   0.9979 at the end of a log */
    LOGHEAD_WORDS,   /* from here on: the words of the table */
};

struct logline {
    int head; /* below LOGHEADS_MAX: lines of one head mostly have the same fields */
    bool has_step;
    bool odd;       /* there is one, "0.5", which is no whole number: has_step is false */
    bool epoch;     /* the step is an epoch */
    int64_t step;   /* of a dictionary: from its fields, by the caller */
    int64_t total;  /* of "5/100"; 0: not given */
    bool has_inner; /* behind an epoch stands a step within it, "Step [100/600]" */
    int64_t inner, inner_total; /* that step, and how many an epoch has; 0: not given */
    const char *prefix;         /* stands in front of the names: "validation " */
    bool bare;                  /* the fields are `name value`: no colon is there */
    bool fault;                 /* it is a sentence after all: what it gave does not count */
    const char *p, *end;
    const char *begin; /* its first word, behind all that stands in front */
    const char *at;    /* the step's digits; NULL: it is in no such place */
};

struct logfield {
    struct str key;
    const char *at; /* where the quantity begins */
    struct quantity quantity;
};

bool logline_read(struct str text, struct logline *out);
/*
 * The next field that holds a number. guess: the key that probably stands here,
 * which is then found without looking for its end; may be empty.
 */
bool logline_field(struct logline *line, struct str guess, struct logfield *out);

/* Without the escape sequences of a terminal; out has room for text.n bytes. */
size_t logline_plain(struct str text, char *out);

#endif
