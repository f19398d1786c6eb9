/*
 * Files of lm-evaluation-harness that name the steps of checkpoints, several in
 * one folder, are a run of their own: each task's metrics over the steps. The
 * file of the lowest step stands for them; the others are its evaluations.
 */
#include <stdlib.h>

#include "analysis/base/limits.h"
#include "analysis/base/vec.h"
#include "analysis/readers/folder.h"
#include "analysis/readers/lines.h"
#include "analysis/readers/lmresults.h"

enum { FILES_MAX = 4096 };

struct checkpoint {
    int64_t step;
    const char *name;
};

struct checkpoints {
    VEC(struct checkpoint) v;
};

static int by_step(const void *a, const void *b)
{
    const struct checkpoint *x = a, *y = b;

    if (x->step != y->step)
        return x->step < y->step ? -1 : 1;
    return strcmp(x->name, y->name);
}

/* What of a name is the same for all checkpoints of a model: the text before "step". */
static struct str series_of(const char *name)
{
    const char *at = strstr(name, "step");

    if (!at)
        at = strstr(name, "checkpoint");
    return (struct str){name, at ? (size_t)(at - name) : 0};
}

/* Those of the folder that are named as this one is, but for the step. */
static void find_checkpoints(int dir, const char *folder, const char *name, struct arena *arena,
                             struct checkpoints *out)
{
    struct strs names = folder_names(dir, folder, FILES_MAX, arena);
    int64_t step;

    for (size_t i = 0; i < names.n; i++) {
        struct str other = str_of(names.v[i]);
        if (str_ends(other, STR(".json")) && lmresults_step_in(other, &step) &&
            str_eq(series_of(names.v[i]), series_of(name)))
            VEC_PUSH(arena, &out->v, (struct checkpoint){step, names.v[i]});
    }
    if (out->v.n > 0)
        qsort(out->v.v, out->v.n, sizeof(*out->v.v), by_step);
}

static struct bid bid(const struct probe *probe, struct arena *arena)
{
    struct checkpoints found = {0};
    int64_t step;

    if (!str_ends(str_of(probe->name), STR(".json")) ||
        !lmresults_step_in(str_of(probe->name), &step) || !lmresults_fit(probe->head))
        return (struct bid){0, NULL};
    find_checkpoints(probe->dir, ".", probe->name, arena, &found);
    if (found.v.n < 2 || strcmp(found.v.v[0].name, probe->name) != 0)
        return (struct bid){0, NULL};
    return (struct bid){90, "it is the first of the results of several checkpoints in its folder"};
}

/* "acc" of "acc" and "acc,none"; empty for errors and for what is no metric. */
static struct str metric_of(struct str key)
{
    if (str_ends(key, STR(",none")))
        key.n -= 5;
    return str_has(key, STR("_stderr")) || str_is(key, "alias") ? (struct str){0} : key;
}

static void put_results(const struct json *all, struct feed *feed, struct arena *arena)
{
    double value;

    json_each (task, json_get(all, "results")) {
        if (task->kind != JSON_OBJECT)
            continue;
        json_each (member, task) {
            struct str metric = metric_of(member->key);
            if (metric.n == 0 || !json_number(member, &value))
                continue;
            const char *name =
                arena_printf(arena, "%.*s/%.*s", STR_FMT(task->key), STR_FMT(metric));
            feed_value(feed, feed_key(feed, str_of(name)), value);
        }
    }
}

static void tell_model(const struct json *all, struct feed *feed, struct arena *arena)
{
    struct str args = lmresults_model(all, arena), piece;

    while (str_next(&args, ',', &piece)) {
        if (str_starts(piece, STR("pretrained=")))
            feed_fact(feed, FACT_MODEL, str_from(piece, strlen("pretrained=")));
    }
}

/* The file that stands for all is an evaluation, too; the others are read as such. */
static void tell_first(const struct json *all, const struct checkpoint *first, struct feed *feed,
                       struct arena *arena)
{
    struct buf json = {0};

    tell_model(all, feed, arena);
    json_put_compact(&json, json_get(all, "results")->raw);
    feed_evaluation(feed, first->name, first->step, buf_str(&json));
    buf_fini(&json);
}

static bool read_checkpoint(const struct source *source, const char *path,
                            const struct checkpoint *checkpoint, bool first, struct feed *feed,
                            struct err *err)
{
    struct source one = *source;
    struct arena arena;
    struct str text;

    one.path = path;
    arena_init(&arena);
    bool ok = source_wanted(source, err);
    const struct json *all = ok && source_text(&one, SMALL_FILE_MAX, &arena, &text, err)
                                 ? lmresults_parse(text, path, &arena, err)
                                 : NULL;
    if (all) {
        feed_row(feed, checkpoint->step);
        put_results(all, feed, &arena);
        if (first)
            tell_first(all, checkpoint, feed, &arena);
    } else if (ok) {
        feed_damage(feed, "%s", err->msg);
    }
    arena_fini(&arena);
    return ok;
}

static bool read_source(const struct source *source, struct feed *feed, struct err *err)
{
    struct arena arena;
    struct checkpoints found = {0};
    const char *leaf = lmresults_leaf(source->path);

    arena_init(&arena);
    const char *home = arena_printf(&arena, "%.*s", (int)(leaf - source->path), source->path);
    find_checkpoints(source->dir, *home ? home : ".", leaf, &arena, &found);
    bool ok = source_there(source, err);
    for (size_t i = 0; ok && i < found.v.n; i++)
        ok = read_checkpoint(source, arena_printf(&arena, "%s%s", home, found.v.v[i].name),
                             &found.v.v[i], i == 0, feed, err);
    if (ok && found.v.n == 0)
        ok = err_set(err, ERR_FORMAT, "%s names no step", source->path);
    if (ok) {
        feed_axis(feed, "step", "the names of the files have it");
        feed_note(feed, "results of %zu checkpoints, in the order of their steps", found.v.n);
    }
    arena_fini(&arena);
    return ok;
}

const struct reader reader_lm_eval_series = {
    .name = "lm_eval_series",
    .what = "Results of lm-evaluation-harness for several checkpoints: each task over the steps.",
    .unit = UNIT_FOLDER,
    .bid = bid,
    .read = read_source,
};
