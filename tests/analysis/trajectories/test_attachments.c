#include "analysis/trajectories/attachments.h"

#include <criterion/criterion.h>
#include <stdlib.h>

#include "analysis/base/buf.h"

static struct arena arena;

static void set_up(void)
{
    arena_init(&arena);
}

static void tear_down(void)
{
    arena_fini(&arena);
}

TestSuite(attachments, .init = set_up, .fini = tear_down);

Test(attachments, only_what_the_map_holds_is_replaced)
{
    static const struct {
        const char *value, *text, *filled;
    } rows[] = {
        {"\"attachment://b\"", "\"two\"", "\"attachment://b\""},
        {"\"tc://a\"", "\"one\"", "\"tc://a\""},
        {"\"attachment://c\"", "\"attachment://c\"", "\"attachment://c\""},
        {"\"attachment://\"", "\"attachment://\"", "\"attachment://\""},
        {"\"see attachment://a\"", "\"see attachment://a\"", "\"see attachment://a\""},
        {"[\"attachment://a\",1]", "[\"attachment://a\",1]", "[\"one\",1]"},
        {"{\"x\":\"tc://b\",\"y\":\"q\\\"attachment://a\"}",
         "{\"x\":\"tc://b\",\"y\":\"q\\\"attachment://a\"}",
         "{\"x\":\"two\",\"y\":\"q\\\"attachment://a\"}"},
        {"[\"attachment://n\"]", "[\"attachment://n\"]", "[\"attachment://n\"]"},
        {"[\"attachment://i\"]", "[\"attachment://i\"]",
         "[\"data:image/png;base64,\xe2\x80\xa6 (26 bytes)\"]"},
        {"", "", ""},
        {"3", "3", "3"},
    };
    struct attachments a = attachments_of(
        STR("{\"b\":\"two\",\"n\":3,\"a\":\"one\",\"i\":\"data:image/png;base64,QUJD\"}"));
    struct attachments none = attachments_of((struct str){0});

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct str value = str_of(rows[i].value);
        struct str text = attachment_text(&a, value, &arena);
        struct str filled = attachments_filled(&a, value, &arena);
        cr_expect(str_is(text, rows[i].text), "%s: %.*s", rows[i].value, STR_FMT(text));
        cr_expect(str_is(filled, rows[i].filled), "%s: %.*s", rows[i].value, STR_FMT(filled));
        cr_expect(str_eq(attachment_text(&none, value, &arena), value));
        cr_expect(str_eq(attachments_filled(&none, value, &arena), value));
    }
}

/* "\\u0041" and "\\n" over and over, moved by a byte each time: the 16 KiB end wherever they may.
 */
Test(attachments, no_escape_is_cut_in_two)
{
    for (size_t before = 0; before < 8; before++) {
        struct buf map = {0};

        buf_puts(&map, "{\"a\":\"");
        for (size_t i = 0; i < before; i++)
            buf_byte(&map, 'x');
        for (size_t i = 0; i < 4000; i++)
            buf_puts(&map, "\\u0041\\n");
        buf_puts(&map, "\"}");
        struct attachments a = attachments_of(buf_str(&map));
        struct str filled = attachments_filled(&a, STR("[\"tc://a\"]"), &arena);
        struct scan scan = scan_array(filled);
        struct scan_member member;
        cr_expect(scan_element(&scan, &member) && member.value.n > (16 << 10) - 6, "%zu", before);
        cr_expect(!scan_element(&scan, &member) && !scan.fault, "behind %zu: %s", before,
                  scan.fault);
        buf_fini(&map);
    }
}

/* A million references to a megabyte are a few dozen KiB to show. */
Test(attachments, what_is_filled_has_a_limit)
{
    struct buf map = {0}, value = {0};

    buf_puts(&map, "{\"a\":\"");
    for (size_t i = 0; i < 1 << 20; i++)
        buf_puts(&map, i % 2 ? "\xa4" : "\xc3");
    buf_puts(&map, "\"}");
    buf_byte(&value, '[');
    for (size_t i = 0; i < 1000; i++)
        buf_puts(&value, i ? ",\"tc://a\"" : "\"tc://a\"");
    buf_byte(&value, ']');
    struct attachments a = attachments_of(buf_str(&map));
    struct str whole = attachment_text(&a, STR("\"tc://a\""), &arena);
    cr_expect(whole.n == (1 << 20) + 2 && whole.p > map.p && whole.p < map.p + map.n, "borrowed");
    struct str filled = attachments_filled(&a, buf_str(&value), &arena);
    cr_expect(filled.n > (64 << 10) && filled.n < (96 << 10) + value.n, "%zu", filled.n);
    cr_expect(str_has(filled, STR("\xc3\xa4\xe2\x80\xa6\"")), "cut between characters");
    cr_expect(str_ends(filled, STR("\"tc://a\"]")), "the rest stands as it was");
    buf_fini(&map);
    buf_fini(&value);
}
