/* A stored report as text to read or to send. */
#include "analysis/base/limits.h"
#include "tools/report_answer.h"

struct args {
    const char *reportId, *format, *to;
};

struct result {
    const char *reportId, *format, *text, *path, *note;
};

static bool run(struct call *call, const void *in, void *out, struct err *err)
{
    const struct args *args = in;
    struct result *result = out;
    const struct json *blocks;
    struct report report;
    struct buf buf = {0};

    if (!store_load(call->desk->store, args->reportId, call->arena, &report, &blocks, err))
        return false;
    render_markdown(&report, blocks, call->arena, &buf);
    struct str text = finish(&buf, call->arena);
    *result = (struct result){.reportId = report.id, .format = args->format};
    if (strcmp(args->to, "text") == 0 && text.n <= ANSWER_CHARS - 500) {
        result->text = text.p;
        return true;
    }
    if (strcmp(args->to, "text") == 0)
        result->note = arena_printf(call->arena,
                                    "the text has %zu bytes and does not fit an answer, so it was "
                                    "written to a file",
                                    text.n);
    return store_export(call->desk->store, report.id, "md", text, call->arena, &result->path, err);
}

static const char *const formats[] = {"markdown", NULL};
static const char *const targets[] = {"text", "file", NULL};

static const struct field in[] = {
    F_STR(struct args, reportId, .doc = "The report; list_reports names them.", .required = true),
    F_STR(struct args, format, .doc = "Charts become notes that name what they show.",
          .one_of = formats, .def_text = "markdown"),
    F_STR(struct args, to, .doc = "In the answer if it fits, or a file below the reports.",
          .one_of = targets, .def_text = "text"),
};

static const struct field out[] = {
    F_STR(struct result, reportId, .doc = "", .required = true),
    F_STR(struct result, format, .doc = "", .required = true),
    F_STR(struct result, text, .doc = "The report"),
    F_STR(struct result, path, .doc = "The file it was written to"),
    F_STR(struct result, note, .doc = ""),
};

const struct tool tool_export_report = {
    .name = "export_report",
    .title = "A report as Markdown",
    .doc = "The whole report as text, for reading, mailing or a pull request. A long one is "
           "written to a file below the reports directory and its path answered.",
    .flags = TOOL_WRITES | TOOL_IDEMPOTENT,
    .in = SHAPE(struct args, in),
    .out = SHAPE(struct result, out),
    .run = run,
    .example = "{\"reportId\":\"$REPORT\"}",
};
