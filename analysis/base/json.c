#include "analysis/base/json.h"
#include "analysis/base/hex.h"
#include "analysis/base/number.h"
#include "analysis/base/plain.h"
#include "analysis/base/scan.h"

#include <math.h>

struct reader {
    struct arena *arena;
    const char *p, *end, *start;
    enum json_mode mode;
    size_t depth_left;
    const char *fault; /* what is wrong at p */
};

size_t utf8_length(struct str text)
{
    const unsigned char *p = (const unsigned char *)text.p;
    size_t n = text.n;

    if (n == 0)
        return 0;
    if (p[0] < 0x80)
        return 1;
    if (p[0] < 0xc2)
        return 0;
    if (p[0] < 0xe0)
        return n > 1 && (p[1] & 0xc0) == 0x80 ? 2 : 0;
    if (p[0] < 0xf0) {
        if (n < 3 || (p[1] & 0xc0) != 0x80 || (p[2] & 0xc0) != 0x80)
            return 0;
        if ((p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] >= 0xa0))
            return 0; /* overlong, surrogate */
        return 3;
    }
    if (p[0] > 0xf4 || n < 4 || (p[1] & 0xc0) != 0x80 || (p[2] & 0xc0) != 0x80 ||
        (p[3] & 0xc0) != 0x80)
        return 0;
    if ((p[0] == 0xf0 && p[1] < 0x90) || (p[0] == 0xf4 && p[1] >= 0x90))
        return 0;
    return 4;
}

/* Text is ASCII for the most part: eight bytes at a time as long as no top bit is set. */
bool utf8_valid(struct str text)
{
    while (text.n > 0) {
        uint64_t word;
        if (text.n >= sizeof(word)) {
            memcpy(&word, text.p, sizeof(word));
            if (!(word & UINT64_C(0x8080808080808080))) {
                text = str_from(text, sizeof(word));
                continue;
            }
        }
        size_t n = utf8_length(text);
        if (n == 0)
            return false;
        text = str_from(text, n);
    }
    return true;
}

/* ---- reading ---- */

static struct json *fail(struct reader *r, const char *fault)
{
    if (!r->fault)
        r->fault = fault;
    return NULL;
}

static void blanks(struct reader *r)
{
    while (r->p < r->end && (*r->p == ' ' || *r->p == '\t' || *r->p == '\n' || *r->p == '\r'))
        r->p++;
}

/*
 * The length of the escape that starts at p (a backslash), 0 if it is none. Half
 * of a surrogate pair is one in data only: Python writes it for text it had cut.
 */
static size_t escape_length(const char *p, const char *end, enum json_mode mode)
{
    const size_t half = mode == JSON_DATA ? 6 : 0;

    if (end - p < 2)
        return 0;
    if (p[1] != 'u')
        return strchr("\"\\/bfnrt", p[1]) && p[1] ? 2 : 0;
    int high = end - p >= 6 ? hex4(p + 2) : -1;
    if (high < 0)
        return 0;
    if (high < 0xd800 || high > 0xdfff)
        return 6;
    if (high > 0xdbff || end - p < 12 || p[6] != '\\' || p[7] != 'u')
        return half;
    int low = hex4(p + 8);
    return low >= 0xdc00 && low <= 0xdfff ? 12 : half;
}

/* Leaves p behind the closing quote; *plain says that there is nothing to decode. */
static bool string_span(struct reader *r, struct str *inside, bool *plain)
{
    const char *p = r->p + 1, *from = p;

    *plain = true;
    for (;;) {
        while (p < r->end && (unsigned char)*p >= 0x20 && (unsigned char)*p < 0x80 && *p != '"' &&
               *p != '\\')
            p++;
        if (p == r->end) {
            r->p = p;
            return fail(r, "a string has no end");
        }
        if (*p == '"')
            break;
        size_t n = 1;
        if (*p == '\\') {
            *plain = false;
            n = escape_length(p, r->end, r->mode);
        } else if ((unsigned char)*p < 0x20) {
            n = 0;
        } else {
            n = utf8_length((struct str){p, (size_t)(r->end - p)});
            if (n == 0 && r->mode == JSON_DATA)
                n = 1;
        }
        if (n == 0) {
            r->p = p;
            return fail(r, "a string holds a byte or an escape that JSON does not allow");
        }
        p += n;
    }
    *inside = (struct str){from, (size_t)(p - from)};
    r->p = p + 1;
    return true;
}

size_t utf8_put(char *out, unsigned code)
{
    if (code < 0x80) {
        out[0] = (char)code;
        return 1;
    }
    if (code < 0x800) {
        out[0] = (char)(0xc0 | code >> 6);
        out[1] = (char)(0x80 | (code & 0x3f));
        return 2;
    }
    if (code < 0x10000) {
        out[0] = (char)(0xe0 | code >> 12);
        out[1] = (char)(0x80 | (code >> 6 & 0x3f));
        out[2] = (char)(0x80 | (code & 0x3f));
        return 3;
    }
    out[0] = (char)(0xf0 | code >> 18);
    out[1] = (char)(0x80 | (code >> 12 & 0x3f));
    out[2] = (char)(0x80 | (code >> 6 & 0x3f));
    out[3] = (char)(0x80 | (code & 0x3f));
    return 4;
}

static struct str decode(struct arena *arena, struct str inside)
{
    char *out = arena_alloc(arena, inside.n + 1);

    return (struct str){out, scan_unescape(inside, out)};
}

static struct json *value(struct reader *r);

static struct json *node(struct reader *r, enum json_kind kind, const char *from)
{
    struct json *v = ARENA_NEW(r->arena, struct json);

    v->kind = kind;
    v->raw = (struct str){from, (size_t)(r->p - from)};
    return v;
}

/* The key and colon of a member; p is then at the value. */
static bool member_key(struct reader *r, struct str *key)
{
    bool plain;

    blanks(r);
    if (r->p == r->end || *r->p != '"')
        return fail(r, "a member's name must be a string");
    if (!string_span(r, key, &plain))
        return false;
    if (!plain)
        *key = decode(r->arena, *key);
    blanks(r);
    if (r->p == r->end || *r->p != ':')
        return fail(r, "':' is missing behind a member's name");
    r->p++;
    return true;
}

static struct json *container(struct reader *r, bool object)
{
    const char *from = r->p, close = object ? '}' : ']';
    struct json *whole = node(r, object ? JSON_OBJECT : JSON_ARRAY, from);
    const struct json **tail = &whole->first;

    if (r->depth_left == 0)
        return fail(r, "it is nested too deeply");
    r->depth_left--;
    r->p++;
    blanks(r);
    if (r->p < r->end && *r->p == close) {
        r->p++;
    } else {
        for (;;) {
            struct str key = {0};
            if (object && !member_key(r, &key))
                return NULL;
            struct json *item = value(r);
            if (!item)
                return NULL;
            item->key = key;
            *tail = item;
            tail = &item->next;
            whole->count++;
            blanks(r);
            if (r->p < r->end && *r->p == ',') {
                r->p++;
                continue;
            }
            if (r->p < r->end && *r->p == close) {
                r->p++;
                break;
            }
            return fail(r, object ? "',' or '}' is missing" : "',' or ']' is missing");
        }
    }
    r->depth_left++;
    whole->raw.n = (size_t)(r->p - from);
    return whole;
}

static bool word(struct reader *r, struct str name)
{
    if (!str_starts((struct str){r->p, (size_t)(r->end - r->p)}, name))
        return false;
    r->p += name.n;
    return true;
}

static struct json *scalar(struct reader *r)
{
    const char *from = r->p;

    if (*from == '"') {
        struct str inside;
        bool plain;
        return string_span(r, &inside, &plain) ? node(r, JSON_STRING, from) : NULL;
    }
    size_t n = number_skip((struct str){from, (size_t)(r->end - from)});
    if (n > 0) {
        r->p += n;
        return node(r, JSON_NUMBER, from);
    }
    if (word(r, STR("true")))
        return node(r, JSON_TRUE, from);
    if (word(r, STR("false")))
        return node(r, JSON_FALSE, from);
    if (word(r, STR("null")))
        return node(r, JSON_NULL, from);
    if (r->mode == JSON_DATA &&
        (word(r, STR("NaN")) || word(r, STR("Infinity")) || word(r, STR("-Infinity"))))
        return node(r, JSON_NUMBER, from);
    return fail(r, "a value is missing or misspelt");
}

static struct json *value(struct reader *r)
{
    blanks(r);
    if (r->p == r->end)
        return fail(r, "it ends too early");
    if (*r->p == '{' || *r->p == '[')
        return container(r, *r->p == '{');
    return scalar(r);
}

const struct json *json_parse(struct arena *arena, struct str text, enum json_mode mode,
                              size_t depth_max, struct err *err)
{
    struct reader r = {.arena = arena,
                       .p = text.p,
                       .start = text.p,
                       .end = text.p ? text.p + text.n : NULL,
                       .mode = mode,
                       .depth_left = depth_max};
    struct json *v = value(&r);

    if (v) {
        blanks(&r);
        if (r.p < r.end)
            v = fail(&r, "something follows the value");
    }
    if (!v)
        err_set(err, ERR_FORMAT, "not JSON: %s (byte %zu)", r.fault,
                r.p ? (size_t)(r.p - r.start) : 0);
    return v;
}

const struct json *json_get(const struct json *object, const char *name)
{
    struct str want = str_of(name);

    if (!object || object->kind != JSON_OBJECT)
        return NULL;
    json_each (item, object) {
        if (str_eq(item->key, want))
            return item;
    }
    return NULL;
}

struct str json_text(struct arena *arena, const struct json *v)
{
    if (!v || v->kind != JSON_STRING)
        return (struct str){"", 0};
    struct str inside = {v->raw.p + 1, v->raw.n - 2};
    return memchr(inside.p, '\\', inside.n) ? decode(arena, inside) : inside;
}

bool json_number(const struct json *v, double *out)
{
    if (!v || v->kind != JSON_NUMBER)
        return false;
    if (number_read(v->raw, out) > 0)
        return true;
    *out = v->raw.p[0] == 'N' ? NAN : v->raw.p[0] == '-' ? -INFINITY : INFINITY;
    return true;
}

bool json_integer(const struct json *v, int64_t *out)
{
    double x;

    if (!json_number(v, &x) || !(fabs(x) <= 9007199254740991.0) || x != floor(x))
        return false;
    *out = (int64_t)x;
    return true;
}

const char *json_kind_name(const struct json *v)
{
    static const char *const names[] = {"null",     "a boolean", "a boolean", "a number",
                                        "a string", "an array",  "an object"};

    return v ? names[v->kind] : "nothing";
}

/* ---- writing ---- */

/* What a byte becomes inside a string: 0 itself, 'u' \u00xx, else a backslash and that letter. */
static const char escapes[256] = {
    [0] = 'u',  [1] = 'u',  [2] = 'u',  [3] = 'u',  [4] = 'u',   [5] = 'u',    [6] = 'u',
    [7] = 'u',  [8] = 'b',  [9] = 't',  [10] = 'n', [11] = 'u',  [12] = 'f',   [13] = 'r',
    [14] = 'u', [15] = 'u', [16] = 'u', [17] = 'u', [18] = 'u',  [19] = 'u',   [20] = 'u',
    [21] = 'u', [22] = 'u', [23] = 'u', [24] = 'u', [25] = 'u',  [26] = 'u',   [27] = 'u',
    [28] = 'u', [29] = 'u', [30] = 'u', [31] = 'u', ['"'] = '"', ['\\'] = '\\'};

static size_t put_escape(char *out, unsigned char c)
{
    static const char digits[] = "0123456789abcdef";

    out[0] = '\\';
    out[1] = escapes[c];
    if (escapes[c] != 'u')
        return 2;
    out[2] = out[3] = '0';
    out[4] = digits[c >> 4];
    out[5] = digits[c & 15];
    return 6;
}

void json_put_escaped(struct buf *buf, struct str text)
{
    const char *p = text.p, *end = p ? p + text.n : NULL;

    while (p < end) {
        /* six bytes are the most that one byte can become */
        size_t part = (size_t)(end - p) < 4096 ? (size_t)(end - p) : 4096;
        buf_reserve(buf, part * 6);
        char *out = buf->p + buf->n;
        for (const char *stop = p + part; p < stop;) {
            size_t plain = (size_t)(plain_pass(p, stop) - p);
            memcpy(out, p, plain);
            out += plain;
            for (p += plain; p < stop && escapes[(unsigned char)*p]; p++)
                out += put_escape(out, (unsigned char)*p);
        }
        buf->n = (size_t)(out - buf->p);
    }
}

/* Keys and words, nearly all strings there are: copied as they are checked, eight bytes at a time.
 */
static bool put_short_plain(struct buf *buf, struct str text)
{
    if (text.n > 64)
        return false;
    buf_reserve(buf, text.n);
    char *out = buf->p + buf->n;
    size_t i = 0;
    for (; text.n - i >= 8; i += 8) {
        uint64_t word;
        memcpy(&word, text.p + i, 8);
        if (!plain_ascii_word(word))
            return false;
        memcpy(out + i, &word, 8);
    }
    for (; i < text.n; i++) {
        if ((unsigned char)text.p[i] >= 0x80 || escapes[(unsigned char)text.p[i]])
            return false;
        out[i] = text.p[i];
    }
    buf->n += text.n;
    return true;
}

void json_put_string(struct buf *buf, struct str text)
{
    buf_byte(buf, '"');
    if (put_short_plain(buf, text)) {
        /* done */
    } else if (utf8_valid(text)) {
        json_put_escaped(buf, text);
    } else {
        while (text.n > 0) {
            size_t n = utf8_length(text);
            if (n > 0)
                json_put_escaped(buf, str_cut(text, n));
            else
                buf_add(buf, STR("\xef\xbf\xbd"));
            text = str_from(text, n ? n : 1);
        }
    }
    buf_byte(buf, '"');
}

void json_put_number(struct buf *buf, double x)
{
    char text[NUMBER_TEXT_MAX];
    struct str s = {text, number_print(x, text)};

    if (isfinite(x))
        buf_add(buf, s);
    else
        json_put_string(buf, s);
}

void json_put_integer(struct buf *buf, int64_t x)
{
    char digits[24], *p = digits + sizeof(digits);
    uint64_t rest = x < 0 ? 0 - (uint64_t)x : (uint64_t)x;

    do {
        *--p = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest);
    if (x < 0)
        *--p = '-';
    buf_add(buf, (struct str){p, (size_t)(digits + sizeof(digits) - p)});
}

void json_put_comma(struct buf *buf)
{
    char last = buf->n ? buf->p[buf->n - 1] : '{';

    if (last != '{' && last != '[')
        buf_byte(buf, ',');
}

void json_put_key(struct buf *buf, const char *name)
{
    json_put_comma(buf);
    json_put_string(buf, str_of(name));
    buf_byte(buf, ':');
}

void json_put_compact(struct buf *buf, struct str raw)
{
    bool inside = false;

    buf_reserve(buf, raw.n);
    for (size_t i = 0; i < raw.n; i++) {
        char c = raw.p[i];
        if (!inside && (c == ' ' || c == '\t' || c == '\n' || c == '\r'))
            continue;
        buf->p[buf->n++] = c;
        if (inside && c == '\\' && i + 1 < raw.n)
            buf->p[buf->n++] = raw.p[++i];
        else if (c == '"')
            inside = !inside;
    }
}
