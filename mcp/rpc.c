#include "mcp/rpc.h"
#include "analysis/base/limits.h"

#include <stdarg.h>
#include <stdio.h>

bool fault_set(struct fault *fault, int code, const char *format, ...)
{
    va_list args;

    fault->code = code;
    fault->data = (struct str){0};
    va_start(args, format);
    vsnprintf(fault->text, sizeof(fault->text), format, args);
    va_end(args);
    return false;
}

static struct str skip_blanks(struct str s)
{
    while (s.n > 0 && (unsigned char)s.p[0] <= ' ')
        s = str_from(s, 1);
    return s;
}

/*
 * A line that is not JSON may still show its id: `"id"` at the top level before
 * the fault. Then the error can be tied to the request.
 */
static struct str id_of_broken(struct str line)
{
    size_t depth = 0;
    bool inside = false;
    size_t from = 0;

    for (size_t i = 0; i < line.n; i++) {
        char c = line.p[i];
        if (inside) {
            if (c == '\\')
                i++;
            else if (c == '"')
                inside = false;
            if (inside || depth != 1 || i - from != 3 || memcmp(line.p + from, "\"id", 3) != 0)
                continue;
            struct str rest = skip_blanks(str_from(line, i + 1));
            if (rest.n && rest.p[0] == ':')
                return skip_blanks(str_from(rest, 1));
        } else if (c == '"') {
            inside = true;
            from = i;
        } else if (c == '{' || c == '[') {
            depth++;
        } else if ((c == '}' || c == ']') && depth > 0) {
            depth--;
        }
    }
    return (struct str){0};
}

static bool id_ok(const struct json *id)
{
    int64_t whole;

    if (id->raw.n > ID_MAX)
        return false;
    if (id->kind == JSON_STRING)
        return true;
    /* a fraction or an exponent would have to be echoed as another number than it reads */
    return json_integer(id, &whole) && !memchr(id->raw.p, '.', id->raw.n) &&
           !memchr(id->raw.p, 'e', id->raw.n) && !memchr(id->raw.p, 'E', id->raw.n);
}

static void faulty(struct rpc_message *out, int code, const char *why)
{
    out->kind = RPC_FAULTY;
    fault_set(&out->fault, code, "%s", why);
}

void rpc_read_value(struct arena *arena, const struct json *value, struct rpc_message *out)
{
    const struct json *version = json_get(value, "jsonrpc");
    const struct json *method = json_get(value, "method");
    const struct json *id = json_get(value, "id");

    *out = (struct rpc_message){.whole = value, .params = json_get(value, "params")};
    if (value->kind != JSON_OBJECT) {
        faulty(out, RPC_INVALID_REQUEST, "A message must be a JSON object.");
        return;
    }
    if (id && id_ok(id))
        out->id = id->raw;
    if (!method && (json_get(value, "result") || json_get(value, "error"))) {
        out->kind = RPC_RESPONSE;
        return;
    }
    out->method = json_text(arena, method);
    if (!version || !str_eq(version->raw, STR("\"2.0\"")))
        faulty(out, RPC_INVALID_REQUEST, "'jsonrpc' must be \"2.0\".");
    else if (!method || method->kind != JSON_STRING)
        faulty(out, RPC_INVALID_REQUEST, "'method' must be a string.");
    else if (id && !id_ok(id))
        faulty(out, RPC_INVALID_REQUEST,
               "'id' must be a string or a whole number within 2^53, and short.");
    else
        out->kind = id ? RPC_REQUEST : RPC_NOTIFICATION;
}

void rpc_read(struct arena *arena, struct str line, struct rpc_message *out)
{
    struct err err = {0};
    const struct json *value = json_parse(arena, line, JSON_STRICT, REQUEST_DEPTH_MAX, &err);

    if (value && value->kind == JSON_ARRAY) {
        *out = (struct rpc_message){.kind = RPC_BATCH, .whole = value};
        return;
    }
    if (value) {
        rpc_read_value(arena, value, out);
        return;
    }
    *out = (struct rpc_message){0};
    faulty(out, RPC_PARSE_ERROR, err.msg);
    struct str rest = id_of_broken(line);
    if (rest.n == 0)
        return;
    /* only a whole, valid id is echoed */
    size_t end = rest.p[0] == '"' ? 1 : 0;
    while (end < rest.n &&
           (rest.p[0] == '"' ? rest.p[end] != '"' : !strchr(",} \t\r", rest.p[end])))
        end += rest.p[0] == '"' && rest.p[end] == '\\' ? 2 : 1;
    if (end >= rest.n) /* cut short: the rest of it may be missing */
        return;
    end += rest.p[0] == '"' ? 1 : 0;
    struct err ignored;
    const struct json *id =
        end <= rest.n ? json_parse(arena, str_cut(rest, end), JSON_STRICT, 1, &ignored) : NULL;
    if (id && id_ok(id))
        out->id = id->raw;
}

void rpc_put_error(struct buf *out, struct str id, const struct fault *fault)
{
    buf_puts(out, "{\"jsonrpc\":\"2.0\"");
    if (id.n) {
        buf_puts(out, ",\"id\":");
        buf_add(out, id);
    }
    buf_printf(out, ",\"error\":{\"code\":%d,\"message\":", fault->code);
    json_put_string(out, str_of(fault->text));
    if (fault->data.n && fault->data.n <= ID_MAX) { /* it quotes the request */
        buf_puts(out, ",\"data\":");
        buf_add(out, fault->data);
    }
    buf_puts(out, "}}\n");
}

void rpc_put_result_head(struct buf *out, struct str id)
{
    buf_puts(out, "{\"jsonrpc\":\"2.0\",\"id\":");
    buf_add(out, id);
    buf_puts(out, ",\"result\":");
}
