#include "tests/support/looking.h"

TestSuite(rows, .init = set_up, .fini = tear_down);

Test(rows, no_file_is_no_view)
{
    struct rows_view *view;
    struct err err;

    cr_expect(rows_look(rows, file.dir, "log", NULL, NULL, &view, &err) && !view);
    cr_expect(rows_tail(file.dir, "log", 5, &view, &err) && !view);
    cr_expect(rows_look(rows, file.dir, "log/x", NULL, NULL, &view, &err) && !view);
}

Test(rows, an_empty_file_has_no_rows)
{
    const struct rows_view *view = look_at("");
    struct rows_view *tail;
    struct err err;

    cr_expect(rows_count(view) == 0 && rows_keys(view) == 0);
    cr_expect_str_eq(put_all(view), "");
    cr_assert(rows_tail(file.dir, "log", 5, &tail, &err) && tail);
    cr_expect(rows_count(tail) == 0);
    rows_view_unref(tail);
}

Test(rows, a_directory_is_refused)
{
    struct rows_view *view;
    struct err err;

    cr_assert(mkdirat(file.dir, "log", 0700) == 0);
    cr_expect(!rows_look(rows, file.dir, "log", NULL, NULL, &view, &err));
    cr_expect(err.code == ERR_FORMAT && strstr(err.msg, "log"), "%s", err.msg);
    unlinkat(file.dir, "log", AT_REMOVEDIR);
}

Test(rows, values_leave_as_the_text_they_came_in)
{
    const struct rows_view *view =
        look_at("{ \"step\": 1, \"loss\" : 2.50, \"lr\":1E-5, \"note\":\"x\", \"gone\":null }\n"
                "{\"loss\":NaN,\"step\":2.0,\"lr\":-Infinity}\r\n"
                "\n  \n"
                "{\"lr\":Infinity,\"step\":3e0}\n");

    cr_assert(rows_count(view) == 3);
    cr_expect_str_eq(put_all(view), "{\"step\":1,\"loss\":2.50,\"lr\":1E-5},"
                                    "{\"loss\":\"NaN\",\"step\":2.0,\"lr\":\"-Infinity\"},"
                                    "{\"lr\":\"Infinity\",\"step\":3e0}");
    cr_expect(step_at(view, 1) == 2 && step_at(view, 2) == 3);
    cr_expect(value_at(view, "loss", 0) == 2.5 && isnan(value_at(view, "loss", 1)));
    cr_expect(value_at(view, "loss", 2) == -12345, "no point");
    cr_expect(rows_points(view, key(view, "loss")) == 2);
    cr_expect(rows_points(view, key(view, "lr")) == 3);
    cr_expect(cover(view).malformed.count == 0, "blank lines are not");
}

Test(rows, keys_stand_in_order_of_first_appearance)
{
    const struct rows_view *view = look_at("{\"step\":1,\"b\":1,\"text\":\"x\",\"timestamp\":5}\n"
                                           "{\"step\":2,\"a\":1,\"empty\":null,\"list\":[1]}\n");
    static const char *const want[] = {"b", "timestamp", "a", "empty"};

    cr_assert(rows_keys(view) == 4, "%zu", rows_keys(view));
    for (size_t i = 0; i < 4; i++)
        cr_expect(str_is(rows_key(view, i), want[i]), "%s", want[i]);
    cr_expect(rows_find(view, STR("step")) == SIZE_MAX);
    cr_expect(rows_points(view, 3) == 0);
    struct coverage c = cover(view);
    cr_assert(c.notes.n == 1);
    cr_expect_str_eq(c.notes.v[0], "2 keys hold no numbers and are not series: text, list");
}

Test(rows, of_a_key_that_comes_twice_the_last_counts)
{
    const struct rows_view *view = look_at("{\"step\":1,\"a\":1,\"a\":2,\"step\":7}\n"
                                           "{\"step\":8,\"a\":1,\"a\":null}\n"
                                           "{\"step\":9,\"a\":\"x\",\"a\":4}\n");

    cr_expect(step_at(view, 0) == 7 && value_at(view, "a", 0) == 2);
    cr_expect(rows_points(view, 0) == 2 && value_at(view, "a", 1) == -12345);
    cr_expect_str_eq(put_all(view), "{\"step\":7,\"a\":2},{\"step\":8},{\"step\":9,\"a\":4}");
}

Test(rows, escaped_and_odd_keys_are_one_key_by_its_name)
{
    const struct rows_view *view =
        look_at("{\"step\":1,\"\\u0061\\n\":1,\"q\\\"\":5}\n{\"step\":2,\"a\\n\":2}\n");

    cr_assert(rows_keys(view) == 2);
    cr_expect(str_is(rows_key(view, 0), "a\n") && rows_points(view, 0) == 2);
    cr_expect_str_eq(put_all(view), "{\"step\":1,\"a\\n\":1,\"q\\\"\":5},{\"step\":2,\"a\\n\":2}");
}

Test(rows, a_mark_at_the_start_is_skipped)
{
    cr_expect_str_eq(put_all(look_at("\xef\xbb\xbf{\"step\":1,\"a\":2}\n{\"step\":2,\"a\":3}")),
                     "{\"step\":1,\"a\":2},{\"step\":2,\"a\":3}");
    cr_expect_str_eq(put_all(look_at("\xef\xbb\xbf{\"step\":1,\"a\":2}")), "{\"step\":1,\"a\":2}");
}

/* ---- what is wrong with a file ---- */

Test(rows, malformed_lines_are_counted_and_the_first_is_named)
{
    static const struct {
        const char *text, *reason;
        size_t count;
        long long malformed, line;
    } table[] = {
        {"{\"a\":1}\nx\n{\"a\":2}\n[1]\n", "is not a JSON object", 2, 2, 2},
        {"\n\n{\"a\":01}\n{\"a\":1}\n", "a comma is missing", 1, 1, 3},
        {"{\"a\":1}\n{\"a\":1}{\"a\":2}\n", "something stands behind the object", 1, 1, 2},
        {"{\"a\":1}\n{\"a\":", "cut last line", 1, 1, 2},
        {"{\"a\":1}\n{\"a\":2}", "", 2, 0, 0},
        {"{\"a\":1}\n   ", "", 1, 0, 0},
        {"{\"a\":1}\n{\"a\":\"x\ty\"}\n", "a string holds a control character", 1, 1, 2},
    };

    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        const struct rows_view *view = look_at(table[i].text);
        struct coverage c = cover(view);
        cr_expect(rows_count(view) == table[i].count, "%s: %zu rows", table[i].text,
                  rows_count(view));
        cr_expect(c.malformed.count == table[i].malformed, "%s", table[i].text);
        if (c.malformed.count)
            cr_expect(c.malformed.line == table[i].line &&
                          strcmp(c.malformed.reason, table[i].reason) == 0,
                      "%s: line %lld %s", table[i].text, (long long)c.malformed.line,
                      c.malformed.reason);
    }
}

Test(rows, values_that_are_no_numbers_are_counted_by_key)
{
    struct coverage c = cover(look_at("{\"a\":1,\"b\":\"x\"}\n{\"a\":\"abc\",\"b\":\"y\"}\n"
                                      "{\"a\":true}\n{\"a\":null,\"c\":2}\n"));

    cr_assert(c.notes.n >= 2);
    bool said = false;
    for (size_t i = 0; i < c.notes.n; i++)
        said |= strcmp(c.notes.v[i], "values that are no numbers were left out: 2 of 'a'") == 0;
    cr_expect(said, "%s", c.notes.v[1]);
}

Test(rows, steps_that_repeat_and_go_back)
{
    const struct rows_view *view =
        look_at("{\"step\":1}\n{\"step\":2}\n{\"step\":2}\n{\"step\":3}\n"
                "{\"step\":2}\n{\"step\":3}\n{\"step\":1}\n");
    struct coverage c = cover(view);

    cr_expect(c.duplicates == 1 && c.restarts_total == 2 && c.restarts.n == 2);
    cr_expect(c.restarts.v[0].step == 2 && c.restarts.v[0].previous_step == 3);
    cr_expect(c.restarts.v[1].step == 1 && c.restarts.v[1].previous_step == 3);
}

Test(rows, more_restarts_than_are_kept_are_counted)
{
    struct buf text = {0};

    for (int i = 0; i < 200; i++)
        buf_printf(&text, "{\"step\":%d}\n", i % 2);
    struct coverage c = cover(look_at(buf_text(&text)));
    cr_expect(c.restarts_total == 99 && c.restarts.n == 20);
    buf_fini(&text);
}

Test(rows, without_a_step_the_row_stands_in)
{
    const struct rows_view *view = look_at("{\"a\":5}\n{\"a\":6}\n{\"a\":7,\"step\":\"3\"}\n");
    struct coverage c = cover(view);

    cr_expect(step_at(view, 0) == 0 && step_at(view, 2) == 2);
    cr_expect(c.notes.n > 0 && strstr(c.notes.v[0], "no row has a step") != NULL);
}

Test(rows, a_row_without_a_step_among_others_takes_the_one_before)
{
    const struct rows_view *view =
        look_at("{\"step\":5,\"a\":5}\n{\"a\":6}\n{\"step\":1.5,\"a\":1}\n{\"step\":6,\"a\":7}\n");
    struct coverage c = cover(view);

    cr_expect(step_at(view, 1) == 5 && step_at(view, 2) == 5 && step_at(view, 3) == 6);
    cr_expect(c.duplicates == 0 && c.restarts_total == 0);
    cr_assert(c.notes.n == 2);
    cr_expect_str_eq(c.notes.v[0], "1 row has a step that is no whole number within 2^53 and takes "
                                   "the one before");
    cr_expect_str_eq(c.notes.v[1], "1 row has no step and takes the one before");
}

Test(rows, steps_that_are_mostly_no_whole_numbers_do_not_fold_the_rows)
{
    static const char *const texts[] = {
        "{\"step\":0.0,\"a\":5}\n{\"step\":0.1,\"a\":6}\n{\"step\":0.2,\"a\":7}\n",
        "{\"step\":0,\"a\":5}\n{\"step\":1e17,\"a\":6}\n{\"step\":2e17,\"a\":7}\n",
    };

    for (size_t i = 0; i < 2; i++) {
        const struct rows_view *view = look_at(texts[i]);
        struct coverage c = cover(view);

        cr_expect(step_at(view, 0) == 0 && step_at(view, 1) == 1 && step_at(view, 2) == 2);
        cr_assert(c.notes.n == 1);
        cr_expect_str_eq(c.notes.v[0],
                         "2 of 3 rows have a step that is no whole number within 2^53: of every "
                         "row its number, from 0, stands in");
    }
}

/* A quarter of the rows: too few to count rows for their sake, but no other row has a step. */
Test(rows, a_few_odd_steps_and_no_other_are_not_no_step)
{
    const struct rows_view *view =
        look_at("{\"a\":5}\n{\"a\":6}\n{\"step\":0.5,\"a\":1}\n{\"a\":7}\n");
    struct coverage c = cover(view);

    cr_expect(step_at(view, 0) == 0 && step_at(view, 3) == 3);
    cr_assert(c.notes.n == 1);
    cr_expect_str_eq(c.notes.v[0],
                     "1 of 4 rows have a step that is no whole number within 2^53: of every "
                     "row its number, from 0, stands in");
}

Test(rows, nulls_at_the_end_of_a_key_that_every_row_has_are_said)
{
    static const struct {
        const char *what, *last;
        size_t n;
    } table[] = {
        {"three",
         "{\"step\":10,\"a\":null}\n{\"step\":11,\"a\":null}\n"
         "{\"step\":12,\"a\":null}\n",
         3},
        {"two", "{\"step\":10,\"a\":null}\n{\"step\":11,\"a\":null}\n", 0},
        {"a number behind",
         "{\"step\":10,\"a\":null}\n{\"step\":11,\"a\":null}\n"
         "{\"step\":12,\"a\":null}\n{\"step\":13,\"a\":1}\n",
         0},
        {"not in every row",
         "{\"step\":10}\n{\"step\":11,\"a\":null}\n"
         "{\"step\":12,\"a\":null}\n{\"step\":13,\"a\":null}\n",
         0},
    };

    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        struct buf text = {0};
        int64_t from = -1;

        for (int k = 0; k < 10; k++)
            buf_printf(&text, "{\"step\":%d,\"a\":%d}\n", k, k);
        buf_puts(&text, table[i].last);
        const struct rows_view *view = look_at(buf_text(&text));
        size_t n = rows_nulls_at_end(view, key(view, "a"), &from);
        cr_expect(n == table[i].n && from == (n ? 10 : -1), "%s: %zu", table[i].what, n);
        struct coverage c = cover(view);
        cr_expect((c.notes.n == 1) == (n > 0), "%s", table[i].what);
        if (n > 0)
            cr_expect_str_eq(c.notes.v[0], "'a' is null in the last 3 of 13 rows, from step 10 on: "
                                           "many loggers write NaN so");
        buf_fini(&text);
    }
}

Test(rows, a_key_twice_in_a_row_is_said)
{
    const struct rows_view *view = look_at("{\"step\":1,\"a\":5,\"a\":9}\n{\"step\":2,\"a\":6}\n");
    struct coverage c = cover(view);

    cr_expect(value_at(view, "a", 0) == 9);
    cr_assert(c.notes.n == 1);
    cr_expect_str_eq(c.notes.v[0], "1 row holds a key twice: the last one counts");
}

Test(rows, steps_of_any_writing)
{
    static const struct {
        const char *text;
        int64_t step;
    } table[] = {
        {"0", 0},
        {"-3", -3},
        {"5.0", 5},
        {"5e2", 500},
        {"9007199254740991", 9007199254740991},
        {"123456789012345", 123456789012345},
        {"1234567890123456", 1234567890123456},
        {"-0", 0},
        {"12e-1", 99},
        {"9007199254740993", 99},
        {"1e400", 99},
        {"NaN", 99},
    };

    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        char text[200];
        /* the third line comes by template, the second makes it */
        snprintf(text, sizeof(text),
                 "{\"step\":98,\"a\":0}\n{\"step\":99,\"a\":0}\n"
                 "{\"step\":%s,\"a\":1}\n",
                 table[i].text);
        const struct rows_view *view = look_at(text);
        cr_expect(rows_count(view) == 3 && step_at(view, 2) == table[i].step, "%s: %lld",
                  table[i].text, (long long)step_at(view, 2));
    }
}

Test(rows, keys_beyond_the_most_are_counted)
{
    struct buf text = {0};

    buf_puts(&text, "{\"step\":1");
    for (int i = 0; i < KEYS_MAX + 3; i++)
        buf_printf(&text, ",\"k%d\":%d", i, i);
    buf_puts(&text, "}\n");
    const struct rows_view *view = look_at(buf_text(&text));
    cr_expect(rows_keys(view) == KEYS_MAX);
    struct coverage c = cover(view);
    cr_expect(c.notes.n == 1 && strstr(c.notes.v[0], "3 values of keys"), "%s", c.notes.v[0]);
    buf_fini(&text);
}

/* ---- long lines ---- */

static void add_long(struct buf *text, int step, size_t n)
{
    buf_printf(text, "{\"step\":%d,\"pad\":\"", step);
    buf_reserve(text, n);
    memset(text->p + text->n, 'x', n);
    text->n += n;
    buf_printf(text, "\",\"a\":%d}\n", step * 10);
}

Test(rows, lengths_of_all_sizes_find_their_rows)
{
    static const size_t sizes[] = {10, 65000, 65500, 65536, 70000, 300000, 10, 1000000, 10};
    struct buf text = {0};

    for (int i = 0; i < 300; i++)
        add_long(&text, i, i % 30 < 9 ? sizes[i % 30] / (i < 60 ? 1 : 5) : 3);
    pieces_write(&file, buf_str(&text));
    const struct rows_view *view = look();
    cr_assert(rows_count(view) == 300);
    const char *p = put_all(view);
    for (int i = 0; i < 300; i++) {
        char want[64];
        int n = snprintf(want, sizeof(want), "%s{\"step\":%d,\"a\":%d}", i ? "," : "", i, i * 10);
        cr_assert(strncmp(p, want, (size_t)n) == 0, "row %d: %.40s", i, p);
        p += n;
    }
    buf_fini(&text);
}

Test(rows, a_line_of_64_mib_is_malformed_and_not_held)
{
    struct buf text = {0};

    add_long(&text, 1, 10);
    add_long(&text, 2, 4 * DATA_LINE_MAX);
    add_long(&text, 3, 10);
    pieces_write(&file, buf_str(&text));
    const struct rows_view *view = look();
    struct coverage c = cover(view);
    cr_expect(rows_count(view) == 2 && c.malformed.count == 1 && c.malformed.line == 2);
    cr_expect_str_eq(c.malformed.reason, "is too long");
    cr_expect_str_eq(put_all(view), "{\"step\":1,\"a\":10},{\"step\":3,\"a\":30}");
    pieces_cut(&file, text.n - 100); /* now within the line: it is the last, and cut */
    view = look();
    cr_expect(rows_count(view) == 1 && cover(view).malformed.count == 1);
    buf_fini(&text);
}

/* ---- files that change ---- */
