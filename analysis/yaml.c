/*
 * Configuration as JSON: libyaml's events, bounded. Plain scalars get the types
 * of the YAML 1.2 core schema (10.3.2 of its specification); everything else
 * is a string. Aliases are refused, because a few of them can stand for more
 * text than there is memory.
 */
#include "analysis/experiment.h"

#include <yaml.h>

#include "analysis/base/limits.h"
#include "analysis/base/number.h"

enum { EVENTS_MAX = 100000 };

struct level {
    bool mapping, value_next;
};

struct writer {
    struct buf out;
    struct level level[DATA_DEPTH_MAX];
    size_t depth;
    bool done;
};

static bool is_one_of(struct str s, const char *const *words)
{
    for (; *words; words++) {
        if (str_is(s, *words))
            return true;
    }
    return false;
}

/* [-+]?[0-9]+ with blanks in front of nothing: as JSON writes it, or empty. */
static struct str integer(struct arena *arena, struct str s)
{
    bool minus = s.n > 0 && s.p[0] == '-';
    struct str digits = str_from(s, minus || (s.n > 0 && s.p[0] == '+') ? 1 : 0);

    if (digits.n == 0)
        return digits;
    for (size_t i = 0; i < digits.n; i++) {
        if (digits.p[i] < '0' || digits.p[i] > '9')
            return (struct str){0};
    }
    while (digits.n > 1 && digits.p[0] == '0')
        digits = str_from(digits, 1);
    return str_of(arena_printf(arena, "%s%.*s", minus ? "-" : "", STR_FMT(digits)));
}

/* 0x1f and 0o17, at most 15 digits. */
static bool based(struct str s, int64_t *out)
{
    int base = str_starts(s, STR("0x")) ? 16 : str_starts(s, STR("0o")) ? 8 : 0;

    s = str_from(s, 2);
    if (base == 0 || s.n == 0 || s.n > 13)
        return false;
    *out = 0;
    for (size_t i = 0; i < s.n; i++) {
        int c = (unsigned char)s.p[i];
        int digit = c >= '0' && c <= '9' ? c - '0' : (c | 32) >= 'a' ? (c | 32) - 'a' + 10 : 99;
        if (digit >= base)
            return false;
        *out = *out * base + digit;
    }
    return true;
}

/* [-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?, mended to JSON's grammar. */
static bool real(struct str s, struct buf *out)
{
    char text[64];
    size_t n = 0, whole;
    double value;

    if (s.n > 40)
        return false;
    if (s.n > 0 && (s.p[0] == '-' || s.p[0] == '+')) {
        if (s.p[0] == '-')
            text[n++] = '-';
        s = str_from(s, 1);
    }
    if (s.n > 1 && s.p[0] == '.')
        text[n++] = '0';
    while (s.n > 1 && s.p[0] == '0' && s.p[1] >= '0' && s.p[1] <= '9')
        s = str_from(s, 1);
    for (size_t i = 0; i < s.n; i++) {
        text[n++] = s.p[i];
        bool digit_follows = i + 1 < s.n && s.p[i + 1] >= '0' && s.p[i + 1] <= '9';
        if (s.p[i] == '.' && !digit_follows) {
            if (i == 0)
                return false;
            text[n++] = '0';
        }
    }
    whole = number_read((struct str){text, n}, &value);
    if (whole == 0 || whole != n)
        return false;
    buf_add(out, (struct str){text, n});
    return true;
}

static void plain(struct buf *out, struct str s, struct arena *arena)
{
    static const char *const nulls[] = {"", "~", "null", "Null", "NULL", NULL};
    static const char *const trues[] = {"true", "True", "TRUE", NULL};
    static const char *const falses[] = {"false", "False", "FALSE", NULL};
    struct str whole;
    int64_t number;

    if (is_one_of(s, nulls))
        buf_puts(out, "null");
    else if (is_one_of(s, trues))
        buf_puts(out, "true");
    else if (is_one_of(s, falses))
        buf_puts(out, "false");
    else if ((whole = integer(arena, s)).n > 0)
        buf_add(out, whole);
    else if (based(s, &number))
        json_put_integer(out, number);
    else if (!real(s, out))
        json_put_string(out, s);
}

static bool event_fault(const yaml_parser_t *parser, const char *what, struct err *err)
{
    return err_set(err, ERR_FORMAT, "line %zu: %s", parser->mark.line + 1, what);
}

/* What stands between this node and the one before it; false if a list stands for a key. */
static bool before(struct writer *w, bool scalar)
{
    struct level *in = w->depth ? &w->level[w->depth - 1] : NULL;

    if (!in)
        return true;
    if (in->mapping && in->value_next)
        buf_byte(&w->out, ':');
    else
        json_put_comma(&w->out);
    bool key = in->mapping && !in->value_next;
    in->value_next = key;
    return scalar || !key;
}

static void scalar(struct writer *w, const yaml_event_t *event, struct arena *arena)
{
    struct str text = {(const char *)event->data.scalar.value, event->data.scalar.length};
    const struct level *in = w->depth ? &w->level[w->depth - 1] : NULL;
    bool key = in && in->mapping && !in->value_next;

    before(w, true);
    if (key || event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE)
        json_put_string(&w->out, text);
    else
        plain(&w->out, text, arena);
}

static bool take(struct writer *w, const yaml_parser_t *parser, const yaml_event_t *event,
                 struct arena *arena, struct err *err)
{
    bool mapping = event->type == YAML_MAPPING_START_EVENT;

    switch (event->type) {
    case YAML_ALIAS_EVENT:
        return event_fault(parser, "an alias (*name) is not read", err);
    case YAML_SCALAR_EVENT:
        scalar(w, event, arena);
        return true;
    case YAML_MAPPING_START_EVENT:
    case YAML_SEQUENCE_START_EVENT:
        if (w->depth == DATA_DEPTH_MAX)
            return event_fault(parser, "it is nested too deeply", err);
        if (!before(w, false))
            return event_fault(parser, "a list or mapping stands where a name is expected", err);
        w->level[w->depth++] = (struct level){.mapping = mapping};
        buf_byte(&w->out, mapping ? '{' : '[');
        return true;
    case YAML_MAPPING_END_EVENT:
    case YAML_SEQUENCE_END_EVENT:
        w->depth--;
        buf_byte(&w->out, event->type == YAML_MAPPING_END_EVENT ? '}' : ']');
        return true;
    case YAML_DOCUMENT_END_EVENT: /* of several documents the first is the configuration */
    case YAML_STREAM_END_EVENT:
        w->done = true;
        return true;
    default:
        return true;
    }
}

/* JSON would be YAML, too, but not for libyaml in every case, nor at its speed. */
static bool is_json(struct str text, struct arena *arena)
{
    struct err err;

    return str_starts(str_trim(text), STR("{")) &&
           json_parse(arena, text, JSON_STRICT, DATA_DEPTH_MAX, &err) != NULL;
}

bool config_to_json(struct str text, struct arena *arena, struct str *json, struct err *err)
{
    struct writer w = {0};
    yaml_parser_t parser;
    bool ok = true;

    if (is_json(text, arena)) {
        *json = text;
        return true;
    }
    if (!yaml_parser_initialize(&parser))
        return err_set(err, ERR_INTERNAL, "libyaml does not start");
    yaml_parser_set_input_string(&parser, (const unsigned char *)text.p, text.n);
    for (size_t events = 0; ok && !w.done; events++) {
        yaml_event_t event;
        if (events == EVENTS_MAX) {
            ok = event_fault(&parser, "there is more than a configuration would hold", err);
        } else if (!yaml_parser_parse(&parser, &event)) {
            ok = err_set(err, ERR_FORMAT, "line %zu: %s", parser.problem_mark.line + 1,
                         parser.problem ? parser.problem : "not YAML");
        } else {
            ok = take(&w, &parser, &event, arena, err);
            yaml_event_delete(&event);
        }
    }
    yaml_parser_delete(&parser);
    if (ok && w.out.n == 0)
        buf_puts(&w.out, "null");
    if (ok)
        *json = arena_str(arena, buf_str(&w.out));
    buf_fini(&w.out);
    return ok;
}
