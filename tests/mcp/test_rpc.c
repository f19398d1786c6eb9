/* The envelope: every row of what a line may be, and what it becomes. */
#include "mcp/rpc.h"
#include "mcp/revision.h"
#include "analysis/base/limits.h"

#include <criterion/criterion.h>
#include <stdio.h>

static const char *const kinds[] = {"request", "notification", "response", "batch", "faulty"};

struct row {
    const char *what;
    struct str line;
    enum rpc_kind kind;
    int code;       /* of a faulty one */
    const char *id; /* raw; NULL: none */
};

#define ROW(what, line, ...)                                                                       \
    {                                                                                              \
        what, {"" line, sizeof(line) - 1}, __VA_ARGS__                                             \
    }
#define PING(id) "{\"jsonrpc\":\"2.0\",\"id\":" id ",\"method\":\"ping\"}"
#define REQUEST RPC_REQUEST, 0
#define REFUSED RPC_FAULTY, RPC_INVALID_REQUEST
#define UNREAD RPC_FAULTY, RPC_PARSE_ERROR

/* What is wrong with how the row's line is read; an empty text: nothing. */
static const char *complaint(const struct row *r, char *text, size_t room)
{
    struct rpc_message m;
    struct arena arena;

    text[0] = '\0';
    arena_init(&arena);
    rpc_read(&arena, r->line, &m);
    if (m.kind != r->kind)
        snprintf(text, room, "is a %s, not a %s", kinds[m.kind], kinds[r->kind]);
    else if (m.kind == RPC_FAULTY && m.fault.code != r->code)
        snprintf(text, room, "code %d", m.fault.code);
    else if (!str_is(m.id, r->id ? r->id : ""))
        snprintf(text, room, "id is '%.*s'", STR_FMT(m.id));
    arena_fini(&arena);
    return text;
}

#define EXPECT_ROWS(rows)                                                                          \
    for (size_t i = 0; i < sizeof(rows) / sizeof((rows)[0]); i++) {                                \
        char text[256];                                                                            \
        cr_expect_str_empty(complaint(&(rows)[i], text, sizeof(text)), "%s: %s", (rows)[i].what,   \
                            text);                                                                 \
    }

Test(rpc, a_line_is_one_of_five_kinds)
{
    static const struct row rows[] = {
        ROW("a request", PING("1"), REQUEST, "1"),
        ROW("members in another order",
            "{\"method\":\"x\",\"params\":{},\"jsonrpc\":\"2.0\",\"id\":0}", REQUEST, "0"),
        ROW("blanks around it", " \t" PING("1") " \r", REQUEST, "1"),
        ROW("a notification", "{\"jsonrpc\":\"2.0\",\"method\":\"x\"}", RPC_NOTIFICATION, 0, NULL),
        ROW("a result", "{\"jsonrpc\":\"2.0\",\"id\":7,\"result\":{}}", RPC_RESPONSE, 0, "7"),
        ROW("an error", "{\"jsonrpc\":\"2.0\",\"id\":\"z\",\"error\":{}}", RPC_RESPONSE, 0,
            "\"z\""),
        ROW("an array", "[]", RPC_BATCH, 0, NULL),
        ROW("a string", "\"x\"", REFUSED, NULL),
        ROW("a number", "42", REFUSED, NULL),
        ROW("null", "null", REFUSED, NULL),
        ROW("an empty object", "{}", REFUSED, NULL),
        ROW("version 1.0", "{\"jsonrpc\":\"1.0\",\"id\":1,\"method\":\"x\"}", REFUSED, "1"),
        ROW("version as a number", "{\"jsonrpc\":2.0,\"id\":1,\"method\":\"x\"}", REFUSED, "1"),
        ROW("no version", "{\"id\":1,\"method\":\"x\"}", REFUSED, "1"),
        ROW("no method", "{\"jsonrpc\":\"2.0\",\"id\":1}", REFUSED, "1"),
        ROW("method is a number", "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":42}", REFUSED, "1"),
        ROW("method is null", "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":null}", REFUSED, "1"),
    };

    EXPECT_ROWS(rows)
}

Test(rpc, ids_are_kept_as_they_were_written)
{
    static const struct row rows[] = {
        ROW("zero", PING("0"), REQUEST, "0"),
        ROW("negative", PING("-1"), REQUEST, "-1"),
        ROW("above 2^31", PING("2147483648"), REQUEST, "2147483648"),
        ROW("2^53 - 1", PING("9007199254740991"), REQUEST, "9007199254740991"),
        ROW("-(2^53 - 1)", PING("-9007199254740991"), REQUEST, "-9007199254740991"),
        ROW("empty", PING("\"\""), REQUEST, "\"\""),
        ROW("digits in a string", PING("\"0\""), REQUEST, "\"0\""),
        ROW("an escaped NUL", PING("\"a\\u0000b\""), REQUEST, "\"a\\u0000b\""),
        ROW("escapes", PING("\"a\\\"b\\\\c\\n\\/\""), REQUEST, "\"a\\\"b\\\\c\\n\\/\""),
        ROW("UTF-8", PING("\"ü€😀\""), REQUEST, "\"ü€😀\""),
        ROW("the first of two", "{\"jsonrpc\":\"2.0\",\"id\":31,\"id\":32,\"method\":\"x\"}",
            REQUEST, "31"),
        ROW("2^53", PING("9007199254740992"), REFUSED, NULL),
        ROW("2^53 + 1", PING("9007199254740993"), REFUSED, NULL),
        ROW("larger than any double", PING("1e400"), REFUSED, NULL),
        ROW("null", PING("null"), REFUSED, NULL),
        ROW("a fraction", PING("1.5"), REFUSED, NULL),
        ROW("whole, but with a point", PING("1.0"), REFUSED, NULL),
        ROW("whole, but with an exponent", PING("1e3"), REFUSED, NULL),
        ROW("true", PING("true"), REFUSED, NULL),
        ROW("an object", PING("{\"a\":1}"), REFUSED, NULL),
        ROW("an array", PING("[1]"), REFUSED, NULL),
    };

    EXPECT_ROWS(rows)
}

Test(rpc, what_is_not_json_is_told_apart_and_tied_to_its_id)
{
    static const struct row rows[] = {
        ROW("nothing", "", UNREAD, NULL),
        ROW("words", "not json", UNREAD, NULL),
        ROW("something behind", PING("1") "xyz", UNREAD, "1"),
        ROW("a NUL between tokens", "{\0\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"x\"}", UNREAD,
            "1"),
        ROW("a control character between", "{\"id\":1,\x01\"method\":\"x\"}", UNREAD, "1"),
        ROW("a raw tab in a string", "{\"id\":1,\"method\":\"a\tb\"}", UNREAD, "1"),
        ROW("a leading zero", "{\"id\":1,\"x\":01}", UNREAD, "1"),
        ROW("a point without digits", "{\"id\":1,\"x\":1.}", UNREAD, "1"),
        ROW("a byte order mark", "\xef\xbb\xbf" PING("1"), UNREAD, "1"),
        ROW("invalid UTF-8 in the id", PING("\"U\xff\xfe\""), UNREAD, NULL),
        ROW("invalid UTF-8 elsewhere", "{\"id\":\"a\",\"x\":\"\xc3\x28\"}", UNREAD, "\"a\""),
        ROW("a surrogate as UTF-8", PING("\"\xed\xa0\x80\""), UNREAD, NULL),
        ROW("an overlong NUL", PING("\"\xc0\x80\""), UNREAD, NULL),
        ROW("a lone surrogate", PING("\"\\ud800\""), UNREAD, NULL),
        ROW("cut behind the id", "{\"jsonrpc\":\"2.0\",\"id\":12,", UNREAD, "12"),
        ROW("cut inside the id", "{\"jsonrpc\":\"2.0\",\"id\":12", UNREAD, NULL),
        ROW("cut inside a string id", "{\"jsonrpc\":\"2.0\",\"id\":\"ab", UNREAD, NULL),
        ROW("an id further down", "{\"params\":{\"id\":5},", UNREAD, NULL),
        ROW("'id' as a value", "{\"method\":\"id\",", UNREAD, NULL),
        ROW("a bad id is not echoed", "{\"id\":1.5,\"x\":01}", UNREAD, NULL),
    };

    EXPECT_ROWS(rows)
}

Test(rpc, nesting_and_ids_have_an_end)
{
    struct buf line = {0};
    struct rpc_message m;
    struct arena arena;

    for (size_t depth = REQUEST_DEPTH_MAX - 1; depth <= 100000;
         depth += 100000 - REQUEST_DEPTH_MAX) {
        arena_init(&arena);
        line.n = 0;
        buf_puts(&line, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"x\",\"params\":");
        for (size_t i = 0; i < depth; i++)
            buf_byte(&line, '[');
        for (size_t i = 0; i < depth; i++)
            buf_byte(&line, ']');
        buf_byte(&line, '}');
        rpc_read(&arena, buf_str(&line), &m);
        cr_expect(m.kind == (depth < REQUEST_DEPTH_MAX ? RPC_REQUEST : RPC_FAULTY), "depth %zu",
                  depth);
        cr_expect(str_is(m.id, "1"), "depth %zu: id", depth);
        arena_fini(&arena);
    }
    for (size_t n = ID_MAX - 2; n <= ID_MAX - 1;
         n++) { /* with its quotes: the limit, and one more */
        arena_init(&arena);
        line.n = 0;
        buf_puts(&line, "{\"jsonrpc\":\"2.0\",\"method\":\"x\",\"id\":\"");
        for (size_t i = 0; i < n; i++)
            buf_byte(&line, 'x');
        buf_puts(&line, "\"}");
        rpc_read(&arena, buf_str(&line), &m);
        cr_expect(m.kind == (n == ID_MAX - 2 ? RPC_REQUEST : RPC_FAULTY), "an id of %zu bytes", n);
        cr_expect(m.id.n == (n == ID_MAX - 2 ? ID_MAX : 0));
        arena_fini(&arena);
    }
    buf_fini(&line);
}

Test(rpc, an_error_names_its_id_only_if_there_is_one)
{
    struct fault fault;
    struct buf out = {0};

    cr_expect(!fault_set(&fault, RPC_BAD_PARAMS, "no '%s'", "x\"y"));
    rpc_put_error(&out, STR("\"a\\u0000\""), &fault);
    cr_expect(str_is(buf_str(&out),
                     "{\"jsonrpc\":\"2.0\",\"id\":\"a\\u0000\",\"error\":{\"code\":-32602,"
                     "\"message\":\"no 'x\\\"y'\"}}\n"));
    out.n = 0;
    fault.data = STR("{\"uri\":1}");
    rpc_put_error(&out, (struct str){0}, &fault);
    cr_expect(str_is(buf_str(&out), "{\"jsonrpc\":\"2.0\",\"error\":{\"code\":-32602,\"message\":"
                                    "\"no 'x\\\"y'\",\"data\":{\"uri\":1}}}\n"));
    buf_fini(&out);
}

/* ---- which era, and the checks of the modern one ---- */

#define MODERN_META                                                                                \
    "\"_meta\":{\"io.modelcontextprotocol/protocolVersion\":\"2026-07-28\","                       \
    "\"io.modelcontextprotocol/clientCapabilities\":{}"
#define WITH(method, params)                                                                       \
    "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"" method "\",\"params\":" params "}"

Test(revision, every_message_shows_its_era)
{
    static const struct {
        const char *what, *line;
        bool open;
        enum era want;
        int code; /* of the modern checks; 0: they pass */
    } rows[] = {
        {"initialize", WITH("initialize", "{}"), false, ERA_LEGACY, 0},
        {"ping before anything", WITH("ping", "{}"), false, ERA_LEGACY, 0},
        {"a call after initialize", WITH("tools/list", "{}"), true, ERA_LEGACY, 0},
        {"a call before it", WITH("tools/list", "{}"), false, ERA_MODERN, -32602},
        {"params of a wrong kind", WITH("tools/list", "[1]"), false, ERA_MODERN, -32602},
        {"discover without _meta", WITH("server/discover", "{}"), true, ERA_MODERN, -32602},
        {"listen without _meta", WITH("subscriptions/listen", "{}"), true, ERA_MODERN, -32602},
        {"the envelope", WITH("tools/list", "{" MODERN_META "}}"), true, ERA_MODERN, 0},
        {"initialize in it", WITH("initialize", "{" MODERN_META "}}"), false, ERA_MODERN, 0},
        {"a progress token alone is no envelope", WITH("x", "{\"_meta\":{\"progressToken\":1}}"),
         true, ERA_LEGACY, 0},
        {"version is a number", WITH("x", "{\"_meta\":{\"" META("protocolVersion") "\":7}}"), false,
         ERA_MODERN, -32602},
        {"another version",
         WITH("x", "{\"_meta\":{\"" META("protocolVersion") "\":\"2025-11-25\"}}"), false,
         ERA_MODERN, -32022},
        {"no version", WITH("x", "{\"_meta\":{\"" META("clientCapabilities") "\":{}}}"), false,
         ERA_MODERN, -32602},
        {"no capabilities",
         WITH("x", "{\"_meta\":{\"" META("protocolVersion") "\":\"2026-07-28\"}}"), false,
         ERA_MODERN, -32602},
        {"capabilities are a list",
         WITH("x", "{\"_meta\":{\"" META("protocolVersion") "\":\"2026-07-28\",\"" META(
                       "clientCapabilities") "\":[]}}"),
         false, ERA_MODERN, -32602},
        {"a level", WITH("x", "{" MODERN_META ",\"" META("logLevel") "\":\"debug\"}}"), false,
         ERA_MODERN, 0},
        {"no level", WITH("x", "{" MODERN_META ",\"" META("logLevel") "\":\"loud\"}}"), false,
         ERA_MODERN, -32602},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct rpc_message m;
        struct arena arena;
        struct fault fault = {0};

        arena_init(&arena);
        rpc_read(&arena, str_of(rows[i].line), &m);
        cr_assert(m.kind == RPC_REQUEST, "%s", rows[i].what);
        cr_expect(revision_era(&m, rows[i].open) == rows[i].want, "%s", rows[i].what);
        if (rows[i].want == ERA_MODERN) {
            bool ok = revision_check(&m, &arena, &fault);
            cr_expect(ok == (rows[i].code == 0) && fault.code == rows[i].code, "%s: %d %s",
                      rows[i].what, fault.code, fault.text);
        }
        arena_fini(&arena);
    }
}

Test(revision, an_offer_is_taken_if_known_and_else_the_newest_is_named)
{
    cr_expect_str_eq(revision_negotiate(STR("2024-11-05")), "2024-11-05");
    cr_expect_str_eq(revision_negotiate(STR("2025-03-26")), "2025-03-26");
    cr_expect_str_eq(revision_negotiate(STR("2025-06-18")), "2025-06-18");
    cr_expect_str_eq(revision_negotiate(STR("2025-11-25")), "2025-11-25");
    cr_expect_str_eq(revision_negotiate(STR("2026-07-28")), "2025-11-25");
    cr_expect_str_eq(revision_negotiate(STR("")), "2025-11-25");
    cr_expect(revision_has_batches("2025-03-26") && !revision_has_batches("2024-11-05"));
}

Test(revision, a_result_carries_what_its_era_demands)
{
    static const struct service service = {.name = "n", .version = "1"};
    static const struct {
        enum era era;
        enum cache_scope cache;
        const char *result, *meta, *want;
    } rows[] = {
        {ERA_LEGACY, CACHE_PUBLIC, "{}", "", "{}"},
        {ERA_LEGACY, CACHE_NONE, "{\"a\":1}", "\"x/y\":2", "{\"a\":1,\"_meta\":{\"x/y\":2}}"},
        {ERA_MODERN, CACHE_NONE, "{}", "",
         "{\"resultType\":\"complete\",\"_meta\":{\"" META(
             "serverInfo") "\":{\"name\":\"n\",\"version\":\"1\"}}}"},
        {ERA_MODERN, CACHE_PRIVATE, "{\"a\":[]}", "\"x/y\":2",
         "{\"a\":[],\"ttlMs\":0,\"cacheScope\":\"private\",\"resultType\":\"complete\",\"_meta\":{"
         "\"x/y\":2,\"" META("serverInfo") "\":{\"name\":\"n\",\"version\":\"1\"}}}"},
        {ERA_MODERN, CACHE_PUBLIC, "{}", "",
         "{\"ttlMs\":3600000,\"cacheScope\":\"public\",\"resultType\":\"complete\",\"_meta\":{"
         "\"" META("serverInfo") "\":{\"name\":\"n\",\"version\":\"1\"}}}"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct buf out = {0};
        revision_put_result(&out, str_of(rows[i].result), str_of(rows[i].meta), rows[i].era,
                            rows[i].cache, &service);
        cr_expect(str_is(buf_str(&out), rows[i].want), "%zu: %.*s", i, STR_FMT(buf_str(&out)));
        buf_fini(&out);
    }
}
