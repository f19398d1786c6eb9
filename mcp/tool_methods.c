/* tools/list and tools/call. */
#include "mcp/tool_methods.h"
#include "analysis/base/limits.h"

#include <stdio.h>

/* The hints about changes mean nothing for a tool that only reads, so they are left out there. */
static void put_annotations(struct buf *out, const struct tool *tool)
{
    bool reads = tool->flags & TOOL_READ_ONLY;

    buf_printf(out, ",\"annotations\":{\"readOnlyHint\":%s,", reads ? "true" : "false");
    if (!reads)
        buf_printf(out, "\"destructiveHint\":%s,\"idempotentHint\":%s,",
                   tool->flags & TOOL_DESTRUCTIVE ? "true" : "false",
                   tool->flags & TOOL_IDEMPOTENT ? "true" : "false");
    buf_puts(out, "\"openWorldHint\":false}");
}

void tool_put(struct buf *out, const struct tool *tool)
{
    buf_puts(out, "{\"name\":");
    json_put_string(out, str_of(tool->name));
    json_put_key(out, "title");
    json_put_string(out, str_of(tool->title));
    json_put_key(out, "description");
    json_put_string(out, str_of(tool->doc));
    json_put_key(out, "inputSchema");
    if (tool->in_schema)
        buf_puts(out, tool->in_schema);
    else
        shape_schema_in(&tool->in, out);
    if (!(tool->flags & TOOL_NO_RESULT_SHAPE)) {
        json_put_key(out, "outputSchema");
        shape_schema_out(&tool->out, out);
    }
    put_annotations(out, tool);
    if (tool->meta) {
        json_put_key(out, "_meta");
        buf_puts(out, tool->meta);
    }
    buf_byte(out, '}');
}

void tools_put(struct buf *out, const struct tool *const *rows)
{
    buf_puts(out, "{\"tools\":[");
    for (size_t i = 0; rows[i]; i++) {
        if (i)
            buf_byte(out, ',');
        tool_put(out, rows[i]);
    }
    buf_puts(out, "]}");
}

bool answer_tools_list(struct request *request)
{
    struct buf *out = &request->result;

    if (!request_no_cursor(request))
        return false;
    if (request->service->tools_list.n)
        buf_add(out, request->service->tools_list);
    else
        tools_put(out, request->service->tools);
    return true;
}

/* A tool's failure is a result that the model can act on, not a protocol error. */
static void put_failure(struct request *request, const struct err *err)
{
    struct buf *out = &request->result;
    struct buf text = {0};

    out->n = 0;
    err_sentence(err, &text);
    buf_puts(out, "{\"content\":[{\"type\":\"text\",\"text\":");
    json_put_string(out, buf_str(&text));
    buf_puts(out, "}],\"isError\":true}");
    buf_fini(&text);
    request->meta =
        str_of(arena_printf(request->call.arena, "\"postrun/code\":\"%s\"", err_wire(err->code)));
}

/* The answer depends on the tool, the arguments as written, and what the tool says of its files. */
static void find_key(struct request *request, struct str arguments)
{
    struct buf key = {0};

    if (!request->tool->fingerprint)
        return;
    buf_puts(&key, request->tool->name);
    buf_byte(&key, '\n');
    buf_add(&key, arguments);
    buf_byte(&key, '\n');
    if (request->tool->fingerprint(&request->call, request->args, &key))
        request->answer_key = arena_str(request->call.arena, buf_str(&key));
    buf_fini(&key);
}

enum prepared tool_call_prepare(struct request *request)
{
    const struct json *arguments = json_get(request->params, "arguments");
    const char *name;
    struct err err = {0};

    if (!request_string(request, "name", &name))
        return PREPARED_FAULT;
    if (arguments && arguments->kind != JSON_OBJECT) {
        fault_set(&request->fault, RPC_BAD_PARAMS, "'arguments' must be an object.");
        return PREPARED_FAULT;
    }
    request->tool = tool_find(request->service->tools, str_of(name));
    if (!request->tool) {
        fault_set(&request->fault, RPC_BAD_PARAMS, "Unknown tool: %.100s", name);
        return PREPARED_FAULT;
    }
    request->args = arena_alloc(request->call.arena, request->tool->in.size + 1);
    if (!shape_decode(&request->tool->in, arguments, request->call.arena, request->args, &err)) {
        put_failure(request, &err);
        return PREPARED_DONE;
    }
    find_key(request, arguments ? arguments->raw : STR("{}"));
    bool quick = (request->tool->flags & TOOL_QUICK) &&
                 (!request->tool->ready || request->tool->ready(&request->call, request->args));
    return quick ? PREPARED_LOOP : PREPARED_WORKER;
}

/* structuredContent, and the same text once more for clients that show only text. */
static bool put_success(struct request *request, const void *result, struct err *err)
{
    struct buf json = {0};
    struct buf *out = &request->result;
    bool content = request->call.content.n > 0;

    if (request->tool->flags & TOOL_NO_RESULT_SHAPE) {
        buf_puts(out, "{\"content\":");
        buf_add(out, content ? request->call.content : STR("[]"));
        buf_byte(out, '}');
        return true;
    }
    shape_encode(&request->tool->out, result, &json);
    buf_reserve(out, json.n * 2 + json.n / 4 + 128);
    buf_puts(out, "{\"content\":");
    if (content) {
        buf_add(out, request->call.content);
    } else {
        buf_puts(out, "[{\"type\":\"text\",\"text\":\"");
        json_put_escaped(out, buf_str(&json));
        buf_puts(out, "\"}]");
    }
    buf_puts(out, ",\"structuredContent\":");
    buf_add(out, buf_str(&json));
    buf_byte(out, '}');
    buf_fini(&json);
    if (out->n + 1024 <= ANSWER_MAX)
        return true;
    return err_set(err, ERR_TOO_LARGE, "The answer would be %zu bytes long; %zu is the most.",
                   out->n, ANSWER_MAX);
}

bool answer_tools_call(struct request *request)
{
    void *result = arena_alloc(request->call.arena, request->tool->out.size + 1);
    struct err err = {0};

    if (!request->tool->run(&request->call, request->args, result, &err) ||
        !put_success(request, result, &err)) {
        request->answer_key = (struct str){0};
        request->was_cancelled = err.code == ERR_CANCELLED;
        put_failure(request, &err);
    }
    return true;
}
