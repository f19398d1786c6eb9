#include "analysis/base/shape.h"

#include <criterion/criterion.h>
#include <math.h>

struct inner {
    const char *name;
    int64_t n;
};

struct thing {
    const char *text, *mode;
    int64_t count;
    double share;
    bool flag;
    struct strs names;
    struct str raw;
};

struct answer {
    const char *text, *missing;
    int64_t count, none;
    double share;
    bool flag, on_demand;
    struct strs names;
    struct list list;
    const void *one;
    struct str raw;
};

static const char *const modes[] = {"recent", "historical", NULL};

static const struct field in[] = {
    F_STR(struct thing, text, .doc = "The text.", .required = true),
    F_STR(struct thing, mode, .doc = "How.", .one_of = modes, .def_text = "recent"),
    F_INT(struct thing, count, .doc = "How many.", .has_min = true, .min = 0, .has_max = true,
          .max = 10),
    F_NUM(struct thing, share, .doc = "Which share.", .has_def = true, .def = .5),
    F_BOOL(struct thing, flag, .doc = "Whether."),
    F_STRS(struct thing, names, .doc = "Which."),
    F_RAW(struct thing, raw, .doc = "As it is.", .type = "array"),
};
static const struct shape shape = SHAPE(struct thing, in);

static const struct field inner_fields[] = {
    F_STR(struct inner, name, .doc = "", .required = true),
    F_INT(struct inner, n, .doc = ""),
};
static const struct shape inner_shape = SHAPE(struct inner, inner_fields);

static const struct field out[] = {
    F_STR(struct answer, text, .doc = "", .required = true),
    F_STR(struct answer, missing, .doc = "", .nullable = true),
    F_INT(struct answer, count, .doc = "", .required = true),
    F_INT(struct answer, none, .doc = ""),
    F_NUM(struct answer, share, .doc = "", .nullable = true),
    F_BOOL(struct answer, flag, .doc = "", .required = true),
    F_BOOL(struct answer, on_demand, .doc = ""),
    F_STRS(struct answer, names, .doc = "", .required = true),
    F_LIST(struct answer, list, .doc = "", .of = &inner_shape, .required = true),
    F_ONE(struct answer, one, .doc = "", .of = &inner_shape, .nullable = true),
    F_RAW(struct answer, raw, .doc = "", .type = "object"),
};
static const struct shape answer_shape = SHAPE(struct answer, out);

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

TestSuite(shape, .init = set_up, .fini = tear_down);

static bool decode(const char *text, struct thing *thing)
{
    const struct json *v = json_parse(&arena, str_of(text), JSON_STRICT, 8, &err);

    cr_assert(v, "%s: %s", text, err.msg);
    return shape_decode(&shape, v, &arena, thing, &err);
}

Test(shape, defaults_stand_in_for_what_is_left_out)
{
    struct thing t;

    cr_assert(decode("{\"text\":\"x\"}", &t), "%s", err.msg);
    cr_expect_str_eq(t.mode, "recent");
    cr_expect(t.count == NOT_GIVEN && t.share == .5 && !t.flag && t.names.n == 0 && !t.raw.p);
}

Test(shape, everything_is_decoded)
{
    struct thing t;

    cr_assert(decode("{\"text\":\"a\\nb\",\"mode\":\"historical\",\"count\":0,\"share\":1e-3,"
                     "\"flag\":true,\"names\":[\"p\",\"q\"],\"raw\":[ 1e400, 2 ]}",
                     &t),
              "%s", err.msg);
    cr_expect_str_eq(t.text, "a\nb");
    cr_expect_str_eq(t.mode, "historical");
    cr_expect(t.count == 0 && t.share == 1e-3 && t.flag && t.names.n == 2);
    cr_expect_str_eq(t.names.v[1], "q");
    cr_expect(str_is(t.raw, "[ 1e400, 2 ]"), "raw text is borrowed as it stands");
}

Test(shape, null_means_not_given)
{
    struct thing t;

    cr_assert(decode("{\"text\":\"x\",\"count\":null,\"names\":null}", &t), "%s", err.msg);
    cr_expect(t.count == NOT_GIVEN);
}

Test(shape, a_wrong_argument_gets_a_sentence)
{
    static const struct {
        const char *json, *says;
    } rows[] = {
        {"{}", "text is required: The text."},
        {"{\"text\":3}", "'text' must be a string, not a number."},
        {"{\"text\":null}", "'text' must be a string, not null."},
        {"{\"text\":\"a\\u0000b\"}", "'text' must not hold the character U+0000."},
        {"{\"text\":\"x\",\"count\":11}", "'count' must be from 0 to 10, not 11."},
        {"{\"text\":\"x\",\"count\":-1}", "'count' must be from 0 to 10, not -1."},
        {"{\"text\":\"x\",\"count\":1.5}", "'count' must be a whole number, not 1.5."},
        {"{\"text\":\"x\",\"count\":\"3\"}", "'count' must be a whole number, not a string."},
        {"{\"text\":\"x\",\"share\":1e400}", "'share' is too large a number."},
        {"{\"text\":\"x\",\"flag\":1}", "'flag' must be true or false, not a number."},
        {"{\"text\":\"x\",\"names\":\"p\"}", "'names' must be a list of strings, not a string."},
        {"{\"text\":\"x\",\"names\":[\"p\",2]}",
         "'names' must hold strings only; entry 2 is a number."},
        {"{\"text\":\"x\",\"raw\":{}}", "'raw' must be a list, not an object."},
        {"{\"text\":\"x\",\"mode\":\"historic\"}",
         "'mode' must be one of recent, historical, not 'historic'. Did you mean 'historical'?"},
        {"{\"text\":\"x\",\"mode\":\"zzz\"}",
         "'mode' must be one of recent, historical, not 'zzz'."},
        {"{\"text\":\"x\",\"cuont\":3}",
         "There is no argument 'cuont'. Did you mean 'count'? Known: text, mode, count, share, "
         "flag, names, raw."},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct thing t;
        cr_expect(!decode(rows[i].json, &t), "%s", rows[i].json);
        cr_expect(err.code == ERR_ARGUMENT && strcmp(err.msg, rows[i].says) == 0, "%s: %s",
                  rows[i].json, err.msg);
    }
}

Test(shape, an_answer_is_encoded_in_table_order)
{
    const struct inner items[] = {{"a", 1}, {"b", NOT_GIVEN}};
    const char *const names[] = {"p"};
    struct answer a = {.text = "x\"y",
                       .count = 3,
                       .none = NOT_GIVEN,
                       .share = (double)NAN,
                       .names = {names, 1},
                       .list = {items, 2},
                       .one = &items[0],
                       .raw = STR("{\"k\":1}")};
    struct buf buf = {0};

    shape_encode(&answer_shape, &a, &buf);
    cr_expect_str_eq(buf_text(&buf),
                     "{\"text\":\"x\\\"y\",\"missing\":null,\"count\":3,\"share\":null,"
                     "\"flag\":false,\"names\":[\"p\"],\"list\":[{\"name\":\"a\",\"n\":1},"
                     "{\"name\":\"b\"}],\"one\":{\"name\":\"a\",\"n\":1},\"raw\":{\"k\":1}}");
    buf_fini(&buf);
}

Test(shape, schemas_are_json_and_say_what_is_checked)
{
    struct buf buf = {0};

    shape_schema_in(&shape, &buf);
    const struct json *v = json_parse(&arena, buf_str(&buf), JSON_STRICT, 16, &err);
    cr_assert(v, "%s", err.msg);
    const struct json *count = json_get(json_get(v, "properties"), "count");
    cr_expect(str_is(json_get(count, "minimum")->raw, "0"));
    cr_expect(str_is(json_get(count, "maximum")->raw, "10"));
    cr_expect(str_is(json_get(v, "required")->raw, "[\"text\"]"));
    cr_expect(str_is(json_get(v, "additionalProperties")->raw, "false"));

    struct buf result = {0};
    shape_schema_out(&answer_shape, &result);
    v = json_parse(&arena, buf_str(&result), JSON_STRICT, 16, &err);
    cr_assert(v, "%s", err.msg);
    cr_expect(str_is(json_get(json_get(json_get(v, "properties"), "one"), "type")->raw,
                     "[\"object\",\"null\"]"));
    cr_expect(str_is(json_get(v, "required")->raw,
                     "[\"text\",\"missing\",\"count\",\"share\",\"flag\",\"names\",\"list\","
                     "\"one\"]"),
              "%.*s", STR_FMT(json_get(v, "required")->raw));
    buf_fini(&buf);
    buf_fini(&result);
}
