#ifndef LOGRUNS_H
#define LOGRUNS_H
/*
 * Whether a printed log goes on with another run behind the end of the one
 * before, as a script that trains several times leaves it. A run has come to its
 * end when its step is the planned one ("step 100/100") or it printed what only
 * the end has ("train_runtime") and nothing went on behind that, nor is its planned
 * step still to come. The row behind that begins another run if it holds the metric,
 * its step, or of rows without a step its epoch, goes back to where the run began and
 * the plan is the same. Counters of steps within an epoch do that as well, so
 * without such a last line no word of an epoch may have stood in the log, and a
 * metric must be back near its first value, after a way far longer than it moves
 * from row to row: an epoch goes on from the last.
 *
 * A run that goes back before its end is a restart, and none of this.
 */

#include "analysis/readers/logline.h"

#include <stddef.h>

enum { LOG_MOVES = 8 };

struct log_runs {
    int64_t before; /* runs that ended and were followed by another */
    bool begun;     /* the run at hand has a row */
    bool told_end;  /* it printed what only the end has */
    bool epochs;    /* a line of the log counts epochs beside the steps */
    int64_t first_step, last_step, total;
    double first_epoch, last_epoch; /* NAN: none */
    double first, last;             /* of the metric that is compared; NAN: none */
    size_t moves;                   /* of that metric, from row to row: the last few are kept */
    double moved[LOG_MOVES];
};

/* What the next row holds of all that; NAN where it holds none. */
struct log_mark {
    const struct logline *line;
    int64_t step;
    double epoch, metric;
};

/* Does another run begin with that row? If so it is the first one of the run at hand now. */
bool logruns_row(struct log_runs *runs, const struct log_mark *mark);
/* A line that is no row: it may count epochs ("Epoch 2/10"). */
void logruns_other(struct log_runs *runs, struct str line);

#endif
