#include "analysis/base/scan.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>

static size_t count(const char *text, const char **fault)
{
    struct scan scan = scan_object(str_of(text));
    struct scan_member member;
    size_t n = 0;

    while (scan_next(&scan, &member))
        n++;
    *fault = scan.fault;
    return n;
}

Test(scan, takes_what_is_an_object)
{
    static const struct {
        const char *text;
        size_t members;
    } rows[] = {
        {"{}", 0},
        {" { } ", 0},
        {"{\"a\":1}", 1},
        {"{\"a\" : 1 , \"b\":-2.5e+3}\r", 2},
        {"{\"a\":NaN,\"b\":Infinity,\"c\":-Infinity}", 3},
        {"{\"a\":null,\"b\":true,\"c\":false}", 3},
        {"{\"a\":\"x\\\"y\\u00e9\\n\",\"b\":\"\"}", 2},
        {"{\"a\":[],\"b\":{},\"c\":[[],{}]}", 3},
        {"{\"a\":[1,{\"b\":[2,NaN]},\"x\"],\"c\":{\"d\":{\"e\":[]},\"f\":1}}", 2},
        {"{\"a\":[ 1 , 2 ] , \"b\" : { \"c\" : 1 } }", 2},
        {"{\"\xff\xfe\":1}", 1},
        {"{\"\":0}", 1},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const char *fault;
        size_t n = count(rows[i].text, &fault);
        cr_expect(!fault && n == rows[i].members, "%s: %zu members, %s", rows[i].text, n,
                  fault ? fault : "no fault");
    }
}

Test(scan, refuses_what_is_none)
{
    static const char *const rows[] = {
        "",
        " ",
        "[]",
        "1",
        "{",
        "{\"a\"",
        "{\"a\":",
        "{\"a\":1",
        "{\"a\":1,",
        "{\"a\":1,}",
        "{,\"a\":1}",
        "{\"a\":1 \"b\":2}",
        "{\"a\":1}}",
        "{\"a\":1} x",
        "{a:1}",
        "{1:1}",
        "{\"a\":01}",
        "{\"a\":+1}",
        "{\"a\":.5}",
        "{\"a\":1.}",
        "{\"a\":1e}",
        "{\"a\":-}",
        "{\"a\":nan}",
        "{\"a\":nul}",
        "{\"a\":NaNs}",
        "{\"a\":--1}",
        "{\"a\":1_000}",
        "{\"a\":\"x}",
        "{\"a\":\"\\x\"}",
        "{\"a\":\"\\u12g4\"}",
        "{\"a\":\"\\u12",
        "{\"a\":\"\\",
        "{\"a\":\"\t\"}",
        "{\"a\":[}",
        "{\"a\":[1,]}",
        "{\"a\":[1}",
        "{\"a\":{\"b\"}}",
        "{\"a\":{\"b\":1,}}",
        "{\"a\":{1:1}}",
        "{\"a\":[1]]}",
        "{\"a\":{\"b\":1]}",
        "{\"a\":[1 2]}",
        "{\"a\":[,1]}",
        "{\"a\" 1}",
        "{\"a\\q\":1}",
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const char *fault;
        count(rows[i], &fault);
        cr_expect(fault, "%s", rows[i]);
    }
}

Test(scan, every_beginning_of_an_object_is_refused)
{
    static const char text[] =
        "{\"a\":[1,{\"b\":\"x\\n\"}],\"c\":-1.5e3,\"d\":NaN,\"e\":{\"f\":[]}}";

    for (size_t n = 0; n < sizeof(text) - 1; n++) {
        char copy[sizeof(text)];
        const char *fault;
        memcpy(copy, text, n);
        copy[n] = '\0';
        count(copy, &fault);
        cr_expect(fault, "%s", copy);
    }
}

Test(scan, nesting_has_an_end)
{
    char text[300];

    for (size_t depth = 62; depth <= 65; depth++) {
        const char *fault;
        size_t n = 0;
        n += (size_t)snprintf(text, sizeof(text), "{\"a\":");
        memset(text + n, '[', depth);
        memset(text + n + depth, ']', depth);
        snprintf(text + n + 2 * depth, 2, "}");
        count(text, &fault);
        cr_expect(!fault == (depth <= 63), "%zu levels below the object", depth);
    }
}

Test(scan, names_kinds_and_spans)
{
    struct scan scan = scan_object(
        STR("{\"a b\": -1.50, \"c\\u0041\":\"t\", \"d\":-Infinity,\"e\":[1, 2],\"f\":null}"));
    static const struct {
        const char *key, *value;
        enum scan_kind kind;
        bool escaped;
    } rows[] = {
        {"a b", "-1.50", SCAN_NUMBER, false},
        {"c\\u0041", "\"t\"", SCAN_STRING, true},
        {"d", "-Infinity", SCAN_NON_FINITE, false},
        {"e", "[1, 2]", SCAN_NESTED, false},
        {"f", "null", SCAN_NULL, false},
    };
    struct scan_member m;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        cr_assert(scan_next(&scan, &m));
        cr_expect(str_is(m.key, rows[i].key) && str_is(m.value, rows[i].value), "%s: %.*s %.*s",
                  rows[i].key, STR_FMT(m.key), STR_FMT(m.value));
        cr_expect(m.kind == rows[i].kind && m.escaped == rows[i].escaped, "%s", rows[i].key);
    }
    cr_expect(!scan_next(&scan, &m) && !scan.fault);
}

Test(scan, reads_what_stands_for_a_double)
{
    struct scan_member number = {.value = STR("-2.5e2")}, none = {.value = STR("NaN")},
                       low = {.value = STR("-Infinity")}, high = {.value = STR("Infinity")};

    cr_expect(scan_double(&number) == -250);
    cr_expect(isnan(scan_double(&none)));
    cr_expect(scan_double(&low) < 0 && isinf(scan_double(&low)));
    cr_expect(scan_double(&high) > 0 && isinf(scan_double(&high)));
}

Test(scan, unescapes)
{
    static const struct {
        const char *from, *to;
    } rows[] = {
        {"plain", "plain"},
        {"\\\"\\\\\\/", "\"\\/"},
        {"\\b\\f\\n\\r\\t", "\b\f\n\r\t"},
        {"\\u0041\\u00e9\\u20ac", "A\xc3\xa9\xe2\x82\xac"},
        {"\\ud83d\\ude00", "\xf0\x9f\x98\x80"},
        {"\\ud83dx", "\xef\xbf\xbdx"},
        {"\\ude00", "\xef\xbf\xbd"},
        {"\\ud83d\\u0041", "\xef\xbf\xbd"
                           "A"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char out[64];
        size_t n = scan_unescape(str_of(rows[i].from), out);
        cr_expect(str_is((struct str){out, n}, rows[i].to), "%s", rows[i].from);
    }
}

Test(scan, elements_of_an_array)
{
    static const char text[] = " [1, \"a,]\", {\"b\": [2]}, [], null ] ";
    static const char *const want[] = {"1", "\"a,]\"", "{\"b\": [2]}", "[]", "null"};
    struct scan scan = scan_array(str_of(text));
    struct scan_member element;
    size_t n = 0;

    while (scan_element(&scan, &element)) {
        cr_assert(n < 5);
        cr_expect(str_is(element.value, want[n]), "%zu: %.*s", n, STR_FMT(element.value));
        n++;
    }
    cr_expect(n == 5 && !scan.fault, "%s", scan.fault);
}

Test(scan, arrays_that_are_none)
{
    static const char *const texts[] = {"", "{}", "[", "[1", "[1,", "[1,]", "[1 2]", "[] x", "[,]"};

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct scan scan = scan_array(str_of(texts[i]));
        struct scan_member element;
        while (scan_element(&scan, &element))
            ;
        cr_expect(scan.fault, "%s", texts[i]);
    }
}

/* Strings are gone over eight bytes at a time: what ends them must be seen at every place. */
Test(scan, what_ends_a_string_is_seen_wherever_it_stands)
{
    for (size_t n = 0; n < 40; n++) {
        for (int which = 0; which < 4; which++) {
            static const char *const inside[] = {"", "\\\"", "\x1f", "\xff\x80\x20"};
            char text[100] = "{\"k\":\"";
            struct scan_member member;
            size_t at = strlen(text);
            memset(text + at, 'a', n);
            snprintf(text + at + n, sizeof(text) - at - n, "%sz\"}", inside[which]);
            struct scan scan = scan_object(str_of(text));
            bool given = scan_next(&scan, &member);
            cr_expect(given == (which != 2), "%s", text);
            cr_expect(!given || member.value.n == n + strlen(inside[which]) + 3, "%s", text);
        }
    }
}
