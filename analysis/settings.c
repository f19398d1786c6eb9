#include "analysis/settings.h"

#include <math.h>
#include <stdlib.h>
#include <strings.h>

#include "analysis/base/limits.h"
#include "analysis/base/number.h"

enum { SETTINGS_MAX = 2000, KEY_BYTES_MAX = 300 };

struct gathering {
    struct arena *arena;
    const char *file;
    VEC(struct setting_value) list;
};

static bool has(const struct gathering *g, const char *key)
{
    for (size_t i = 0; i < g->list.n; i++) {
        if (strcmp(g->list.v[i].key, key) == 0)
            return true;
    }
    return false;
}

static void flatten(struct gathering *g, const char *prefix, const struct json *object, int depth)
{
    json_each (member, object) {
        const char *key = arena_printf(g->arena, "%s%s%.*s", prefix, *prefix ? "." : "",
                                       STR_FMT(str_cut(member->key, KEY_BYTES_MAX)));

        if (g->list.n >= SETTINGS_MAX)
            return;
        if (member->kind == JSON_OBJECT && member->count > 0 && depth < DATA_DEPTH_MAX)
            flatten(g, key, member, depth + 1);
        else if (!has(g, key))
            VEC_PUSH(g->arena, &g->list, (struct setting_value){key, member->raw, g->file});
    }
}

static int by_key(const void *a, const void *b)
{
    const struct setting_value *x = a, *y = b;

    return strcmp(x->key, y->key);
}

static void gather(struct gathering *g, struct str json)
{
    struct err err;
    const struct json *object = json_parse(g->arena, json, JSON_DATA, DATA_DEPTH_MAX + 1, &err);

    if (object && object->kind == JSON_OBJECT)
        flatten(g, "", object, 0);
}

void settings_load(const struct experiment *experiment, struct arena *arena, struct settings *out)
{
    struct gathering g = {.arena = arena};
    struct strs files;

    experiment_configs(experiment, arena, &files);
    for (size_t i = 0; i < files.n; i++) {
        struct str text, json;
        const char *found;
        struct err err;

        if (!experiment_config(experiment, files.v[i], arena, &found, &text, &err) ||
            !config_to_json(text, arena, &json, &err))
            continue; /* what cannot be read tells nothing; get_config says why */
        g.file = found;
        gather(&g, json);
    }
    if (g.list.n)
        qsort(g.list.v, g.list.n, sizeof(*g.list.v), by_key);
    *out = (struct settings){g.list.v, g.list.n};
}

struct str settings_get(const struct settings *settings, const char *key)
{
    struct setting_value wanted = {.key = key};
    const struct setting_value *found =
        settings->n ? bsearch(&wanted, settings->v, settings->n, sizeof(wanted), by_key) : NULL;

    return found ? found->json : (struct str){0};
}

double setting_number(struct str json)
{
    double value;

    if (json.n >= 2 && json.p[0] == '"')
        json = (struct str){json.p + 1, json.n - 2};
    return number_is(json, &value) ? value : (double)NAN;
}

/* The last part of the key, letter case aside. */
static bool is_word(const char *key, const char *const *words)
{
    const char *last = strrchr(key, '.');

    for (last = last ? last + 1 : key; *words; words++) {
        if (strcasecmp(last, *words) == 0)
            return true;
    }
    return false;
}

bool setting_is_seed(const char *key)
{
    static const char *const words[] = {"seed",        "random_seed", "rng_seed", "data_seed",
                                        "torch_seed",  "manual_seed", "np_seed",  "env_seed",
                                        "global_seed", "rl_seed",     "seeds",    NULL};

    return is_word(key, words);
}

bool setting_is_label(const char *key)
{
    static const char *const words[] = {
        "run_name",       "run_id",       "name",      "exp_name",    "experiment_name",
        "experiment_id",  "output_dir",   "log_dir",   "logging_dir", "save_dir",
        "checkpoint_dir", "log_path",     "save_path", "wandb_name",  "wandb_project",
        "project",        "timestamp",    "date",      "start_time",  "hostname",
        "host",           "local_rank",   "user",      "tags",        "notes",
        "track",          "wandb_run_id", "port",      NULL};

    return is_word(key, words);
}

bool setting_is_problem(const char *key)
{
    static const char *const words[] = {"task",
                                        "task_name",
                                        "task_id",
                                        "env",
                                        "env_id",
                                        "env_name",
                                        "environment",
                                        "gym_id",
                                        "dataset",
                                        "dataset_name",
                                        "dataset_path",
                                        "dataset_id",
                                        "dataset_config_name",
                                        "data",
                                        "data_path",
                                        "data_dir",
                                        "data_file",
                                        "data_files",
                                        "train_file",
                                        "train_data",
                                        "train_files",
                                        "train_dataset",
                                        "corpus",
                                        "tokenizer",
                                        "tokenizer_name",
                                        "benchmark",
                                        "game",
                                        "level",
                                        NULL};
    const char *last = strrchr(key, '.');

    if (last && strncasecmp(key, "log", 3) == 0)
        return false; /* logging.level is no game's */
    return is_word(key, words);
}

bool setting_is_rate(const char *key)
{
    static const char *const words[] = {
        "lr",      "learning_rate", "base_lr", "peak_lr",    "max_lr",
        "lr_peak", "lr_max",        "init_lr", "initial_lr", "rl_learning_rate",
        "lr0",     "learning-rate", NULL};

    return is_word(key, words);
}

bool setting_is_of_rates(const char *key)
{
    static const char *const words[] = {"min_lr",     "lr_min",   "end_lr",    "final_lr",
                                        "lr_end",     "lr_final", "warmup_lr", "min_learning_rate",
                                        "lr_min_abs", NULL};

    return setting_is_rate(key) || is_word(key, words);
}
