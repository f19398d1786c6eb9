#include "analysis/workload.h"

#include <ctype.h>
#include <math.h>
#include <strings.h>

#include "analysis/settings.h"
#include "analysis/stats/moments.h"

/* ---- names ---- */

enum counts { RUNNING_TOTAL, EACH_STEP, EITHER }; /* EITHER: a total where it never falls */

static const struct {
    const char *name;
    enum counts counts;
} token_series[] = {
    {"num_input_tokens_seen", RUNNING_TOTAL}, /* Hugging Face Trainer */
    {"train/num_input_tokens_seen", RUNNING_TOTAL},
    {"num_loss_tokens", EACH_STEP}, /* tinker-cookbook */
    {"num_tokens", EITHER},         /* a total with TRL, of the step with tinker-cookbook */
    {"train/num_tokens", EITHER},
    {"tokens_seen", RUNNING_TOTAL},
    {"total_tokens", RUNNING_TOTAL},
    {"train/total_tokens", RUNNING_TOTAL},
    {"consumed_tokens", RUNNING_TOTAL},
    {"throughput/total_tokens", RUNNING_TOTAL}, /* OLMo */
    {"time/token", RUNNING_TOTAL},              /* Composer */
    {"perf/total_num_tokens", EACH_STEP},       /* verl */
};

enum { TOKEN_SERIES = sizeof(token_series) / sizeof(token_series[0]) };

static const char *const parameter_words[] = {"n_params",
                                              "num_params",
                                              "n_parameters",
                                              "num_parameters",
                                              "param_count",
                                              "total_params",
                                              "parameter_count",
                                              "num_total_params",
                                              "model_parameters",
                                              "model_params",
                                              NULL};
static const char *const parameter_series[] = {"n_params",     "num_params",       "num_parameters",
                                               "n_parameters", "model/num_params", NULL};
static const char *const utilisation_series[] = {
    "mfu", "train/mfu", "MFU", "bf16_mfu", "perf/mfu/actor", "train/bf16_mfu", NULL};
static const char *const device_words[] = {"num_gpus",    "n_gpus",     "ngpus",        "gpu_count",
                                           "num_devices", "world_size", "n_gpus_total", NULL};

static const char *const flops_series[] = {"total_flos", "train/total_flos", NULL};
static const char *const runtime_series[] = {"train_runtime", NULL};

static size_t add_names(const char *const *names, const char **out, size_t n)
{
    while (*names)
        out[n++] = *names++;
    return n;
}

struct strs workload_names(struct arena *arena)
{
    enum { MOST = 64 };
    const char **out = ARENA_ARRAY(arena, MOST, const char *);
    size_t n = 0;

    for (size_t i = 0; i < TOKEN_SERIES; i++)
        out[n++] = token_series[i].name;
    n = add_names(parameter_series, out, n);
    n = add_names(utilisation_series, out, n);
    n = add_names(flops_series, out, n);
    n = add_names(runtime_series, out, n);
    return (struct strs){out, n};
}

struct loading {
    const struct experiment *experiment;
    struct settings settings;
    struct arena *arena;
    struct workload *out;
};

/* ---- configuration ---- */

/* 124000000, "124M", "1.3B". */
static double count_of(struct str json)
{
    static const char units[] = "KMBT";
    double plain = setting_number(json), power = 1e3;

    if (isfinite(plain) || json.n < 4 || json.p[0] != '"')
        return plain;
    char last = (char)toupper((unsigned char)json.p[json.n - 2]);
    for (size_t i = 0; units[i]; i++, power *= 1e3) {
        if (units[i] == last)
            return power * setting_number((struct str){json.p + 1, json.n - 3});
    }
    return (double)NAN;
}

static bool is_among(const char *key, const char *const *words)
{
    const char *last = strrchr(key, '.');

    for (last = last ? last + 1 : key; *words; words++) {
        if (strcasecmp(last, *words) == 0)
            return true;
    }
    return false;
}

/* The one positive value of keys that end so; NAN where there is none, or several. */
static double configured(const struct loading *l, const char *const *words, const char **key)
{
    double value = (double)NAN;

    for (size_t i = 0; i < l->settings.n; i++) {
        double v = count_of(l->settings.v[i].json);

        if (!is_among(l->settings.v[i].key, words) || !(v > 0) || v == value)
            continue;
        if (isfinite(value))
            return (double)NAN;
        value = v;
        *key = l->settings.v[i].key;
    }
    return value;
}

static double configured_as(const struct loading *l, const char *word)
{
    const char *key, *const words[] = {word, NULL};

    return configured(l, words, &key);
}

/* ---- series ---- */

static bool series_of(const struct loading *l, const char *name, struct series *out,
                      struct err *err)
{
    *out = (struct series){0};
    return experiment_series(l->experiment, str_of(name), l->arena, out, err);
}

static void read_from(const struct loading *l, const char *name)
{
    if (l->out->series_n < WORKLOAD_SERIES)
        l->out->series[l->out->series_n++] = name;
}

/* The largest finite value above 0 of the first of these that is logged. */
static bool logged(const struct loading *l, const char *const *names, double *value,
                   const char **from, struct err *err)
{
    for (; *names && !*from; names++) {
        struct series s;

        if (!series_of(l, *names, &s, err))
            return false;
        double most = 0;
        for (size_t i = 0; i < s.n; i++)
            most = isfinite(s.value[i]) ? fmax(most, s.value[i]) : most;
        if (most > 0) {
            *value = most;
            *from = *names;
            read_from(l, *names);
        }
    }
    return true;
}

static double tokens_in(const struct series *s, enum counts counts)
{
    double sum = 0, most = 0, first = (double)NAN;
    bool falls = s->n < 3;

    for (size_t i = 0; i < s->n; i++) {
        if (!isfinite(s->value[i]))
            continue;
        first = isnan(first) ? s->value[i] : first;
        falls |= s->value[i] < most;
        sum += s->value[i];
        most = fmax(most, s->value[i]);
    }
    if (counts == EITHER) /* a total has grown since its first value */
        counts = falls || !(most > 2 * first) ? EACH_STEP : RUNNING_TOTAL;
    return counts == EACH_STEP ? sum : most;
}

static bool find_tokens(const struct loading *l, const struct workload_span *span, struct err *err)
{
    static const char *const each[] = {"tokens_per_step", "tokens_per_iter", "tokens_per_batch",
                                       "tokens_per_update", NULL};
    struct workload *w = l->out;
    const char *key = NULL;

    for (size_t i = 0; i < TOKEN_SERIES && !w->tokens_from; i++) {
        struct series s;

        if (!series_of(l, token_series[i].name, &s, err))
            return false;
        double tokens = s.n ? tokens_in(&s, token_series[i].counts) : 0;
        if (tokens > 0) {
            w->tokens = tokens;
            w->tokens_from = token_series[i].name;
            read_from(l, token_series[i].name);
        }
    }
    if (w->tokens_from || span->last_step <= 0)
        return true;
    double step = configured(l, each, &key);
    if (isfinite(step)) {
        w->tokens_from =
            arena_printf(l->arena, "%s at %lld steps", key, (long long)span->last_step);
    } else { /* nanoGPT: batches of whole contexts; Megatron: the same under other names */
        step = configured_as(l, "batch_size") * configured_as(l, "block_size") *
               configured_as(l, "gradient_accumulation_steps");
        if (!isfinite(step))
            step = configured_as(l, "global_batch_size") * configured_as(l, "seq_length");
        if (isfinite(step))
            w->tokens_from = arena_printf(l->arena, "%.0f tokens a step as configured, %lld steps",
                                          step, (long long)span->last_step);
    }
    if (isfinite(step))
        w->tokens = step * (double)span->last_step;
    return true;
}

static bool find_parameters(const struct loading *l, struct err *err)
{
    struct workload *w = l->out;
    double layers = configured_as(l, "n_layer"), width = configured_as(l, "n_embd");
    double context = configured_as(l, "block_size");

    if (isfinite(layers * width * context))
        w->attention = 12 * layers * width * context;
    if (!logged(l, parameter_series, &w->parameters, &w->parameters_from, err))
        return false;
    if (w->parameters_from)
        return true;
    w->parameters = configured(l, parameter_words, &w->parameters_from);
    if (isfinite(w->parameters))
        return true;
    w->parameters_from = NULL;
    if (isfinite(layers * width) && isnan(configured_as(l, "n_inner"))) {
        w->parameters = 12 * layers * width * width;
        w->parameters_from = "12 n_layer n_embd^2: the blocks, without embeddings";
    }
    return true;
}

/* ---- time and hardware ---- */

static bool is_word_of(const char *name, const char *word)
{
    size_t n = strlen(word);

    for (const char *at = name; *at; at++) {
        bool starts = at == name || !isalnum((unsigned char)at[-1]);
        if (starts && strncasecmp(at, word, n) == 0 && !isalnum((unsigned char)at[n]))
            return true;
    }
    return n == 0;
}

double accelerator_peak(const char *name)
{
    static const struct {
        const char *word, *also;
        double tera;
    } rows[] = {
#define X(word, also, tera) {word, also, tera},
#include "analysis/accelerators.def"
#undef X
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (is_word_of(name, rows[i].word) && is_word_of(name, rows[i].also))
            return 1e12 * rows[i].tera;
    }
    return (double)NAN;
}

static void find_peak(const struct loading *l)
{
    static const char *const peaks[] = {"peak_flops", "gpu_peak_flops", "peak_flops_per_gpu",
                                        "flops_promised", NULL};
    struct workload *w = l->out;
    struct document gpu;
    const char *key = NULL, *many = NULL;
    double each = configured(l, peaks, &key), devices = configured(l, device_words, &many);

    if (isfinite(each * devices)) {
        w->peak = each * devices;
        w->peak_from = arena_printf(l->arena, "%s and %s", key, many);
        return;
    }
    experiment_document(l->experiment, FILE_GPU, l->arena, &gpu);
    const struct json *word = gpu.json ? json_get(gpu.json, "gpuName") : NULL;
    if (!word || word->kind != JSON_STRING ||
        !json_number(json_get(gpu.json, "numGpus"), &devices) || !(devices > 0))
        return;
    struct str name = json_text(l->arena, word);
    each = accelerator_peak(arena_text(l->arena, name));
    if (isfinite(each)) {
        w->peak = each * devices;
        w->peak_from = arena_printf(l->arena, "%.0f x %.*s at %.4g FLOPs a second (dense bf16)",
                                    devices, STR_FMT(str_cut(name, 60)), each);
    }
}

static bool find_time(const struct loading *l, const struct workload_span *span, struct err *err)
{
    struct workload *w = l->out;

    if (!logged(l, runtime_series, &w->seconds, &w->seconds_from, err))
        return false;
    double passed = span->last_time - span->first_time;
    double part = (double)(span->last_step - span->first_step) / (double)span->last_step;
    if (!w->seconds_from && passed > 0 && part > 0 && part <= 1) {
        w->seconds = passed / part;
        w->seconds_from = "the stamps of the loss, pauses and evaluations included";
    }
    return true;
}

static bool find_utilisation(const struct loading *l, struct err *err)
{
    struct workload *w = l->out;

    for (size_t k = 0; utilisation_series[k] && !w->utilisation_from; k++) {
        struct series s;
        size_t n = 0;

        if (!series_of(l, utilisation_series[k], &s, err))
            return false;
        double *v = ARENA_ARRAY(l->arena, s.n, double), most = 0;
        for (size_t i = 0; i < s.n; i++) {
            if (isfinite(s.value[i]) && s.value[i] > 0) { /* nanoGPT begins with -100% */
                v[n++] = s.value[i];
                most = fmax(most, s.value[i]);
            }
        }
        if (n == 0)
            continue;
        w->utilisation = median_of(v, n, l->arena) / (most > 1 ? 100 : 1);
        w->utilisation_from = utilisation_series[k];
        w->utilisation_n = (int64_t)n;
        read_from(l, utilisation_series[k]);
    }
    return true;
}

/* ---- all of it ---- */

bool workload_load(const struct experiment *experiment, const struct workload_span *span,
                   struct arena *arena, struct workload *out, struct err *err)
{
    struct loading l = {.experiment = experiment, .arena = arena, .out = out};

    *out = (struct workload){.parameters = NAN,
                             .tokens = NAN,
                             .flops = NAN,
                             .seconds = NAN,
                             .peak = NAN,
                             .utilisation = NAN};
    settings_load(experiment, arena, &l.settings);
    if (!find_parameters(&l, err) || !find_tokens(&l, span, err) || !find_time(&l, span, err) ||
        !find_utilisation(&l, err) || !logged(&l, flops_series, &out->flops, &out->flops_from, err))
        return false;
    if (!out->flops_from) {
        out->flops = configured_as(&l, "total_flos");
        out->flops_from = isfinite(out->flops) ? "total_flos" : NULL;
    }
    find_peak(&l);
    return true;
}

double workload_flops(const struct workload *w)
{
    return w->flops_from ? w->flops : (6 * w->parameters + w->attention) * w->tokens;
}

double workload_utilisation(const struct workload *w)
{
    return w->utilisation_from ? w->utilisation : workload_flops(w) / (w->seconds * w->peak);
}
