/* How trajectories ended: classes by exact words, with the words beside them. */
#include "tools/trajectory_answer.h"

struct args {
    struct trajectory_args filter;
    const char *group_by;
};

struct result {
    int64_t total;
    struct str categories, unexpected, reasons, groups;
    struct trajectory_common common;
};

static bool run(struct call *call, const void *in, void *out, struct err *err)
{
    const struct args *args = in;
    struct result *result = out;
    struct selection s;

    if (!trajectories_open(call, &args->filter, &s, &result->common, err))
        return false;
    const struct json *figures = figures_of(call, &s, put_endings);
    result->total = figure_count(figures, "total");
    result->categories = figure_raw(figures, "categories");
    result->unexpected = figure_raw(figures, "unexpected");
    result->reasons = figure_raw(figures, "reasons");
    result->groups = grouped(call, &s, args->group_by, put_endings);
    return true;
}

static const struct field in[] = {
    F_STR(struct args, group_by, .doc = "Also for each of these.", .one_of = group_names),
    TRAJECTORY_FILTERS(struct args),
};

static const struct field out[] = {
    F_INT(struct result, total, .doc = "", .required = true),
    F_RAW(struct result, categories, .doc = "", .type = "object", .required = true),
    F_RAW(struct result, unexpected, .doc = "All but env_done and finish", .type = "object",
          .required = true),
    F_RAW(struct result, reasons, .doc = "Words as written", .type = "array", .required = true),
    F_RAW(struct result, groups, .doc = "The same for each", .type = "object"),
    TRAJECTORY_COMMON(struct result),
};

const struct tool tool_get_termination_stats = {
    .name = "get_termination_stats",
    .title = "How trajectories ended",
    .doc =
        "How episodes ended, by class (env_done, finish, truncation, timeout, error, unknown) "
        "with the words as written beside it; ratios add up to 1. With group_by also per training "
        "or epoch. Call it when asked why episodes stop.",
    .flags = TOOL_READ_ONLY,
    .in = SHAPE(struct args, in),
    .out = SHAPE(struct result, out),
    .run = run,
    .example = "{}",
};
