/* Changes a stored report: title, blocks, or both. */
#include "reports/blocks/block.h"
#include "tools/report_answer.h"

struct args {
    const char *reportId, *title;
    struct str blocks;
    int64_t expectedUpdatedAt;
    bool echo;
};

struct result {
    const void *report;
    const char *path, *url;
};

static bool run(struct call *call, const void *in, void *out, struct err *err)
{
    const struct args *args = in;
    struct result *result = out;
    struct report_row *row = ARENA_NEW(call->arena, struct report_row);
    struct report_change change = {.title = args->title,
                                   .blocks = args->blocks,
                                   .expected_updated_ms = args->expectedUpdatedAt};
    const struct json *tree = NULL;
    struct report report;

    if (args->blocks.p) {
        tree = json_parse(call->arena, args->blocks, JSON_STRICT, 512, err);
        if (!tree || !blocks_check(tree, err))
            return false;
        change.block_count = tree->count;
    }
    if (!store_update(call->desk->store, args->reportId, &change, call->now_ms, call->arena,
                      &report, err) ||
        !report_answer(&report, tree, args->echo ? ECHO_ALWAYS : ECHO_NEVER, call->arena, row, err))
        return false;
    *result = (struct result){row, report_file(call->desk, report.id, call->arena),
                              report_url(call->desk, report.id, call->arena)};
    return true;
}

static const struct field in[] = {
    F_STR(struct args, reportId, .doc = "The report; list_reports names them.", .required = true),
    F_STR(struct args, title, .doc = "The new title; else unchanged."),
    F_RAW(struct args, blocks, .doc = "All blocks anew (BlockNote); else unchanged.",
          .type = "array"),
    F_INT(struct args, expectedUpdatedAt, .doc = "Refuse if it was changed since this time."),
    F_BOOL(struct args, echo, .doc = "Answer with the blocks as saved.", .has_def = true),
};

static const struct field out[] = {
    F_ONE(struct result, report, .doc = "", .of = &report_row_shape, .required = true),
    F_STR(struct result, path, .doc = "The report's file"),
    F_STR(struct result, url, .doc = "With --dashboard-url only"),
};

const struct tool tool_update_report = {
    .name = "update_report",
    .title = "Change a stored report",
    .doc = "Replaces the title or all blocks of a report; what is left out stays. Blocks are "
           "checked and kept byte for byte. Get them with get_report first, and send "
           "expectedUpdatedAt so that nobody's change is lost.",
    .flags = TOOL_WRITES | TOOL_DESTRUCTIVE,
    .in = SHAPE(struct args, in),
    .out = SHAPE(struct result, out),
    .run = run,
    .example = "{\"reportId\":\"$REPORT\",\"title\":\"A better title\"}",
};
