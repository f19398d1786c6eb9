/* The ways to fill a report. */
#include "reports/patterns/pattern.h"
#include "tools/tool.h"

struct row {
    const char *name, *description;
};

struct result {
    struct list patterns;
};

static bool run(struct call *call, const void *in, void *out, struct err *err)
{
    struct result *result = out;
    size_t n = 0;

    (void)in;
    (void)err;
    while (patterns[n])
        n++;
    struct row *rows = ARENA_ARRAY(call->arena, n, struct row);
    for (size_t i = 0; i < n; i++)
        rows[i] = (struct row){patterns[i]->name, patterns[i]->description};
    result->patterns = (struct list){rows, n};
    return true;
}

static const struct field row_fields[] = {
    F_STR(struct row, name, .doc = "", .required = true),
    F_STR(struct row, description, .doc = "", .required = true),
};
static const struct shape row_shape = SHAPE(struct row, row_fields);

static const struct field out[] = {
    F_LIST(struct result, patterns, .doc = "", .of = &row_shape, .required = true),
};

const struct tool tool_list_patterns = {
    .name = "list_patterns",
    .title = "The patterns a report can be made from",
    .doc = "The report patterns for generate_report: post-training is complete for a run, the last "
           "three for agents.",
    .flags = TOOL_READ_ONLY | TOOL_QUICK,
    .out = SHAPE(struct result, out),
    .run = run,
    .example = "{}",
};
