#ifndef TRAJECTORY_PATH_H
#define TRAJECTORY_PATH_H
/* What the path of a file says of the trajectories in it, and how it is opened again. */

#include "analysis/trajectories/store.h"

/*
 * The training: the file's name without its ending, or where that says nothing of
 * its own (a number, step_4, rollouts, results, train …) the nearest folder that
 * does, else the root. Where files are named after questions, the first such name is
 * the question's, and the next the training's. Epoch and iteration from names like epoch_3,
 * iteration_000012, step_40 or 40.jsonl.
 */
struct origin path_origin(struct arena *arena, const struct trajectory_file *file);

const char *path_name(const char *path); /* behind the last slash */

/* A descriptor of that file, if it is still the one that was read; -1 with ERR_CONFLICT. */
int trajectory_file_open(const struct trajectory_file *file, struct err *err);

#endif
