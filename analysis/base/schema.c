/* The JSON Schema of a shape: one half of shape.h, in a file of its own for its size. */
#include "analysis/base/shape.h"

static const char *json_type(const struct field *f)
{
    static const char *const types[] = {
        [FIELD_BOOL] = "boolean", [FIELD_INT] = "integer", [FIELD_NUM] = "number",
        [FIELD_STR] = "string",   [FIELD_STRS] = "array",  [FIELD_ONE] = "object",
        [FIELD_LIST] = "array",   [FIELD_RAW] = NULL};

    return f->kind == FIELD_RAW ? f->type : types[f->kind];
}

static void put_bound(struct buf *buf, const char *name, bool given, double x)
{
    if (given) {
        json_put_key(buf, name);
        json_put_number(buf, x);
    }
}

static void put_default(struct buf *buf, const struct field *f)
{
    if (f->kind == FIELD_STR && f->def_text) {
        json_put_key(buf, "default");
        json_put_string(buf, str_of(f->def_text));
    } else if (f->kind == FIELD_BOOL && f->has_def) {
        json_put_key(buf, "default");
        buf_puts(buf, f->def != 0 ? "true" : "false");
    } else {
        put_bound(buf, "default", f->has_def, f->def);
    }
}

static void put_required(const struct shape *shape, struct buf *buf, bool nullable_too)
{
    bool any = false;

    for (size_t i = 0; i < shape->n; i++) {
        const struct field *f = &shape->fields[i];
        if (!f->required && !(nullable_too && f->nullable))
            continue;
        if (!any) {
            json_put_key(buf, "required");
            buf_byte(buf, '[');
            any = true;
        } else {
            buf_byte(buf, ',');
        }
        json_put_string(buf, str_of(f->name));
    }
    if (any)
        buf_byte(buf, ']');
}

static void put_argument(struct buf *buf, const struct field *f)
{
    const char *type = json_type(f);

    json_put_key(buf, f->name);
    buf_byte(buf, '{');
    if (type) {
        json_put_key(buf, "type");
        json_put_string(buf, str_of(type));
    }
    if (f->kind == FIELD_STRS)
        buf_puts(buf, ",\"items\":{\"type\":\"string\"}");
    else if (type && strcmp(type, "array") == 0)
        buf_puts(buf, ",\"items\":{\"type\":\"object\"}");
    if (*f->doc) { /* some names say it all */
        json_put_key(buf, "description");
        json_put_string(buf, str_of(f->doc));
    }
    if (f->one_of) {
        json_put_key(buf, "enum");
        buf_byte(buf, '[');
        for (size_t i = 0; f->one_of[i]; i++) {
            if (i)
                buf_byte(buf, ',');
            json_put_string(buf, str_of(f->one_of[i]));
        }
        buf_byte(buf, ']');
    }
    put_bound(buf, "minimum", f->has_min, f->min);
    put_bound(buf, "maximum", f->has_max, f->max);
    put_default(buf, f);
    buf_byte(buf, '}');
}

void shape_schema_in(const struct shape *shape, struct buf *buf)
{
    buf_puts(buf, "{\"type\":\"object\"");
    if (shape->n > 0) {
        buf_puts(buf, ",\"properties\":{");
        for (size_t i = 0; i < shape->n; i++)
            put_argument(buf, &shape->fields[i]);
        buf_byte(buf, '}');
    }
    put_required(shape, buf, false);
    buf_puts(buf, ",\"additionalProperties\":false}");
}

static void put_result(struct buf *buf, const struct shape *shape, int depth);

static void put_result_field(struct buf *buf, const struct field *f, int depth)
{
    const char *type = json_type(f);

    json_put_key(buf, f->name);
    buf_byte(buf, '{');
    if (type) {
        json_put_key(buf, "type");
        if (f->nullable)
            buf_printf(buf, "[\"%s\",\"null\"]", type);
        else
            json_put_string(buf, str_of(type));
    }
    if (f->kind == FIELD_STRS)
        buf_puts(buf, ",\"items\":{\"type\":\"string\"}");
    if (f->kind == FIELD_LIST && depth > 1) {
        json_put_key(buf, "items");
        buf_byte(buf, '{');
        put_result(buf, f->of, depth - 1);
        buf_byte(buf, '}');
    }
    if (f->kind == FIELD_ONE && depth > 1)
        put_result(buf, f->of, depth - 1);
    buf_byte(buf, '}');
}

/* Members of a schema object that is already open. */
static void put_result(struct buf *buf, const struct shape *shape, int depth)
{
    if (buf->p[buf->n - 1] == '{')
        buf_puts(buf, "\"type\":\"object\"");
    json_put_key(buf, "properties");
    buf_byte(buf, '{');
    for (size_t i = 0; i < shape->n; i++)
        put_result_field(buf, &shape->fields[i], depth);
    buf_byte(buf, '}');
    put_required(shape, buf, true);
}

void shape_schema_out(const struct shape *shape, struct buf *buf)
{
    buf_byte(buf, '{');
    put_result(buf, shape, 2);
    buf_byte(buf, '}');
}
