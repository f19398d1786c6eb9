/*
 * DVCLive: metrics.json holds the last step only; the series are one table a
 * metric below plots/metrics, `step<tab>name`, "train/loss" in a folder. Those
 * tables are parts of the run that metrics.json stands for.
 */
#include <fcntl.h>
#include <math.h>
#include <unistd.h>

#include "analysis/base/limits.h"
#include "analysis/experiment.h"
#include "analysis/files.h"
#include "analysis/readers/csvrows.h"
#include "analysis/readers/folder.h"
#include "analysis/readers/gather.h"
#include "analysis/readers/sniff.h"

#define TABLES "plots/metrics"

static const char *const steps[] = {"step", NULL};
static const char *const clocks[] = {"timestamp", NULL};

static struct bid bid(const struct probe *probe, struct arena *arena)
{
    (void)arena;
    if (strcmp(probe->name, "metrics.json") != 0 || !str_starts(sniff_text(probe->head), STR("{")))
        return (struct bid){0, NULL};
    int tables = file_open(probe->dir, TABLES, O_RDONLY | O_DIRECTORY);
    if (tables < 0)
        return (struct bid){0, NULL};
    close(tables);
    return (struct bid){90, "its name fits, and the folder " TABLES " of DVCLive is beside it"};
}

struct reading {
    const struct source *source;
    struct feed *feed;
    struct arena *arena;
    struct gather *gather;
    struct err *err;
};

static void take_row(struct reading *r, const struct csvrows *rows, size_t step_at, size_t clock_at,
                     int key)
{
    double number, value, time = (double)NAN;
    int64_t step;
    size_t at = rows->dialect.n - 1;

    if (step_at >= rows->n || at >= rows->n ||
        csvrows_value(rows, step_at, &number) != CELL_NUMBER || !feed_step(number, &step) ||
        csvrows_value(rows, at, &value) != CELL_NUMBER) {
        feed_malformed(r->feed, rows->lines.number, "the step or the value is missing");
        return;
    }
    if (clock_at < rows->n && csvrows_value(rows, clock_at, &number) == CELL_NUMBER &&
        !axis_clock(number, &time))
        time = (double)NAN;
    gather_point(r->gather, step, key, value, time);
}

static bool take_table(void *data, const char *path, struct str name)
{
    struct reading *r = data;
    struct source table = *r->source;
    struct csvrows rows;

    if (!str_ends(name, STR(".tsv")))
        return true;
    table.path = path;
    if (!csvrows_open(&rows, &table, r->feed, r->arena, r->err)) {
        feed_damage(r->feed, "%s", r->err->msg);
        return r->err->code != ERR_CANCELLED;
    }
    size_t step = dialect_find(&rows.dialect, steps), clock = dialect_find(&rows.dialect, clocks);
    int key = feed_key(r->feed, str_cut(name, name.n - 4));
    if (step == SIZE_MAX || rows.dialect.n < 2)
        feed_damage(r->feed, "%s has no columns of steps and values", path);
    else
        while (csvrows_next(&rows, r->err))
            take_row(r, &rows, step, clock, key);
    return csvrows_close(&rows);
}

/* The parameters that DVCLive writes beside. */
static void tell_params(struct reading *r, const char *home)
{
    const char *path = arena_printf(r->arena, "%sparams.yaml", home);
    struct str text, json;
    struct err err;
    bool found;

    if (!file_read(r->source->dir, path, SMALL_FILE_MAX, r->arena, &text, NULL, &found, &err) ||
        !found || !config_to_json(text, r->arena, &json, &err))
        return;
    const struct json *tree = json_parse(r->arena, json, JSON_STRICT, DATA_DEPTH_MAX, &err);
    if (tree && tree->kind == JSON_OBJECT)
        feed_config(r->feed, "params.yaml", json);
}

static bool read_source(const struct source *source, struct feed *feed, struct err *err)
{
    struct arena arena;
    const char *slash = strrchr(source->path, '/');
    size_t files = 4 * KEYS_MAX;

    arena_init(&arena);
    struct reading r = {source, feed, &arena, gather_new(&arena), err};
    const char *home =
        arena_printf(&arena, "%.*s", slash ? (int)(slash - source->path) + 1 : 0, source->path);
    bool ok = source_there(source, err) &&
              folder_each(source->dir, arena_printf(&arena, "%s" TABLES, home), &files, &arena,
                          take_table, &r);
    if (ok) {
        feed_axis(feed, "step", "the tables below " TABLES " have it");
        gather_feed(r.gather, feed);
        tell_params(&r, home);
        if (r.gather->points.n == 0)
            ok =
                err_set(err, ERR_FORMAT, "%s: no table below " TABLES " has a point", source->path);
    }
    arena_fini(&arena);
    return ok;
}

static const char *const beside[] = {TABLES, NULL};

const struct reader reader_dvclive = {
    .name = "dvclive",
    .what = "DVCLive's folder: metrics.json with the tables below plots/metrics.",
    .unit = UNIT_FOLDER,
    .beside = beside,
    .bid = bid,
    .read = read_source,
};
