#include "analysis/experiment.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <unistd.h>

#include "analysis/base/limits.h"
#include "analysis/base/vec.h"
#include "analysis/files.h"
#include "analysis/open.h"
#include "analysis/walk.h"

enum { CONFIGS_MAX = 1000 };

/* What trainers call a configuration in JSON; other files of that ending are anything. */
static const char *const json_names[] = {"config.json",        "args.json",
                                         "training_args.json", "train_config.json",
                                         "hparams.json",       "hyperparameters.json"};

static bool is_json_name(struct str name)
{
    for (size_t i = 0; i < sizeof(json_names) / sizeof(json_names[0]); i++) {
        if (str_is(name, json_names[i]))
            return true;
    }
    return false;
}

/* One of those; else a letter or digit, then those and _ . -, then .yaml or .yml: no folder,
 * nothing hidden. */
static bool is_config_name(struct str name)
{
    size_t ending = str_ends(name, STR(".yaml")) ? 5 : str_ends(name, STR(".yml")) ? 4 : 0;

    if (is_json_name(name))
        return true;
    if (ending == 0 || name.n == ending || !isalnum((unsigned char)name.p[0]))
        return false;
    for (size_t i = 0; i < name.n; i++) {
        if (!isalnum((unsigned char)name.p[i]) && !strchr("_.-", name.p[i]))
            return false;
    }
    return true;
}

static int rank(const char *name)
{
    static const char *const first[] = {"config.yaml", "rl_config.yaml", "base_config.yaml"};

    for (int i = 0; i < 3; i++) {
        if (strcmp(name, first[i]) == 0)
            return i;
    }
    return is_json_name(str_of(name)) ? strcmp(name, "config.json") == 0 ? 4 : 5 : 3;
}

static int main_first(const void *a, const void *b)
{
    const char *const *x = a, *const *y = b;
    int order = rank(*x) - rank(*y);

    return order ? order : strcmp(*x, *y);
}

/* Read as a log, and it told no configuration: MLflow's meta.yaml is none. */
static bool is_log(const struct experiment *experiment, const char *name)
{
    bool found = false;

    for (size_t i = 0; i < experiment->sources_n && !found; i++)
        found = strcmp(experiment->sources[i].path, name) == 0;
    return found;
}

/* Those that the log holds come before files beside it; a file that a reader has read is one. */
static void put_first(const struct experiment *experiment, struct arena *arena, const char ***names,
                      size_t *n)
{
    struct strs told = sources_configs(experiment, arena);
    const char **all = ARENA_ARRAY(arena, told.n + *n, const char *);
    size_t kept = 0;

    for (size_t i = 0; i < told.n; i++)
        all[kept++] = told.v[i];
    for (size_t i = 0; i < *n; i++) {
        bool twice = is_log(experiment, (*names)[i]);
        for (size_t k = 0; k < told.n; k++)
            twice |= strcmp(told.v[k], (*names)[i]) == 0;
        if (!twice)
            all[kept++] = (*names)[i];
    }
    *names = all;
    *n = kept;
}

void experiment_configs(const struct experiment *experiment, struct arena *arena,
                        struct strs *filenames)
{
    VEC(const char *) found = {0};
    int fd = file_open(experiment->dir, ".", O_RDONLY | O_DIRECTORY);
    DIR *list = fd < 0 ? NULL : fdopendir(fd);
    const struct dirent *entry;

    while (list && found.n < CONFIGS_MAX && (entry = readdir(list))) {
        struct str name = str_of(entry->d_name);
        if (is_config_name(name) && file_is_there(experiment->dir, entry->d_name))
            VEC_PUSH(arena, &found, (const char *)arena_text(arena, name));
    }
    if (list)
        closedir(list);
    else if (fd >= 0)
        close(fd);
    if (found.n)
        qsort(found.v, found.n, sizeof(*found.v), main_first);
    if (experiment->sources_n > 0)
        put_first(experiment, arena, &found.v, &found.n);
    *filenames = (struct strs){found.v, found.n};
}

static const char *joined(const struct strs *names, struct arena *arena)
{
    const char *text = "there is none";

    for (size_t i = 0; i < names->n && i < 20; i++)
        text = i ? arena_printf(arena, "%s, %s", text, names->v[i])
                 : arena_printf(arena, "there is %s", names->v[0]);
    return text;
}

bool experiment_config(const struct experiment *experiment, const char *filename,
                       struct arena *arena, const char **found, struct str *text, struct err *err)
{
    struct strs names;
    bool there;

    if (experiment->sources_n > 0 && sources_config(experiment, filename, arena, text)) {
        *found = filename ? arena_text(arena, str_of(filename))
                          : sources_configs(experiment, arena).v[0];
        return true;
    }
    if (filename && !is_config_name(str_of(filename))) {
        experiment_configs(experiment, arena, &names);
        return err_set(err, ERR_ARGUMENT,
                       "Invalid filename: a configuration of this experiment is named like "
                       "config.yaml or config.json, without folders; %s",
                       joined(&names, arena));
    }
    if (!filename) {
        experiment_configs(experiment, arena, &names);
        if (names.n == 0)
            return err_set(err, ERR_NOT_FOUND,
                           "Config file not found: experiment '%s' holds no .yaml, .yml or "
                           "config.json file",
                           experiment->id);
        filename = names.v[0];
    }
    if (!file_read(experiment->dir, filename, SMALL_FILE_MAX, arena, text, NULL, &there, err))
        return false;
    if (!there) {
        experiment_configs(experiment, arena, &names);
        return err_set(err, ERR_NOT_FOUND,
                       "Config file not found: '%.200s' is not in experiment '%s'; %s", filename,
                       experiment->id, joined(&names, arena));
    }
    *found = arena_text(arena, str_of(filename));
    return true;
}

static const struct json *any_of(const struct json *config, const char *const *keys, size_t n)
{
    const struct json *value = NULL;

    for (size_t i = 0; i < n && !value; i++)
        value = json_get(config, keys[i]);
    return value;
}

/* The first configuration that has one of the keys, main one first. */
static const struct json *setting(const struct experiment *experiment, const char *const *keys,
                                  size_t keys_n, struct arena *arena)
{
    struct strs names;
    struct err err;

    experiment_configs(experiment, arena, &names);
    for (size_t i = 0; i < names.n; i++) {
        struct str text = {0}, json;
        const char *found;
        if (!experiment_config(experiment, names.v[i], arena, &found, &text, &err) ||
            !config_to_json(text, arena, &json, &err))
            continue;
        const struct json *value =
            any_of(json_parse(arena, json, JSON_STRICT, DATA_DEPTH_MAX + 1, &err), keys, keys_n);
        if (value)
            return value;
    }
    return NULL;
}

double experiment_setting(const struct experiment *experiment, const char *key, struct arena *arena)
{
    double value;

    return json_number(setting(experiment, &key, 1, arena), &value) ? value : (double)NAN;
}

double experiment_setting_of(const struct experiment *experiment, const char *const *keys, size_t n,
                             struct arena *arena)
{
    double value;

    return json_number(setting(experiment, keys, n, arena), &value) ? value : (double)NAN;
}

const char *experiment_setting_text(const struct experiment *experiment, const char *key,
                                    struct arena *arena)
{
    const struct json *value = setting(experiment, &key, 1, arena);

    return value && value->kind == JSON_STRING ? arena_text(arena, json_text(arena, value)) : NULL;
}
