#include "analysis/base/json.h"

#include <criterion/criterion.h>
#include <math.h>

#define FILLER                                                                                     \
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-abcdefghijklmnopqrstuvwxyz"   \
    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

static struct arena arena;
static struct err err;

static void set_up(void)
{
    arena_init(&arena);
}

static void tear_down(void)
{
    arena_fini(&arena);
}

TestSuite(json, .init = set_up, .fini = tear_down);

static const struct json *parse(const char *text, enum json_mode mode)
{
    return json_parse(&arena, str_of(text), mode, 8, &err);
}

Test(json, what_is_valid_and_what_is_not)
{
    static const struct {
        const char *what, *text;
        bool strict, data;
    } rows[] = {
        {"an object", "{\"a\":[1,2,{\"b\":null}],\"c\":\"x\"}", true, true},
        {"blanks around", " \t\r\n[ 1 , 2 ] \n", true, true},
        {"nothing", "", false, false},
        {"blanks only", "  ", false, false},
        {"something behind", "{} x", false, false},
        {"two values", "{}{}", false, false},
        {"a trailing comma", "[1,]", false, false},
        {"a name that is no string", "{a:1}", false, false},
        {"no colon", "{\"a\" 1}", false, false},
        {"a leading zero", "01", false, false},
        {"a bare point", "1.", false, false},
        {"a plus", "+1", false, false},
        {"a huge exponent is still a number", "1e400", true, true},
        {"NaN", "[NaN,Infinity,-Infinity]", false, true},
        {"nan in small letters", "[nan]", false, false},
        {"a control character in a string", "\"a\nb\"", false, false},
        {"a string without end", "\"abc", false, false},
        {"an unknown escape", "\"\\x\"", false, false},
        {"a lone high surrogate", "\"\\ud800\"", false, true},
        {"a lone low surrogate", "\"\\udc00\"", false, true},
        {"a pair of surrogates", "\"\\ud83d\\ude00\"", true, true},
        {"bytes that are not UTF-8", "\"\xff\xfe\"", false, true},
        {"an overlong form", "\"\xc0\x80\"", false, true},
        {"a surrogate as UTF-8", "\"\xed\xa0\x80\"", false, true},
        {"eight deep", "[[[[[[[[1]]]]]]]]", true, true},
        {"nine deep", "[[[[[[[[[1]]]]]]]]]", false, false},
        {"cut in the middle", "{\"step\": 7000, \"Lo", false, false},
        {"a byte order mark", "\xef\xbb\xbf{}", false, false},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        cr_expect(!!parse(rows[i].text, JSON_STRICT) == rows[i].strict, "%s (strict)",
                  rows[i].what);
        cr_expect(!!parse(rows[i].text, JSON_DATA) == rows[i].data, "%s (data)", rows[i].what);
    }
}

Test(json, a_nul_between_tokens_is_refused)
{
    static const char text[] = "{\0\"a\":1}";

    cr_expect(!json_parse(&arena, (struct str){text, sizeof(text) - 1}, JSON_STRICT, 8, &err));
}

Test(json, values_keep_the_text_they_came_in)
{
    const struct json *v =
        parse("{ \"id\" : 9007199254740993 , \"t\":\"a\\u0000b\",\"n\": 1.50e0}", JSON_STRICT);
    struct str text = json_text(&arena, json_get(v, "t"));

    cr_assert(v, "%s", err.msg);
    cr_expect(str_is(json_get(v, "id")->raw, "9007199254740993"));
    cr_expect(str_is(json_get(v, "n")->raw, "1.50e0"));
    cr_expect(text.n == 3 && memcmp(text.p, "a\0b", 3) == 0);
    cr_expect(json_get(v, "ID") == NULL, "names are not folded");
    cr_expect(v->count == 3);
}

Test(json, escapes_are_resolved)
{
    const struct json *v =
        parse("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\u20ac\\ud83d\\ude00\"", JSON_STRICT);

    cr_assert(v, "%s", err.msg);
    cr_expect(str_is(json_text(&arena, v), "\"\\/\b\f\n\r\t\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"));
}

Test(json, half_a_character_of_data_stands_for_none)
{
    cr_expect(str_is(json_text(&arena, parse("\"cut \\ud83d\"", JSON_DATA)), "cut \xef\xbf\xbd"));
    cr_expect(str_is(json_text(&arena, parse("\"\\ud83dx\\udc80\"", JSON_DATA)),
                     "\xef\xbf\xbdx\xef\xbf\xbd"));
}

Test(json, a_key_with_escapes_is_found)
{
    cr_expect(json_get(parse("{\"a\\u0062\":1}", JSON_STRICT), "ab") != NULL);
}

Test(json, whole_numbers_however_they_are_written)
{
    static const struct {
        const char *text;
        bool whole;
        int64_t value;
    } rows[] = {
        {"5", true, 5},
        {"5.0", true, 5},
        {"5e0", true, 5},
        {"-3", true, -3},
        {"1.5", false, 0},
        {"9007199254740991", true, 9007199254740991},
        {"9007199254740992", false, 0},
        {"1.8e74", false, 0},
        {"NaN", false, 0},
        {"Infinity", false, 0},
        {"\"5\"", false, 0},
        {"true", false, 0},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        int64_t got = 0;
        bool whole = json_integer(parse(rows[i].text, JSON_DATA), &got);
        cr_expect(whole == rows[i].whole && got == rows[i].value, "%s: %d %lld", rows[i].text,
                  whole, (long long)got);
    }
}

Test(json, non_finite_numbers_are_numbers_in_data)
{
    double x;

    cr_expect(json_number(parse("NaN", JSON_DATA), &x) && isnan(x));
    cr_expect(json_number(parse("-Infinity", JSON_DATA), &x) && isinf(x) && x < 0);
    cr_expect(!json_number(parse("null", JSON_DATA), &x));
}

Test(json, what_is_written_reads_back)
{
    struct buf out = {0};

    json_put_string(&out, (struct str){"a\"\\\n\x01\xff\xe2\x82\xac", 9});
    cr_expect(str_is(buf_str(&out), "\"a\\\"\\\\\\n\\u0001\xef\xbf\xbd\xe2\x82\xac\""), "%s",
              buf_text(&out));
    out.n = 0;
    json_put_number(&out, (double)NAN);
    json_put_integer(&out, INT64_MIN);
    cr_expect(str_is(buf_str(&out), "\"NaN\"-9223372036854775808"), "%s", buf_text(&out));
    out.n = 0;
    json_put_compact(&out, STR("{ \"a b\" : [ 1 , \"x \\\" y\" ] }"));
    cr_expect(str_is(buf_str(&out), "{\"a b\":[1,\"x \\\" y\"]}"), "%s", buf_text(&out));
    buf_fini(&out);
}

/* One byte of each kind at each place of texts of each length around the strides of 8, 16 and 64.
 */
Test(json, no_byte_slips_through_where_strings_are_copied_in_strides)
{
    static const struct {
        const char *in, *out;
    } kinds[] = {{"\"", "\\\""},
                 {"\\", "\\\\"},
                 {"\n", "\\n"},
                 {"\x1f", "\\u001f"},
                 {" ", " "},
                 {"\x7f", "\x7f"},
                 {"\x80", "\xef\xbf\xbd"},
                 {"\xc3\xa9", "\xc3\xa9"}};
    char text[160], want[200];
    struct buf out = {0};

    for (size_t k = 0; k < sizeof(kinds) / sizeof(*kinds); k++) {
        for (size_t n = 0; n < 100; n++) {
            for (size_t at = 0; at <= n; at++) {
                int in = snprintf(text, sizeof(text), "%.*s%s%.*s", (int)at, FILLER, kinds[k].in,
                                  (int)(n - at), FILLER);
                snprintf(want, sizeof(want), "\"%.*s%s%.*s\"", (int)at, FILLER, kinds[k].out,
                         (int)(n - at), FILLER);
                out.n = 0;
                json_put_string(&out, (struct str){text, (size_t)in});
                if (!str_eq(buf_str(&out), str_of(want)))
                    cr_assert(false, "%s: %s", want, buf_text(&out));
            }
        }
    }
    buf_fini(&out);
}

Test(json, commas_come_where_they_belong)
{
    struct buf out = {0};

    buf_byte(&out, '{');
    json_put_key(&out, "a");
    json_put_integer(&out, 1);
    json_put_key(&out, "b");
    json_put_integer(&out, 2);
    buf_byte(&out, '}');
    cr_expect(str_is(buf_str(&out), "{\"a\":1,\"b\":2}"));
    buf_fini(&out);
}

Test(json, a_fault_says_where)
{
    cr_expect(!parse("{\"a\": tru}", JSON_STRICT));
    cr_expect(err.code == ERR_FORMAT && strstr(err.msg, "(byte 6)"), "%s", err.msg);
}
