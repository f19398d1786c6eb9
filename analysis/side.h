#ifndef SIDE_H
#define SIDE_H
/*
 * Names that tell one side of a run: "train", "val", "eval" … as a folder, and
 * as a file's own name or its first word ("eval.jsonl", "eval_metrics.csv").
 */

#include "analysis/base/str.h"

bool side_is_name(struct str name); /* a folder's, whole */

/* The side that a file's name (no folder) tells, as a text that stays; NULL: none. */
const char *side_of_file(const char *name);

/* Do two files' names tell two sides of one run, or one the side of the other? */
bool side_joins(const char *a, const char *b);

#endif
