#ifndef LMRESULTS_H
#define LMRESULTS_H
/*
 * Files of lm-evaluation-harness: one JSON object, `results` by task. Before
 * 0.4 a metric is "acc", since then "acc,none" (with the filter behind the
 * comma); errors stand beside as "acc_stderr".
 */

#include "analysis/base/json.h"

/* Of a file's first bytes. */
bool lmresults_fit(struct str head);
/* The object, which has results; NULL with err. */
const struct json *lmresults_parse(struct str text, const char *path, struct arena *arena,
                                   struct err *err);
/* "pretrained=EleutherAI/pythia-160m,revision=step0", or an object of these; may be empty. */
struct str lmresults_model(const struct json *all, struct arena *arena);
/* The number behind "step" or "checkpoint-"; false if there is none. */
bool lmresults_step_in(struct str text, int64_t *step);
/* The checkpoint's step, from the file's name or the model's. */
bool lmresults_step(const char *name, const struct json *all, struct arena *arena, int64_t *step);
const char *lmresults_leaf(const char *path);

#endif
