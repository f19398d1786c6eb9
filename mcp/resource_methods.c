/* Resources, prompts and completion: rows of the service, walked. */
#include "analysis/base/hex.h"
#include "analysis/base/limits.h"
#include "mcp/request.h"

enum { COMPLETIONS_MAX = 100 };

static void put_text(struct buf *out, const char *name, const char *text)
{
    if (text) {
        json_put_key(out, name);
        json_put_string(out, str_of(text));
    }
}

static void put_resource(struct buf *out, const struct resource *r)
{
    json_put_comma(out);
    buf_byte(out, '{');
    put_text(out, "uri", r->uri);
    put_text(out, "name", r->name);
    put_text(out, "title", r->title);
    put_text(out, "description", r->doc);
    put_text(out, "mimeType", r->mime);
    buf_byte(out, '}');
}

bool answer_resources_list(struct request *request)
{
    struct resource_list list = {.arena = request->call.arena};
    struct buf *out = &request->result;
    struct err err = {0};

    if (!request_no_cursor(request))
        return false;
    buf_puts(out, "{\"resources\":[");
    for (size_t i = 0; request->service->resources[i]; i++) {
        const struct resource_kind *kind = request->service->resources[i];
        if (!kind->prefix) {
            struct resource fixed = {kind->uri, kind->name, kind->title, kind->doc, kind->mime};
            put_resource(out, &fixed);
        } else if (kind->list && !kind->list(&request->call, &list, &err)) {
            return request_failed(request, &err);
        }
    }
    for (size_t i = 0; i < list.n; i++)
        put_resource(out, &list.v[i]);
    skills_put_resources(request->service, out);
    buf_puts(out, "]}");
    return true;
}

bool answer_templates_list(struct request *request)
{
    struct buf *out = &request->result;

    if (!request_no_cursor(request))
        return false;
    buf_puts(out, "{\"resourceTemplates\":[");
    for (size_t i = 0; request->service->resources[i]; i++) {
        const struct resource_kind *kind = request->service->resources[i];
        if (!kind->prefix)
            continue;
        json_put_comma(out);
        buf_byte(out, '{');
        put_text(out, "uriTemplate", kind->uri);
        put_text(out, "name", kind->name);
        put_text(out, "title", kind->title);
        put_text(out, "description", kind->doc);
        put_text(out, "mimeType", kind->mime);
        buf_byte(out, '}');
    }
    buf_puts(out, "]}");
    return true;
}

/* Percent-decoded once; what a client escaped twice stays escaped. */
static struct str unescape(struct arena *arena, struct str s)
{
    char *out = arena_alloc(arena, s.n + 1);
    size_t n = 0;

    for (size_t i = 0; i < s.n; i++) {
        int high = i + 2 < s.n && s.p[i] == '%' ? hex_digit(s.p[i + 1]) : -1;
        int low = high >= 0 ? hex_digit(s.p[i + 2]) : -1;
        if (low >= 0) {
            out[n++] = (char)(high * 16 + low);
            i += 2;
        } else {
            out[n++] = s.p[i];
        }
    }
    return (struct str){out, n};
}

static bool unknown_resource(struct request *request, const char *uri, const char *why)
{
    struct buf data = {0};

    fault_set(&request->fault, request->era == ERA_LEGACY ? MCP_RESOURCE_NOT_FOUND : RPC_BAD_PARAMS,
              "Resource not found: %s", why);
    buf_puts(&data, "{\"uri\":");
    json_put_string(&data, str_of(uri));
    buf_byte(&data, '}');
    request->fault.data = arena_str(request->call.arena, buf_str(&data));
    buf_fini(&data);
    return false;
}

static void put_contents(struct buf *out, const char *uri, const struct resource_content *content)
{
    buf_puts(out, "{\"contents\":[{");
    put_text(out, "uri", uri);
    put_text(out, "mimeType", content->mime);
    json_put_key(out, content->is_blob ? "blob" : "text");
    json_put_string(out, content->text);
    buf_puts(out, "}]}");
}

static bool read_kind(struct request *request, const struct resource_kind *kind, const char *uri,
                      struct str rest)
{
    struct resource_content content = {.mime = kind->mime};
    struct err err = {0};

    struct str id = unescape(request->call.arena, rest);

    if (!utf8_valid(id) || memchr(id.p, '\0', id.n))
        return unknown_resource(request, uri, "its escapes are no text");
    if (kind->read(&request->call, id, &content, &err)) {
        put_contents(&request->result, uri, &content);
        return true;
    }
    if (err.code == ERR_NOT_FOUND || err.code == ERR_ARGUMENT)
        return unknown_resource(request, uri, err.msg);
    return request_failed(request, &err);
}

/*
 * Whether a URI is of that kind; *variable is what stands in the braces. Never
 * empty, and as in RFC 6570 only {+name} holds slashes.
 */
static bool kind_matches(const struct resource_kind *kind, struct str uri, struct str *variable)
{
    struct str prefix = str_of(kind->prefix), suffix = str_of(kind->suffix);

    *variable = (struct str){0};
    if (!kind->prefix)
        return str_is(uri, kind->uri);
    if (uri.n <= prefix.n + suffix.n || !str_starts(uri, prefix) || !str_ends(uri, suffix))
        return false;
    *variable = str_cut(str_from(uri, prefix.n), uri.n - prefix.n - suffix.n);
    return strstr(kind->uri, "{+") || !memchr(variable->p, '/', variable->n);
}

bool answer_resources_read(struct request *request)
{
    const char *uri;
    bool mine = false;

    if (!request_string(request, "uri", &uri))
        return false;
    if (skills_read(request, str_of(uri), &mine))
        return true;
    if (mine)
        return unknown_resource(request, uri, "no such file in a skill");
    for (size_t i = 0; request->service->resources[i]; i++) {
        struct str variable;
        if (kind_matches(request->service->resources[i], str_of(uri), &variable))
            return read_kind(request, request->service->resources[i], uri, variable);
    }
    return unknown_resource(request, uri, "no kind of resource here has such a URI");
}

/* ---- prompts ---- */

bool answer_prompts_list(struct request *request)
{
    struct buf *out = &request->result;

    if (!request_no_cursor(request))
        return false;
    buf_puts(out, "{\"prompts\":[");
    for (size_t i = 0; request->service->prompts[i]; i++) {
        const struct prompt *p = request->service->prompts[i];
        json_put_comma(out);
        buf_byte(out, '{');
        put_text(out, "name", p->name);
        put_text(out, "title", p->title);
        put_text(out, "description", p->doc);
        json_put_key(out, "arguments");
        buf_byte(out, '[');
        for (size_t a = 0; a < p->arguments_n; a++) {
            json_put_comma(out);
            buf_byte(out, '{');
            put_text(out, "name", p->arguments[a].name);
            put_text(out, "description", p->arguments[a].doc);
            buf_puts(out,
                     p->arguments[a].required ? ",\"required\":true}" : ",\"required\":false}");
        }
        buf_puts(out, "]}");
    }
    buf_puts(out, "]}");
    return true;
}

static const struct prompt *prompt_find(const struct service *service, struct str name)
{
    for (size_t i = 0; service->prompts && service->prompts[i]; i++) {
        if (str_is(name, service->prompts[i]->name))
            return service->prompts[i];
    }
    return NULL;
}

static bool prompt_values(struct request *request, const struct prompt *prompt, const char **values)
{
    const struct json *given = json_get(request->params, "arguments");
    struct arena *arena = request->call.arena;

    for (size_t i = 0; i < prompt->arguments_n; i++) {
        const struct json *v = json_get(given, prompt->arguments[i].name);
        if (v && v->kind != JSON_STRING)
            return fault_set(&request->fault, RPC_BAD_PARAMS, "Argument '%s' must be a string.",
                             prompt->arguments[i].name);
        struct str text = json_text(arena, v);
        if (memchr(text.p, '\0', text.n))
            return fault_set(&request->fault, RPC_BAD_PARAMS, "Argument '%s' must not hold U+0000.",
                             prompt->arguments[i].name);
        values[i] = v ? arena_text(arena, text) : NULL;
        if (!v && prompt->arguments[i].required)
            return fault_set(&request->fault, RPC_BAD_PARAMS, "Argument '%s' is required.",
                             prompt->arguments[i].name);
    }
    return true;
}

bool answer_prompts_get(struct request *request)
{
    const char *name;

    if (!request_string(request, "name", &name))
        return false;
    const struct prompt *prompt = prompt_find(request->service, str_of(name));
    if (!prompt)
        return fault_set(&request->fault, RPC_BAD_PARAMS, "Unknown prompt: %.100s", name);
    const char **values = ARENA_ARRAY(request->call.arena, prompt->arguments_n, const char *);
    if (!prompt_values(request, prompt, values))
        return false;

    struct buf *out = &request->result;
    struct err err = {0};
    buf_byte(out, '{');
    put_text(out, "description", prompt->doc);
    json_put_key(out, "messages");
    if (!prompt->get(&request->call, values, out, &err))
        return request_failed(request, &err);
    buf_byte(out, '}');
    return true;
}

/* ---- completion ---- */

typedef bool completer(struct call *call, struct str typed, struct strs *values, int64_t *total,
                       struct err *err);

static bool find_prompt_completer(struct request *request, struct str name, struct str argument,
                                  completer **out)
{
    const struct prompt *prompt = prompt_find(request->service, name);

    if (!prompt)
        return fault_set(&request->fault, RPC_BAD_PARAMS, "Unknown prompt: %.*s",
                         STR_FMT(str_cut(name, 100)));
    for (size_t i = 0; i < prompt->arguments_n; i++) {
        if (str_is(argument, prompt->arguments[i].name)) {
            *out = prompt->arguments[i].complete;
            return true;
        }
    }
    return fault_set(&request->fault, RPC_BAD_PARAMS, "The prompt has no argument '%.*s'.",
                     STR_FMT(str_cut(argument, 100)));
}

static bool find_resource_completer(struct request *request, struct str uri, completer **out)
{
    for (size_t i = 0; request->service->resources && request->service->resources[i]; i++) {
        if (str_is(uri, request->service->resources[i]->uri)) {
            *out = request->service->resources[i]->complete;
            return true;
        }
    }
    return fault_set(&request->fault, RPC_BAD_PARAMS, "Unknown resource template: %.*s",
                     STR_FMT(str_cut(uri, 100)));
}

bool answer_complete(struct request *request)
{
    struct arena *arena = request->call.arena;
    const struct json *ref = json_get(request->params, "ref");
    const struct json *argument = json_get(request->params, "argument");
    const struct json *name = json_get(argument, "name"), *value = json_get(argument, "value");
    struct str type = json_text(arena, json_get(ref, "type"));
    struct strs values = {0};
    struct err err = {0};
    int64_t total = 0;
    completer *complete = NULL;

    if (!name || name->kind != JSON_STRING || !value || value->kind != JSON_STRING)
        return fault_set(&request->fault, RPC_BAD_PARAMS,
                         "'argument' must have the strings 'name' and 'value'.");
    if (str_is(type, "ref/prompt")) {
        if (!find_prompt_completer(request, json_text(arena, json_get(ref, "name")),
                                   json_text(arena, name), &complete))
            return false;
    } else if (str_is(type, "ref/resource")) {
        if (!find_resource_completer(request, json_text(arena, json_get(ref, "uri")), &complete))
            return false;
    } else {
        return fault_set(&request->fault, RPC_BAD_PARAMS,
                         "'ref' must be of type ref/prompt or ref/resource.");
    }
    if (complete && !complete(&request->call, json_text(arena, value), &values, &total, &err))
        return request_failed(request, &err);

    struct buf *out = &request->result;
    buf_puts(out, "{\"completion\":{\"values\":[");
    for (size_t i = 0; i < values.n && i < COMPLETIONS_MAX; i++) {
        json_put_comma(out);
        json_put_string(out, str_of(values.v[i]));
    }
    buf_printf(out, "],\"total\":%lld,\"hasMore\":%s}}", (long long)total,
               total > COMPLETIONS_MAX ? "true" : "false");
    return true;
}
