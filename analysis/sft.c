#include "analysis/sft.h"

#include <math.h>

#include "analysis/base/limits.h"
#include "analysis/files.h"

/* Which series count trained tokens, and how. */
static const struct {
    const char *name;
    bool so_far;      /* a running total: its largest value counts */
    bool loss_tokens; /* without prompts and padding */
} counters[] = {
    {"num_loss_tokens", false, true},       /* tinker-cookbook */
    {"num_input_tokens_seen", true, false}, /* Hugging Face Trainer */
};

static double total_of(const struct series *s, bool so_far)
{
    double total = 0;

    for (size_t i = 0; i < s->n; i++) {
        if (isfinite(s->value[i]))
            total = so_far ? fmax(total, s->value[i]) : total + s->value[i];
    }
    return total;
}

static bool count_tokens(const struct experiment *experiment, struct arena *arena, struct sft *out,
                         struct err *err)
{
    for (size_t i = 0; i < sizeof(counters) / sizeof(counters[0]) && isnan(out->tokens); i++) {
        struct series series = {0};
        if (!experiment_series(experiment, str_of(counters[i].name), arena, &series, err))
            return false;
        double total = total_of(&series, counters[i].so_far);
        if (!(total > 0))
            continue;
        out->tokens = total;
        out->tokens_from = counters[i].name;
        out->loss_tokens = counters[i].loss_tokens;
    }
    return true;
}

/* Its trainer's metrics.json; files of that name are written by others, too. */
static bool has_losses(const struct experiment *experiment, struct arena *arena)
{
    struct str text = {0};
    struct err err;
    bool found = false;

    return file_read(experiment->dir, "metrics.json", SMALL_FILE_MAX, arena, &text, NULL, &found,
                     &err) &&
           found && str_has(text, STR("\"train_losses\""));
}

bool sft_load(const struct experiment *experiment, struct arena *arena, struct coverage *coverage,
              struct sft *out, struct err *err)
{
    *out = (struct sft){.tokens = (double)NAN};
    adapter_load(experiment, arena, coverage, &out->adapter);
    judge_load(experiment, arena, coverage, &out->judge);
    samples_load(experiment, arena, coverage, &out->samples);
    if (out->adapter.source)
        out->why = arena_printf(arena, "%s names an adapter of rank %lld", out->adapter.source,
                                (long long)out->adapter.rank);
    else if (out->judge.source)
        out->why = arena_printf(arena, "%s is a judge's result", out->judge.source);
    else if (has_losses(experiment, arena))
        out->why = "its metrics.json has the train_losses of a fine-tuning trainer";
    return !out->adapter.source || count_tokens(experiment, arena, out, err);
}
