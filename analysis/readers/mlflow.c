/*
 * A run in MLflow's file store: meta.yaml with metrics/, params/ and tags/
 * beside it. A metric is a file of lines `ms value step`, its name the path
 * ("train/loss" lies in a folder); a parameter or tag is a whole file. Paths
 * that stand in meta.yaml are of another machine and are not followed.
 */
#include "analysis/readers/reader.h"

#include <inttypes.h>
#include <math.h>

#include "analysis/base/limits.h"
#include "analysis/base/number.h"
#include "analysis/experiment.h"
#include "analysis/files.h"
#include "analysis/readers/axis.h"
#include "analysis/readers/folder.h"
#include "analysis/readers/gather.h"
#include "analysis/readers/lines.h"
#include "analysis/readers/mlflowfacts.h"
#include "analysis/readers/pytext.h"
#include "analysis/readers/sniff.h"

enum { VALUE_MAX = 65536 };

static bool has_line(struct str text, struct str start)
{
    struct str line;

    while (str_next(&text, '\n', &line)) {
        if (str_starts(line, start))
            return true;
    }
    return false;
}

static struct bid bid(const struct probe *probe, struct arena *arena)
{
    (void)arena;
    if (strcmp(probe->name, "meta.yaml") != 0)
        return (struct bid){0, NULL};
    if (!has_line(probe->head, STR("run_id:")) && !has_line(probe->head, STR("run_uuid:")))
        return (struct bid){0, NULL}; /* of an experiment, a model, or of a package of conda */
    if (!has_line(probe->head, STR("lifecycle_stage:")))
        return (struct bid){0, "it has a run_id, but no lifecycle_stage"};
    return (struct bid){90, "it has the run_id and lifecycle_stage of an MLflow run"};
}

struct reading {
    const struct source *source;
    struct feed *feed;
    struct arena *arena;
    struct gather *gather;
    struct err *err;
    size_t files; /* left to look at */
    bool stepless;
};

/* ---- metrics ---- */

/* Python's text of a float, which JSON's grammar takes but for nan and inf. */
static bool read_float(struct str text, double *value)
{
    bool minus = str_starts(text, STR("-"));
    struct str word = str_from(text, minus);

    if (number_is(text, value))
        return true;
    if (str_is(word, "nan") || str_is(word, "NaN"))
        *value = (double)NAN;
    else if (str_is(word, "inf") || str_is(word, "Infinity"))
        *value = minus ? (double)-INFINITY : (double)INFINITY;
    else
        return false;
    return true;
}

/* `ms value step …`; old files have no step. */
static const char *take_point(struct reading *r, int key, struct str line, int64_t *counted)
{
    struct str ms, text, step_text;
    double time, value, number;
    int64_t step = *counted;

    if (!str_next(&line, ' ', &ms) || !str_next(&line, ' ', &text))
        return "is not `milliseconds value step`";
    if (!number_is(ms, &time) || !read_float(text, &value))
        return "has a time or a value that is no number";
    if (!str_next(&line, ' ', &step_text))
        r->stepless = true;
    else if (!number_is(step_text, &number) || !feed_step(number, &step))
        return "has a step that is no whole number";
    if (!axis_clock(time, &time))
        time = (double)NAN;
    (*counted)++;
    gather_point(r->gather, step, key, value, time);
    return NULL;
}

static bool take_metric(void *data, const char *path, struct str name)
{
    struct reading *r = data;
    struct source file = *r->source;
    struct lines lines;
    struct str line;
    int64_t counted = 0;

    file.path = path;
    if (!lines_open(&lines, &file, r->feed, r->err)) {
        feed_damage(r->feed, "%s was not read: %s", path, r->err->msg);
        return true;
    }
    int key = feed_key(r->feed, name);
    while (lines_next(&lines, &line, r->err)) {
        if (str_trim(line).n == 0)
            continue;
        if (!lines.ended) { /* its last number may be a piece of one */
            feed_damage(r->feed, "line %" PRId64 " of %s, its last one, has no end", lines.number,
                        path);
            continue;
        }
        const char *fault = take_point(r, key, line, &counted);
        if (fault)
            feed_malformed(r->feed, lines.number, fault);
    }
    bool ok = !lines.failed;
    lines_close(&lines);
    if (!ok && r->err->code != ERR_CANCELLED) {
        feed_damage(r->feed, "%s was not read on: %s", path, r->err->msg);
        ok = true;
    }
    return ok;
}

/* ---- parameters, tags ---- */

static bool slurp(struct reading *r, const char *path, struct str *text)
{
    struct err err;
    bool found;

    if (file_read(r->source->dir, path, VALUE_MAX, r->arena, text, NULL, &found, &err))
        return found;
    feed_damage(r->feed, "%s was not read: %s", path, err.msg);
    return false;
}

static bool take_param(void *data, const char *path, struct str name)
{
    struct reading *r = data;
    struct buf json = {0};
    struct str text;

    if (slurp(r, path, &text)) {
        pytext_put(&json, str_trim(text));
        feed_setting(r->feed, "params", name, buf_str(&json));
    }
    buf_fini(&json);
    return true;
}

static bool take_tag(void *data, const char *path, struct str name)
{
    struct reading *r = data;
    struct str text;

    if (slurp(r, path, &text))
        mlflow_tag(r->feed, name, str_trim(text));
    return true;
}

/* ---- the run ---- */

static void tell_text(struct reading *r, enum fact fact, const struct json *value)
{
    struct str text = json_text(r->arena, value);

    if (text.n > 0)
        feed_fact(r->feed, fact, text);
    else if (value && value->kind == JSON_NUMBER)
        feed_fact(r->feed, fact, value->raw);
}

static bool tell_meta(struct reading *r)
{
    static const struct {
        const char *name;
        enum fact fact;
    } facts[] = {{"run_id", FACT_RUN_ID},
                 {"run_uuid", FACT_RUN_ID},
                 {"run_name", FACT_RUN_NAME},
                 {"name", FACT_RUN_NAME},
                 {"experiment_id", FACT_PROJECT},
                 {"user_id", FACT_USER},
                 {"source_version", FACT_GIT_COMMIT}};
    struct str text, json;
    int64_t number;

    if (!source_text(r->source, SMALL_FILE_MAX, r->arena, &text, r->err) ||
        !config_to_json(text, r->arena, &json, r->err))
        return false;
    const struct json *meta = json_parse(r->arena, json, JSON_STRICT, DATA_DEPTH_MAX, r->err);
    if (!meta)
        return false;
    if (meta->kind != JSON_OBJECT)
        return err_set(r->err, ERR_FORMAT, "%s holds no run", r->source->path);
    for (size_t i = 0; i < sizeof(facts) / sizeof(facts[0]); i++)
        tell_text(r, facts[i].fact, json_get(meta, facts[i].name));
    const struct json *status = json_get(meta, "status");
    if (json_integer(status, &number))
        mlflow_status(r->feed, number);
    else
        tell_text(r, FACT_STATUS, status);
    if (json_integer(json_get(meta, "start_time"), &number))
        feed_fact_number(r->feed, FACT_STARTED, number);
    if (json_integer(json_get(meta, "end_time"), &number))
        feed_fact_number(r->feed, FACT_ENDED, number);
    if (str_is(json_text(r->arena, json_get(meta, "lifecycle_stage")), "deleted"))
        feed_note(r->feed, "the run is marked as deleted");
    return true;
}

static bool each_file(struct reading *r, const char *home, const char *folder, folder_take *take)
{
    return folder_each(r->source->dir, arena_printf(r->arena, "%s%s", home, folder), &r->files,
                       r->arena, take, r);
}

static bool read_source(const struct source *source, struct feed *feed, struct err *err)
{
    struct arena arena;
    const char *slash = strrchr(source->path, '/');

    arena_init(&arena);
    struct reading r = {.source = source, .feed = feed, .arena = &arena, .err = err};
    const char *home =
        arena_printf(&arena, "%.*s", slash ? (int)(slash - source->path) + 1 : 0, source->path);
    r.gather = gather_new(&arena);
    r.files = 4 * KEYS_MAX;
    bool ok = tell_meta(&r) && each_file(&r, home, "metrics", take_metric) &&
              each_file(&r, home, "params", take_param) && each_file(&r, home, "tags", take_tag);
    if (ok) {
        feed_axis(feed, r.stepless ? "row" : "step",
                  r.stepless ? "a metric's lines name no step: they are numbered"
                             : "each point has one");
        gather_feed(r.gather, feed);
        if (r.files == 0)
            feed_damage(feed, "more than %d files are beside %s; the others were not read",
                        4 * KEYS_MAX, source->path);
    }
    arena_fini(&arena);
    return ok;
}

static const char *const beside[] = {"metrics", "params", "tags", NULL};

const struct reader reader_mlflow = {
    .name = "mlflow",
    .what = "A run of MLflow's file store: meta.yaml with metrics/, params/ and tags/ beside it.",
    .unit = UNIT_FOLDER,
    .tells_end = true,
    .beside = beside,
    .bid = bid,
    .read = read_source,
};
