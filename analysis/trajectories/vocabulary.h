#ifndef VOCABULARY_H
#define VOCABULARY_H
/*
 * Words of many programs, sorted into few classes by exact tables
 * (endings.def, returns.def): "not done" is not "done". What no row knows is
 * `unknown` and listed by its own word.
 */

#include "analysis/base/str.h"

/* X(constant, name, what) */
#define ENDINGS(X)                                                                                 \
    X(ENV_DONE, env_done, "the environment says that the task is solved")                          \
    X(FINISH, finish, "the agent ended it")                                                        \
    X(TRUNCATION, truncation, "a limit on steps or length")                                        \
    X(TIMEOUT, timeout, "a limit on time")                                                         \
    X(ERROR, error, "a failure, an exception, an abort")                                           \
    X(UNKNOWN, unknown, "not said, or a word that is not known")

enum end_class {
#define X(constant, name, what) ENDING_##constant,
    ENDINGS(X)
#undef X
        ENDINGS_N
};

#define RETURNS(X)                                                                                 \
    X(NORMAL, normal)                                                                              \
    X(EMPTY, empty)                                                                                \
    X(TIMEOUT, timeout)                                                                            \
    X(CONNECTION, connection_error)                                                                \
    X(ERROR, error)

enum returned {
#define X(constant, name) RETURN_##constant,
    RETURNS(X)
#undef X
        RETURNS_N
};

extern const char *const ending_names[ENDINGS_N];
extern const char *const return_names[RETURNS_N];

/*
 * The class of a written reason; letter case, and '-' or blanks for '_', do not
 * matter. format: the reader's name, whose own words come before those of all.
 */
enum end_class end_class_of(const char *format, struct str reason);

/*
 * The class of what a tool returned, given as the JSON value that stands in the
 * file, or empty if nothing does. *malformed: it says that the call itself
 * could not be read.
 */
enum returned return_of(struct str value, bool *malformed);
/* The same for plain text. */
enum returned return_of_text(struct str text);

#endif
