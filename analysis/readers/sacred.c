/*
 * A run of Sacred's FileStorageObserver: run.json with config.json and
 * metrics.json ({name: {steps, values, timestamps}}) beside it. PyMARL leaves
 * metrics.json empty and puts lists `name` and `name_T` (its steps) into
 * info.json; values there may be wrapped by jsonpickle, which is read as JSON
 * and never unpickled.
 */
#include "analysis/readers/reader.h"

#include <math.h>

#include "analysis/base/limits.h"
#include "analysis/files.h"
#include "analysis/readers/gather.h"
#include "analysis/readers/lines.h"
#include "analysis/readers/sniff.h"
#include "analysis/when.h"

static struct bid bid(const struct probe *probe, struct arena *arena)
{
    struct str head = sniff_text(probe->head);

    (void)arena;
    if (strcmp(probe->name, "run.json") != 0)
        return (struct bid){0, NULL};
    if (!str_starts(head, STR("{")) || !str_has(head, STR("\"experiment\"")) ||
        !str_has(head, STR("\"artifacts\"")))
        return (struct bid){
            0, "it lacks the experiment or the artifacts that a run.json of Sacred has"};
    return (struct bid){90, "its name fits, and it has the experiment of a Sacred run"};
}

struct reading {
    const struct source *source;
    struct feed *feed;
    struct arena *arena;
    struct gather *gather;
    size_t counted; /* series without steps */
};

/* The object in a file beside run.json; NULL if there is none. */
static const struct json *beside(struct reading *r, const char *name)
{
    const char *path = r->source->path, *slash = strrchr(path, '/');
    struct str text;
    struct err err;
    bool found;

    path = arena_printf(r->arena, "%.*s%s", slash ? (int)(slash - path) + 1 : 0, path, name);
    if (!file_read(r->source->dir, path, HISTORY_FILE_MAX, r->arena, &text, NULL, &found, &err)) {
        feed_damage(r->feed, "%s was not read: %s", path, err.msg);
        return NULL;
    }
    if (!found)
        return NULL;
    const struct json *all = json_parse(r->arena, text, JSON_DATA, DATA_DEPTH_MAX, &err);
    if (!all)
        feed_damage(r->feed, "%s was not read: %s", path, err.msg);
    return all && all->kind == JSON_OBJECT ? all : NULL;
}

/* A number, or one that jsonpickle wrapped: {"dtype": …, "value": 0.5}. */
static bool number_of(const struct json *item, double *out)
{
    return item && (json_number(item, out) || json_number(json_get(item, "value"), out));
}

static bool is_list(const struct json *value)
{
    return value && value->kind == JSON_ARRAY;
}

/* steps and times may be NULL, or shorter. */
static void take_series(struct reading *r, struct str name, const struct json *values,
                        const struct json *steps, const struct json *times)
{
    const struct json *step = is_list(steps) ? steps->first : NULL;
    const struct json *time = is_list(times) ? times->first : NULL;
    int key = feed_key(r->feed, name);
    int64_t at = 0, row = 0, ms;
    bool has_steps = step != NULL;
    double value, number;

    r->counted += !has_steps;
    json_each (item, values) {
        bool placed = !has_steps || (number_of(step, &number) && feed_step(number, &at));
        double seconds = (double)NAN;
        if (!has_steps)
            at = row++;
        if (time && time->kind == JSON_STRING && when_read(json_text(r->arena, time), &ms, NULL))
            seconds = (double)ms / 1e3;
        if (placed && number_of(item, &value))
            gather_point(r->gather, at, key, value, seconds);
        step = step ? step->next : NULL;
        time = time ? time->next : NULL;
    }
}

static void take_metrics(struct reading *r, const struct json *all)
{
    if (!all)
        return;
    json_each (metric, all) {
        if (is_list(json_get(metric, "values")))
            take_series(r, metric->key, json_get(metric, "values"), json_get(metric, "steps"),
                        json_get(metric, "timestamps"));
    }
}

static void take_info(struct reading *r, const struct json *all)
{
    if (!all)
        return;
    json_each (list, all) {
        if (is_list(list) && !str_ends(list->key, STR("_T")))
            take_series(r, list->key, list,
                        json_get(all, arena_printf(r->arena, "%.*s_T", STR_FMT(list->key))), NULL);
    }
}

static void tell_text(struct reading *r, enum fact fact, const struct json *value)
{
    struct str text = json_text(r->arena, value);

    if (text.n > 0)
        feed_fact(r->feed, fact, text);
}

static void tell_time(struct reading *r, enum fact fact, const struct json *value)
{
    int64_t ms;

    if (when_read(json_text(r->arena, value), &ms, NULL))
        feed_fact_number(r->feed, fact, ms);
}

static void tell_run(struct reading *r, const struct json *run)
{
    const struct json *experiment = json_get(run, "experiment");
    const struct json *repositories = json_get(experiment, "repositories");
    const struct json *repository = is_list(repositories) ? repositories->first : NULL;

    tell_text(r, FACT_PROJECT, json_get(experiment, "name"));
    tell_text(r, FACT_PROGRAM, json_get(experiment, "mainfile"));
    tell_text(r, FACT_GIT_COMMIT, json_get(repository, "commit"));
    tell_text(r, FACT_GIT_REMOTE, json_get(repository, "url"));
    tell_text(r, FACT_HOST, json_get(json_get(run, "host"), "hostname"));
    tell_text(r, FACT_COMMAND, json_get(run, "command"));
    tell_text(r, FACT_STATUS, json_get(run, "status"));
    tell_time(r, FACT_STARTED, json_get(run, "start_time"));
    tell_time(r, FACT_ENDED, json_get(run, "stop_time"));
    const struct json *config = beside(r, "config.json");
    if (config)
        feed_config(r->feed, "config.json", config->raw);
}

static bool read_source(const struct source *source, struct feed *feed, struct err *err)
{
    struct arena arena;
    struct str text;

    arena_init(&arena);
    struct reading r = {source, feed, &arena, gather_new(&arena), 0};
    bool ok = source_text(source, SMALL_FILE_MAX, &arena, &text, err);
    const struct json *run = ok ? json_parse(&arena, text, JSON_DATA, DATA_DEPTH_MAX, err) : NULL;
    if (run) {
        tell_run(&r, run);
        take_metrics(&r, beside(&r, "metrics.json"));
        if (r.gather->points.n == 0)
            take_info(&r, beside(&r, "info.json"));
        feed_axis(feed, r.counted ? "row" : "step",
                  r.counted ? "some lists have no steps: their values are counted"
                            : "each point has one");
        gather_feed(r.gather, feed);
    }
    arena_fini(&arena);
    return run != NULL;
}

const struct reader reader_sacred = {
    .name = "sacred",
    .what = "A run of Sacred: run.json with metrics.json, config.json and info.json beside it.",
    .unit = UNIT_FOLDER,
    .tells_end = true,
    .bid = bid,
    .read = read_source,
};
