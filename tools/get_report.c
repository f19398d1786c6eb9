/* A stored report, or some of its blocks. */
#include "analysis/base/limits.h"
#include "tools/report_answer.h"

struct args {
    const char *reportId;
    int64_t from, count;
};

struct result {
    const void *report;
    int64_t from, count;
    const char *path, *url, *note;
};

/* Blocks from .. as many as were asked for, or as fit. */
static struct str slice(struct call *call, const struct json *blocks, struct result *result,
                        int64_t from, int64_t count)
{
    struct buf text = {0};
    int64_t at = 0, taken = 0;

    buf_byte(&text, '[');
    json_each (block, blocks) {
        bool wanted = at++ >= from && (count == NOT_GIVEN || taken < count);
        if (!wanted)
            continue;
        if (count == NOT_GIVEN && taken > 0 && text.n + block->raw.n > ANSWER_CHARS - 4000)
            break;
        if (taken++)
            buf_byte(&text, ',');
        buf_add(&text, block->raw);
    }
    buf_byte(&text, ']');
    result->from = from;
    result->count = taken;
    if (from + taken < at || (size_t)(from + taken) < blocks->count)
        result->note =
            arena_printf(call->arena, "more blocks follow: from %lld", (long long)from + taken);
    return finish(&text, call->arena);
}

static bool run(struct call *call, const void *in, void *out, struct err *err)
{
    const struct args *args = in;
    struct result *result = out;
    struct report_row *row = ARENA_NEW(call->arena, struct report_row);
    const struct json *blocks;
    struct report report;

    if (!store_load(call->desk->store, args->reportId, call->arena, &report, &blocks, err) ||
        !report_answer(&report, blocks, ECHO_NEVER, call->arena, row, err))
        return false;
    result->report = row;
    row->blocks = slice(call, blocks, result, args->from, args->count);
    result->path = report_file(call->desk, report.id, call->arena);
    result->url = report_url(call->desk, report.id, call->arena);
    return true;
}

static const struct field in[] = {
    F_STR(struct args, reportId, .doc = "The report; list_reports names them.", .required = true),
    F_INT(struct args, from, .doc = "First block, from 0.", .has_min = true, .min = 0,
          .has_max = true, .max = 1e9, .has_def = true, .def = 0),
    F_INT(struct args, count, .doc = "How many blocks; else as many as fit.", .has_min = true,
          .min = 1, .has_max = true, .max = 10000),
};

static const struct field out[] = {
    F_ONE(struct result, report, .doc = "", .of = &report_row_shape, .required = true),
    F_INT(struct result, from, .doc = "First block here", .required = true),
    F_INT(struct result, count, .doc = "Blocks here", .required = true),
    F_STR(struct result, path, .doc = "The report's file"),
    F_STR(struct result, url, .doc = "With --dashboard-url only"),
    F_STR(struct result, note, .doc = "How to get the rest"),
};

const struct tool tool_get_report = {
    .name = "get_report",
    .title = "A stored report",
    .doc = "A report with its outline and its blocks, from a given block on if it is long. Call "
           "it before update_report; to read it as text use export_report.",
    .flags = TOOL_READ_ONLY | TOOL_QUICK,
    .in = SHAPE(struct args, in),
    .out = SHAPE(struct result, out),
    .run = run,
    .example = "{\"reportId\":\"$REPORT\",\"count\":2}",
};
