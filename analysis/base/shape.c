#include "analysis/base/shape.h"
#include "analysis/base/limits.h"
#include "analysis/base/nearest.h"

#include <math.h>
#include <stdio.h>

/* ---- the members of a struct, found by offset; the macros checked their types ---- */

static const void *at(const void *base, const struct field *f)
{
    return (const char *)base + f->offset;
}

#define PUT(base, field, ctype, value)                                                             \
    do {                                                                                           \
        ctype put_ = (value);                                                                      \
        memcpy((char *)(base) + (field)->offset, &put_, sizeof(put_));                             \
    } while (0)

const char *shape_type_name(const struct field *f)
{
    static const char *const names[] = {
        [FIELD_BOOL] = "true or false",     [FIELD_INT] = "a whole number",
        [FIELD_NUM] = "a number",           [FIELD_STR] = "a string",
        [FIELD_STRS] = "a list of strings", [FIELD_ONE] = "an object",
        [FIELD_LIST] = "a list of objects", [FIELD_RAW] = "any value"};

    if (f->kind == FIELD_RAW && f->type)
        return strcmp(f->type, "array") == 0 ? "a list" : "an object";
    return names[f->kind];
}

/* ---- decoding ---- */

static bool wrong_type(const struct field *f, const struct json *v, struct err *err)
{
    return err_set(err, ERR_ARGUMENT, "'%s' must be %s, not %s.", f->name, shape_type_name(f),
                   json_kind_name(v));
}

static bool out_of_range(const struct field *f, struct str raw, struct err *err)
{
    raw = str_cut(raw, 40);
    if (f->has_min && f->has_max)
        return err_set(err, ERR_ARGUMENT, "'%s' must be from %.15g to %.15g, not %.*s.", f->name,
                       f->min, f->max, STR_FMT(raw));
    if (f->has_min)
        return err_set(err, ERR_ARGUMENT, "'%s' must be at least %.15g, not %.*s.", f->name, f->min,
                       STR_FMT(raw));
    return err_set(err, ERR_ARGUMENT, "'%s' must be at most %.15g, not %.*s.", f->name, f->max,
                   STR_FMT(raw));
}

static bool in_range(const struct field *f, double x)
{
    return !(f->has_min && x < f->min) && !(f->has_max && x > f->max);
}

static bool text_of(const char *name, const struct json *v, struct arena *arena, const char **out,
                    struct err *err)
{
    struct str text = json_text(arena, v);

    if (text.n > STRING_ARG_MAX)
        return err_set(err, ERR_ARGUMENT, "'%s' is longer than %d bytes.", name, STRING_ARG_MAX);
    if (text.n && memchr(text.p, '\0', text.n))
        return err_set(err, ERR_ARGUMENT, "'%s' must not hold the character U+0000.", name);
    *out = arena_text(arena, text);
    return true;
}

static bool not_one_of(const struct field *f, const char *text, struct err *err)
{
    char allowed[512];
    size_t n = 0, best = SIZE_MAX;
    const char *near = NULL;

    for (size_t i = 0; f->one_of[i]; i++) {
        size_t d = name_distance(str_of(text), str_of(f->one_of[i]));
        if (d < best) {
            best = d;
            near = f->one_of[i];
        }
        if (n < sizeof(allowed))
            n += (size_t)snprintf(allowed + n, sizeof(allowed) - n, "%s%s", i ? ", " : "",
                                  f->one_of[i]);
    }
    if (near && name_is_near(str_of(text), str_of(near), best))
        return err_set(err, ERR_ARGUMENT,
                       "'%s' must be one of %s, not '%.100s'. Did you mean '%s'?", f->name, allowed,
                       text, near);
    return err_set(err, ERR_ARGUMENT, "'%s' must be one of %s, not '%.100s'.", f->name, allowed,
                   text);
}

static bool decode_text(const struct field *f, const struct json *v, struct arena *arena, void *out,
                        struct err *err)
{
    const char *text = "";

    if (v->kind != JSON_STRING)
        return wrong_type(f, v, err);
    if (!text_of(f->name, v, arena, &text, err))
        return false;
    if (f->one_of) {
        size_t i = 0;
        while (f->one_of[i] && strcmp(f->one_of[i], text) != 0)
            i++;
        if (!f->one_of[i])
            return not_one_of(f, text, err);
    }
    PUT(out, f, const char *, text);
    return true;
}

static bool decode_texts(const struct field *f, const struct json *v, struct arena *arena,
                         void *out, struct err *err)
{
    if (v->kind != JSON_ARRAY)
        return wrong_type(f, v, err);
    if (v->count > LIST_ARG_MAX)
        return err_set(err, ERR_ARGUMENT, "'%s' has more than %d entries.", f->name, LIST_ARG_MAX);
    const char **texts = ARENA_ARRAY(arena, v->count, const char *);
    size_t n = 0;

    json_each (item, v) {
        if (item->kind != JSON_STRING)
            return err_set(err, ERR_ARGUMENT, "'%s' must hold strings only; entry %zu is %s.",
                           f->name, n + 1, json_kind_name(item));
        if (!text_of(f->name, item, arena, &texts[n++], err))
            return false;
    }
    PUT(out, f, struct strs, ((struct strs){texts, n}));
    return true;
}

static bool decode_number(const struct field *f, const struct json *v, void *out, struct err *err)
{
    double x;

    if (!json_number(v, &x))
        return wrong_type(f, v, err);
    if (!isfinite(x))
        return err_set(err, ERR_ARGUMENT, "'%s' is too large a number.", f->name);
    if (!in_range(f, x))
        return out_of_range(f, v->raw, err);
    PUT(out, f, double, x);
    return true;
}

static bool decode_integer(const struct field *f, const struct json *v, void *out, struct err *err)
{
    int64_t i;

    if (v->kind != JSON_NUMBER)
        return wrong_type(f, v, err);
    if (!json_integer(v, &i))
        return err_set(err, ERR_ARGUMENT, "'%s' must be a whole number, not %.*s.", f->name,
                       STR_FMT(str_cut(v->raw, 40)));
    if (!in_range(f, (double)i))
        return out_of_range(f, v->raw, err);
    PUT(out, f, int64_t, i);
    return true;
}

static bool decode_raw(const struct field *f, const struct json *v, void *out, struct err *err)
{
    if (f->type && ((strcmp(f->type, "array") == 0 && v->kind != JSON_ARRAY) ||
                    (strcmp(f->type, "object") == 0 && v->kind != JSON_OBJECT)))
        return wrong_type(f, v, err);
    PUT(out, f, struct str, v->raw);
    return true;
}

static bool decode_field(const struct field *f, const struct json *v, struct arena *arena,
                         void *out, struct err *err)
{
    switch (f->kind) {
    case FIELD_BOOL:
        if (v->kind != JSON_TRUE && v->kind != JSON_FALSE)
            return wrong_type(f, v, err);
        PUT(out, f, bool, v->kind == JSON_TRUE);
        return true;
    case FIELD_INT:
        return decode_integer(f, v, out, err);
    case FIELD_NUM:
        return decode_number(f, v, out, err);
    case FIELD_STR:
        return decode_text(f, v, arena, out, err);
    case FIELD_STRS:
        return decode_texts(f, v, arena, out, err);
    case FIELD_RAW:
        return decode_raw(f, v, out, err);
    case FIELD_ONE:
    case FIELD_LIST:
        break; /* no tool takes structs: what comes nested comes raw */
    }
    return err_set(err, ERR_INTERNAL, "'%s' cannot be an argument.", f->name);
}

static void set_default(const struct field *f, void *out)
{
    switch (f->kind) {
    case FIELD_BOOL:
        PUT(out, f, bool, f->has_def && f->def != 0);
        break;
    case FIELD_INT:
        PUT(out, f, int64_t, f->has_def ? (int64_t)f->def : NOT_GIVEN);
        break;
    case FIELD_NUM:
        PUT(out, f, double, f->has_def ? f->def : (double)NAN);
        break;
    case FIELD_STR:
        PUT(out, f, const char *, f->def_text);
        break;
    case FIELD_STRS:
    case FIELD_ONE:
    case FIELD_LIST:
    case FIELD_RAW:
        break; /* zero is "left out" */
    }
}

static bool unknown_member(const struct shape *shape, struct str name, struct err *err)
{
    char known[512] = "none";
    size_t n = 0, best = SIZE_MAX;
    const char *near = NULL;

    for (size_t i = 0; i < shape->n; i++) {
        const char *field = shape->fields[i].name;
        size_t d = name_distance(name, str_of(field));
        if (d < best) {
            best = d;
            near = field;
        }
        if (n < sizeof(known))
            n += (size_t)snprintf(known + n, sizeof(known) - n, "%s%s", i ? ", " : "", field);
    }
    name = str_cut(name, 100);
    if (near && name_is_near(name, str_of(near), best))
        return err_set(err, ERR_ARGUMENT,
                       "There is no argument '%.*s'. Did you mean '%s'? Known: %s.", STR_FMT(name),
                       near, known);
    return err_set(err, ERR_ARGUMENT, "There is no argument '%.*s'. Known: %s.", STR_FMT(name),
                   known);
}

bool shape_decode(const struct shape *shape, const struct json *object, struct arena *arena,
                  void *out, struct err *err)
{
    memset(out, 0, shape->size);
    for (size_t i = 0; i < shape->n; i++) {
        const struct field *f = &shape->fields[i];
        const struct json *v = json_get(object, f->name);

        if (v && v->kind == JSON_NULL && !f->required)
            v = NULL; /* models write null for "not given" */
        if (v && !decode_field(f, v, arena, out, err))
            return false;
        if (!v && f->required)
            return err_set(err, ERR_ARGUMENT, "%s is required: %s", f->name, f->doc);
        if (!v)
            set_default(f, out);
    }
    if (!object)
        return true;
    json_each (item, object) {
        size_t i = 0;
        while (i < shape->n && !str_is(item->key, shape->fields[i].name))
            i++;
        if (i == shape->n)
            return unknown_member(shape, item->key, err);
    }
    return true;
}

/* ---- encoding ---- */

static bool is_given(const struct field *f, const void *in)
{
    const void *p = at(in, f);

    switch (f->kind) {
    case FIELD_BOOL:
        return f->required || *(const bool *)p;
    case FIELD_INT:
        return *(const int64_t *)p != NOT_GIVEN;
    case FIELD_NUM:
        return isfinite(*(const double *)p); /* the schema says number, and JSON has no other */
    case FIELD_STR:
        return *(const char *const *)p != NULL;
    case FIELD_ONE:
        return *(const void *const *)p != NULL;
    case FIELD_STRS:
        return f->required || ((const struct strs *)p)->n > 0;
    case FIELD_LIST:
        return f->required || ((const struct list *)p)->n > 0;
    case FIELD_RAW:
        return ((const struct str *)p)->p != NULL;
    }
    return false;
}

static void encode_list(const struct field *f, const struct list *list, struct buf *buf)
{
    buf_byte(buf, '[');
    for (size_t i = 0; i < list->n; i++) {
        if (i)
            buf_byte(buf, ',');
        shape_encode(f->of, (const char *)list->items + i * f->of->size, buf);
    }
    buf_byte(buf, ']');
}

static void encode_texts(const struct strs *strs, struct buf *buf)
{
    buf_byte(buf, '[');
    for (size_t i = 0; i < strs->n; i++) {
        if (i)
            buf_byte(buf, ',');
        json_put_string(buf, str_of(strs->v[i]));
    }
    buf_byte(buf, ']');
}

static void encode_field(const struct field *f, const void *p, struct buf *buf)
{
    switch (f->kind) {
    case FIELD_BOOL:
        buf_puts(buf, *(const bool *)p ? "true" : "false");
        break;
    case FIELD_INT:
        json_put_integer(buf, *(const int64_t *)p);
        break;
    case FIELD_NUM:
        json_put_number(buf, *(const double *)p);
        break;
    case FIELD_STR:
        json_put_string(buf, str_of(*(const char *const *)p));
        break;
    case FIELD_STRS:
        encode_texts(p, buf);
        break;
    case FIELD_ONE:
        shape_encode(f->of, *(const void *const *)p, buf);
        break;
    case FIELD_LIST:
        encode_list(f, p, buf);
        break;
    case FIELD_RAW:
        buf_add(buf, *(const struct str *)p);
        break;
    }
}

void shape_encode(const struct shape *shape, const void *in, struct buf *buf)
{
    buf_byte(buf, '{');
    for (size_t i = 0; i < shape->n; i++) {
        const struct field *f = &shape->fields[i];

        if (is_given(f, in)) {
            json_put_key(buf, f->name);
            encode_field(f, at(in, f), buf);
        } else if (f->nullable) {
            json_put_key(buf, f->name);
            buf_puts(buf, "null");
        }
    }
    buf_byte(buf, '}');
}
