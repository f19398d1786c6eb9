#ifndef TOOL_METHODS_H
#define TOOL_METHODS_H
/* What tools/call needs before it runs, and a tool as clients see it. */

#include "mcp/request.h"

/*
 * Finds the tool and decodes its arguments. DONE: the answer is there (wrong
 * arguments are a result). LOOP or WORKER: where to run it.
 */
enum prepared tool_call_prepare(struct request *request);

/* One element of tools/list; also the source of the manual's schemas. */
void tool_put(struct buf *out, const struct tool *tool);

/* The result of tools/list, made from the rows. */
void tools_put(struct buf *out, const struct tool *const *rows);

#endif
