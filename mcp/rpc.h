#ifndef RPC_H
#define RPC_H
/*
 * JSON-RPC 2.0, and nothing of MCP: what kind of message a line is, and how
 * answers are written. Ids and progress tokens are kept as their raw text, so
 * they come back digit for digit and escape for escape.
 */

#include "analysis/base/json.h"

enum rpc_code {
    RPC_PARSE_ERROR = -32700,
    RPC_INVALID_REQUEST = -32600,
    RPC_UNKNOWN_METHOD = -32601,
    RPC_BAD_PARAMS = -32602,
    RPC_INTERNAL = -32603,
};

/* An error answer: a code, one short sentence, and `data` as finished JSON (may be empty). */
struct fault {
    int code;
    char text[512];
    struct str data;
};

/* Returns false, so that the error path of a handler is one line. */
bool fault_set(struct fault *fault, int code, const char *format, ...) PRINTF(3, 4);

enum rpc_kind {
    RPC_REQUEST,
    RPC_NOTIFICATION,
    RPC_RESPONSE, /* from the peer: we ask nothing, so it is ignored */
    RPC_BATCH,    /* an array; `whole` holds it */
    RPC_FAULTY,   /* `fault` says why; id if it could be read */
};

struct rpc_message {
    enum rpc_kind kind;
    struct str id;             /* raw text; empty if there is none or it could not be read */
    struct str method;         /* decoded */
    const struct json *params; /* NULL if absent */
    const struct json *whole;
    struct fault fault;
};

/* Everything lives in the arena and borrows the line. */
void rpc_read(struct arena *arena, struct str line, struct rpc_message *out);
/* The same for one element of a batch. */
void rpc_read_value(struct arena *arena, const struct json *value, struct rpc_message *out);

void rpc_put_error(struct buf *out, struct str id, const struct fault *fault);
/* `{"jsonrpc":"2.0","id":ID,"result":`, to be followed by the result and "}\n". */
void rpc_put_result_head(struct buf *out, struct str id);

#endif
