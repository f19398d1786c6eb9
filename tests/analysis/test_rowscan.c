#include "analysis/rowscan.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>

#include "analysis/base/buf.h"

/* What a reader of lines makes of a text, cut in two where templates are known already. */
static struct table *read_all(struct str text, bool plain, struct rowscan *scan)
{
    struct table *table = table_new();
    char *copy = heap_alloc(text.n + ROWSCAN_PAD);

    memcpy(copy, text.p, text.n);
    rowscan_init(scan, table);
    scan->plain = plain;
    size_t half = text.n / 2;
    table_want(table, (const char *const[]){"a", "c"}, 2);
    size_t used = rowscan_lines(scan, copy, half, 0);
    rowscan_lines(scan, copy + used, text.n - used, used);
    rowscan_fini(scan);
    free(copy);
    return table;
}

static void expect_same_column(const struct column *x, const struct column *y, size_t at)
{
    cr_expect(str_eq(x->name, y->name) && x->points_n == y->points_n && x->nulls == y->nulls &&
                  x->others == y->others,
              "case %zu: %.*s", at, STR_FMT(x->name));
    cr_expect(x->points.n == y->points.n, "case %zu: %.*s", at, STR_FMT(x->name));
    if (x->points.n)
        cr_expect(memcmp(x->points.value, y->points.value, x->points.n * sizeof(double)) == 0 &&
                      memcmp(x->points.present, y->points.present, sizeof(x->points.present)) == 0,
                  "case %zu: %.*s", at, STR_FMT(x->name));
}

static void expect_same(struct str text, size_t at)
{
    struct rowscan scan;
    struct table *fast = read_all(text, false, &scan), *slow = read_all(text, true, &scan);
    const struct tally *f = &fast->tally, *s = &slow->tally;

    cr_expect(f->rows == s->rows && f->lines == s->lines && f->malformed == s->malformed &&
                  f->bad_line == s->bad_line && f->duplicates == s->duplicates &&
                  f->restarts_n == s->restarts_n && f->stepless == s->stepless,
              "case %zu: %.*s", at, STR_FMT(str_cut(text, 500)));
    cr_assert(fast->columns_n == slow->columns_n);
    for (size_t i = 0; i < fast->columns_n; i++)
        expect_same_column(fast->column[i], slow->column[i], at);
    cr_expect(memcmp(fast->open.step, slow->open.step, f->open_rows * sizeof(int64_t)) == 0);
    cr_expect(memcmp(fast->open.length, slow->open.length, f->open_rows * 2) == 0);
    table_unref(fast);
    table_unref(slow);
}

static unsigned next(unsigned *seed)
{
    *seed = *seed * 1103515245u + 12345u;
    return *seed >> 16;
}

static void random_line(struct buf *out, unsigned *seed)
{
    static const char *const numbers[] = {"1",
                                          "0",
                                          "-0",
                                          "12",
                                          "0.5",
                                          "1e5",
                                          "-2.5E-3",
                                          "123456789012345678",
                                          "0.1234567890123456789",
                                          "NaN",
                                          "Infinity",
                                          "-Infinity",
                                          "null",
                                          "01",
                                          "1.",
                                          "-",
                                          "+1",
                                          "nan",
                                          "\"x\"",
                                          "1 ",
                                          " 7",
                                          "",
                                          "7,",
                                          "3}",
                                          "1e400",
                                          "4.9e-324",
                                          "{}",
                                          "true"};
    const char *pick[3];

    for (int i = 0; i < 3; i++)
        pick[i] = numbers[next(seed) % 4 ? next(seed) % 9 : next(seed) % 28];
    switch (next(seed) % 3 ? 0 : next(seed) % 6) { /* the format is a literal for the compiler */
    case 0:
        buf_printf(out, "{\"step\":%s,\"a\":%s,\"b\":%s}\n", pick[0], pick[1], pick[2]);
        break;
    case 1:
        buf_printf(out, "{\"step\":%s,\"a\":%s,\"b\":%s,\"c\":1}\n", pick[0], pick[1], pick[2]);
        break;
    case 2:
        buf_printf(out, "{\"step\": %s, \"b\": %s, \"a\": %s}\r\n", pick[0], pick[1], pick[2]);
        break;
    case 3:
        buf_printf(out, "{ \"a\":%s,\"bb\":%s,\"step\":%s }\n", pick[0], pick[1], pick[2]);
        break;
    case 4:
        buf_printf(out, "{\"a\":%s,\"a\":%s,\"c\":%s}\n", pick[0], pick[1], pick[2]);
        break;
    default:
        buf_printf(out, "{\"c\":%s,\"d\":[%s],\"a\":%s}\n", pick[0], pick[1], pick[2]);
        break;
    }
}

Test(rowscan, templates_give_what_the_general_reader_gives)
{
    unsigned seed = 42;

    for (size_t at = 0; at < 400; at++) {
        struct buf text = {0};
        for (int i = 0; i < 60; i++)
            random_line(&text, &seed);
        expect_same(buf_str(&text), at);
        text.n -= next(&seed) % 40; /* and a last line that is cut */
        expect_same(buf_str(&text), at);
        buf_fini(&text);
    }
}

Test(rowscan, one_changed_byte_gives_what_the_general_reader_gives)
{
    static const char line[] = "{\"step\":12,\"alpha/beta\":-1.25e-3,\"a\":0.5,\"c\":1234567.5}\n";
    static const char bytes[] = "\"{}[],:.-+eE019 \t\r\nNx\\";
    size_t n = sizeof(line) - 1;

    for (size_t i = 0; i < n; i++) {
        for (size_t b = 0; b < sizeof(bytes) - 1; b++) {
            char text[4 * sizeof(line)];
            for (size_t k = 0; k < 4; k++)
                memcpy(text + k * n, line, n);
            text[2 * n + i] = bytes[b];
            expect_same((struct str){text, 4 * n}, i * 100 + b);
        }
    }
}

Test(rowscan, long_keys_and_many_members_have_no_template_but_rows)
{
    struct buf text = {0};

    for (int row = 0; row < 5; row++) {
        buf_printf(&text, "{\"step\":%d", row);
        for (int i = 0; i < 70; i++)
            buf_printf(&text, ",\"k%d\":%d", i, row);
        buf_puts(&text, "}\n{\"a\":1,\"");
        for (int i = 0; i < 600; i++)
            buf_byte(&text, 'k');
        buf_printf(&text, "\":%d}\n", row);
    }
    expect_same(buf_str(&text), 0);
    buf_fini(&text);
}

Test(rowscan, a_step_is_a_whole_number_that_a_double_can_tell)
{
    int64_t step = 7;

    cr_expect(step_of(5.0, &step) && step == 5);
    cr_expect(step_of(-9007199254740991.0, &step) && step == -9007199254740991);
    cr_expect(!step_of(9007199254740992.0, &step) && !step_of(0.5, &step));
    cr_expect(!step_of(NAN, &step) && !step_of(INFINITY, &step) && !step_of(-1e300, &step));
}
