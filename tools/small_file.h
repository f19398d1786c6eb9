#ifndef SMALL_FILE_H
#define SMALL_FILE_H
/* One small JSON file of an experiment as an answer: {expId, NAME: the file or null, coverage}. */

#include "tools/answer.h"

/*
 * The file's JSON as fit_data gives it; p is NULL when it is not there. A file
 * that is there and cannot be read is an error: the question was about it alone.
 */
NODISCARD bool small_file(struct call *call, const struct experiment *experiment,
                          enum experiment_file file, size_t room, struct coverage *coverage,
                          struct document *document, struct str *json, struct err *err);

/*
 * A value from a data file, compact, fit to be shown: texts and member names
 * cleaned (clean_text), NaN and Infinity as strings. So that it stays within
 * `room` bytes, texts are cut shorter, each cut marked; if that is not enough,
 * lists and objects keep their first entries. The coverage's notes say what was
 * cut. A room of less than 12,000 may be exceeded by deeply nested data.
 */
struct str fit_data(struct arena *arena, const struct json *value, size_t room,
                    struct coverage *coverage);

#endif
