#ifndef TOOL_H
#define TOOL_H
/*
 * A tool is one file and one row in tools.def. The row says everything a client
 * may know: arguments, result, when to call it, an example that is run as a
 * test. A tool does not know that JSON or a protocol exists: it gets a decoded
 * struct and fills another; what it allocates comes from the call's arena and
 * is good until the answer has been written.
 *
 * Threads: run() is called on a worker, or on the loop if the row is TOOL_QUICK;
 * any number of calls at once, but calls of TOOL_WRITES rows one after another.
 */

#include "analysis/base/shape.h"

#include <stdatomic.h>

struct desk;
struct experiment;

/* What one invocation may use. */
struct call {
    struct desk *desk; /* experiments and reports; NULL in a server that has none */
    struct arena *arena;
    const struct experiment *known; /* opened for this call already: it is not opened twice */
    int64_t now_ms;                 /* UTC; tools ask no other clock */
    atomic_bool *cancelled;
    /*
     * Tells how far a long call is; total is NAN if unknown. May be called often
     * and from the worker; who asked for no progress pays nothing.
     */
    void (*progress)(void *to, double done, double total, const char *message);
    void *progress_to;
    /*
     * Finished MCP content blocks (a JSON array) in place of the result's text;
     * empty: the text block holds the same JSON as structuredContent.
     */
    struct str content;
};

/* True with ERR_CANCELLED when the call should end; asked in outer loops. */
bool call_cancelled(const struct call *call, struct err *err);
void call_progress(const struct call *call, double done, double total, const char *message);

enum tool_flags {
    TOOL_READ_ONLY = 1,
    TOOL_IDEMPOTENT = 2,
    TOOL_DESTRUCTIVE = 4,
    TOOL_QUICK = 8,            /* a bounded number of small local files: answered on the loop */
    TOOL_WRITES = 16,          /* one at a time, in order of arrival */
    TOOL_NO_RESULT_SHAPE = 32, /* content only: no outputSchema, no structuredContent */
};

struct tool {
    const char *name, *title;
    const char *doc; /* for the model that chooses: what it is for, and when; <= 300 characters */
    unsigned flags;
    struct shape in, out;
    bool (*run)(struct call *call, const void *in, void *out, struct err *err);
    /*
     * Optional. Adds to `key` everything the answer depends on beside the
     * arguments (identity, size and time of the files it reads), cheaply: equal
     * keys mean an equal answer, which is then not computed again. False: do
     * not keep this answer.
     */
    bool (*fingerprint)(struct call *call, const void *in, struct buf *key);
    /*
     * Optional, for TOOL_QUICK rows: is what it needs at hand without a walk or
     * a wait? False: this call goes to a worker. Called on the loop.
     */
    bool (*ready)(struct call *call, const void *in);
    const char *example;   /* arguments as JSON; $LM, $RL, $REPORT stand for bundled things */
    const char *in_schema; /* finished schema in place of the one made from `in`; usually NULL */
    const char *meta;      /* finished _meta object; usually NULL */
};

extern const struct tool *const tools[]; /* NULL-ended, in the order clients see */

const struct tool *tool_find(const struct tool *const *table, struct str name);

#endif
