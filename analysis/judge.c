#include "analysis/judge.h"

#include "analysis/base/limits.h"
#include "analysis/files.h"

static bool count_of(const struct json *json, const char *key, int64_t *out)
{
    return json_integer(json_get(json, key), out) && *out >= 0;
}

bool judge_read(const struct json *json, struct judge *out)
{
    *out = (struct judge){.confident = NOT_GIVEN};
    if (!count_of(json, "finetuned_wins", &out->wins) ||
        !count_of(json, "baseline_wins", &out->losses))
        return false;
    if (!count_of(json, "ties", &out->ties))
        out->ties = 0;
    if (!count_of(json, "confident_judgments", &out->confident))
        out->confident = NOT_GIVEN;
    return true;
}

void judge_load(const struct experiment *experiment, struct arena *arena, struct coverage *coverage,
                struct judge *out)
{
    static const char *const paths[] = {"metrics.json", "eval_results/metrics.json"};

    for (size_t i = 0; i < 2; i++) {
        struct str text = {0};
        struct err err;
        bool found = false;
        if (!file_read(experiment->dir, paths[i], SMALL_FILE_MAX, arena, &text, NULL, &found,
                       &err) ||
            !found || !str_has(text, STR("finetuned_wins")))
            continue; /* most are logs of losses, which are long: not worth a tree */
        const struct json *json = json_parse(arena, text, JSON_DATA, DATA_DEPTH_MAX, &err);
        if (!json || !judge_read(json, out))
            continue;
        out->source = paths[i];
        if (coverage)
            coverage_source(coverage, paths[i], "json", "a judge's result, by its keys");
        return;
    }
    *out = (struct judge){.confident = NOT_GIVEN};
}
