/* The table of methods, and the handlers that need nothing but the service. */
#include "mcp/request.h"

static const struct method methods[] = {
#define X(name, eras, need, cache, flags, answer) {name, eras, need, cache, flags, answer},
#include "mcp/methods.def"
#undef X
};

static bool offered(const struct service *service, enum method_need need)
{
    switch (need) {
    case NEED_RESOURCES:
        return service->resources != NULL;
    case NEED_PROMPTS:
        return service->prompts != NULL;
    case NEED_SKILLS:
        return service->skills_n > 0;
    case NEED_NOTHING:
        break;
    }
    return true;
}

const struct method *method_find(struct str name, enum era era, const struct service *service)
{
    for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
        const struct method *m = &methods[i];
        if ((m->eras & era) && str_is(name, m->name) && offered(service, m->need))
            return m;
    }
    return NULL;
}

bool request_no_cursor(struct request *request)
{
    if (!json_get(request->params, "cursor"))
        return true;
    return fault_set(&request->fault, RPC_BAD_PARAMS,
                     "Unknown cursor: every list here is one page.");
}

bool request_string(struct request *request, const char *name, const char **out)
{
    const struct json *v = json_get(request->params, name);

    if (!v || v->kind != JSON_STRING)
        return fault_set(&request->fault, RPC_BAD_PARAMS, "'%s' must be a string.", name);
    struct str text = json_text(request->call.arena, v);
    if (memchr(text.p, '\0', text.n)) /* cut there it would name another thing */
        return fault_set(&request->fault, RPC_BAD_PARAMS, "'%s' must not hold U+0000.", name);
    *out = arena_text(request->call.arena, text);
    return true;
}

bool request_failed(struct request *request, const struct err *err)
{
    int code =
        err->code == ERR_ARGUMENT || err->code == ERR_NOT_FOUND ? RPC_BAD_PARAMS : RPC_INTERNAL;
    return fault_set(&request->fault, code, "%s", err->msg);
}

static void put_member(struct buf *out, const char *name, const char *text)
{
    if (text) {
        json_put_key(out, name);
        json_put_string(out, str_of(text));
    }
}

static void put_capabilities(struct buf *out, const struct service *service)
{
    buf_puts(out, "\"capabilities\":{\"tools\":{}");
    if (service->resources)
        buf_puts(out, ",\"resources\":{}");
    if (service->prompts)
        buf_puts(out, ",\"prompts\":{}");
    buf_puts(out, ",\"completions\":{}");
    if (service->skills_n)
        buf_puts(out, ",\"extensions\":{\"" META("skills") "\":{\"directoryRead\":true}}");
    buf_byte(out, '}');
}

bool answer_initialize(struct request *request)
{
    const struct service *service = request->service;
    const struct json *info = json_get(request->params, "clientInfo");
    const struct json *name = json_get(info, "name"), *version = json_get(info, "version");
    const struct json *capabilities = json_get(request->params, "capabilities");
    struct buf *out = &request->result;
    const char *asked = "";

    if (!request_string(request, "protocolVersion", &asked))
        return false;
    if (!capabilities || capabilities->kind != JSON_OBJECT)
        return fault_set(&request->fault, RPC_BAD_PARAMS, "'capabilities' must be an object.");
    if (!name || name->kind != JSON_STRING || !version || version->kind != JSON_STRING)
        return fault_set(&request->fault, RPC_BAD_PARAMS,
                         "'clientInfo' must have the strings 'name' and 'version'.");
    buf_puts(out, "{\"protocolVersion\":");
    json_put_string(out, str_of(revision_negotiate(str_of(asked))));
    buf_byte(out, ',');
    put_capabilities(out, service);
    buf_puts(out, ",\"serverInfo\":{");
    put_member(out, "name", service->name);
    put_member(out, "version", service->version);
    put_member(out, "title", service->title);
    buf_byte(out, '}');
    put_member(out, "instructions", service->instructions);
    buf_byte(out, '}');
    return true;
}

bool answer_discover(struct request *request)
{
    struct buf *out = &request->result;

    buf_puts(out, "{\"supportedVersions\":[\"" MODERN_VERSION "\"],");
    put_capabilities(out, request->service);
    put_member(out, "instructions", request->service->instructions);
    buf_byte(out, '}');
    return true;
}

bool answer_ping(struct request *request)
{
    buf_puts(&request->result, "{}");
    return true;
}
