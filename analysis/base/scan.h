#ifndef SCAN_H
#define SCAN_H
/*
 * A log line that holds one JSON object, member by member: no tree, no
 * allocation. Accepts exactly the objects of JSON_DATA (json.h): RFC 8259, and
 * bare NaN, Infinity and -Infinity as values; bytes that are not UTF-8 pass.
 * Nested values are checked and skipped, to a depth of DATA_DEPTH_MAX.
 *
 *     struct scan scan = scan_object(line);
 *     while (scan_next(&scan, &member))
 *         ...
 *     if (scan.fault)  what is wrong with the line, a static text
 *
 * A fault may show after members were given: what a line says counts only when
 * its end was reached. Spans borrow the line.
 */

#include "analysis/base/str.h"

enum scan_kind {
    SCAN_NUMBER,
    SCAN_NON_FINITE, /* NaN, Infinity, -Infinity */
    SCAN_NULL,
    SCAN_STRING,
    SCAN_BOOL,
    SCAN_NESTED,
};

struct scan {
    const char *p, *end;
    const char *fault; /* NULL: none so far */
    bool begun;
};

struct scan_member {
    struct str key; /* as it stands between its quotes */
    bool escaped;   /* the key holds a backslash: scan_unescape makes the name of it */
    enum scan_kind kind;
    struct str value; /* as it stands; strings with their quotes */
};

struct scan scan_object(struct str line);
bool scan_next(struct scan *scan, struct scan_member *out);

/* The same for the elements of an array, which have no keys. */
struct scan scan_array(struct str text);
bool scan_element(struct scan *scan, struct scan_member *out);

/* The double that a SCAN_NUMBER or SCAN_NON_FINITE stands for. */
double scan_double(const struct scan_member *member);
/* Bytes of NaN, Infinity or -Infinity at the start of text, 0 if there is none of them. */
size_t scan_non_finite(struct str text, double *value);
/*
 * The bytes that a key or string without its quotes means; out has room for
 * text.n bytes, which is always enough. Returns how many. Half a surrogate pair
 * becomes U+FFFD.
 */
size_t scan_unescape(struct str text, char *out);

#endif
