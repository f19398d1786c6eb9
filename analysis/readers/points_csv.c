/*
 * Tables with one point a row: a name, a step and a value, and perhaps a time.
 * What exports of metric stores look like, and what scripts write that log one
 * value at a time.
 */
#include "analysis/readers/csvrows.h"

#include <math.h>

#include "analysis/readers/sniff.h"

static const char *const names[] = {"key", "metric", "metric_name", "tag", "name", NULL};
static const char *const values[] = {"value", "metric_value", "val", NULL};
static const char *const clocks[] = {"timestamp", "wall_time", "wall time", "time", NULL};

/* The columns of name and value must be there, and a step. */
static bool has_columns(const struct dialect *dialect)
{
    return dialect->n >= 3 && dialect->n <= 8 && dialect_find(dialect, names) != SIZE_MAX &&
           dialect_find(dialect, values) != SIZE_MAX;
}

static struct bid bid(const struct probe *probe, struct arena *arena)
{
    static const char *const tables[] = {"*.csv", "*.tsv", NULL};

    if (!sniff_named(probe->name, tables))
        return (struct bid){0, NULL};
    const struct table_look *look = table_look_of(probe, arena);
    if (look->refused || !has_columns(&look->dialect) || axis_best(&look->axis) < 0)
        return (struct bid){0, NULL};
    return (struct bid){70, "its columns are the name, the step and the value of single points"};
}

struct columns {
    size_t name, value, clock, step;
};

static void take_row(const struct csvrows *rows, const struct columns *at, struct feed *feed)
{
    double number, value, time = (double)NAN;
    int64_t step;

    if (at->name >= rows->n || at->value >= rows->n || at->step >= rows->n ||
        csvrows_value(rows, at->step, &number) != CELL_NUMBER) {
        feed_malformed(feed, rows->lines.number, "the name, the step or the value is missing");
        return;
    }
    bool has_step = feed_step(number, &step);
    int key = feed_key(feed, rows->cell[at->name]);
    if (at->clock < rows->n && csvrows_value(rows, at->clock, &number) == CELL_NUMBER &&
        !axis_clock(number, &time))
        time = (double)NAN;
    enum cell_value kind = csvrows_value(rows, at->value, &value);
    if (kind == CELL_NUMBER && has_step) {
        feed_point(feed, step, key, value, time);
        return;
    }
    if (has_step) {
        feed_row(feed, step);
    } else { /* a row of its own: which others belong to it is not known */
        feed_row_stepless(feed);
        feed_step_odd(feed);
    }
    if (kind == CELL_NUMBER)
        feed_value(feed, key, value);
    else if (kind == CELL_EMPTY)
        feed_missing(feed, key);
    else
        feed_other(feed, key);
}

static bool read_source(const struct source *source, struct feed *feed, struct err *err)
{
    struct arena arena;
    struct csvrows rows;
    struct axis_name axis;

    arena_init(&arena);
    bool ok = csvrows_axis(source, feed, &arena, &axis, NULL, err) &&
              csvrows_open(&rows, source, feed, &arena, err);
    if (ok && !has_columns(&rows.dialect)) {
        (void)csvrows_close(&rows);
        ok = err_set(err, ERR_FORMAT, "%s has no columns of names and values", source->path);
    }
    if (ok) {
        const char *const step[] = {arena_text(&arena, axis.name), NULL};
        struct columns at = {dialect_find(&rows.dialect, names),
                             dialect_find(&rows.dialect, values),
                             dialect_find(&rows.dialect, clocks),
                             axis.name.n ? dialect_find(&rows.dialect, step) : SIZE_MAX};
        while (csvrows_next(&rows, err))
            take_row(&rows, &at, feed);
        ok = csvrows_close(&rows);
    }
    arena_fini(&arena);
    return ok;
}

const struct reader reader_points_csv = {
    .name = "points_csv",
    .what = "Tables with one point a row: name, step, value.",
    .unit = UNIT_FILE,
    .streams = true,
    .bid = bid,
    .read = read_source,
};
