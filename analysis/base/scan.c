#include "analysis/base/scan.h"
#include "analysis/base/json.h"

#include <math.h>
#include <stdint.h>

#include "analysis/base/hex.h"
#include "analysis/base/limits.h"
#include "analysis/base/number.h"
#include "analysis/base/plain.h"

/* The open containers of a nested value are the bits of one word: 1 an object, 0 an array. */
enum { NESTED_MAX = DATA_DEPTH_MAX - 1 };
_Static_assert(NESTED_MAX <= 64, "one bit a level");

static const char cut[] = "ends inside a value";

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static const char *skip_blank(const char *p, const char *end)
{
    while (p < end && is_blank(*p))
        p++;
    return p;
}

static bool is_hex(char c)
{
    return (unsigned char)(c - '0') <= 9 || (unsigned char)((c | 0x20) - 'a') <= 5;
}

/* p stands behind a backslash; goes over what it escapes. */
static const char *skip_escape(struct scan *scan, const char *p)
{
    const char *end = scan->end;

    if (p == end) {
        scan->fault = "ends inside a string";
        return NULL;
    }
    if (*p != 'u') {
        static const char known[8] = {'"', '\\', '/', 'b', 'f', 'n', 'r', 't'};
        if (memchr(known, *p, sizeof(known)))
            return p + 1;
        scan->fault = "a string holds an unknown escape";
        return NULL;
    }
    for (int i = 1; i <= 4; i++) {
        if (end - p <= i || !is_hex(p[i])) {
            scan->fault = "a string holds a \\u without four hex digits";
            return NULL;
        }
    }
    return p + 5;
}

/* p stands behind the opening quote; returns what stands behind the closing one. */
static const char *skip_string(struct scan *scan, const char *p, bool *escaped)
{
    *escaped = false;
    while (p && (p = plain_pass(p, scan->end)) < scan->end) {
        char c = *p++;
        if (c == '"')
            return p;
        if ((unsigned char)c < 0x20) {
            scan->fault = "a string holds a control character";
            return NULL;
        }
        if (c == '\\') {
            *escaped = true;
            p = skip_escape(scan, p);
        }
    }
    if (p)
        scan->fault = "ends inside a string";
    return NULL;
}

size_t scan_non_finite(struct str text, double *value)
{
    if (str_starts(text, STR("NaN"))) {
        *value = NAN;
        return 3;
    }
    if (str_starts(text, STR("Infinity"))) {
        *value = INFINITY;
        return 8;
    }
    if (str_starts(text, STR("-Infinity"))) {
        *value = -INFINITY;
        return 9;
    }
    return 0;
}

/* A value that holds no others. p < end. */
static const char *skip_scalar(struct scan *scan, const char *p, enum scan_kind *kind)
{
    struct str text = {p, (size_t)(scan->end - p)};
    bool escaped;
    double value;

    if (*p == '"') {
        *kind = SCAN_STRING;
        return skip_string(scan, p + 1, &escaped);
    }
    size_t n = number_skip(text);
    *kind = SCAN_NUMBER;
    if (n == 0) {
        n = scan_non_finite(text, &value);
        *kind = SCAN_NON_FINITE;
    }
    if (n == 0 && str_starts(text, STR("null"))) {
        n = 4;
        *kind = SCAN_NULL;
    } else if (n == 0 && (str_starts(text, STR("true")) || str_starts(text, STR("false")))) {
        n = *p == 't' ? 4 : 5;
        *kind = SCAN_BOOL;
    }
    if (n == 0) {
        scan->fault = "a value is not JSON";
        return NULL;
    }
    return p + n;
}

/* `"key" :` */
static const char *skip_key(struct scan *scan, const char *p, struct str *key, bool *escaped)
{
    const char *first = skip_blank(p, scan->end);

    if (first == scan->end || *first != '"') {
        scan->fault = first == scan->end ? "the object does not end" : "a key is not a string";
        return NULL;
    }
    const char *last = skip_string(scan, first + 1, escaped);
    if (!last)
        return NULL;
    *key = (struct str){first + 1, (size_t)(last - first) - 2};
    p = skip_blank(last, scan->end);
    if (p == scan->end || *p != ':') {
        scan->fault = "a key has no value";
        return NULL;
    }
    return skip_blank(p + 1, scan->end);
}

/* Behind a complete value: goes over closing brackets, then over a comma if something is open. */
static const char *skip_closing(struct scan *scan, const char *p, uint64_t kinds, unsigned *depth)
{
    while (*depth > 0) {
        bool object = kinds >> (*depth - 1) & 1;
        p = skip_blank(p, scan->end);
        if (p == scan->end) {
            scan->fault = cut;
            return NULL;
        }
        if (*p == ',')
            return p + 1;
        if (*p != (object ? '}' : ']')) {
            scan->fault = "a nested value is not JSON";
            return NULL;
        }
        p++;
        --*depth;
    }
    return p;
}

/* p stands on an opening bracket. */
static const char *skip_nested(struct scan *scan, const char *p)
{
    uint64_t kinds = 0;
    unsigned depth = 0;
    enum scan_kind kind;
    struct str key;
    bool escaped;

    do {
        if (depth > 0 && (kinds >> (depth - 1) & 1) && !(p = skip_key(scan, p, &key, &escaped)))
            return NULL;
        p = skip_blank(p, scan->end);
        if (p == scan->end) {
            scan->fault = cut;
            return NULL;
        }
        if (*p != '{' && *p != '[') {
            p = skip_scalar(scan, p, &kind);
        } else {
            if (depth + scan->depth >= NESTED_MAX) {
                scan->fault = "is nested too deeply";
                return NULL;
            }
            char close = *p == '{' ? '}' : ']';
            kinds = (kinds & ~(UINT64_C(1) << depth)) | (uint64_t)(*p == '{') << depth;
            depth++;
            const char *inside = skip_blank(p + 1, scan->end);
            if (inside == scan->end || *inside != close) {
                p = inside;
                continue; /* its first element */
            }
            p = inside; /* empty: closed below */
        }
        if (p)
            p = skip_closing(scan, p, kinds, &depth);
    } while (p && depth > 0);
    return p;
}

/* Nothing has no address to count from. */
static struct scan bounds(struct str text)
{
    if (text.n == 0)
        text.p = "";
    return (struct scan){.p = text.p, .end = text.p + text.n};
}

struct scan scan_object(struct str line)
{
    struct scan scan = bounds(line);

    scan.p = skip_blank(scan.p, scan.end);
    if (scan.p == scan.end || *scan.p != '{')
        scan.fault = "is not a JSON object";
    else
        scan.p++;
    return scan;
}

struct scan scan_array(struct str text)
{
    struct scan scan = bounds(text);

    scan.p = skip_blank(scan.p, scan.end);
    if (scan.p == scan.end || *scan.p != '[')
        scan.fault = "is not a JSON array";
    else
        scan.p++;
    return scan;
}

/* The container is closed: nothing but blanks may follow. */
static bool finish(struct scan *scan, const char *fault)
{
    scan->ended = true;
    scan->p++;
    if (scan->inside)
        return false;
    scan->p = skip_blank(scan->p, scan->end);
    if (scan->p != scan->end)
        scan->fault = fault;
    return false;
}

/* Behind what was given last: false at the end of the container or on a fault. */
static bool go_on(struct scan *scan, char close, const char *cut_short, const char *behind)
{
    if (scan->fault || scan->ended)
        return false;
    const char *p = scan->p = skip_blank(scan->p, scan->end);
    if (p < scan->end && *p == close)
        return finish(scan, behind);
    if (scan->begun) {
        if (p == scan->end || *p != ',') {
            scan->fault = p == scan->end ? cut_short : "a comma is missing";
            return false;
        }
        scan->p++;
    }
    scan->begun = true;
    return true;
}

/* The value that begins at p; open: a nested one is not gone over. */
static bool take_value(struct scan *scan, const char *p, struct scan_member *out, bool open)
{
    const char *value = p;

    if (*p == '{' || *p == '[') {
        out->kind = SCAN_NESTED;
        if (open) {
            out->value = (struct str){p, 1};
            scan->p = p;
            return true;
        }
        p = skip_nested(scan, p);
    } else {
        p = skip_scalar(scan, p, &out->kind);
    }
    if (!p)
        return false;
    out->value = (struct str){value, (size_t)(p - value)};
    scan->p = p;
    return true;
}

static inline bool next(struct scan *scan, struct scan_member *out, bool open)
{
    static const char cut_short[] = "the object does not end";

    if (!go_on(scan, '}', cut_short, "something stands behind the object"))
        return false;
    const char *p = skip_key(scan, scan->p, &out->key, &out->escaped);
    if (!p)
        return false;
    if (p == scan->end) {
        scan->fault = cut_short;
        return false;
    }
    return take_value(scan, p, out, open);
}

static inline bool element(struct scan *scan, struct scan_member *out, bool open)
{
    static const char cut_short[] = "the array does not end";

    if (!go_on(scan, ']', cut_short, "something stands behind the array"))
        return false;
    const char *p = skip_blank(scan->p, scan->end);
    if (p == scan->end) {
        scan->fault = cut_short;
        return false;
    }
    out->key = (struct str){0};
    out->escaped = false;
    return take_value(scan, p, out, open);
}

bool scan_next(struct scan *scan, struct scan_member *out)
{
    return next(scan, out, false);
}

bool scan_element(struct scan *scan, struct scan_member *out)
{
    return element(scan, out, false);
}

bool scan_next_open(struct scan *scan, struct scan_member *out)
{
    return next(scan, out, true);
}

bool scan_element_open(struct scan *scan, struct scan_member *out)
{
    return element(scan, out, true);
}

bool scan_pass(struct scan *scan, struct scan_member *out)
{
    return out->kind != SCAN_NESTED || take_value(scan, scan->p, out, false);
}

struct scan scan_enter(struct scan *scan)
{
    struct scan in = {.p = scan->p + 1,
                      .end = scan->end,
                      .inside = true,
                      .array = *scan->p == '[',
                      .depth = (unsigned char)(scan->depth + 1)};

    if (in.depth > NESTED_MAX)
        in.fault = "is nested too deeply";
    return in;
}

void scan_leave(struct scan *scan, struct scan *in)
{
    struct scan_member rest;

    while (in->array ? scan_element(in, &rest) : scan_next(in, &rest))
        ;
    scan->fault = in->fault;
    scan->p = in->p;
}

double scan_double(const struct scan_member *member)
{
    double value = NAN;

    if (number_read(member->value, &value) == 0)
        scan_non_finite(member->value, &value);
    return value;
}

/* p stands on the u of an escape that was checked; *taken: how many bytes from there. */
static uint32_t unicode(const char *p, const char *end, size_t *taken)
{
    uint32_t code = (uint32_t)hex4(p + 1);

    *taken = 5;
    if (code < 0xd800 || code > 0xdfff)
        return code;
    if (code < 0xdc00 && end - p >= 11 && p[5] == '\\' && p[6] == 'u') {
        uint32_t low = (uint32_t)hex4(p + 7);
        if (low >= 0xdc00 && low <= 0xdfff) {
            *taken = 11;
            return 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
        }
    }
    return 0xfffd;
}

size_t scan_unescape(struct str text, char *out)
{
    static const char from[] = "bfnrt", to[] = "\b\f\n\r\t";
    const char *p = text.p, *end = text.p + text.n;
    size_t n = 0, taken;

    while (p < end) {
        const char *slash = memchr(p, '\\', (size_t)(end - p));
        size_t plain = (size_t)((slash && end - slash >= 2 ? slash : end) - p);
        memcpy(out + n, p, plain);
        n += plain;
        p += plain;
        if (p == end)
            break;
        p++;
        if (*p == 'u' && end - p >= 5) {
            n += utf8_put(out + n, unicode(p, end, &taken));
            p += taken;
            continue;
        }
        const char *known = strchr(from, *p);
        out[n++] = known && *known ? to[known - from] : *p;
        p++;
    }
    return n;
}
