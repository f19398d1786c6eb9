#ifndef TRAJECTORY_LIBRARY_H
#define TRAJECTORY_LIBRARY_H
/*
 * The trajectories below a number of roots: files are found by what stands in
 * them, read once, and kept as one index until a file comes, goes or changes.
 * Later looks only ask the file system whether that is so.
 *
 * Not entered: dot-folders, symlinks, folders of training logs (dashboard_metrics,
 * rl_metrics), more than WALK_DEPTH_MAX levels or WALK_ENTRIES_MAX entries.
 *
 * Threads: any. One reads the files; the others wait for it and share the result.
 */

#include "analysis/base/shape.h"
#include "analysis/coverage.h"
#include "analysis/trajectories/store.h"

struct library;

struct library *library_new(const struct strs *roots); /* touches no disk */
void library_free(struct library *library);

/* *out lives as long as the arena; what could not be seen becomes notes. */
NODISCARD bool library_look(struct library *library, const atomic_bool *cancelled,
                            struct arena *arena, const struct trajectories **out,
                            struct coverage *coverage, struct err *err);

/* What was refused, repeated or odd. */
void trajectories_cover(const struct trajectories *t, struct coverage *coverage);

#endif
