#include "analysis/rows.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "analysis/base/limits.h"
#include "tests/support/pieces.h"

static struct pieces file;
static struct rows *rows;
static struct arena arena;

static void set_up(void)
{
    pieces_init(&file);
    rows = rows_new();
    arena_init(&arena);
}

static void tear_down(void)
{
    arena_fini(&arena);
    rows_free(rows);
    pieces_fini(&file);
}

TestSuite(rows, .init = set_up, .fini = tear_down);

static const struct rows_view *look_for(const struct strs *keys)
{
    struct rows_view *view;
    struct err err;

    cr_assert(rows_look(rows, file.dir, "log", keys, NULL, &view, &err), "%s", err.msg);
    cr_assert(view);
    arena_own(&arena, view, rows_view_unref);
    return view;
}

static const struct rows_view *look(void)
{
    return look_for(NULL);
}

static const struct rows_view *look_at(const char *text)
{
    pieces_write(&file, str_of(text));
    return look();
}

static struct coverage cover(const struct rows_view *view)
{
    struct coverage coverage;

    coverage_init(&coverage, &arena);
    rows_cover(view, &coverage);
    return coverage;
}

static size_t key(const struct rows_view *view, const char *name)
{
    size_t k = rows_find(view, str_of(name));

    cr_assert(k != SIZE_MAX, "no key %s", name);
    return k;
}

static double value_at(const struct rows_view *view, const char *name, size_t row)
{
    double value;

    rows_values(view, key(view, name), row, 1, -12345, &value);
    return value;
}

static int64_t step_at(const struct rows_view *view, size_t row)
{
    int64_t step;

    rows_steps(view, row, 1, &step);
    return step;
}

static const char *put_all(const struct rows_view *view)
{
    size_t n = rows_count(view), *row = ARENA_ARRAY(&arena, n, size_t);
    struct buf out = {0};
    struct err err;

    for (size_t i = 0; i < n; i++)
        row[i] = i;
    cr_assert(rows_put(view, row, n, NULL, 0, &out, &err), "%s", err.msg);
    const char *text = arena_text(&arena, buf_str(&out));
    buf_fini(&out);
    return text;
}

/* Everything a view says, as text: two views that say the same are equal. */
static const char *told(const struct rows_view *view)
{
    struct coverage c = cover(view);
    struct buf out = {0};

    buf_puts(&out, put_all(view));
    buf_printf(&out, "\nmalformed %lld at %lld: %s; duplicates %lld, restarts %lld\n",
               (long long)c.malformed.count, (long long)c.malformed.line,
               c.malformed.reason ? c.malformed.reason : "", (long long)c.duplicates,
               (long long)c.restarts_total);
    for (size_t i = 0; i < c.notes.n; i++)
        buf_printf(&out, "note %s\n", c.notes.v[i]);
    for (size_t i = 0; i < rows_keys(view); i++) {
        struct summary s;
        struct series series;
        rows_summary(view, i, &s);
        rows_series(view, i, 0, SIZE_MAX, &arena, &series);
        buf_printf(&out, "%.*s %zu: %lld %lld %a %a %a %a %a", STR_FMT(rows_key(view, i)),
                   rows_points(view, i), (long long)s.n, (long long)s.finite, s.first, s.last,
                   s.min, s.max, s.mean_last_tenth);
        for (size_t k = 0; k < series.n && k < 100; k++)
            buf_printf(&out, " %lld:%a", (long long)series.step[k], series.value[k]);
        buf_byte(&out, '\n');
    }
    const char *text = arena_text(&arena, buf_str(&out));
    buf_fini(&out);
    return text;
}

static const char *told_of_whole(struct str text)
{
    struct rows *kept = rows;

    pieces_replace(&file, text);
    rows = rows_new();
    const char *all = told(look());
    rows_free(rows);
    rows = kept;
    return all;
}

/* ---- what a row is ---- */

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
    cr_expect(c.notes.n == 1 && strstr(c.notes.v[0], "2 rows have no step"), "%zu", c.notes.n);
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

static const char story[] =
    "\xef\xbb\xbf{\"step\":1,\"a\":1.5,\"b\":2}\n{\"step\":2,\"a\":0.1,\"b\":NaN}\n\n"
    "{\"step\":3,\"a\":1e400,\"b\":null}\r\nbad\n{\"step\":3,\"a\":7,\"c\":\"x\"}\n"
    "{\"step\":2,\"a\":7,\"b\":3,\"d\":4}\n{\"a\":1}\n{\"step\":4,\"a\":-1,\"b\":-2.25}";

Test(rows, a_file_that_grows_equals_the_whole_wherever_it_is_cut)
{
    struct str all = str_of(story);
    const char *want = told_of_whole(all);

    for (size_t cut = 0; cut <= all.n; cut++) {
        pieces_replace(&file, str_cut(all, cut));
        rows_drop(rows);
        const char *half = told(look());
        cr_expect_str_eq(half, told_of_whole(str_cut(all, cut)), "the first %zu bytes", cut);
        pieces_replace(&file, str_cut(all, cut));
        look();
        pieces_append(&file, str_from(all, cut));
        cr_expect_str_eq(told(look()), want, "cut at %zu", cut);
    }
}

Test(rows, a_file_that_grows_byte_by_byte_equals_the_whole)
{
    struct str all = str_of(story);

    pieces_write(&file, STR(""));
    for (size_t i = 0; i < all.n; i++) {
        look();
        pieces_append(&file, (struct str){all.p + i, 1});
    }
    const char *got = told(look());
    cr_expect_str_eq(got, told_of_whole(all));
}

Test(rows, growth_over_the_edge_of_a_chunk_equals_the_whole)
{
    struct buf text = {0};

    for (int i = 0; i < 8200; i++)
        buf_printf(&text, "{\"step\":%d,\"a\":%d.1%s}\n", i + (i > 5000), i % 97,
                   i % 50 ? "" : ",\"b\":0.5");
    const char *want = told_of_whole(buf_str(&text));
    size_t at = 0;
    pieces_replace(&file, STR(""));
    for (size_t piece = 7001; at < text.n; piece = piece * 3 % 9973 + 1) {
        size_t n = piece < text.n - at ? piece : text.n - at;
        pieces_append(&file, (struct str){text.p + at, n});
        at += n;
        look();
    }
    cr_expect_str_eq(told(look()), want);
    buf_fini(&text);
}

Test(rows, a_view_stays_what_it_was)
{
    const struct rows_view *before = look_at("{\"step\":1,\"a\":1}\n{\"step\":2,\"a\":2}");
    const char *said = told(before);

    pieces_append(&file, STR("\n{\"step\":3,\"a\":3,\"b\":1}\n"));
    cr_expect(rows_count(look()) == 3);
    cr_expect_str_eq(told(before), said);
    pieces_replace(&file, STR("{\"step\":9}\n"));
    cr_expect(rows_count(look()) == 1);
    cr_expect_str_eq(told(before), said, "its file is still open");
}

Test(rows, a_file_that_shrinks_is_read_anew)
{
    look_at("{\"step\":1,\"a\":1}\n{\"step\":2,\"a\":2}\n{\"step\":3,\"a\":3}\n");
    pieces_cut(&file, 17);
    const struct rows_view *view = look();
    cr_expect_str_eq(put_all(view), "{\"step\":1,\"a\":1}");
}

Test(rows, a_file_replaced_by_one_of_equal_size_is_read_anew)
{
    look_at("{\"step\":1,\"a\":1}\n");
    pieces_replace(&file, STR("{\"step\":2,\"b\":2}\n"));
    cr_expect_str_eq(put_all(look()), "{\"step\":2,\"b\":2}");
}

Test(rows, a_file_rewritten_and_grown_is_read_anew)
{
    look_at("{\"step\":1,\"a\":1}\n");
    pieces_write(&file, STR("{\"step\":2,\"b\":2}\n{\"step\":3,\"b\":2}\n"));
    cr_expect_str_eq(put_all(look()), "{\"step\":2,\"b\":2},{\"step\":3,\"b\":2}");
}

Test(rows, a_file_that_goes_away_is_forgotten)
{
    struct rows_view *view;
    struct err err;

    look_at("{\"step\":1,\"a\":1}\n");
    unlinkat(file.dir, "log", 0);
    cr_expect(rows_look(rows, file.dir, "log", NULL, NULL, &view, &err) && !view);
    cr_expect_str_eq(put_all(look_at("{\"step\":2,\"a\":1}\n")), "{\"step\":2,\"a\":1}");
}

Test(rows, rows_of_a_file_cut_or_rewritten_under_the_view_are_a_conflict)
{
    static const char text[] = "{\"step\":1,\"a\":1}\n{\"step\":2,\"a\":2}\n";
    const size_t row[] = {0, 1};
    struct buf out = {0}, steps = {0};
    struct err err = {0};

    const struct rows_view *view = look_at(text);
    pieces_cut(&file, 20);
    cr_expect(!rows_put(view, row, 2, NULL, 0, &out, &err) && err.code == ERR_CONFLICT);
    err.code = ERR_NONE;
    cr_expect(!rows_put_column(view, 0, row, 2, &steps, &out, &err) && err.code == ERR_CONFLICT);

    view = look_at(text);
    pieces_write(&file, STR("{\"step\":1,\"b\":1}\n{\"step\":2,\"b\":2}\n"));
    err.code = ERR_NONE;
    cr_expect(!rows_put(view, row, 2, NULL, 0, &out, &err) && err.code == ERR_CONFLICT);

    view = look_at(text);
    pieces_append(&file, STR("{\"step\":3,\"a\":1}\n"));
    cr_expect(rows_put(view, row, 2, NULL, 0, &out, &err), "growth is none: %s", err.msg);
    buf_fini(&out);
    buf_fini(&steps);
}

/* ---- keys and memory ---- */

Test(rows, columns_that_were_not_asked_for_are_counted_and_loaded_later)
{
    const char *const a = "a", *const b = "b";
    const struct strs only_a = {&a, 1}, only_b = {&b, 1}, none = {0};
    struct summary s;

    pieces_write(&file, STR("{\"step\":1,\"a\":1,\"b\":5}\n{\"step\":2,\"a\":2,\"b\":6}\n"));
    const struct rows_view *view = look_for(&only_a);
    cr_expect(rows_points(view, key(view, "b")) == 2);
    rows_summary(view, key(view, "a"), &s);
    cr_expect(s.n == 2 && s.last == 2);

    pieces_append(&file, STR("{\"step\":3,\"a\":3,\"b\":7}\n"));
    view = look_for(&only_b);
    rows_summary(view, key(view, "b"), &s);
    cr_expect(s.n == 3 && s.first == 5 && s.last == 7);
    view = look_for(&only_a);
    cr_expect(value_at(view, "a", 2) == 3);
    view = look_for(&none);
    cr_expect(rows_count(view) == 3 && rows_points(view, key(view, "a")) == 3);
    view = look();
    cr_expect(value_at(view, "a", 2) == 3 && value_at(view, "b", 0) == 5);
}

Test(rows, a_key_that_comes_later_is_loaded_from_its_first_row)
{
    const char *const b = "b";
    const struct strs only_b = {&b, 1};

    pieces_write(&file, STR("{\"step\":1,\"a\":1}\n"));
    look_for(&only_b);
    pieces_append(&file, STR("{\"step\":2,\"b\":4}\n"));
    const struct rows_view *view = look_for(&only_b);
    cr_expect(value_at(view, "b", 1) == 4 && value_at(view, "b", 0) == -12345);
}

Test(rows, what_is_dropped_is_read_again)
{
    look_at("{\"step\":1,\"a\":1}\n");
    size_t held = rows_held(rows);
    rows_drop(rows);
    cr_expect(rows_held(rows) < held);
    cr_expect_str_eq(put_all(look()), "{\"step\":1,\"a\":1}");
}

Test(rows, a_look_can_be_cancelled_and_done_again)
{
    atomic_bool cancelled = true;
    struct rows_view *view;
    struct err err;

    pieces_write(&file, STR("{\"step\":1,\"a\":1}\n"));
    cr_expect(!rows_look(rows, file.dir, "log", NULL, &cancelled, &view, &err));
    cr_expect(err.code == ERR_CANCELLED && !view);
    cancelled = false;
    cr_expect(rows_look(rows, file.dir, "log", NULL, &cancelled, &view, &err));
    cr_expect(rows_count(view) == 1);
    rows_view_unref(view);
}

/* ---- summaries and series ---- */

static double random_value(unsigned *seed, int i)
{
    unsigned r = *seed = *seed * 1103515245u + 12345u;

    if (r % 101 == 0)
        return r % 3 == 0 ? NAN : r % 3 == 1 ? INFINITY : -INFINITY;
    return i % 9000 < 4500 ? (double)(r >> 16) / 64 : (double)(r >> 4) / 3e7;
}

Test(rows, summaries_and_series_equal_a_plain_computation)
{
    enum { N = 13000 };
    double *value = ARENA_ARRAY(&arena, N, double);
    int64_t *step = ARENA_ARRAY(&arena, N, int64_t);
    struct buf text = {0};
    unsigned seed = 7;
    size_t n = 0;

    for (int i = 0; i < N; i++) {
        double v = random_value(&seed, i);
        buf_printf(&text, "{\"step\":%d", i * 3 + i % 2);
        if (i % 7 && i / 4096 != 1) { /* the second chunk has none */
            buf_printf(&text,
                       isfinite(v) ? ",\"x\":%.17g"
                       : isnan(v)  ? ",\"x\":NaN"
                       : v > 0     ? ",\"x\":Infinity"
                                   : ",\"x\":-Infinity",
                       v);
            step[n] = i * 3 + i % 2;
            value[n++] = v;
        }
        buf_puts(&text, "}\n");
    }
    pieces_write(&file, buf_str(&text));
    buf_fini(&text);

    const struct rows_view *view = look();
    struct series plain = {STR("x"), n, step, value, NULL}, got;
    struct summary want, have;
    series_summary(&plain, &want);
    rows_summary(view, 0, &have);
    cr_expect(have.n == want.n && have.finite == want.finite && have.nan == want.nan);
    cr_expect(have.pos_inf == want.pos_inf && have.neg_inf == want.neg_inf);
    cr_expect(have.first == want.first && have.last == want.last);
    cr_expect(have.min == want.min && have.max == want.max);
    cr_expect(have.min_step == want.min_step && have.max_step == want.max_step);
    cr_expect(have.first_step == want.first_step && have.last_step == want.last_step);
    cr_expect(have.first_non_finite_step == want.first_non_finite_step);
    cr_expect(have.ends_non_finite == want.ends_non_finite);
    cr_expect(fabs(have.mean_last_tenth - want.mean_last_tenth) <=
              1e-12 * fabs(want.mean_last_tenth));

    rows_series(view, 0, 0, SIZE_MAX, &arena, &got);
    cr_assert(got.n == n && !got.time);
    cr_expect(memcmp(got.step, step, n * sizeof(*step)) == 0);
    for (size_t i = 0; i < n; i++)
        cr_assert(got.value[i] == value[i] || (isnan(got.value[i]) && isnan(value[i])), "%zu", i);
    rows_series(view, 0, 9000, 9010, &arena, &got);
    cr_expect(got.n == 8 || got.n == 9);
    cr_expect(got.step[0] >= 27000 && got.step[got.n - 1] <= 27030);
}

/* A stretch of a real run of a language model: figures from its truth file's formulas. */
Test(rows, times_come_with_a_series)
{
    const struct rows_view *view =
        look_at("{\"step\":10,\"timestamp\":1767225600.25,\"Losses/Total\":25.5062}\n"
                "{\"step\":20,\"Losses/Total\":21.8413}\n"
                "{\"step\":30,\"timestamp\":1767225602,\"Losses/Total\":16.5984}\n");
    struct series s;
    struct summary sum;

    rows_series(view, key(view, "Losses/Total"), 0, 3, &arena, &s);
    cr_assert(s.n == 3 && s.time);
    cr_expect(s.time[0] == 1767225600.25 && isnan(s.time[1]) && s.time[2] == 1767225602.0);
    rows_summary(view, key(view, "Losses/Total"), &sum);
    cr_expect(sum.min == 16.5984 && sum.min_step == 30 && sum.max == 25.5062 && sum.max_step == 10);
    cr_expect(sum.mean_last_tenth == 16.5984);
}

/* ---- copying out ---- */

Test(rows, puts_only_the_keys_and_rows_asked_for)
{
    const struct rows_view *view = look_at("{\"a\":1,\"step\":1,\"b\":2}\n{\"a\":3,\"step\":2}\n"
                                           "x\n{\"b\":Infinity,\"step\":3}\n");
    const size_t both[] = {0, 2}, b = key(view, "b");
    struct buf out = {0}, steps = {0};
    struct err err;

    cr_assert(rows_put(view, both, 2, &b, 1, &out, &err));
    cr_expect_str_eq(buf_text(&out), "{\"step\":1,\"b\":2},{\"b\":\"Infinity\",\"step\":3}");
    out.n = 0;
    cr_assert(rows_put_column(view, b, both, 2, &steps, &out, &err));
    cr_expect_str_eq(buf_text(&out), "2,\"Infinity\"");
    cr_expect_str_eq(buf_text(&steps), "1,3");
    buf_fini(&out);
    buf_fini(&steps);
}

Test(rows, what_was_put_before_is_put_again_as_it_is)
{
    struct buf text = {0}, once = {0}, again = {0};
    struct err err;

    for (int i = 0; i < 50; i++) {
        struct rows *fresh = rows_new();
        struct rows_view *view;
        size_t row[50], n = 0, a;
        buf_printf(&text, "{\"step\":%d,\"a\":%d,\"b\":%d}%s", i, i * i, -i, i % 3 ? "\n" : "");
        pieces_write(&file, buf_str(&text));
        if (i % 3 == 0)
            buf_byte(&text, '\n');
        for (size_t k = (size_t)i % 2; k < (size_t)i + 1; k += 1 + (size_t)i % 4)
            row[n++] = k;
        cr_assert(rows_look(fresh, file.dir, "log", NULL, NULL, &view, &err));
        a = key(view, "a");
        once.n = again.n = 0;
        cr_assert(rows_put(view, row, n, i % 7 ? NULL : &a, 1, &once, &err));
        cr_assert(rows_put(look(), row, n, i % 7 ? NULL : &a, 1, &again, &err));
        cr_expect(str_eq(buf_str(&once), buf_str(&again)), "%d: %s %s", i, buf_text(&once),
                  buf_text(&again));
        rows_view_unref(view);
        rows_free(fresh);
    }
    buf_fini(&text);
    buf_fini(&once);
    buf_fini(&again);
}

/* ---- tails ---- */

Test(rows, a_tail_is_the_end_of_the_whole)
{
    struct buf text = {0};
    struct err err;

    for (int i = 0; i < 3000; i++) {
        buf_printf(&text, "{\"step\":%d,\"a\":%d.5}\n", i, i % 7);
        if (i % 5 == 0)
            buf_puts(&text, i % 10 ? "\n" : "broken\n");
    }
    pieces_write(&file, buf_str(&text));
    const char *all = put_all(look());
    size_t n = strlen(all);
    for (size_t window = 0; window < 3100; window = window * 2 + 1) {
        struct rows_view *tail;
        cr_assert(rows_tail(file.dir, "log", window, &tail, &err) && tail);
        cr_expect(rows_is_tail(tail) && rows_count(tail) == (window < 3000 ? window : 3000),
                  "window %zu: %zu rows", window, rows_count(tail));
        const char *part = put_all(tail);
        size_t k = strlen(part);
        cr_expect(k <= n && strcmp(all + n - k, part) == 0, "window %zu", window);
        if (window == 31)
            cr_expect(cover(tail).malformed.count == 3, "within its 31 rows");
        rows_view_unref(tail);
    }
    buf_fini(&text);
}

Test(rows, a_tail_ends_in_a_row_without_a_newline_or_a_cut_one)
{
    struct rows_view *tail;
    struct err err;

    pieces_write(&file, STR("{\"step\":1}\n{\"step\":2}\n{\"step\":3}"));
    cr_assert(rows_tail(file.dir, "log", 2, &tail, &err));
    cr_expect_str_eq(put_all(tail), "{\"step\":2},{\"step\":3}");
    rows_view_unref(tail);
    pieces_cut(&file, 30);
    cr_assert(rows_tail(file.dir, "log", 2, &tail, &err));
    cr_expect_str_eq(put_all(tail), "{\"step\":1},{\"step\":2}");
    cr_expect(cover(tail).malformed.count == 1);
    cr_expect_str_eq(cover(tail).malformed.reason, "cut last line");
    rows_view_unref(tail);
}
