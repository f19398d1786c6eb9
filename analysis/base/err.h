#ifndef ERR_H
#define ERR_H
/*
 * Why something failed: a code for programs and a sentence for whoever reads
 * it. It lives on the caller's stack or in a job, is copied freely and needs no
 * release. Functions that can fail return bool and take it last:
 *
 *     return err_set(err, ERR_FORMAT, "line %zu: '%.*s' is not a number", ...);
 *
 * On the way up a caller may say where: return err_wrap(err, "%s", path);
 * Texts name what failed, where, and what to do; a code's hint is added by
 * err_sentence() where the text does not already say it.
 */

#include "analysis/base/banned.h"
#include "analysis/base/base.h"

#include <stdbool.h>

/* code, wire name, what the reader can do about it (empty: the sentence says it) */
#define ERR_CODES(X)                                                                               \
    X(ERR_NONE, "none", "")                                                                        \
    X(ERR_ARGUMENT, "bad_argument", "")                                                            \
    X(ERR_NOT_FOUND, "not_found", "")                                                              \
    X(ERR_FORMAT, "bad_format", "Check the file; `postrun check` says what can be read.")          \
    X(ERR_TOO_LARGE, "too_large", "Ask for less.")                                                 \
    X(ERR_IO, "io", "Check that the path exists and can be read or written.")                      \
    X(ERR_CONFLICT, "conflict", "Read it again, then repeat the change.")                          \
    X(ERR_REFUSED, "refused", "")                                                                  \
    X(ERR_CONFIG, "not_configured", "")                                                            \
    X(ERR_CANCELLED, "cancelled", "")                                                              \
    X(ERR_INTERNAL, "internal", "This is a fault of the program; please report it.")

enum err_code {
#define X(code, wire, hint) code,
    ERR_CODES(X)
#undef X
};

struct err {
    enum err_code code;
    char msg[1024];
};

/* All three return false, so that the error path is one line. */
bool err_set(struct err *err, enum err_code code, const char *format, ...) PRINTF(3, 4);
bool err_wrap(struct err *err, const char *format, ...) PRINTF(2, 3); /* "where: sentence" */
bool err_errno(struct err *err, const char *format, ...)
    PRINTF(2, 3); /* ERR_IO, "…: No such file" */

const char *err_wire(enum err_code code);

/* The whole text for a reader: the sentence, and the code's hint behind it. */
struct buf;
void err_sentence(const struct err *err, struct buf *out);

#endif
