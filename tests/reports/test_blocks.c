#include "analysis/base/limits.h"
#include "reports/blocks/block.h"

#include <criterion/criterion.h>

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

TestSuite(blocks, .init = set_up, .fini = tear_down, .timeout = 60);

static bool check(struct str text)
{
    const struct json *blocks = json_parse(&arena, text, JSON_STRICT, REQUEST_DEPTH_MAX, &err);

    cr_assert(blocks, "%s", err.msg);
    return blocks_check(blocks, &err);
}

#define B(rest) "[{\"id\":\"b\",\"children\":[]," rest "}]"
#define T(type, rest) B("\"type\":\"" type "\"," rest)

Test(blocks, what_is_wrong_is_named_with_its_place)
{
    static const struct {
        const char *text, *want; /* NULL: it is right */
    } rows[] = {
        {"[]", NULL},
        {"{}", "'blocks' must be a list of blocks, not an object."},
        {"[3]", "block 1, must be an object, not a number."},
        {"[{\"type\":\"x\",\"children\":[]}]",
         "block 1, id: must be a string of its own, not nothing."},
        {"[{\"id\":4,\"type\":\"x\",\"children\":[]}]",
         "block 1, id: must be a string of its own, not a number."},
        {"[{\"id\":\"\",\"type\":\"x\",\"children\":[]}]",
         "block 1, id: must be a string of its own, not an empty one."},
        {B("\"type\":[]"), "block 1 (id \"b\"), type: must be a string, not an array."},
        {"[{\"id\":\"a\",\"type\":\"x\"}]",
         "block 1 (id \"a\"), children: must be a list ([] if there are none), not nothing."},
        {"[{\"id\":\"a\",\"type\":\"x\",\"children\":[{\"id\":\"c\",\"type\":\"x\",\"children\":{}}"
         "]}]",
         "block 1.1 (id \"c\"), children: must be a list ([] if there are none), not an object."},
        {"[{\"id\":\"a\",\"type\":\"x\",\"children\":[]},{\"id\":\"\\u0061\",\"type\":\"x\","
         "\"children\":[]}]",
         "Two blocks have the id \"a\": each block needs its own."},
        {T("alien", "\"props\":3,\"content\":{\"x\":1}"), NULL},
        {T("heading", "\"props\":{\"level\":2,\"textColor\":\"red\",\"x\":{}}"), NULL},
        {T("heading", "\"props\":{\"level\":9}"),
         "block 1 (id \"b\"), props.level: must be from 1 to 6, not 9."},
        {T("heading", "\"props\":{\"level\":\"1\"}"),
         "block 1 (id \"b\"), props.level: must be a whole number, not a string."},
        {T("heading", "\"props\":[]"),
         "block 1 (id \"b\"), props: must be an object, not an array."},
        {T("checkListItem", "\"props\":{\"checked\":1}"),
         "block 1 (id \"b\"), props.checked: must be true or false, not a number."},
        {T("codeBlock", "\"props\":{\"language\":1}"),
         "block 1 (id \"b\"), props.language: must be a string, not a number."},
        {T("experimentChart", "\"props\":{\"chartMode\":\"xx\"}"),
         "block 1 (id \"b\"), props.chartMode: must be one of lm, rl, ablation, not 'xx'."},
        {T("image", "\"props\":{\"url\":1}"),
         "block 1 (id \"b\"), props.url: must be a string, not a number."},
        {T("paragraph", "\"content\":\"x\""),
         "block 1 (id \"b\"), content: must be a list of texts and links, not a string."},
        {T("paragraph", "\"content\":[3]"),
         "block 1 (id \"b\"), content[0]: must be an object, not a number."},
        {T("paragraph", "\"content\":[{\"text\":\"\"}]"),
         "block 1 (id \"b\"), content[0].type: must be \"text\" or \"link\", not nothing."},
        {T("paragraph", "\"content\":[{\"type\":\"text\",\"text\":1}]"),
         "block 1 (id \"b\"), content[0].text: must be a string, not a number."},
        {T("paragraph", "\"content\":[{\"type\":\"text\",\"text\":\"\",\"styles\":[]}]"),
         "block 1 (id \"b\"), content[0].styles: must be an object, not an array."},
        {T("paragraph", "\"content\":[{\"type\":\"link\",\"href\":1,\"content\":[]}]"),
         "block 1 (id \"b\"), content[0].href: must be a string, not a number."},
        {T("paragraph", "\"content\":[{\"type\":\"link\",\"href\":\"h\",\"content\":[1]}]"),
         "block 1 (id \"b\"), content[0].content[0]: must be an object, not a number."},
        {T("paragraph", "\"content\":[{\"type\":\"mention\",\"who\":1}]"), NULL},
        {T("table", "\"content\":[]"),
         "block 1 (id \"b\"), content: must be an object with rows, not an array."},
        {T("table", "\"content\":{\"rows\":1}"),
         "block 1 (id \"b\"), content.rows: must be a list, not a number."},
        {T("table", "\"content\":{\"rows\":[{\"cells\":1}]}"),
         "block 1 (id \"b\"), content.rows[0].cells: must be a list, not a number."},
        {T("table", "\"content\":{\"rows\":[{\"cells\":[[1]]}]}"),
         "block 1 (id \"b\"), content.rows[0].cells[0][0]: must be an object, not a number."},
        {T("table", "\"content\":{\"rows\":[{\"cells\":[[],\"x\",{\"content\":[]}]}]}"), NULL},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        bool ok = check(str_of(rows[i].text));
        cr_expect(ok == !rows[i].want, "%s: %s", rows[i].text, ok ? "accepted" : err.msg);
        if (!ok && rows[i].want)
            cr_expect_str_eq(err.msg, rows[i].want);
    }
}

static struct str nested(size_t depth)
{
    struct buf b = {0};

    for (size_t i = 0; i < depth; i++)
        buf_printf(&b, "[{\"id\":\"%zu\",\"type\":\"x\",\"children\":", i);
    buf_puts(&b, "[]");
    for (size_t i = 0; i < depth; i++)
        buf_puts(&b, "}]");
    struct str text = arena_str(&arena, buf_str(&b));
    buf_fini(&b);
    return text;
}

static struct str many(size_t n, size_t padding)
{
    struct buf b = {0};

    buf_byte(&b, '[');
    for (size_t i = 0; i < n; i++)
        buf_printf(&b, "%s{\"id\":\"%zu\",\"type\":\"x\",\"children\":[],\"p\":\"%*s\"}",
                   i ? "," : "", i, (int)padding, "");
    buf_byte(&b, ']');
    struct str text = arena_str(&arena, buf_str(&b));
    buf_fini(&b);
    return text;
}

Test(blocks, caps_on_depth_number_and_size)
{
    cr_expect(check(nested(64)), "%s", err.msg);
    cr_expect(!check(nested(65)) && strstr(err.msg, "nested more than 64 deep"), "%s", err.msg);
    cr_expect(check(many(10000, 0)), "%s", err.msg);
    cr_expect(!check(many(10001, 0)) && err.code == ERR_TOO_LARGE, "%s", err.msg);
    cr_expect(!check(many(9, MIB)) && err.code == ERR_TOO_LARGE && strstr(err.msg, "8388608"), "%s",
              err.msg);
    cr_expect(!json_parse(&arena, STR("[{\"id\":\"\xff\"}]"), JSON_STRICT, 512, &err));
}
