#ifndef JSON_H
#define JSON_H
/*
 * JSON as a tree of spans: every value knows the bytes it was read from, so ids
 * come back digit for digit, numbers of a log keep their text, and a report's
 * blocks are saved byte for byte. This is the only place that parses JSON text.
 *
 * A tree lives in the arena it was read into and borrows the text: both must
 * outlive it. Reading is strict (RFC 8259: valid UTF-8, no control characters
 * in strings, no lone surrogates, nothing behind the value); JSON_DATA also
 * takes NaN, Infinity and -Infinity and lone surrogates (read as U+FFFD), which
 * Python's json.dump writes, and bytes that are not UTF-8, which old logs hold.
 *
 * Threads: a finished tree is only read, by any number of threads.
 */

#include "analysis/base/arena.h"
#include "analysis/base/buf.h"
#include "analysis/base/err.h"

#include <stdint.h>

enum json_kind {
    JSON_NULL,
    JSON_FALSE,
    JSON_TRUE,
    JSON_NUMBER,
    JSON_STRING,
    JSON_ARRAY,
    JSON_OBJECT,
};

enum json_mode { JSON_STRICT, JSON_DATA };

struct json {
    enum json_kind kind;
    uint32_t count;           /* elements or members */
    struct str key;           /* of a member: decoded; empty otherwise */
    struct str raw;           /* the value as it stands in the text, without blanks around it */
    const struct json *first; /* element or member */
    const struct json *next;
};

#define json_each(item, parent)                                                                    \
    for (const struct json *item = (parent)->first; item; item = (item)->next)

/* NULL on a fault; err then says what and at which byte. */
const struct json *json_parse(struct arena *arena, struct str text, enum json_mode mode,
                              size_t depth_max, struct err *err);

/* The first member of that name; NULL if there is none or the value is no object (or NULL). */
const struct json *json_get(const struct json *object, const char *name);

/* A string's bytes with escapes resolved; may hold NUL. Empty for anything else. */
struct str json_text(struct arena *arena, const struct json *value);

/* The number, or NaN, Infinity, -Infinity in JSON_DATA; false if it is not one. */
bool json_number(const struct json *value, double *out);
/* A number that is a whole one within +-(2^53 - 1), however it is written (5, 5.0, 5e0). */
bool json_integer(const struct json *value, int64_t *out);

const char *json_kind_name(const struct json *value); /* "a string", "an object", … */

/* ---- writing ---- */

/* A string with its quotes; bytes that are not UTF-8 become U+FFFD. */
void json_put_string(struct buf *buf, struct str text);
/* The inside of a string: text that is JSON already, put into a string once more. */
void json_put_escaped(struct buf *buf, struct str text);
/* A computed number by number_print; non-finite ones as the strings "NaN", "Infinity", "-Infinity".
 */
void json_put_number(struct buf *buf, double value);
void json_put_integer(struct buf *buf, int64_t value);
/* `"name":` with a comma in front unless the last byte opens an object. */
void json_put_key(struct buf *buf, const char *name);
/* A comma unless the last byte opens an array or object. */
void json_put_comma(struct buf *buf);
/* A value's text without the blanks between its tokens. */
void json_put_compact(struct buf *buf, struct str raw);

/* Length of the valid UTF-8 character at the start of text, 0 if there is none. */
size_t utf8_length(struct str text);
bool utf8_valid(struct str text);
/* Writes a character's one to four bytes; returns how many. The code is no surrogate. */
size_t utf8_put(char *out, unsigned code);

#endif
