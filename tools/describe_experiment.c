/* One screen about an experiment: what it is, what it logged, what is missing. */
#include "analysis/roles.h"
#include "tools/describe.h"

struct args {
    const char *expId;
};

static bool run(struct call *call, const void *in, void *out, struct err *err)
{
    const struct args *args = in;
    const struct experiment *experiment;

    return open_experiment(call, args->expId, &experiment, err) &&
           describe(call, experiment, out, err);
}

static const struct field in[] = {F_EXP_ID(struct args)};

const struct tool tool_describe_experiment = {
    .name = "describe_experiment",
    .title = "What an experiment is and what it logged",
    .doc = "One screen: type and why, state, sources, every metric with its points, steps and "
           "last value, configuration keys, and what is not logged. Call it second, before "
           "asking for curves.",
    .flags = TOOL_READ_ONLY,
    .in = SHAPE(struct args, in),
    .out = {.fields = description_fields,
            .n = DESCRIPTION_FIELDS,
            .size = sizeof(struct description)},
    .run = run,
    .example = "{\"expId\":\"$LM\"}",
};
