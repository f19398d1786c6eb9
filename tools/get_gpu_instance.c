/* The machine an experiment ran on, as its launcher recorded it. */
#include "analysis/base/limits.h"
#include "tools/small_file.h"

/* What is around the file: ids, coverage. */
enum { AROUND = 1500 };

struct args {
    const char *expId;
};

struct result {
    const char *expId;
    struct str instance, coverage;
};

static bool run(struct call *call, const void *in, void *out, struct err *err)
{
    const struct args *args = in;
    struct result *result = out;
    const struct experiment *experiment;
    struct coverage coverage;
    struct document document;

    coverage_init(&coverage, call->arena);
    if (!open_experiment(call, args->expId, &experiment, err) ||
        !small_file(call, experiment, FILE_GPU, ANSWER_CHARS - AROUND, &coverage, &document,
                    &result->instance, err))
        return false;
    result->expId = experiment->id;
    result->coverage = coverage_json(&coverage, call->arena);
    return true;
}

static const struct field in[] = {F_EXP_ID(struct args)};

static const struct field out[] = {
    F_STR(struct result, expId, .doc = "", .required = true),
    F_RAW(struct result, instance, .doc = "gpu_instance.json", .type = "object", .nullable = true),
    F_RAW(struct result, coverage, .doc = "", .type = "object", .required = true),
};

const struct tool tool_get_gpu_instance = {
    .name = "get_gpu_instance",
    .title = "The machine an experiment ran on",
    .doc = "GPU, price and host as recorded when the run was started; null if that was not "
           "recorded. Call it for cost, or when throughput is in question.",
    .flags = TOOL_READ_ONLY | TOOL_QUICK,
    .in = SHAPE(struct args, in),
    .out = SHAPE(struct result, out),
    .run = run,
    .ready = experiment_ready,
    .example = "{\"expId\":\"$LM\"}",
};
