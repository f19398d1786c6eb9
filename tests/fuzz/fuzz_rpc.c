/* Any line, through the envelope, the checks of _meta and a tool's shape: refused, or read. */
#include "analysis/base/limits.h"
#include "analysis/base/shape.h"
#include "mcp/revision.h"

#include <assert.h>

struct arguments {
    const char *text, *choice;
    int64_t whole;
    double number;
    bool flag;
    struct strs names;
    struct str object;
};

static const char *const choices[] = {"fast", "slow", NULL};

static const struct field fields[] = {
    F_STR(struct arguments, text, .doc = "text", .required = true),
    F_STR(struct arguments, choice, .doc = "one of", .one_of = choices, .def_text = "fast"),
    F_INT(struct arguments, whole, .doc = "whole", .has_min = true, .has_max = true, .max = 100),
    F_NUM(struct arguments, number, .doc = "number", .has_min = true),
    F_BOOL(struct arguments, flag, .doc = "flag"),
    F_STRS(struct arguments, names, .doc = "names"),
    F_RAW(struct arguments, object, .doc = "object", .type = "object"),
};

static const struct shape shape = SHAPE(struct arguments, fields);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_arguments(struct arena *arena, const struct json *params)
{
    struct arguments out;
    struct err err;

    if (!shape_decode(&shape, json_get(params, "arguments"), arena, &out, &err))
        return;
    assert(out.text && (out.whole == NOT_GIVEN || (out.whole >= 0 && out.whole <= 100)));
    struct buf back = {0};
    shape_encode(&shape, &out, &back);
    struct err bad;
    const struct json *again =
        json_parse(arena, buf_str(&back), JSON_STRICT, REQUEST_DEPTH_MAX, &bad);
    assert(again); /* what we write can be read */
    (void)again;
    buf_fini(&back);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct rpc_message m;
    struct arena arena;
    struct fault fault;
    struct buf answer = {0};

    arena_init(&arena);
    rpc_read(&arena, arena_str(&arena, (struct str){(const char *)data, size}), &m);
    if (m.kind == RPC_REQUEST) {
        revision_era(&m, true);
        fault = m.fault;
        if (!revision_check(&m, &arena, &fault))
            rpc_put_error(&answer, m.id, &fault);
        read_arguments(&arena, m.params);
    } else if (m.kind == RPC_FAULTY) {
        rpc_put_error(&answer, m.id, &m.fault);
    }
    if (answer.n) { /* one line, and JSON */
        struct err err;
        const struct json *v = json_parse(&arena, str_cut(buf_str(&answer), answer.n - 1),
                                          JSON_STRICT, REQUEST_DEPTH_MAX, &err);
        assert(v && !memchr(answer.p, '\n', answer.n - 1));
        (void)v;
    }
    buf_fini(&answer);
    arena_fini(&arena);
    return 0;
}
