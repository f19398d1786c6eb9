#include "analysis/experiment.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <unistd.h>

#include "analysis/files.h"
#include "analysis/held.h"
#include "analysis/open.h"
#include "analysis/readers/weave.h"

static const char metrics_path[] = "dashboard_metrics/metrics.jsonl";

const char *experiment_type_name(enum experiment_type type)
{
    return type == EXPERIMENT_LM ? "lm" : type == EXPERIMENT_RL ? "rl" : "unknown";
}

/* ---- what it is ---- */

struct names {
    bool foundational, rl;
};

static struct names checkpoint_names(int dir)
{
    struct names seen = {0};
    int fd = file_open(dir, ".", O_RDONLY | O_DIRECTORY);
    DIR *list = fd < 0 ? NULL : fdopendir(fd);
    const struct dirent *entry;

    if (fd >= 0 && !list)
        close(fd);
    while (list && (entry = readdir(list))) {
        struct str name = str_of(entry->d_name);
        seen.foundational |= str_starts(name, STR("checkpoint_foundational"));
        seen.rl |= str_starts(name, STR("rl_checkpoint"));
    }
    if (list)
        closedir(list);
    return seen;
}

static void type_by_files(struct experiment *e, struct arena *arena, const char *metadata_says)
{
    struct names seen = checkpoint_names(e->dir);

    if (seen.foundational) {
        e->type = EXPERIMENT_LM;
        e->type_why = "there is a checkpoint_foundational* file";
    } else if (seen.rl) {
        e->type = EXPERIMENT_RL;
        e->type_why = "there is an rl_checkpoint* file";
    } else {
        e->type_why =
            e->has_rl_metrics ? "only RL metrics were found, no type and no checkpoint"
            : file_is_there(e->dir, metrics_path)
                ? "only dashboard_metrics/metrics.jsonl was found, no type and no checkpoint"
                : "no type, no metrics and no checkpoint were found";
    }
    if (metadata_says)
        e->type_why = arena_printf(arena, "%s; %s", metadata_says, e->type_why);
}

/* NULL if metadata.json settles the type; else what it says instead, or "" if it is not there. */
static const char *type_by_metadata(struct experiment *e, const struct document *metadata,
                                    struct arena *arena)
{
    const struct json *type = json_get(metadata->json, "type");
    struct str word = json_text(arena, type);

    if (str_is(word, "lm") || str_is(word, "rl")) {
        e->type = str_is(word, "lm") ? EXPERIMENT_LM : EXPERIMENT_RL;
        e->type_why = str_is(word, "lm") ? "metadata.json says lm" : "metadata.json says rl";
        return NULL;
    }
    if (!metadata->exists)
        return "";
    if (!metadata->json)
        return metadata->why;
    if (!type || type->kind != JSON_STRING)
        return arena_printf(arena, "in metadata.json the type is %s", json_kind_name(type));
    return arena_printf(arena, "metadata.json says '%.*s', which is no known type",
                        STR_FMT(str_cut(word, 64)));
}

static const char *text_or_null(const struct json *object, const char *name, struct arena *arena)
{
    const struct json *v = json_get(object, name);

    return v && v->kind == JSON_STRING ? arena_text(arena, json_text(arena, v)) : NULL;
}

void experiment_describe(struct experiment *e, struct arena *arena)
{
    struct document metadata;

    if (e->sources_n > 0) {
        sources_describe(e, arena);
        return;
    }

    experiment_document(e, FILE_METADATA, arena, &metadata);
    e->source_experiment = text_or_null(metadata.json, "source_experiment_id", arena);
    e->source_checkpoint = text_or_null(metadata.json, "source_checkpoint", arena);
    e->has_rl_metrics = file_is_there(e->dir, "rl_metrics/rl_training_metrics.json") ||
                        file_is_there(e->dir, "dashboard_metrics/rl_metrics.jsonl");
    e->has_evaluation = file_is_there(e->dir, "evaluation_results/evaluation_results.json") ||
                        file_is_there(e->dir, "evaluation_results.json");
    e->has_ablation = file_is_there(e->dir, "ablation_results.json");
    e->has_gpu_instance = file_is_there(e->dir, "gpu_instance.json");
    const char *says = type_by_metadata(e, &metadata, arena);
    if (says)
        type_by_files(e, arena, *says ? says : NULL);
    e->format = "tidal";
    e->why = e->has_rl_metrics  ? "RL metrics lie where Tidal writes them"
             : metadata.json    ? "metadata.json and dashboard_metrics/ as Tidal writes them"
             : !metadata.exists ? "dashboard_metrics/ or a checkpoint as Tidal writes them"
                                : "the folder has Tidal's names";
}

/* ---- series ---- */

/* rows.h opens paths itself: what leads out of the experiment is stopped here. */
static bool metrics_open(const struct experiment *e, bool *there, struct err *err)
{
    int fd = file_open(e->dir, metrics_path, O_PATH);

    *there = fd >= 0;
    if (fd >= 0) {
        close(fd);
        return true;
    }
    if (errno == ENOENT || errno == ENOTDIR)
        return true;
    if (errno == EXDEV || errno == ELOOP)
        return err_set(err, ERR_IO, "%s is a link that leads out of the experiment", metrics_path);
    return err_errno(err, "cannot read %s", metrics_path);
}

/* Takes over the view. */
static void own_view(struct arena *arena, struct rows_view *view, const struct rows_view **out)
{
    if (view)
        arena_own(arena, view, rows_view_unref);
    *out = view;
}

/* tail: only the last `window` rows, of all keys. */
static bool rows_of_sources(const struct experiment *e, const struct strs *keys, bool tail,
                            size_t window, struct arena *arena, const struct rows_view **out,
                            struct err *err)
{
    const struct woven *woven;

    if (!experiment_woven(e, arena, &woven, err))
        return false;
    if (!woven || !woven->rows)
        return true;
    struct woven *mine = (struct woven *)(uintptr_t)woven; /* views count references to it */
    own_view(arena, tail ? woven_tail(mine, window) : woven_rows(mine, keys), out);
    return true;
}

bool experiment_rows(const struct experiment *e, const struct strs *keys, struct arena *arena,
                     const struct rows_view **out, struct err *err)
{
    struct rows_view *view = NULL;
    bool there;

    *out = NULL;
    if (e->sources_n > 0)
        return rows_of_sources(e, keys, false, 0, arena, out, err);
    if (!metrics_open(e, &there, err))
        return false;
    if (!there)
        return true;
    if (!rows_look(held_rows(e->held), e->dir, metrics_path, keys, e->cancelled, &view, err))
        return false;
    own_view(arena, view, out);
    held_measure(e->held);
    return true;
}

bool experiment_tail(const struct experiment *e, size_t window, struct arena *arena,
                     const struct rows_view **out, struct err *err)
{
    struct rows_view *view = NULL;
    bool there;

    *out = NULL;
    if (e->sources_n > 0)
        return rows_of_sources(e, NULL, true, window, arena, out, err);
    if (!metrics_open(e, &there, err))
        return false;
    if (there && !rows_tail(e->dir, metrics_path, window, &view, err))
        return false;
    own_view(arena, view, out);
    return true;
}

bool experiment_history(const struct experiment *e, struct arena *arena, const struct history **out,
                        struct err *err)
{
    struct history *history = NULL;

    *out = NULL;
    if (e->sources_n > 0)
        return true;
    if (!held_history(e->held, e->dir, e->cancelled, &history, err))
        return false;
    if (history)
        arena_own(arena, history, history_unref);
    *out = history;
    return true;
}

static bool from_rows(const struct experiment *e, struct str name, const struct series *like,
                      struct arena *arena, struct series *out, struct err *err)
{
    const char *text = arena_text(arena, name);
    const char *const both[] = {text,
                                "timestamp"}; /* points have times only if they are asked for */
    const struct strs keys = {both, 2};
    const struct rows_view *view;

    if (!experiment_rows(e, &keys, arena, &view, err))
        return false;
    size_t key = view ? rows_find(view, name) : SIZE_MAX;
    if (key != SIZE_MAX)
        rows_series_like(view, key, like, arena, out);
    return true;
}

static bool from_history(const struct experiment *e, struct str name, struct arena *arena,
                         struct series *out, struct err *err)
{
    const struct history *history;

    if (!e->has_rl_metrics)
        return true;
    if (!experiment_history(e, arena, &history, err))
        return false;
    const struct history_key *key = history ? history_find(history, arena_text(arena, name)) : NULL;
    if (key)
        history_series(key, arena, out);
    return true;
}

bool experiment_series(const struct experiment *e, struct str name, struct arena *arena,
                       struct series *out, struct err *err)
{
    return experiment_series_like(e, name, &(struct series){0}, arena, out, err);
}

bool experiment_series_like(const struct experiment *e, struct str name, const struct series *like,
                            struct arena *arena, struct series *out, struct err *err)
{
    *out = (struct series){.name = name};
    if (!from_rows(e, name, like, arena, out, err))
        return false;
    if (out->n == 0 && !from_history(e, name, arena, out, err))
        return false;
    if (out->n == 0 && str_is(name, "Perplexity")) {
        if (!from_rows(e, STR("Losses/Total"), like, arena, out, err))
            return false;
        double *value = ARENA_ARRAY(arena, out->n, double);
        for (size_t i = 0; i < out->n; i++)
            value[i] = exp(out->value[i]);
        out->value = value;
    }
    out->name = name;
    return true;
}
