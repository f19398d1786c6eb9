#ifndef LOGEPOCH_H
#define LOGEPOCH_H
/*
 * Steps that are counted within an epoch: "Epoch [2/10], Step [100/600]" is step 700.
 * Where an epoch's steps go on from those of the one before, they are counted over
 * all epochs already and stay as they are. Without their number in an epoch the step
 * is not known; a line with an epoch alone stands where the log has come to. The bar
 * that Keras prints when an epoch is over belongs to the epoch in the line above.
 */

#include "analysis/readers/logline.h"

struct feed;

struct log_epochs {
    int64_t total;       /* steps of an epoch, as the first such line has it; 0: there was none */
    int64_t epoch, step; /* of the last such line */
    bool from_0;         /* the first epoch is 0 */
    bool turned;         /* an epoch was seen to begin: that its steps begin anew is certain … */
    bool go_on;          /* … or that they do not */
    int64_t above, above_of; /* "Epoch 2/40" over the bar of its steps; above_of 0: none */
    int64_t others;          /* rows with another number of steps an epoch */
    int64_t untold;          /* rows without that number */
};

/*
 * The line's step, from its epoch and the step within it: `epoch` is false then, and
 * has_step as well if there is none. last_step: of the row before. True if the line is
 * the first to count within an epoch: epochs alone are no steps from here on.
 */
bool logepoch_place(struct log_epochs *epochs, struct logline *line, int64_t last_step);

/* A line that is no row: "Epoch 2/40". */
void logepoch_see(struct log_epochs *epochs, struct str line);

/* What answers must say of it. */
void logepoch_tell(const struct log_epochs *epochs, struct feed *feed);

#endif
