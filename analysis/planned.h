#ifndef PLANNED_H
#define PLANNED_H
/*
 * How many steps a run was meant to make: by its log, else by its own
 * configuration, where that counts what the log's steps count.
 */

#include "analysis/experiment.h"

struct planned {
    double steps;     /* 0: nothing says so */
    const char *from; /* "trainer_state.json", "max_steps in config.json" */
    bool configured;  /* by the configuration, not by the log */
};

/*
 * last: the last step that is logged. A configured length below it is one of
 * something else (an episode's, a warm-up's) and is not taken; neither is one of
 * a log whose rows stand at epochs, rows or times.
 */
struct planned experiment_planned(const struct experiment *experiment, double last,
                                  struct arena *arena);

/* Are the steps of its log those of the trainer: no epochs, rows, samples or seconds? */
bool experiment_counts_steps(const struct experiment *experiment, struct arena *arena);

/* Are they epochs? */
bool experiment_counts_epochs(const struct experiment *experiment, struct arena *arena);
/* What the run's configuration calls their number; "num_epochs" where it does not. */
const char *experiment_epochs_key(const struct experiment *experiment, struct arena *arena);

/* Does a log that ends at that step end before its plan, by more than a logging interval? */
bool planned_is_cut(const struct planned *planned, double last);

#endif
