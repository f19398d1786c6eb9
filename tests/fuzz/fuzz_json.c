/* Any bytes as JSON, strict and as data: refused or read, and what was read can be written. */
#include "analysis/base/json.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void walk(struct arena *arena, const struct json *v, struct buf *out)
{
    double x;
    int64_t i;

    (void)json_number(v, &x);
    (void)json_integer(v, &i);
    struct str text = json_text(arena, v);
    json_put_string(out, text);
    json_each (item, v)
        walk(arena, item, out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str text = {(const char *)data, size};
    struct arena arena;
    struct err err;

    arena_init(&arena);
    for (int mode = JSON_STRICT; mode <= JSON_DATA; mode++) {
        const struct json *v = json_parse(&arena, text, (enum json_mode)mode, 64, &err);
        struct buf out = {0}, compact = {0};
        if (v) {
            walk(&arena, v, &out);
            json_put_compact(&compact, v->raw);
            /* the same value once more: compact text of valid JSON is valid JSON of the same size
             */
            const struct json *again =
                json_parse(&arena, buf_str(&compact), (enum json_mode)mode, 64, &err);
            if (!again || again->count != v->count || again->kind != v->kind)
                abort();
        }
        buf_fini(&out);
        buf_fini(&compact);
    }
    arena_fini(&arena);
    return 0;
}
