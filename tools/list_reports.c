/* The stored reports, newest change first. */
#include "tools/answer.h"

struct args {
    int64_t limit, offset;
};

struct row {
    const char *id, *title, *pattern, *experimentId;
    int64_t createdAt, updatedAt, blockCount;
};

struct result {
    struct list reports;
    int64_t total;
    const char *directory;
    struct str coverage;
};

static bool run(struct call *call, const void *in, void *out, struct err *err)
{
    const struct args *args = in;
    struct result *result = out;
    struct report_list list;
    struct coverage coverage;

    coverage_init(&coverage, call->arena);
    if (!store_list(call->desk->store, (size_t)args->limit, (size_t)args->offset, call->arena,
                    &list, err))
        return false;
    struct row *rows = ARENA_ARRAY(call->arena, list.n, struct row);
    for (size_t i = 0; i < list.n; i++) {
        const struct report *r = &list.v[i];
        rows[i] = (struct row){r->id,         r->title,      r->pattern,    r->experiment_id,
                               r->created_ms, r->updated_ms, r->block_count};
    }
    if (list.skipped)
        coverage_note(&coverage, "%zu files are no reports; the first: %s", list.skipped,
                      list.first_skipped);
    *result = (struct result){{rows, list.n},
                              (int64_t)list.total,
                              store_path(call->desk->store),
                              coverage_json(&coverage, call->arena)};
    return true;
}

static const struct field in[] = {
    F_INT(struct args, limit, .doc = "At most so many.", .has_min = true, .min = 1, .has_max = true,
          .max = 1000, .has_def = true, .def = 50),
    F_INT(struct args, offset, .doc = "Skip so many.", .has_min = true, .min = 0, .has_max = true,
          .max = 1e9, .has_def = true, .def = 0),
};

static const struct field row_fields[] = {
    F_STR(struct row, id, .doc = "", .required = true),
    F_STR(struct row, title, .doc = "", .required = true),
    F_STR(struct row, pattern, .doc = ""),
    F_STR(struct row, experimentId, .doc = ""),
    F_INT(struct row, createdAt, .doc = "ms UTC", .required = true),
    F_INT(struct row, updatedAt, .doc = "ms UTC", .required = true),
    F_INT(struct row, blockCount, .doc = "", .required = true),
};
static const struct shape row_shape = SHAPE(struct row, row_fields);

static const struct field out[] = {
    F_LIST(struct result, reports, .doc = "", .of = &row_shape, .required = true),
    F_INT(struct result, total, .doc = "", .required = true),
    F_STR(struct result, directory, .doc = "Where they are", .nullable = true),
    F_RAW(struct result, coverage, .doc = "", .type = "object", .required = true),
};

const struct tool tool_list_reports = {
    .name = "list_reports",
    .title = "The stored reports",
    .doc = "Reports with title, experiment and times, newest change first, without their blocks. "
           "Call it to find a reportId.",
    .flags = TOOL_READ_ONLY,
    .in = SHAPE(struct args, in),
    .out = SHAPE(struct result, out),
    .run = run,
    .example = "{\"limit\":5}",
};
