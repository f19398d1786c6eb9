#include "analysis/history_read.h"

#include <math.h>
#include <stdlib.h>

#include "analysis/base/json.h"
#include "analysis/base/limits.h"
#include "analysis/base/number.h"

static const uint64_t missing_bits = 0x7ff8000000004d49; /* quiet, with "MI" as payload */

double missing_value(void)
{
    double value;

    memcpy(&value, &missing_bits, sizeof(value));
    return value;
}

bool is_missing(double value)
{
    uint64_t bits;

    memcpy(&bits, &value, sizeof(bits));
    return bits == missing_bits;
}

struct scan {
    const char *start, *p, *end;
    const char *fault;
};

static bool fail(struct scan *s, const char *fault)
{
    if (!s->fault)
        s->fault = fault;
    return false;
}

static inline void blanks(struct scan *s)
{
    while (s->p < s->end && (*s->p == ' ' || *s->p == '\n' || *s->p == '\t' || *s->p == '\r'))
        s->p++;
}

static bool take(struct scan *s, char c)
{
    blanks(s);
    if (s->p == s->end || *s->p != c)
        return false;
    s->p++;
    return true;
}

/* The string at p with its quotes. */
static bool string(struct scan *s, struct str *raw)
{
    const char *from = s->p;

    for (const char *p = from + 1; p < s->end; p++) {
        if (*p == '\\') {
            p++;
        } else if (*p == '"') {
            s->p = p + 1;
            *raw = (struct str){from, (size_t)(s->p - from)};
            return true;
        }
    }
    return fail(s, "a string has no end");
}

static bool word(struct scan *s, struct str name)
{
    if (!str_starts((struct str){s->p, (size_t)(s->end - s->p)}, name))
        return false;
    s->p += name.n;
    return true;
}

/* Any value, looked at only as far as to find its end. */
static bool skip(struct scan *s)
{
    int depth = 0;

    do {
        struct str raw;
        blanks(s);
        if (s->p == s->end)
            return fail(s, "it ends too early");
        char c = *s->p;
        if (c == '"') {
            if (!string(s, &raw))
                return false;
        } else if (c == '[' || c == '{') {
            depth++;
            s->p++;
        } else if (c == ']' || c == '}') {
            if (depth-- == 0)
                return fail(s, "a value is missing");
            s->p++;
        } else if (depth > 0 && (c == ',' || c == ':')) {
            s->p++;
        } else {
            const char *from = s->p;
            while (s->p < s->end && !strchr(" \n\t\r,:[]{}\"", *s->p))
                s->p++;
            if (s->p == from)
                return fail(s, "a value is missing");
        }
        if (depth > DATA_DEPTH_MAX)
            return fail(s, "it is nested too deeply");
    } while (depth > 0);
    return true;
}

static bool member_name(struct scan *s, struct arena *arena, struct str *name)
{
    struct str raw;

    blanks(s);
    if (s->p == s->end || *s->p != '"')
        return fail(s, "a member's name is missing");
    if (!string(s, &raw))
        return false;
    if (memchr(raw.p, '\\', raw.n)) {
        struct err err;
        const struct json *v = json_parse(arena, raw, JSON_DATA, 1, &err);
        raw = v ? json_text(arena, v) : (struct str){raw.p + 1, raw.n - 2};
    } else {
        raw = (struct str){raw.p + 1, raw.n - 2};
    }
    *name = raw;
    return take(s, ':') || fail(s, "':' is missing behind a member's name");
}

/* Behind an element or member: true if another follows, *more false at the close. */
static bool go_on(struct scan *s, char close, bool *more)
{
    *more = take(s, ',');
    return *more || take(s, close) || fail(s, "',' or a closing bracket is missing");
}

static bool element(struct scan *s, double *value, bool *missing)
{
    size_t n = number_read((struct str){s->p, (size_t)(s->end - s->p)}, value);

    *missing = false;
    s->p += n;
    if (n > 0)
        return true;
    if (word(s, STR("NaN"))) {
        *value = NAN;
    } else if (word(s, STR("Infinity"))) {
        *value = INFINITY;
    } else if (word(s, STR("-Infinity"))) {
        *value = -INFINITY;
    } else {
        *value = missing_value();
        *missing = true;
        return skip(s);
    }
    return true;
}

static bool list(struct scan *s, struct raw_key *key, size_t room)
{
    bool more = true;

    s->p++;
    if (take(s, ']'))
        return true;
    while (more) {
        if (key->n == key->room) {
            key->room = key->room ? key->room * 2 : room ? room : 64;
            key->value = heap_grow(key->value, key->room * sizeof(double));
            key->at = heap_grow(key->at, key->room * sizeof(uint32_t));
        }
        bool missing;
        blanks(s);
        key->at[key->n] = (uint32_t)(s->p - s->start);
        if (!element(s, &key->value[key->n], &missing))
            return false;
        key->missing += missing;
        key->n++;
        if (!go_on(s, ']', &more))
            return false;
    }
    return true;
}

static bool members(struct scan *s, struct arena *arena, struct raw_history *out)
{
    bool more = true;

    s->p++;
    if (take(s, '}'))
        return true;
    while (more) {
        struct str name;
        if (!member_name(s, arena, &name))
            return false;
        blanks(s);
        bool is_list = s->p < s->end && *s->p == '[';
        if (!is_list || out->keys_n == KEYS_MAX) {
            out->odd += !is_list;
            out->dropped += is_list;
            if (!skip(s))
                return false;
        } else {
            if (out->keys_n == out->room) {
                out->room = out->room ? out->room * 2 : 16;
                out->keys = heap_grow(out->keys, out->room * sizeof(*out->keys));
            }
            /* lists of one run are of one length, so the first tells how much the next needs */
            size_t room = out->keys_n ? out->keys[out->keys_n - 1].n : 0;
            struct raw_key *key = &out->keys[out->keys_n++];
            *key = (struct raw_key){.name = name};
            if (!list(s, key, room))
                return false;
        }
        if (!go_on(s, '}', &more))
            return false;
    }
    return true;
}

static bool whole(struct scan *s, struct arena *arena, struct raw_history *out)
{
    bool more = true;

    if (!take(s, '{'))
        return fail(s, "it is no object");
    if (take(s, '}'))
        return true;
    while (more) {
        struct str name, *text;
        if (!member_name(s, arena, &name))
            return false;
        blanks(s);
        const char *from = s->p;
        text = str_is(name, "global_step") ? &out->global_step
               : str_is(name, "timestamp") ? &out->timestamp
                                           : NULL;
        if (str_is(name, "history") && !out->has_history && from < s->end && *from == '{') {
            out->has_history = true;
            if (!members(s, arena, out))
                return false;
        } else if (!skip(s)) {
            return false;
        }
        if (text)
            *text = (struct str){from, (size_t)(s->p - from)};
        if (!go_on(s, '}', &more))
            return false;
    }
    blanks(s);
    return s->p == s->end || fail(s, "something follows the object");
}

bool history_read(struct str text, struct arena *arena, struct raw_history *out, struct err *err)
{
    struct scan s = {text.p, text.p, text.p + text.n, NULL};

    if (whole(&s, arena, out))
        return true;
    return err_set(err, ERR_FORMAT, "not a whole JSON object: %s (byte %zu)", s.fault,
                   (size_t)(s.p - s.start));
}

void raw_fini(struct raw_history *raw)
{
    for (size_t i = 0; i < raw->keys_n; i++) {
        free(raw->keys[i].value);
        free(raw->keys[i].at);
    }
    free(raw->keys);
    *raw = (struct raw_history){0};
}
