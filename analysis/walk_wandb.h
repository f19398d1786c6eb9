#ifndef WALK_WANDB_H
#define WALK_WANDB_H
/*
 * What the folders that W&B makes say of the runs in them: wandb/run-DATE_TIME-ID/run-ID.wandb, a
 * new one each time the run is resumed, and a link or copy of one called latest-run. Only names and
 * claims are looked at; for the thread that has the tree.
 */

#include "analysis/walk_tree.h"

bool wandb_run_folder(const char *name);

/* The .wandb file of a run folder; NULL if there is none. */
const struct claim *wandb_log(const struct folder *f);

/* latest-run, committed as a copy: the same run stands under its own name. */
bool wandb_copy(const struct folder *f);

/*
 * A run that is resumed goes on in a new folder, in a log of the same name. Here are those folders
 * in f of which a run has more than one: by run, in the order of their times.
 */
struct wandb_resumed {
    const struct folder **v;
    size_t n;
};

struct wandb_resumed wandb_resumed(const struct folder *f, struct arena *arena);
/* How many from `at` on are of one run. */
size_t wandb_run_from(const struct wandb_resumed *resumed, size_t at);
bool wandb_is_resumed(const struct wandb_resumed *resumed, const struct folder *f);

/* A wandb folder with several runs belongs to no single run above it. */
bool wandb_several_runs(const struct folder *f);

#endif
