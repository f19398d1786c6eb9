/*
 * What rows say of themselves: what was read, what in it could not be used, and
 * what stands in for steps that are missing.
 */
#include "analysis/rowview.h"

#include <stdarg.h>

enum { NAMED_MAX = 5 };

/* Keys that hold no numbers. */
static void note_no_series(const struct rows_view *view, struct coverage *coverage)
{
    const struct version *version = view->version;
    struct buf names = {0};
    size_t n = 0;

    for (size_t i = 0; i < version->columns_n; i++) {
        const struct seen_column *seen = &version->column[i];
        if (seen->points > 0 || seen->others == 0)
            continue;
        if (n++ < NAMED_MAX) {
            buf_puts(&names, n > 1 ? ", " : "");
            buf_add(&names, str_cut(version->table->column[i]->name, 80));
        }
    }
    if (n > 0)
        coverage_note(coverage, "%zu key%s no numbers and %s not series: %.*s%s", n,
                      n == 1 ? " holds" : "s hold", n == 1 ? "is" : "are", STR_FMT(buf_str(&names)),
                      n > NAMED_MAX ? ", …" : "");
    buf_fini(&names);
}

/* Keys of numbers that are something else in some rows: "abc", true, a list. */
static void note_no_numbers(const struct rows_view *view, struct coverage *coverage)
{
    const struct version *version = view->version;
    struct buf names = {0};
    size_t n = 0;

    for (size_t i = 0; i < version->columns_n; i++) {
        const struct seen_column *seen = &version->column[i];
        if (seen->points == 0 || seen->others == 0 || n++ >= NAMED_MAX)
            continue;
        buf_printf(&names, "%s%lld of '%.*s'", n > 1 ? ", " : "", (long long)seen->others,
                   STR_FMT(str_cut(version->table->column[i]->name, 80)));
    }
    if (n > 0)
        coverage_note(coverage, "values that are no numbers were left out: %.*s%s",
                      STR_FMT(buf_str(&names)), n > NAMED_MAX ? ", …" : "");
    buf_fini(&names);
}

static void cover_keys(const struct rows_view *view, struct coverage *coverage)
{
    for (size_t i = 0; i < view->version->keys_n; i++) {
        const struct digest *d = &view_column(view, i)->digest;
        int64_t step;
        if (d->finite == d->n)
            continue;
        rows_steps(view, d->odd_row, 1, &step);
        coverage_non_finite(coverage, rows_key(view, i), d->n - d->finite, step);
    }
}

static void cover_source(const struct rows_view *view, struct coverage *coverage)
{
    const struct tally *t = &view->version->tally;

    if (view->origin) {
        view->origin->cover(view->origin, coverage);
        return;
    }
    coverage_source(coverage, view->path, "jsonl", "one JSON object a line");
    coverage_malformed(coverage, view->path, view->version->tail ? NOT_GIVEN : t->bad_line,
                       t->bad_reason ? t->bad_reason : "", t->malformed);
}

/* Keys that were a number in every row and are null from some row on. */
static void note_null_ends(const struct rows_view *view, struct coverage *coverage)
{
    int64_t from;

    for (size_t i = 0; i < view->version->keys_n; i++) {
        size_t n = rows_nulls_at_end(view, i, &from);
        if (n > 0)
            coverage_note(coverage,
                          "'%.*s' is null in the last %zu of %zu rows, from step %lld on: many "
                          "loggers write NaN so",
                          STR_FMT(str_cut(rows_key(view, i), 80)), n, rows_count(view),
                          (long long)from);
    }
}

/* Of a run of several sources each says so of its own rows, with its path in front. */
PRINTF(3, 4)
static void say(struct coverage *coverage, const char *path, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    const char *text = arena_vprintf(coverage->arena, format, args);
    va_end(args);
    coverage_note(coverage, "%s%s%s", path ? path : "", path ? ": " : "", text);
}

static void note_steps(const struct tally *t, bool tail, const char *path,
                       struct coverage *coverage)
{
    const char *number = tail ? "its number, from 0 at the first one read," : "its number, from 0,";
    bool by_row = tally_by_row(t);

    if (tally_by_epoch(t))
        say(coverage, path, "steps start anew with each of %lld epochs: of every row %s stands in",
            (long long)t->epochs + 1, number);
    else if (by_row || (t->odd_steps > 0 && !t->any_step))
        say(coverage, path,
            "%lld of %zu rows have a step that is no whole number within 2^53: of every row %s "
            "stands in",
            (long long)t->odd_steps, t->rows, number);
    else if (t->rows > 0 && !t->any_step)
        say(coverage, path, "no row has a step: %s stands in", number);
    else if (t->odd_steps > 0)
        say(coverage, path,
            "%lld row%s a step that is no whole number within 2^53 and take%s the one before",
            (long long)t->odd_steps, t->odd_steps == 1 ? " has" : "s have",
            t->odd_steps == 1 ? "s" : "");
    int64_t without = by_row ? 0 : t->stepless - t->odd_behind;
    if (without > 0)
        say(coverage, path, "%lld row%s no step and take%s the one before", (long long)without,
            without == 1 ? " has" : "s have", without == 1 ? "s" : "");
}

void tally_cover(const struct tally *t, bool tail, const char *path, struct coverage *coverage)
{
    note_steps(t, tail, path, coverage);
    if (t->repeats > 0)
        say(coverage, path, "%lld row%s a key twice: the last one counts", (long long)t->repeats,
            t->repeats == 1 ? " holds" : "s hold");
    if (t->members_dropped > 0)
        say(coverage, path, "%lld values of keys beyond the first %d were left out",
            (long long)t->members_dropped, KEYS_MAX);
}

static void cover_order(const struct tally *t, struct coverage *coverage)
{
    for (int64_t i = 0; i < t->restarts_n; i++) {
        if (i < RESTARTS_KEPT)
            coverage_restart(coverage, t->restart[i].step, t->restart[i].previous);
        else
            coverage->restarts_total++;
    }
    coverage->duplicates += t->duplicates;
}

void rows_cover(const struct rows_view *view, struct coverage *coverage)
{
    const struct tally *t = &view->version->tally;

    cover_source(view, coverage);
    cover_keys(view, coverage);
    if (!view->version->by_row)
        cover_order(t, coverage);
    note_no_series(view, coverage);
    note_no_numbers(view, coverage);
    note_null_ends(view, coverage);
    tally_cover(t, view->version->tail, NULL, coverage);
}
