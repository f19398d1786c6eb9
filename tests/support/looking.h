#ifndef LOOKING_H
#define LOOKING_H
/* A log of a test's own, looked at: what the tests of rows.h share. */
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

static inline void set_up(void)
{
    pieces_init(&file);
    rows = rows_new();
    arena_init(&arena);
}

static inline void tear_down(void)
{
    arena_fini(&arena);
    rows_free(rows);
    pieces_fini(&file);
}

static inline const struct rows_view *look_for(const struct strs *keys)
{
    struct rows_view *view;
    struct err err;

    cr_assert(rows_look(rows, file.dir, "log", keys, NULL, &view, &err), "%s", err.msg);
    cr_assert(view);
    arena_own(&arena, view, rows_view_unref);
    return view;
}

static inline const struct rows_view *look(void)
{
    return look_for(NULL);
}

static inline const struct rows_view *look_at(const char *text)
{
    pieces_write(&file, str_of(text));
    return look();
}

static inline struct coverage cover(const struct rows_view *view)
{
    struct coverage coverage;

    coverage_init(&coverage, &arena);
    rows_cover(view, &coverage);
    return coverage;
}

static inline size_t key(const struct rows_view *view, const char *name)
{
    size_t k = rows_find(view, str_of(name));

    cr_assert(k != SIZE_MAX, "no key %s", name);
    return k;
}

static inline double value_at(const struct rows_view *view, const char *name, size_t row)
{
    double value;

    rows_values(view, key(view, name), row, 1, -12345, &value);
    return value;
}

static inline int64_t step_at(const struct rows_view *view, size_t row)
{
    int64_t step;

    rows_steps(view, row, 1, &step);
    return step;
}

static inline const char *put_all(const struct rows_view *view)
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
static inline const char *told(const struct rows_view *view)
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

static inline const char *told_of_whole(struct str text)
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

#endif
