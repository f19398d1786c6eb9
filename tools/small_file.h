#ifndef SMALL_FILE_H
#define SMALL_FILE_H
/* One small JSON file of an experiment as an answer: {expId, NAME: the file or null, coverage}. */

#include "tools/answer.h"

/*
 * The file's JSON, compact; p is NULL when it is not there. A file that is
 * there and cannot be read is an error: the question was about it alone.
 */
NODISCARD bool small_file(struct call *call, const struct experiment *experiment,
                          enum experiment_file file, struct coverage *coverage,
                          struct document *document, struct str *json, struct err *err);

#endif
