#include "analysis/base/tape.h"

#include "analysis/base/scan.h"

#include <criterion/criterion.h>
#include <stdio.h>

enum { TEXT = 20000 };

static uint32_t draw(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    return *state >> 8;
}

/* A string of about n bytes, with what escapes in it are likely to be got wrong. */
static size_t put_string(char *p, size_t n, uint32_t *state)
{
    static const char *const odd[] = {"\\\"", "\\\\", "\\n",      "\\u00e9", "\\\\\\\"",
                                      "{",    "]",    "\xc3\xa9", ",",       ":"};
    size_t at = 0;

    p[at++] = '"';
    while (at < n) {
        uint32_t kind = draw(state) % 40;
        if (kind < 10)
            at += (size_t)sprintf(p + at, "%s", odd[kind]);
        else
            p[at++] = (char)('a' + kind % 26);
    }
    p[at++] = '"';
    return at;
}

/* [string, string, …], of lengths that end at every place of a block and of a window. */
static size_t put_strings(char *p, uint32_t *state)
{
    size_t at = 0;

    p[at++] = '[';
    while (at < TEXT - 6000) {
        if (at > 1)
            p[at++] = ',';
        at += put_string(p + at, draw(state) % 8 == 0 ? draw(state) % 5000 : draw(state) % 150,
                         state);
    }
    p[at++] = ']';
    return at;
}

Test(tape, masks_are_those_of_the_twin)
{
    uint32_t state = 1;
    char bytes[64];

    for (int round = 0; round < 2000; round++) {
        for (size_t i = 0; i < sizeof(bytes); i++) {
            static const char some[] = "\"\\ a\x1f\x80\xff\n";
            bytes[i] = draw(&state) % 3 ? (char)(0x20 + draw(&state) % 90)
                                        : some[draw(&state) % (round % 2 ? 4 : 8)];
        }
        struct tape_masks a = tape_masks_of(bytes), b = tape_masks_twin(bytes);
        cr_assert(a.quotes == b.quotes && a.slashes == b.slashes && a.control == b.control,
                  "round %d", round);
    }
}

Test(tape, every_string_ends_where_the_scanner_ends_it)
{
    static struct tape tape;
    static char text[TEXT];
    uint32_t state = 2;
    size_t strings = 0;

    for (int round = 0; round < 200; round++) {
        size_t n = put_strings(text, &state);
        struct scan scan = scan_array((struct str){text, n});
        struct scan_member member;
        tape_begin(&tape);
        while (scan_element(&scan, &member)) {
            if (draw(&state) % 10 == 0)
                continue; /* not every string is asked about */
            const char *behind = tape_close(&tape, member.value.p, text + n);
            cr_assert(behind == member.value.p + member.value.n, "round %d, at %td", round,
                      member.value.p - text);
            strings++;
        }
        cr_assert(!scan.fault, "round %d: %s", round, scan.fault);
    }
    cr_expect(strings > 5000, "%zu", strings);
}

Test(tape, what_is_no_string_ends_nowhere)
{
    static const char *const rows[] = {
        "\"",           "\"abc",     "\"a\\",         "\"a\\\"",  "\"a\\x\"",   "\"a\\u12\"",
        "\"a\\u12g4\"", "\"a\x01\"", "\"tab\there\"", "\"a\nb\"", "\"\\u123\"",
    };
    static struct tape tape;
    static char text[TEXT];

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        for (size_t before = 0; before < 140; before++) { /* wherever it stands in a block */
            text[0] = '"';
            memset(text + 1, 'x', before);
            size_t n = 1 + before + (size_t)sprintf(text + 1 + before, "%s", rows[i] + 1);
            tape_begin(&tape);
            cr_assert(tape_close(&tape, text, text + n) == NULL, "%s behind %zu", rows[i], before);
            cr_assert(quoted_end(text + 1, text + n) == NULL, "%s behind %zu", rows[i], before);
        }
    }
}

/* An escape that lies across two blocks is not read anew from its middle: "\\\\" then "q". */
Test(tape, a_fault_behind_an_escape_across_blocks_is_one)
{
    static const char *const rows[] = {"\\\\\\q\"", "\\\\\\q\\\"\"", "\\\"\\q\"", "\\n\\q\""};
    static struct tape tape;
    static char text[TEXT];

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        for (size_t before = 0; before < 200; before++) {
            text[0] = '"';
            memset(text + 1, 'x', before);
            size_t n = 1 + before + (size_t)sprintf(text + 1 + before, "%s", rows[i]);
            tape_begin(&tape);
            cr_assert(tape_close(&tape, text, text + n) == NULL, "%s behind %zu", rows[i], before);
        }
    }
}

Test(tape, what_is_in_doubt_spoils_only_itself)
{
    static const char text[] = "\"one\" \n \"two\" \t \"a\\q\" \"three\"";
    static struct tape tape;
    const char *end = text + sizeof(text) - 1;

    tape_begin(&tape);
    cr_expect(tape_close(&tape, text, end) == text + 5);
    cr_expect(tape_close(&tape, text + 8, end) == text + 13);
    cr_expect(tape_close(&tape, text + 16, end) == NULL);
    cr_expect(tape_close(&tape, text + 22, end) == end);
}

Test(tape, another_text_at_the_same_place_is_another)
{
    static struct tape tape;
    char text[] = "\"one\", \"two\"";

    tape_begin(&tape);
    cr_expect(tape_close(&tape, text, text + 12) == text + 5);
    memcpy(text, "\"longer one\"", 12);
    tape_begin(&tape);
    cr_expect(tape_close(&tape, text, text + 12) == text + 12);
}

/* The twin of plain.h has no wide steps: what it finds, byte by byte, must be the same. */
Test(quoted, stops_where_the_twin_stops)
{
    uint32_t state = 3;
    char text[300];

    for (int round = 0; round < 5000; round++) {
        size_t n = draw(&state) % sizeof(text);
        for (size_t i = 0; i < n; i++)
            text[i] = draw(&state) % 100 ? (char)(0x23 + draw(&state) % 57) : "\"\\\x1f\x7f"[i % 4];
        cr_assert(quoted_stop(text, text + n) == plain_pass_twin(text, text + n), "round %d",
                  round);
    }
}
