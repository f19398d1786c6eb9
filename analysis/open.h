#ifndef OPEN_H
#define OPEN_H
/* How the catalog makes an experiment of a folder; tools get theirs through catalog.h. */

#include "analysis/created.h"
#include "analysis/experiment.h"

/* Fills type, layout, flags and sources of *out from the files in out->dir (already open). */
void experiment_describe(struct experiment *out, struct arena *arena);

/* ---- runs of other programs (experiment_sources.c) ---- */

struct woven;

/* format and why, from the readers' bids. */
void sources_describe(struct experiment *out, struct arena *arena);
/* The run as it was woven; *out NULL for Tidal's layout, or if it is not to be read. */
NODISCARD bool experiment_woven(const struct experiment *experiment, struct arena *arena,
                                const struct woven **out, struct err *err);
struct strs sources_configs(const struct experiment *experiment, struct arena *arena);
/* name NULL: the main one. False if there is none of that name. */
bool sources_config(const struct experiment *experiment, const char *name, struct arena *arena,
                    struct str *json);
/* What two files tell differently of that metric, and which stands; NULL: nothing. */
const char *sources_conflict(const struct experiment *experiment, struct str name,
                             struct arena *arena);
void sources_evaluation(const struct experiment *experiment, struct arena *arena,
                        struct document *out);

#endif
