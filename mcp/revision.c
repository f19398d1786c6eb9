#include "mcp/revision.h"

static const char *const legacy_versions[] = {"2025-11-25", "2025-06-18", "2025-03-26",
                                              "2024-11-05"}; /* newest first */

const char *revision_negotiate(struct str asked)
{
    for (size_t i = 0; i < sizeof(legacy_versions) / sizeof(legacy_versions[0]); i++) {
        if (str_is(asked, legacy_versions[i]))
            return legacy_versions[i];
    }
    return legacy_versions[0];
}

bool revision_has_batches(const char *version)
{
    return strcmp(version, "2025-03-26") == 0;
}

enum era revision_era(const struct rpc_message *message, bool legacy_open)
{
    const struct json *meta = json_get(message->params, "_meta");

    if (json_get(meta, META("protocolVersion")) || json_get(meta, META("clientCapabilities")))
        return ERA_MODERN;
    if (str_is(message->method, "server/discover") ||
        str_is(message->method, "subscriptions/listen"))
        return ERA_MODERN;
    if (legacy_open || str_is(message->method, "initialize") || str_is(message->method, "ping"))
        return ERA_LEGACY;
    return ERA_MODERN;
}

static bool log_level_ok(struct arena *arena, const struct json *level)
{
    static const char *const levels[] = {"debug",    "info",  "notice",    "warning", "error",
                                         "critical", "alert", "emergency", NULL};
    struct str text = json_text(arena, level);

    for (size_t i = 0; level->kind == JSON_STRING && levels[i]; i++) {
        if (str_is(text, levels[i]))
            return true;
    }
    return false;
}

bool revision_check(const struct rpc_message *message, struct arena *arena, struct fault *fault)
{
    const struct json *meta = json_get(message->params, "_meta");
    const struct json *version = json_get(meta, META("protocolVersion"));
    const struct json *capabilities = json_get(meta, META("clientCapabilities"));
    const struct json *level = json_get(meta, META("logLevel"));

    if (message->params && message->params->kind != JSON_OBJECT)
        return fault_set(fault, RPC_BAD_PARAMS, "'params' must be an object.");
    if (!version || version->kind != JSON_STRING)
        return fault_set(
            fault, RPC_BAD_PARAMS,
            "Send initialize first, or put " META(
                "protocolVersion") " (\"" MODERN_VERSION
                                   "\") and " META("clientCapabilities") " into params._meta.");
    if (!str_is(json_text(arena, version), MODERN_VERSION)) {
        fault_set(fault, MCP_UNSUPPORTED_VERSION, "Unsupported protocol version.");
        struct buf data = {0};
        buf_puts(&data, "{\"supported\":[\"" MODERN_VERSION "\"],\"requested\":");
        buf_add(&data, version->raw);
        buf_byte(&data, '}');
        fault->data = arena_str(arena, buf_str(&data));
        buf_fini(&data);
        return false;
    }
    if (!capabilities || capabilities->kind != JSON_OBJECT)
        return fault_set(fault, RPC_BAD_PARAMS,
                         META("clientCapabilities") " must be an object in params._meta.");
    if (level && !log_level_ok(arena, level))
        return fault_set(fault, RPC_BAD_PARAMS, "Unknown log level.");
    return true;
}

void revision_put_result(struct buf *out, struct str result, struct str meta, enum era era,
                         enum cache_scope cache, const struct service *service)
{
    if (era == ERA_LEGACY && meta.n == 0) {
        buf_add(out, result);
        return;
    }
    buf_add(out, str_cut(result, result.n - 1)); /* without its last brace */
    json_put_comma(out);
    if (era == ERA_MODERN) {
        if (cache == CACHE_PUBLIC)
            buf_puts(out, "\"ttlMs\":3600000,\"cacheScope\":\"public\",");
        else if (cache == CACHE_PRIVATE)
            buf_puts(out, "\"ttlMs\":0,\"cacheScope\":\"private\",");
        buf_puts(out, "\"resultType\":\"complete\",");
    }
    buf_puts(out, "\"_meta\":{");
    buf_add(out, meta);
    if (era == ERA_MODERN) {
        json_put_comma(out);
        buf_puts(out, "\"" META("serverInfo") "\":{\"name\":");
        json_put_string(out, str_of(service->name));
        buf_puts(out, ",\"version\":");
        json_put_string(out, str_of(service->version));
        buf_byte(out, '}');
    }
    buf_puts(out, "}}");
}
