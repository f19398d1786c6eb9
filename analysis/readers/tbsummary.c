#include "analysis/readers/tbsummary.h"

#include <math.h>

#include "analysis/base/buf.h"
#include "analysis/base/json.h"
#include "analysis/base/limits.h"
#include "analysis/base/number.h"
#include "analysis/readers/wire.h"

/* ---- tensors ---- */

enum {
    DT_FLOAT = 1,
    DT_DOUBLE = 2,
    DT_INT32 = 3,
    DT_STRING = 7,
    DT_INT64 = 9,
    DT_BFLOAT16 = 14,
    DT_HALF = 19
};

struct tensor {
    uint64_t type;
    bool scalar; /* its shape has no dimension but ones */
    struct str content, text;
    bool has_value;
    double value;
    struct str bits; /* the value's, if they are those of a float or a double */
};

static double half(uint32_t bits)
{
    int exponent = (int)(bits >> 10 & 31);
    double mantissa = (double)(bits & 1023);
    double value = exponent == 31  ? (mantissa > 0 ? (double)NAN : HUGE_VAL)
                   : exponent == 0 ? ldexp(mantissa, -24)
                                   : ldexp(mantissa + 1024, exponent - 25);

    return bits >> 15 & 1 ? -value : value;
}

/* The bytes of a field that is one float or double. */
static struct str bits_of(uint64_t type, struct str bytes)
{
    bool one = (type == DT_FLOAT && bytes.n == 4) || (type == DT_DOUBLE && bytes.n == 8);

    return one ? bytes : (struct str){0};
}

/* The little-endian bytes of one value. */
static bool raw_value(uint64_t type, struct str bytes, double *value)
{
    uint64_t bits = 0;
    size_t n = type == DT_DOUBLE || type == DT_INT64    ? 8
               : type == DT_FLOAT || type == DT_INT32   ? 4
               : type == DT_HALF || type == DT_BFLOAT16 ? 2
                                                        : 0;

    if (n == 0 || bytes.n != n)
        return false;
    memcpy(&bits, bytes.p, n);
    switch (type) {
    case DT_FLOAT:
        *value = (double)wire_float(bits);
        return true;
    case DT_DOUBLE:
        *value = wire_double(bits);
        return true;
    case DT_INT32:
        *value = (double)(int32_t)(uint32_t)bits;
        return true;
    case DT_INT64:
        *value = (double)(int64_t)bits;
        return true;
    case DT_HALF:
        *value = half((uint32_t)bits);
        return true;
    default:
        *value = (double)wire_float(bits << 16);
        return true;
    }
}

static bool is_scalar(struct str shape)
{
    struct wire wire = wire_of(shape);
    struct wire_field field, size;

    while (wire_next(&wire, &field)) {
        if (!wire_is(&field, 2, WIRE_BYTES))
            continue;
        if (!wire_find(field.bytes, 1, WIRE_VARINT, &size) || size.value != 1)
            return false;
    }
    return true;
}

/* A value of float_val, double_val, int_val, int64_val or half_val: packed or by itself. */
static void take_val(struct tensor *tensor, const struct wire_field *field)
{
    struct str bytes = field->bytes;
    uint64_t value = field->value;
    bool packed = wire_has_bytes(field);

    tensor->bits = (struct str){0};
    if (wire_number(field) == 5 || wire_number(field) == 6) {
        uint64_t type = wire_number(field) == 5 ? DT_FLOAT : DT_DOUBLE;
        if (packed) {
            tensor->has_value = raw_value(type, bytes, &tensor->value);
            tensor->bits = bits_of(type, bytes);
        } else
            tensor->value = type == DT_FLOAT ? (double)wire_float(value) : wire_double(value);
        tensor->has_value |= !packed;
        return;
    }
    if (packed && wire_varint(bytes.p, bytes.p + bytes.n, &value) != bytes.p + bytes.n)
        return;
    tensor->has_value = true;
    if (wire_number(field) == 13)
        tensor->value =
            tensor->type == DT_HALF ? half((uint32_t)value) : (double)wire_float(value << 16);
    else
        tensor->value = (double)(int64_t)value;
}

static bool tensor_read(struct str message, struct tensor *tensor)
{
    struct wire wire = wire_of(message);
    struct wire_field field;

    *tensor = (struct tensor){.scalar = true};
    while (wire_next(&wire, &field)) {
        if (wire_is(&field, 1, WIRE_VARINT))
            tensor->type = field.value;
        else if (wire_is(&field, 2, WIRE_BYTES))
            tensor->scalar = is_scalar(field.bytes);
        else if (wire_is(&field, 4, WIRE_BYTES))
            tensor->content = field.bytes;
        else if (wire_is(&field, 8, WIRE_BYTES) && !tensor->text.p)
            tensor->text = field.bytes;
        else if (wire_number(&field) == 5 || wire_number(&field) == 6 || wire_number(&field) == 7 ||
                 wire_number(&field) == 10 || wire_number(&field) == 13)
            take_val(tensor, &field);
    }
    if (tensor->content.n > 0) {
        tensor->has_value = raw_value(tensor->type, tensor->content, &tensor->value);
        tensor->bits = bits_of(tensor->type, tensor->content);
    }
    return !wire.fault;
}

/* ---- a value of a summary ---- */

static void take_tensor(struct summary_value *out, struct str message, bool series)
{
    struct tensor tensor;

    if (!tensor_read(message, &tensor))
        out->kind = SUMMARY_FAULT;
    else if (tensor.type == DT_STRING && tensor.text.p) {
        out->kind = SUMMARY_TEXT;
        out->text = tensor.text;
    } else if (tensor.scalar && tensor.has_value && series) {
        out->kind = SUMMARY_SCALAR;
        out->value = tensor.value;
        out->bits = tensor.bits;
    } else {
        out->kind = SUMMARY_OTHER;
    }
}

void summary_value_read(struct str message, struct summary_value *out)
{
    struct wire wire = wire_of(message);
    struct wire_field field;
    struct str tensor = {0}, metadata = {0};
    bool simple = false;

    *out = (struct summary_value){.kind = SUMMARY_OTHER};
    while (wire_next(&wire, &field)) {
        if (wire_is(&field, 1, WIRE_BYTES)) {
            out->tag = field.bytes;
        } else if (wire_is(&field, 2, WIRE_FIXED32)) {
            simple = true;
            out->value = (double)wire_float(field.value);
            out->bits = (struct str){wire.p - sizeof(float), sizeof(float)};
        } else if (wire_is(&field, 8, WIRE_BYTES)) {
            tensor = field.bytes;
        } else if (wire_is(&field, 9, WIRE_BYTES)) {
            metadata = field.bytes;
        }
    }
    struct str plugin = {0}, name = {0};
    if (metadata.n > 0) {
        plugin = wire_bytes(metadata, 1);
        name = wire_bytes(plugin, 1);
    }
    bool series = name.n == 0 || str_is(name, "scalars");
    if (wire.fault)
        out->kind = SUMMARY_FAULT;
    else if (simple && series)
        out->kind = SUMMARY_SCALAR;
    else if (str_is(name, "hparams")) {
        out->kind = SUMMARY_HPARAMS;
        out->text = wire_bytes(plugin, 2);
    } else if (tensor.p)
        take_tensor(out, tensor, series);
}

void summary_form_keep(struct summary_form *form, struct str message,
                       const struct summary_value *value, struct arena *arena)
{
    if (value->bits.n == 0 || message.n > SUMMARY_FORM_MAX)
        return;
    if (message.n > form->room) {
        form->room = message.n;
        form->bytes = arena_alloc(arena, message.n);
    }
    memcpy(form->bytes, message.p, message.n);
    form->n = message.n;
    form->at = (size_t)(value->bits.p - message.p);
    form->size = value->bits.n;
}

/* ---- configuration ---- */

/* google.protobuf.Value */
static void put_value(struct buf *out, struct str message)
{
    struct wire wire = wire_of(message);
    struct wire_field field;
    size_t before = out->n;

    while (wire_next(&wire, &field) && out->n == before) {
        if (wire_is(&field, 2, WIRE_FIXED64))
            json_put_number(out, wire_double(field.value));
        else if (wire_is(&field, 3, WIRE_BYTES))
            json_put_string(out, field.bytes);
        else if (wire_is(&field, 4, WIRE_VARINT))
            buf_puts(out, field.value ? "true" : "false");
    }
    if (out->n == before)
        buf_puts(out, "null");
}

static bool milliseconds(struct str message, uint32_t number, int64_t *ms)
{
    struct wire_field field;

    if (!wire_find(message, number, WIRE_FIXED64, &field))
        return false;
    double seconds = wire_double(field.value);
    if (!(seconds > 0 && seconds < 1e11))
        return false;
    *ms = (int64_t)(seconds * 1e3);
    return true;
}

static void session_start(struct str message, struct feed *feed)
{
    struct wire wire = wire_of(message);
    struct wire_field field;
    struct buf json = {0};
    int64_t ms;

    while (wire_next(&wire, &field)) {
        if (wire_is(&field, 1, WIRE_BYTES)) {
            json.n = 0;
            put_value(&json, wire_bytes(field.bytes, 2));
            feed_setting(feed, "hparams", wire_bytes(field.bytes, 1), buf_str(&json));
        } else if (wire_is(&field, 4, WIRE_BYTES) && field.bytes.n > 0) {
            feed_fact(feed, FACT_GROUP, field.bytes);
        }
    }
    if (milliseconds(message, 5, &ms))
        feed_fact_number(feed, FACT_STARTED, ms);
    buf_fini(&json);
}

static void session_end(struct str message, struct feed *feed)
{
    static const char *const words[] = {"unknown", "success", "failure", "running"};
    struct wire_field field;
    int64_t ms;

    if (wire_find(message, 1, WIRE_VARINT, &field) && field.value < 4)
        feed_fact(feed, FACT_STATUS, str_of(words[field.value]));
    if (milliseconds(message, 2, &ms))
        feed_fact_number(feed, FACT_ENDED, ms);
}

void summary_hparams(struct str message, struct feed *feed)
{
    struct str start = wire_bytes(message, 3), end = wire_bytes(message, 4);

    if (start.p)
        session_start(start, feed);
    if (end.p)
        session_end(end, feed);
}

/* `true`, a number, or a string, as Python's str() wrote it. */
static void put_cell(struct buf *out, struct str cell)
{
    double value;

    if (number_is(cell, &value))
        buf_add(out, cell);
    else if (str_is(cell, "True") || str_is(cell, "False"))
        buf_puts(out, *cell.p == 'T' ? "true" : "false");
    else if (str_is(cell, "None"))
        buf_puts(out, "null");
    else
        json_put_string(out, cell);
}

/* "|key|value|" */
static bool table_row(struct str line, struct str *key, struct str *value)
{
    line = str_trim(line);
    if (line.n < 4 || *line.p != '|' || line.p[line.n - 1] != '|')
        return false;
    line = str_cut(str_from(line, 1), line.n - 2);
    const char *bar = memchr(line.p, '|', line.n);
    if (!bar)
        return false;
    *key = str_trim((struct str){line.p, (size_t)(bar - line.p)});
    *value = str_trim(str_from(line, (size_t)(bar - line.p) + 1));
    return true;
}

static bool is_rule(struct str cell)
{
    return cell.n > 0 && (*cell.p == '-' || *cell.p == ':') && str_ends(cell, STR("-"));
}

bool summary_text(struct str tag, struct str text, struct feed *feed, struct arena *arena)
{
    const char *from = arena_text(arena, tag);
    struct str line, key, value;
    struct buf json = {0};
    struct err err;
    size_t rows = 0;

    text = str_trim(text);
    if (text.n > 0 && *text.p == '{' && text.n < SMALL_FILE_MAX &&
        json_parse(arena, text, JSON_STRICT, DATA_DEPTH_MAX, &err)) {
        json_put_compact(&json, text);
        feed_config(feed, from, buf_str(&json));
        buf_fini(&json);
        return true;
    }
    while (str_next(&text, '\n', &line)) {
        if (!table_row(line, &key, &value))
            break;
        if (rows++ < 2) { /* the header and the rule below it */
            if (rows == 2 && !is_rule(key))
                break;
            continue;
        }
        json.n = 0;
        put_cell(&json, value);
        feed_setting(feed, from, key, buf_str(&json));
    }
    buf_fini(&json);
    return rows > 2;
}
