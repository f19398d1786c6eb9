#include "analysis/adapter.h"

#include <math.h>

#include "analysis/base/limits.h"
#include "analysis/base/quote.h"
#include "analysis/base/vec.h"
#include "analysis/files.h"

struct file {
    const char *path;
    const struct json *json;
};

struct files {
    struct arena *arena;
    VEC(struct file) list;
};

/* ---- the files ---- */

static void add_json(const struct experiment *experiment, const char *path, struct files *files)
{
    struct str text = {0};
    struct err err;
    bool found = false;

    if (!file_read(experiment->dir, path, SMALL_FILE_MAX, files->arena, &text, NULL, &found,
                   &err) ||
        !found)
        return;
    const struct json *json = json_parse(files->arena, text, JSON_DATA, DATA_DEPTH_MAX, &err);
    if (json && json->kind == JSON_OBJECT)
        VEC_PUSH(files->arena, &files->list, (struct file){path, json});
}

static void add_yaml(const struct experiment *experiment, struct files *files)
{
    struct strs names;

    experiment_configs(experiment, files->arena, &names);
    for (size_t i = 0; i < names.n; i++) {
        struct str text, json;
        const char *path;
        struct err err;
        if (!experiment_config(experiment, names.v[i], files->arena, &path, &text, &err) ||
            !config_to_json(text, files->arena, &json, &err))
            continue;
        const struct json *tree =
            json_parse(files->arena, json, JSON_DATA, DATA_DEPTH_MAX + 1, &err);
        if (tree && tree->kind == JSON_OBJECT)
            VEC_PUSH(files->arena, &files->list, (struct file){path, tree});
    }
}

static void open_files(const struct experiment *experiment, struct files *files)
{
    static const char *const paths[] = {"adapter_config.json", "best/adapter_config.json",
                                        "final/adapter_config.json", "config.json"};

    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
        add_json(experiment, paths[i], files);
    add_yaml(experiment, files);
}

/* ---- values by exact key ---- */

/* At the top of a file, or in one of its sections; null counts as not written. */
static const struct json *in_file(const struct json *file, const char *key)
{
    const struct json *v = json_get(file, key);

    if (v && v->kind != JSON_NULL)
        return v;
    json_each (section, file) {
        v = section->kind == JSON_OBJECT ? json_get(section, key) : NULL;
        if (v && v->kind != JSON_NULL)
            return v;
    }
    return NULL;
}

/* The first file that has the first key, then the next key. */
static const struct json *any(const struct files *files, const char *const *keys, const char **from)
{
    for (; *keys; keys++) {
        for (size_t i = 0; i < files->list.n; i++) {
            const struct json *v = in_file(files->list.v[i].json, *keys);
            if (!v)
                continue;
            if (from)
                *from = files->list.v[i].path;
            return v;
        }
    }
    return NULL;
}

#define KEYS(...) ((const char *const[]){__VA_ARGS__, NULL})

static int64_t integer_of(const struct files *files, const char *const *keys)
{
    int64_t value;

    return json_integer(any(files, keys, NULL), &value) && value > 0 ? value : NOT_GIVEN;
}

static double number_of(const struct files *files, const char *const *keys)
{
    double value;

    return json_number(any(files, keys, NULL), &value) && isfinite(value) ? value : (double)NAN;
}

static bool is_false(const struct files *files, const char *key)
{
    const struct json *v = any(files, KEYS(key), NULL);

    return v && v->kind == JSON_FALSE;
}

/* ---- the adapter ---- */

/* "r" means a rank in adapter_config.json alone. */
static void take_rank(const struct files *files, struct adapter *out)
{
    for (size_t i = 0; i < files->list.n && out->rank == NOT_GIVEN; i++) {
        const struct file *f = &files->list.v[i];
        int64_t rank;
        if (str_ends(str_of(f->path), STR("adapter_config.json")) &&
            json_integer(json_get(f->json, "r"), &rank) && rank > 0) {
            out->rank = rank;
            out->source = f->path;
        }
    }
    if (out->rank == NOT_GIVEN)
        out->rank = integer_of(files, KEYS("lora_rank", "lora_r"));
    if (out->rank != NOT_GIVEN && !out->source)
        (void)any(files, KEYS("lora_rank", "lora_r"), &out->source);
}

static void take_module(struct str name, const char *from, struct arena *arena, struct adapter *out)
{
    static const char *const parents[] = {"self_attn.", "mlp."};
    struct str bare = str_trim(name);

    for (size_t i = 0; i < 2; i++) {
        if (str_starts(bare, str_of(parents[i])))
            bare = str_from(bare, strlen(parents[i]));
    }
    unsigned matrices = str_is(bare, "all") ? LORA_ATTENTION | LORA_MLP : lora_matrices(bare);
    out->matrices |= matrices;
    if (matrices == 0 && !out->odd)
        out->odd = arena_printf(arena, "%s names the module '%s', whose size is not known", from,
                                quote_text(arena, bare, 60));
}

/* A list of names, or a text: one name, or several with commas between them. */
static void take_names(const struct json *names, const char *from, struct arena *arena,
                       struct adapter *out)
{
    struct str rest, piece;

    out->modules_from = from;
    json_each (item, names) {
        if (item->kind == JSON_STRING)
            take_module(json_text(arena, item), from, arena, out);
    }
    rest = names->kind == JSON_STRING ? json_text(arena, names) : (struct str){0};
    while (str_next(&rest, ',', &piece))
        take_module(piece, from, arena, out);
}

static void take_modules(const struct files *files, struct adapter *out)
{
    const char *from = NULL;
    const struct json *names =
        any(files, KEYS("target_modules", "lora_target_modules", "lora_target"), &from);
    const struct json *linear = any(files, KEYS("lora_target_linear"), NULL);

    if (names && names->kind != JSON_OBJECT)
        take_names(names, from, files->arena, out);
    else if (linear && linear->kind == JSON_TRUE) {
        out->matrices = LORA_ATTENTION | LORA_MLP;
        out->modules_from = "lora_target_linear";
    } else if (str_is(str_of(out->source), "config.json") && any(files, KEYS("model_name"), NULL)) {
        /* tinker adapts all three unless told otherwise */
        out->matrices = (is_false(files, "train_attn") ? 0 : LORA_ATTENTION) |
                        (is_false(files, "train_mlp") ? 0 : LORA_MLP) |
                        (is_false(files, "train_unembed") ? 0 : LORA_UNEMBED);
        out->modules_from = "tinker's defaults";
    }
}

static bool is_written(const struct json *v)
{
    return v && !(v->kind == JSON_OBJECT && v->count == 0) &&
           !(v->kind == JSON_ARRAY && v->count == 0);
}

/* What makes adapters of one file differ from each other. */
static void take_oddities(const struct files *files, struct adapter *out)
{
    if (is_written(any(files, KEYS("rank_pattern"), NULL)))
        out->odd = "rank_pattern gives matrices different ranks";
    else if (is_written(any(files, KEYS("layers_to_transform"), NULL)))
        out->odd = "layers_to_transform adapts some layers only";
}

/* ---- the model ---- */

/* From a model's own config.json; experts of a mixture have their own width. */
static bool shape_of_config(const struct files *files, struct lora_shape *shape)
{
    int64_t hidden = integer_of(files, KEYS("hidden_size"));
    int64_t heads = integer_of(files, KEYS("num_attention_heads"));
    int64_t kv_heads = integer_of(files, KEYS("num_key_value_heads"));
    int64_t width = integer_of(files, KEYS("head_dim"));
    int64_t experts = integer_of(files, KEYS("num_experts", "num_local_experts"));
    int64_t moe = integer_of(files, KEYS("moe_intermediate_size"));
    int64_t mlp = integer_of(files, KEYS("intermediate_size"));
    int64_t layers = integer_of(files, KEYS("num_hidden_layers"));
    int64_t vocabulary = integer_of(files, KEYS("vocab_size"));
    const int64_t most = 10000000;

    if (hidden == NOT_GIVEN || heads == NOT_GIVEN || mlp == NOT_GIVEN || layers == NOT_GIVEN ||
        vocabulary == NOT_GIVEN || hidden > most || heads > most || mlp > most || layers > most ||
        vocabulary > 100 * most || kv_heads > most || width > most || experts > most || moe > most)
        return false;
    width = width == NOT_GIVEN ? hidden / heads : width;
    *shape =
        (struct lora_shape){.hidden = hidden,
                            .intermediate = experts != NOT_GIVEN && moe != NOT_GIVEN ? moe : mlp,
                            .query = heads * width,
                            .kv = (kv_heads == NOT_GIVEN ? heads : kv_heads) * width,
                            .layers = layers,
                            .vocabulary = vocabulary,
                            .experts = experts == NOT_GIVEN ? 0 : experts};
    return true;
}

static void take_model(const struct files *files, struct adapter *out)
{
    const struct json *name = any(
        files, KEYS("base_model_name_or_path", "model_name_or_path", "base_model", "model_name"),
        NULL);
    const struct lora_model *known = NULL;

    if (name && name->kind == JSON_STRING) {
        out->model = quote_text(files->arena, json_text(files->arena, name), 200);
        known = lora_model_find(str_of(out->model));
    }
    if (shape_of_config(files, &out->shape)) {
        out->shape_from = "the model's own config.json";
    } else if (known) {
        out->shape = known->shape;
        out->shape_from = arena_printf(files->arena, "the published shapes of %s", known->name);
    }
}

static void cover(const struct files *files, struct coverage *coverage)
{
    for (size_t i = 0; coverage && i < files->list.n; i++) {
        const char *path = files->list.v[i].path;
        if (str_ends(str_of(path), STR("config.json")))
            coverage_source(coverage, path, "json", "the adapter's configuration");
    }
}

void adapter_load(const struct experiment *experiment, struct arena *arena,
                  struct coverage *coverage, struct adapter *out)
{
    struct files files = {.arena = arena};

    *out = (struct adapter){.rank = NOT_GIVEN,
                            .alpha = (double)NAN,
                            .learning_rate = (double)NAN,
                            .epochs = NOT_GIVEN,
                            .batch = NOT_GIVEN};
    open_files(experiment, &files);
    take_rank(&files, out);
    if (out->rank == NOT_GIVEN)
        return;
    out->alpha = number_of(&files, KEYS("lora_alpha"));
    out->learning_rate = number_of(&files, KEYS("learning_rate"));
    out->epochs = integer_of(&files, KEYS("num_epochs", "num_train_epochs"));
    out->batch = integer_of(&files, KEYS("batch_size", "train_batch_size"));
    take_oddities(&files, out);
    take_modules(&files, out);
    take_model(&files, out);
    cover(&files, coverage);
}
