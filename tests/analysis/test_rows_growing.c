/* Files that change under a look: grown, cut, replaced; what is kept and what is read again. */
#include "tests/support/looking.h"

TestSuite(growing, .init = set_up, .fini = tear_down);

static const char story[] =
    "\xef\xbb\xbf{\"step\":1,\"a\":1.5,\"b\":2}\n{\"step\":2,\"a\":0.1,\"b\":NaN}\n\n"
    "{\"step\":3,\"a\":1e400,\"b\":null}\r\nbad\n{\"step\":3,\"a\":7,\"c\":\"x\"}\n"
    "{\"step\":2,\"a\":7,\"b\":3,\"d\":4}\n{\"a\":1}\n{\"step\":4,\"a\":-1,\"b\":-2.25}";

Test(growing, a_file_that_grows_equals_the_whole_wherever_it_is_cut)
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

Test(growing, a_file_that_grows_byte_by_byte_equals_the_whole)
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

Test(growing, growth_over_the_edge_of_a_chunk_equals_the_whole)
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

Test(growing, a_view_stays_what_it_was)
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

Test(growing, a_file_that_shrinks_is_read_anew)
{
    look_at("{\"step\":1,\"a\":1}\n{\"step\":2,\"a\":2}\n{\"step\":3,\"a\":3}\n");
    pieces_cut(&file, 17);
    const struct rows_view *view = look();
    cr_expect_str_eq(put_all(view), "{\"step\":1,\"a\":1}");
}

Test(growing, a_file_replaced_by_one_of_equal_size_is_read_anew)
{
    look_at("{\"step\":1,\"a\":1}\n");
    pieces_replace(&file, STR("{\"step\":2,\"b\":2}\n"));
    cr_expect_str_eq(put_all(look()), "{\"step\":2,\"b\":2}");
}

Test(growing, a_file_rewritten_and_grown_is_read_anew)
{
    look_at("{\"step\":1,\"a\":1}\n");
    pieces_write(&file, STR("{\"step\":2,\"b\":2}\n{\"step\":3,\"b\":2}\n"));
    cr_expect_str_eq(put_all(look()), "{\"step\":2,\"b\":2},{\"step\":3,\"b\":2}");
}

Test(growing, a_file_that_goes_away_is_forgotten)
{
    struct rows_view *view;
    struct err err;

    look_at("{\"step\":1,\"a\":1}\n");
    unlinkat(file.dir, "log", 0);
    cr_expect(rows_look(rows, file.dir, "log", NULL, NULL, &view, &err) && !view);
    cr_expect_str_eq(put_all(look_at("{\"step\":2,\"a\":1}\n")), "{\"step\":2,\"a\":1}");
}

Test(growing, rows_of_a_file_cut_or_rewritten_under_the_view_are_a_conflict)
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

Test(growing, columns_that_were_not_asked_for_are_counted_and_loaded_later)
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

Test(growing, a_key_that_comes_later_is_loaded_from_its_first_row)
{
    const char *const b = "b";
    const struct strs only_b = {&b, 1};

    pieces_write(&file, STR("{\"step\":1,\"a\":1}\n"));
    look_for(&only_b);
    pieces_append(&file, STR("{\"step\":2,\"b\":4}\n"));
    const struct rows_view *view = look_for(&only_b);
    cr_expect(value_at(view, "b", 1) == 4 && value_at(view, "b", 0) == -12345);
}

Test(growing, what_is_dropped_is_read_again)
{
    look_at("{\"step\":1,\"a\":1}\n");
    size_t held = rows_held(rows);
    rows_drop(rows);
    cr_expect(rows_held(rows) < held);
    cr_expect_str_eq(put_all(look()), "{\"step\":1,\"a\":1}");
}

Test(growing, a_look_can_be_cancelled_and_done_again)
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

Test(growing, summaries_and_series_equal_a_plain_computation)
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

/* Rows of two keys that are always there, and one that is not. */
static const struct rows_view *rows_of_three(size_t count)
{
    struct buf text = {0};

    for (size_t i = 0; i < count; i++) {
        buf_printf(&text, "{\"step\":%zu,\"timestamp\":%zu.5,\"a\":%zu,\"b\":-%zu", 3 * i, 1000 + i,
                   i, i);
        buf_printf(&text, i == count / 2 ? "}\n" : ",\"c\":%zu}\n", i);
    }
    pieces_write(&file, buf_str(&text));
    buf_fini(&text);
    return look();
}

Test(growing, series_of_all_rows_share_their_steps)
{
    enum { ROWS = 9000 };
    const struct rows_view *view = rows_of_three(ROWS);
    struct series a, b, c, plain;

    rows_series_like(view, key(view, "a"), &(struct series){0}, &arena, &a);
    cr_assert(a.n == ROWS && a.time && a.step[1] == 3 && a.time[1] == 1001.5);
    rows_series_like(view, key(view, "b"), &a, &arena, &b);
    cr_expect(b.n == ROWS && b.step == a.step && b.time == a.time);
    rows_series(view, key(view, "b"), 0, SIZE_MAX, &arena, &plain);
    cr_expect(memcmp(b.value, plain.value, ROWS * sizeof(*b.value)) == 0);
    cr_expect(str_eq(b.name, STR("b")) && plain.step != a.step);

    rows_series_like(view, key(view, "c"), &a, &arena, &c);
    cr_expect(c.n == ROWS - 1 && c.step != a.step && c.step[ROWS / 2] == 3 * (ROWS / 2 + 1));
    int64_t other[ROWS];
    memcpy(other, a.step, sizeof(other));
    other[ROWS - 1]++;
    rows_series_like(view, key(view, "b"),
                     &(struct series){.n = ROWS, .step = other, .time = a.time}, &arena, &b);
    cr_expect(b.step != other && memcmp(b.step, a.step, sizeof(other)) == 0, "other steps");
    rows_series_like(view, key(view, "b"), &(struct series){.n = ROWS, .step = a.step}, &arena, &b);
    cr_expect(b.step != a.step && b.time && b.time[7] == 1007.5, "no times");
}

/* A stretch of a real run of a language model: figures from its truth file's formulas. */
Test(growing, times_come_with_a_series)
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

Test(growing, puts_only_the_keys_and_rows_asked_for)
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

Test(growing, what_was_put_before_is_put_again_as_it_is)
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

Test(growing, a_tail_is_the_end_of_the_whole)
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

Test(growing, a_tail_ends_in_a_row_without_a_newline_or_a_cut_one)
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

/* Read anew for each two lines more, the 200 000 lines of the first row would take minutes. */
Test(growing, a_tail_behind_lines_that_are_no_rows, .timeout = 20)
{
    static const struct {
        const char *head, *line;
        size_t lines, count;
        long long malformed;
    } table[] = {
        {"", "x\n", 200000, 0, 200000},
        {"{\"step\":1}\n{\"step\":2}\n{\"step\":3}\n", "x\n", 200000, 2, 200000},
        {"{\"step\":1}\n", "\n", 500000, 1, 0},
        {"{\"step\":1}\n", "[1]\n", 3000, 1, 3000},
    };

    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        struct buf text = {0};
        struct rows_view *tail;
        struct err err;
        buf_puts(&text, table[i].head);
        for (size_t k = 0; k < table[i].lines; k++)
            buf_puts(&text, table[i].line);
        pieces_write(&file, buf_str(&text));
        cr_assert(rows_tail(file.dir, "log", 2, &tail, &err) && tail);
        cr_expect(rows_count(tail) == table[i].count, "%zu: %zu rows", i, rows_count(tail));
        cr_expect(cover(tail).malformed.count == table[i].malformed, "%zu", i);
        if (table[i].count == 2)
            cr_expect_str_eq(put_all(tail), "{\"step\":2},{\"step\":3}");
        rows_view_unref(tail);
        buf_fini(&text);
    }
}

Test(growing, a_tail_gives_up_behind_too_many_bytes, .timeout = 60)
{
    struct buf text = {0};
    struct rows_view *tail;
    struct err err;

    buf_puts(&text, "{\"step\":1}\n");
    buf_reserve(&text, TAIL_BYTES_MAX);
    memset(text.p + text.n, 'x', TAIL_BYTES_MAX);
    text.n += TAIL_BYTES_MAX;
    pieces_write(&file, buf_str(&text));
    cr_assert(rows_tail(file.dir, "log", 2, &tail, &err) && tail);
    cr_expect(rows_count(tail) == 0);
    rows_view_unref(tail);
    pieces_append(&file, STR("\n{\"step\":2}\n"));
    cr_assert(rows_tail(file.dir, "log", 2, &tail, &err) && tail);
    cr_expect_str_eq(put_all(tail), "{\"step\":2}", "what was found so far");
    rows_view_unref(tail);
    pieces_cut(&file, TAIL_BYTES_MAX - 100);
    pieces_append(&file, STR("\n{\"step\":3}\n"));
    cr_assert(rows_tail(file.dir, "log", 2, &tail, &err) && tail);
    cr_expect_str_eq(put_all(tail), "{\"step\":1},{\"step\":3}");
    rows_view_unref(tail);
    buf_fini(&text);
}
