#include "reports/record.h"
#include "analysis/base/limits.h"

static void put_text(struct buf *buf, const char *name, const char *text)
{
    json_put_key(buf, name);
    if (text)
        json_put_string(buf, str_of(text));
    else
        buf_puts(buf, "null");
}

static void put_integer(struct buf *buf, const char *name, int64_t value)
{
    json_put_key(buf, name);
    json_put_integer(buf, value);
}

void record_write(const struct report *report, struct buf *buf)
{
    buf_reserve(buf, report->blocks.n + 512);
    buf_byte(buf, '{');
    put_text(buf, "id", report->id);
    put_text(buf, "title", report->title);
    put_text(buf, "pattern", report->pattern);
    put_text(buf, "experimentId", report->experiment_id);
    put_integer(buf, "createdAt", report->created_ms);
    put_integer(buf, "updatedAt", report->updated_ms);
    put_integer(buf, "blockCount", report->block_count);
    json_put_key(buf, "blocks");
    buf_add(buf, report->blocks);
    buf_puts(buf, "}\n");
}

static const char *text_or_null(const struct json *object, const char *name, struct arena *arena)
{
    const struct json *v = json_get(object, name);

    return v && v->kind == JSON_STRING ? arena_text(arena, json_text(arena, v)) : NULL;
}

bool record_head(struct str start, struct arena *arena, struct report *out)
{
    static const char *const order[] = {"id",        "title",     "pattern",   "experimentId",
                                        "createdAt", "updatedAt", "blockCount"};
    /* Inside a string the quote would stand behind a backslash, so the first one is a member. */
    const struct str mark = STR(",\"blocks\":[");
    const char *end = start.n ? memmem(start.p, start.n, mark.p, mark.n) : NULL;
    struct arena scratch;
    struct err err;
    bool ok = false;

    if (!end)
        return false;
    arena_init(&scratch);
    struct str head = {start.p, (size_t)(end - start.p)};
    struct str text = str_of(arena_printf(&scratch, "%.*s}", STR_FMT(head)));
    const struct json *object = json_parse(&scratch, text, JSON_STRICT, 2, &err);
    const struct json *item = object ? object->first : NULL;
    size_t i = 0;

    while (item && i < sizeof(order) / sizeof(order[0]) && str_is(item->key, order[i])) {
        item = item->next;
        i++;
    }
    if (!item && i == sizeof(order) / sizeof(order[0])) {
        *out = (struct report){.title = text_or_null(object, "title", arena),
                               .pattern = text_or_null(object, "pattern", arena),
                               .experiment_id = text_or_null(object, "experimentId", arena)};
        ok = out->title && json_integer(json_get(object, "createdAt"), &out->created_ms) &&
             json_integer(json_get(object, "updatedAt"), &out->updated_ms) &&
             json_integer(json_get(object, "blockCount"), &out->block_count);
    }
    arena_fini(&scratch);
    return ok;
}

bool record_read(struct str text, int64_t modified_ms, struct arena *arena, struct report *out,
                 const struct json **blocks, struct err *err)
{
    const struct json *object = json_parse(arena, text, JSON_STRICT, REQUEST_DEPTH_MAX, err);

    if (!object)
        return false;
    if (object->kind != JSON_OBJECT)
        return err_set(err, ERR_FORMAT, "a report is an object, not %s", json_kind_name(object));
    const struct json *list = json_get(object, "blocks");
    if (!list || list->kind != JSON_ARRAY)
        return err_set(err, ERR_FORMAT, "its 'blocks' must be an array, not %s",
                       json_kind_name(list));

    *out = (struct report){.title = text_or_null(object, "title", arena),
                           .pattern = text_or_null(object, "pattern", arena),
                           .experiment_id = text_or_null(object, "experimentId", arena),
                           .blocks = list->raw,
                           .block_count = list->count};
    if (!out->title)
        out->title = "Untitled Report";
    if (!json_integer(json_get(object, "updatedAt"), &out->updated_ms))
        out->updated_ms = modified_ms;
    if (!json_integer(json_get(object, "createdAt"), &out->created_ms))
        out->created_ms = out->updated_ms;
    if (blocks)
        *blocks = list;
    return true;
}
