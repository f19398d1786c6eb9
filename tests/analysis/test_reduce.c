#include "analysis/reduce.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "analysis/lttb.h"
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

TestSuite(reduce, .init = set_up, .fini = tear_down);

static const struct rows_view *look_at(struct buf *text)
{
    struct rows_view *view;
    struct err err;

    pieces_replace(&file, buf_str(text));
    buf_fini(text);
    cr_assert(rows_look(rows, file.dir, "log", NULL, NULL, &view, &err), "%s", err.msg);
    arena_own(&arena, view, rows_view_unref);
    return view;
}

static size_t lttb_of(const double *x, const double *y, size_t n, size_t m, size_t *out)
{
    struct source source;

    source_arrays(&source, x, y, n);
    size_t chosen = lttb(&source, n, m, out);
    source_fini(&source);
    return chosen;
}

/* Steinarsson's text followed to the letter, over whole arrays. */
static size_t plain_lttb(const double *x, const double *y, size_t n, size_t m, size_t *out)
{
    size_t a = 0, at = 0;

    out[at++] = 0;
    for (size_t k = 0; k < m - 2; k++) {
        size_t from = 1 + k * (n - 2) / (m - 2), to = 1 + (k + 1) * (n - 2) / (m - 2);
        size_t end = k + 3 <= m - 1 ? 1 + (k + 2) * (n - 2) / (m - 2) : n, best = from;
        double cx = 0, cy = 0, most = -1;
        for (size_t i = to; i < end; i++) {
            cx += x[i];
            cy += y[i];
        }
        cx /= (double)(end - to);
        cy /= (double)(end - to);
        for (size_t i = from; i < to; i++) {
            double area = fabs((x[a] - cx) * (y[i] - y[a]) - (x[a] - x[i]) * (cy - y[a]));
            if (area > most) {
                most = area;
                best = i;
            }
        }
        out[at++] = a = best;
    }
    out[at++] = n - 1;
    return at;
}

Test(reduce, vector_42_lttb_to_six)
{
    static const double y[] = {0, 1, 0, 5, 0, 1, 0, -4, 0, 1, 0, 2};
    static const size_t want[] = {0, 2, 3, 7, 8, 11};
    size_t got[6];

    cr_assert(lttb_of(NULL, y, 12, 6, got) == 6);
    for (size_t i = 0; i < 6; i++)
        cr_expect(got[i] == want[i], "%zu: %zu, not %zu", i, got[i], want[i]);
}

Test(reduce, lttb_equals_the_plain_form)
{
    static const size_t sizes[][2] = {{5, 3},      {1000, 10},   {1000, 999}, {5000, 3},
                                      {12000, 50}, {12345, 777}, {30000, 4},  {2049, 2000}};
    unsigned seed = 3;

    for (size_t s = 0; s < sizeof(sizes) / sizeof(sizes[0]); s++) {
        size_t n = sizes[s][0], m = sizes[s][1];
        double *x = ARENA_ARRAY(&arena, n, double), *y = ARENA_ARRAY(&arena, n, double);
        size_t *got = ARENA_ARRAY(&arena, m, size_t), *want = ARENA_ARRAY(&arena, m, size_t);
        for (size_t i = 0; i < n; i++) {
            seed = seed * 1103515245u + 12345u;
            x[i] = (double)(i * 3 + seed % 3);
            y[i] = (double)(seed >> 8 & 0xffff) / 256;
        }
        cr_assert(lttb_of(x, y, n, m, got) == m && plain_lttb(x, y, n, m, want) == m);
        cr_expect(memcmp(got, want, m * sizeof(size_t)) == 0, "%zu to %zu", n, m);
    }
}

Test(reduce, lttb_of_little)
{
    static const double y[] = {3, 1, 2, 5};
    size_t got[8];

    cr_expect(lttb_of(NULL, y, 4, 0, got) == 0);
    cr_expect(lttb_of(NULL, y, 4, 1, got) == 1 && got[0] == 0);
    cr_expect(lttb_of(NULL, y, 4, 2, got) == 2 && got[0] == 0 && got[1] == 3);
    cr_expect(lttb_of(NULL, y, 4, 3, got) == 3 && got[2] == 3);
    cr_expect(lttb_of(NULL, y, 4, 8, got) == 4 && got[2] == 2);
}

static void expect_order(const size_t *row, size_t n, size_t budget, size_t from, size_t to)
{
    cr_expect(n <= budget, "%zu of %zu", n, budget);
    for (size_t i = 0; i < n; i++)
        cr_expect(row[i] >= from && row[i] < to && (i == 0 || row[i] > row[i - 1]), "%zu", i);
}

static bool holds(const size_t *row, size_t n, size_t wanted)
{
    for (size_t i = 0; i < n; i++) {
        if (row[i] == wanted)
            return true;
    }
    return false;
}

/* 10000 rows of `loss`, with what a reduction must not lose. */
static const struct rows_view *eventful(void)
{
    struct buf text = {0};

    for (int i = 0; i < 10000; i++) {
        int step = i < 6000 ? i : i - 100;
        double loss = 5 + sin(i * 0.7);
        buf_printf(&text, "{\"step\":%d,\"loss\":", step);
        if ((i >= 3000 && i < 3010) || i == 4096)
            buf_puts(&text, "NaN");
        else
            buf_printf(&text, "%.6f", i == 1234 ? 99 : i == 7777 ? -99 : loss);
        buf_printf(&text, ",\"lr\":%.6f", i == 5001 ? 7.0 : 0.001);
        if (i % 100 == 50)
            buf_printf(&text, ",\"val\":%.6f", 1.0 / (i + 1));
        buf_puts(&text, "}\n");
    }
    return look_at(&text);
}

Test(reduce, rows_keep_what_must_not_be_lost)
{
    const struct rows_view *view = eventful();
    const size_t keys[] = {0, 1, 2};
    const size_t kept[] = {0, 9999, 3000, 3009, 4096, 1234, 7777, 5001, 5999, 6000};
    size_t *row, n, val = 0;

    reduce_rows(view, 0, 10000, keys, 3, 0, 200, &arena, &row, &n);
    expect_order(row, n, 200, 0, 10000);
    cr_expect(n > 190, "the budget is used: %zu", n);
    for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++)
        cr_expect(holds(row, n, kept[i]), "row %zu", kept[i]);
    for (size_t i = 0; i < n; i++)
        val += row[i] % 100 == 50;
    cr_expect(val >= 32, "%zu of the sparse key", val);
}

Test(reduce, rows_of_a_part_stay_in_it)
{
    const struct rows_view *view = eventful();
    const size_t keys[] = {0, 1, 2};
    size_t *row, n;

    for (size_t budget = 0; budget < 40; budget++) {
        reduce_rows(view, 2500, 7001, keys, 3, 0, budget, &arena, &row, &n);
        expect_order(row, n, budget, 2500, 7001);
        cr_expect(budget < 2 || (row[0] == 2500 && row[n - 1] == 7000), "%zu", budget);
    }
    reduce_rows(view, 100, 150, keys, 3, 0, 50, &arena, &row, &n);
    cr_expect(n == 50 && row[0] == 100 && row[49] == 149, "all that fit");
}

Test(reduce, rows_without_a_primary_key_or_any)
{
    const struct rows_view *view = eventful();
    const size_t keys[] = {2, 1};
    size_t *row, n;

    reduce_rows(view, 0, 10000, keys, 2, SIZE_MAX, 100, &arena, &row, &n);
    expect_order(row, n, 100, 0, 10000);
    cr_expect(n > 90 && holds(row, n, 5001), "%zu", n);
    reduce_rows(view, 0, 10000, NULL, 0, SIZE_MAX, 100, &arena, &row, &n);
    expect_order(row, n, 100, 0, 10000);
    cr_expect(n > 90);
    reduce_rows(view, 0, 10000, keys, 2, 0, 100, &arena, &row, &n);
    cr_expect(n > 90 && holds(row, n, 1234), "chosen on a key that is not returned");
}

Test(reduce, a_column_has_only_its_points)
{
    const struct rows_view *view = eventful();
    size_t *row, n;

    reduce_column(view, 0, 10000, 2, 20, &arena, &row, &n);
    expect_order(row, n, 20, 0, 10000);
    cr_expect(n >= 18 && row[0] == 50 && row[n - 1] == 9950);
    for (size_t i = 0; i < n; i++)
        cr_expect(row[i] % 100 == 50, "%zu", row[i]);
    reduce_column(view, 0, 10000, 2, 100, &arena, &row, &n);
    cr_expect(n == 100, "all fit");
    reduce_column(view, 0, 10000, 0, 100, &arena, &row, &n);
    expect_order(row, n, 100, 0, 10000);
    cr_expect(holds(row, n, 3000) && holds(row, n, 3009) && holds(row, n, 7777));
}

Test(reduce, a_column_of_nothing_but_nan)
{
    struct buf text = {0};
    size_t *row, n;

    for (int i = 0; i < 5000; i++)
        buf_printf(&text, "{\"step\":%d,\"a\":NaN}\n", i);
    const struct rows_view *view = look_at(&text);
    reduce_column(view, 0, 5000, 0, 10, &arena, &row, &n);
    cr_expect(n == 2 && row[0] == 0 && row[1] == 4999);
}

Test(reduce, more_runs_than_fit_use_half_of_the_budget)
{
    struct buf text = {0};
    size_t *row, n, odd = 0;

    for (int i = 0; i < 5000; i++)
        buf_printf(&text, i % 3 ? "{\"a\":%d}\n" : "{\"a\":NaN}\n", i % 3 ? i % 50 : 0);
    const struct rows_view *view = look_at(&text);
    const size_t key = 0;
    reduce_rows(view, 0, 5000, &key, 1, 0, 100, &arena, &row, &n);
    expect_order(row, n, 100, 0, 5000);
    for (size_t i = 0; i < n; i++)
        odd += row[i] % 3 == 0;
    cr_expect(odd >= 45 && odd <= 52 && n >= 98, "%zu of %zu", odd, n);
}

Test(reduce, values_of_an_array)
{
    enum { N = 3000 };
    double *y = ARENA_ARRAY(&arena, N, double);
    size_t *at, n;

    for (int i = 0; i < N; i++)
        y[i] = i == 700 ? 50 : i == 900 ? -50 : (i >= 1500 && i < 1505) ? (double)NAN : cos(i);
    reduce_values(NULL, y, N, 100, &arena, &at, &n);
    expect_order(at, n, 100, 0, N);
    cr_expect(n >= 94 && holds(at, n, 700) && holds(at, n, 900) && holds(at, n, 1500) &&
              holds(at, n, 1504) && holds(at, n, 0) && holds(at, n, N - 1));
    reduce_values(NULL, y, 5, 100, &arena, &at, &n);
    cr_expect(n == 5 && at[4] == 4);
    reduce_values(NULL, y, 0, 100, &arena, &at, &n);
    cr_expect(n == 0);
    reduce_values(NULL, y, N, 0, &arena, &at, &n);
    cr_expect(n == 0);
}

Test(reduce, a_view_and_its_arrays_give_the_same_choice)
{
    struct buf text = {0};
    size_t *row, n, *want = ARENA_ARRAY(&arena, 500, size_t);
    double *x = ARENA_ARRAY(&arena, 9000, double), *y = ARENA_ARRAY(&arena, 9000, double);

    for (int i = 0; i < 9000; i++) {
        x[i] = i * 10 + (i > 5000 ? i % 3 : 0);
        y[i] = floor(1000 * sin(i * i * 0.001)) / 1024;
        buf_printf(&text, "{\"step\":%.0f,\"a\":%.17g}\n", x[i], y[i]);
    }
    const struct rows_view *view = look_at(&text);
    struct source source;
    row = ARENA_ARRAY(&arena, 500, size_t);
    source_rows(&source, view, 0, false, 0, 9000);
    n = lttb(&source, 9000, 500, row);
    source_fini(&source);
    cr_assert(n == 500 && plain_lttb(x, y, 9000, 500, want) == 500);
    cr_expect(memcmp(row, want, n * sizeof(*row)) == 0);
}
