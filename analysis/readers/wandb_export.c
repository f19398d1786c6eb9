/*
 * Chart exports of the W&B site: "Step", then for each run "RUN - METRIC" and
 * the least and greatest value that a drawn point stands for (__MIN, __MAX).
 * The site chose which points to draw: series are coarser than what was logged.
 */
#include "analysis/readers/csvrows.h"

#include <inttypes.h>

#include "analysis/base/vec.h"
#include "analysis/readers/sniff.h"

enum { RUNS_MAX = 10000 };

/* "RUN - METRIC"; the metric is behind the last " - ". */
static bool split(struct str name, struct str *run, struct str *metric)
{
    for (size_t at = name.n; at-- > 1;) {
        if (!str_starts(str_from(name, at), STR(" - ")))
            continue;
        *run = str_cut(name, at);
        *metric = str_from(name, at + 3);
        return metric->n > 0;
    }
    return false;
}

static struct bid bid(const struct probe *probe, struct arena *arena)
{
    static const char *const tables[] = {"*.csv", NULL};
    struct str run, metric;
    size_t columns = 0, bounds = 0;

    if (!sniff_named(probe->name, tables))
        return (struct bid){0, NULL};
    const struct table_look *look = table_look_of(probe, arena);
    if (look->refused || look->dialect.n < 2 || look->numbers == 0)
        return (struct bid){0, NULL};
    for (size_t i = 1; i < look->dialect.n; i++) {
        bool is_run = split(look->dialect.name[i], &run, &metric);
        columns += is_run;
        bounds += is_run && (str_ends(metric, STR("__MIN")) || str_ends(metric, STR("__MAX")));
    }
    if (bounds == 0 || columns * 2 < look->dialect.n)
        return (struct bid){0, NULL};
    return (struct bid){90, "its columns are a step and `run - metric` with __MIN and __MAX"};
}

static bool list_runs(const struct source *source, struct arena *arena, struct strs *out,
                      struct err *err)
{
    struct csvrows rows;
    struct str run, metric;
    VEC(const char *) runs = {0};
    struct feed *unheard = feed_new();
    bool ok = csvrows_open(&rows, source, unheard, arena, err);

    for (size_t i = 1; ok && i < rows.dialect.n; i++) {
        bool known = !split(rows.dialect.name[i], &run, &metric) || runs.n == RUNS_MAX;
        for (size_t k = runs.n; k-- > 0 && !known;)
            known = str_is(run, runs.v[k]);
        if (!known)
            VEC_PUSH(arena, &runs, arena_text(arena, run));
    }
    ok = ok && csvrows_close(&rows);
    feed_free(unheard);
    *out = (struct strs){runs.v, runs.n};
    return ok;
}

/* The first column is a series as well if it is no count of steps: a time, an epoch. */
static bool keeps_axis(struct str axis)
{
    return axis.n > 0 && !str_is(axis, "Step");
}

/* The keys of the run's columns; FEED_NO_KEY for those of others. How many there are. */
static size_t aim(const struct csvrows *rows, const char *wanted, struct feed *feed, int *key)
{
    struct str run, metric;
    size_t found = 0;

    for (size_t i = 0; i < rows->dialect.n; i++) {
        key[i] = i == 0 && keeps_axis(rows->dialect.name[0]) ? feed_key(feed, rows->dialect.name[0])
                                                             : FEED_NO_KEY;
        if (i == 0 || !split(rows->dialect.name[i], &run, &metric) ||
            (wanted && !str_is(run, wanted)))
            continue;
        key[i] = feed_key(feed, wanted ? metric : rows->dialect.name[i]);
        found++;
    }
    return found;
}

struct steps {
    int64_t rows, odd; /* odd: the first column is a number, but no whole one */
};

/* A row in which the run has no point is not one of its rows. */
static void take_row(const struct csvrows *rows, const int *key, struct feed *feed,
                     struct steps *steps)
{
    double value, number;
    int64_t step = 0;
    bool begun = false;
    bool numbered = rows->n > 0 && csvrows_value(rows, 0, &number) == CELL_NUMBER;
    bool has_step = numbered && feed_step(number, &step);

    for (size_t i = 1; i < rows->n; i++) {
        if (key[i] == FEED_NO_KEY || csvrows_value(rows, i, &value) != CELL_NUMBER)
            continue;
        if (!begun && has_step)
            feed_row(feed, step);
        else if (!begun)
            feed_row_stepless(feed);
        if (!begun && numbered && !has_step)
            feed_step_odd(feed);
        if (!begun && numbered && key[0] != FEED_NO_KEY)
            feed_value(feed, key[0], number);
        begun = true;
        feed_value(feed, key[i], value);
    }
    steps->rows += begun;
    steps->odd += begun && numbered && !has_step;
}

static void tell_axis(struct feed *feed, const char *axis, const struct steps *steps,
                      struct arena *arena)
{
    if (2 * steps->odd < steps->rows || steps->odd == 0)
        feed_axis(feed, axis, arena_printf(arena, "%s: the first column of the export", axis));
    else
        feed_axis(feed, "row",
                  arena_printf(arena,
                               "%s: the first column of the export, in %" PRId64 " of %" PRId64
                               " rows no whole number",
                               axis, steps->odd, steps->rows));
}

static bool read_source(const struct source *source, struct feed *feed, struct err *err)
{
    struct arena arena;
    struct csvrows rows;

    arena_init(&arena);
    bool ok = csvrows_open(&rows, source, feed, &arena, err);
    if (ok) {
        int *key = ARENA_ARRAY(&arena, rows.dialect.n, int);
        const char *axis = arena_text(&arena, rows.dialect.name[0]);
        struct steps steps = {0};
        size_t found = aim(&rows, source->run, feed, key);
        if (source->run)
            feed_fact(feed, FACT_RUN_NAME, str_of(source->run));
        while (found > 0 && csvrows_next(&rows, err)) {
            if (rows.new_header) { /* exports that were put one behind the other */
                key = ARENA_ARRAY(&arena, rows.dialect.n, int);
                (void)aim(&rows, source->run, feed, key);
            }
            take_row(&rows, key, feed, &steps);
        }
        tell_axis(feed, axis, &steps, &arena);
        feed_note(feed, "a chart export of W&B: its values are samples, not all that was logged");
        ok = csvrows_close(&rows) &&
             (found > 0 || err_set(err, ERR_NOT_FOUND, "%s has no run '%s'", source->path,
                                   source->run ? source->run : ""));
    }
    arena_fini(&arena);
    return ok;
}

const struct reader reader_wandb_export = {
    .name = "wandb_export",
    .what = "Chart exports of W&B as CSV: several runs in one file, sampled values.",
    .unit = UNIT_MANY,
    .streams = true,
    .bid = bid,
    .read = read_source,
    .runs = list_runs,
};
