#ifndef OPEN_H
#define OPEN_H
/* How the catalog makes an experiment of a folder; tools get theirs through catalog.h. */

#include "analysis/created.h"
#include "analysis/experiment.h"

/* Fills type, layout, flags and sources of *out from the files in out->dir (already open). */
void experiment_describe(struct experiment *out, struct arena *arena);

#endif
