/* Removes a stored report, on an explicit word. */
#include "tools/answer.h"

struct args {
    const char *reportId;
    bool confirm;
};

struct result {
    const char *deleted;
};

static bool run(struct call *call, const void *in, void *out, struct err *err)
{
    const struct args *args = in;
    struct result *result = out;

    if (!args->confirm)
        return err_set(err, ERR_ARGUMENT,
                       "confirm must be true: deleting a report cannot be undone.");
    if (!store_remove(call->desk->store, args->reportId, err))
        return false;
    result->deleted = args->reportId;
    return true;
}

static const struct field in[] = {
    F_STR(struct args, reportId, .doc = "The report; list_reports names them.", .required = true),
    F_BOOL(struct args, confirm, .doc = "Must be true: it cannot be undone.", .required = true),
};

static const struct field out[] = {
    F_STR(struct result, deleted, .doc = "The id", .required = true),
};

const struct tool tool_delete_report = {
    .name = "delete_report",
    .title = "Delete a stored report",
    .doc = "Removes a report for good. Only when the user asked for it; confirm must be true.",
    .flags = TOOL_WRITES | TOOL_DESTRUCTIVE,
    .in = SHAPE(struct args, in),
    .out = SHAPE(struct result, out),
    .run = run,
    .example = "{\"reportId\":\"$REPORT\",\"confirm\":true}",
};
