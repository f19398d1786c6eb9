/* The run's own copy of its configuration: the authority for every threshold. */
#include "analysis/base/limits.h"
#include "tools/answer.h"

struct args {
    const char *expId, *filename;
};

struct result {
    const char *expId, *filename, *content;
    struct str parsed, coverage;
};

static bool run(struct call *call, const void *in, void *out, struct err *err)
{
    const struct args *args = in;
    struct result *result = out;
    const struct experiment *experiment;
    struct coverage coverage;
    struct str text;
    struct err why;

    coverage_init(&coverage, call->arena);
    if (!open_experiment(call, args->expId, &experiment, err) ||
        !experiment_config(experiment, args->filename, call->arena, &result->filename, &text, err))
        return false;
    result->expId = experiment->id;
    result->content = clean_text(call->arena, text, ANSWER_CHARS / 2);
    coverage_source(&coverage, result->filename,
                    str_ends(str_of(result->filename), STR(".json")) ? "json" : "yaml",
                    "the run's own copy");
    if (!config_to_json(text, call->arena, &result->parsed, &why)) {
        result->parsed = (struct str){0};
        coverage_note(&coverage, "not parsed: %s", why.msg);
    } else if (result->parsed.n > ANSWER_CHARS / 2) {
        coverage_note(&coverage, "parsed form left out: %zu characters", result->parsed.n);
        result->parsed = (struct str){0};
    }
    result->coverage = coverage_json(&coverage, call->arena);
    return true;
}

static const struct field in[] = {
    F_EXP_ID(struct args),
    F_STR(struct args, filename,
          .doc = "A copy's name, such as rl_config.yaml; else the main one."),
};

static const struct field out[] = {
    F_STR(struct result, expId, .doc = "", .required = true),
    F_STR(struct result, filename, .doc = "", .required = true),
    F_STR(struct result, content, .doc = "The file's text", .required = true),
    F_RAW(struct result, parsed, .doc = "The same as JSON", .nullable = true),
    F_RAW(struct result, coverage, .doc = "", .type = "object", .required = true),
};

const struct tool tool_get_config = {
    .name = "get_config",
    .title = "The configuration an experiment ran with",
    .doc = "The run's own copy of its configuration, as text and parsed. Call it before naming a "
           "threshold or suggesting a change: defaults elsewhere may differ.",
    .flags = TOOL_READ_ONLY | TOOL_QUICK,
    .in = SHAPE(struct args, in),
    .out = SHAPE(struct result, out),
    .run = run,
    .ready = experiment_ready,
    .example = "{\"expId\":\"$CONFIGURED\"}",
};
