#ifndef ELAPSED_H
#define ELAPSED_H
/*
 * Times of a series in a run that logs no points in time, but how long it has been
 * going on: "time/time_elapsed" of Stable-Baselines3, "_runtime" of W&B, "time" of
 * Ultralytics.
 */

#include "analysis/experiment.h"

/*
 * Gives *series the seconds that the run had gone on at its steps; of a step without such a value
 * NAN. *name: of the metric they are from; NULL and nothing done if the series has times or none
 * is logged that only rises. A series that has them lives in the arena.
 */
NODISCARD bool elapsed_fill(const struct experiment *experiment, struct arena *arena,
                            struct series *series, const char **name, struct err *err);

#endif
