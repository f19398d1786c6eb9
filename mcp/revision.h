#ifndef REVISION_H
#define REVISION_H
/*
 * What differs between the protocol's revisions: the two eras, how a message
 * shows which it belongs to, and what a result of each looks like. Decided for
 * every message anew, never for a connection.
 *
 * Legacy: 2024-11-05 … 2025-11-25, opened by `initialize`. Modern: 2026-07-28,
 * stateless, with version and capabilities in each request's _meta.
 */

#include "mcp/rpc.h"
#include "tools/service.h"

enum era { ERA_LEGACY = 1, ERA_MODERN = 2 };

#define MODERN_VERSION "2026-07-28"
#define META(name) "io.modelcontextprotocol/" name

enum {
    MCP_RESOURCE_NOT_FOUND = -32002, /* legacy only */
    MCP_UNSUPPORTED_VERSION = -32022,
};

/* The version to answer an initialize with: the one asked for if we know it, else our newest. */
const char *revision_negotiate(struct str asked);
/* A receiver of that version must take batches. */
bool revision_has_batches(const char *version);

/* legacy_open: initialize was answered on this pipe. */
enum era revision_era(const struct rpc_message *message, bool legacy_open);
/* The checks on a modern request's _meta, in the specified order. data is made in the arena. */
bool revision_check(const struct rpc_message *message, struct arena *arena, struct fault *fault);

enum cache_scope { CACHE_NONE, CACHE_PUBLIC, CACHE_PRIVATE };

/*
 * `result` is a whole JSON object; in the modern era the members that every
 * result of it carries are put in before its last brace. `meta` holds further
 * members of _meta as JSON text, usually empty.
 */
void revision_put_result(struct buf *out, struct str result, struct str meta, enum era era,
                         enum cache_scope cache, const struct service *service);

#endif
