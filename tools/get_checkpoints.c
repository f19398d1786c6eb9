/* The checkpoints of an experiment, by name and size; never opened. */
#include "tools/answer.h"

struct args {
    const char *expId;
};

struct row {
    const char *filename, *path;
    int64_t sizeBytes, modified;
    const char *phase;
    int64_t epoch;
};

struct result {
    const char *expId;
    struct list checkpoints;
};

static bool run(struct call *call, const void *in, void *out, struct err *err)
{
    const struct args *args = in;
    struct result *result = out;
    const struct experiment *experiment;
    const struct checkpoint *found;
    size_t n;

    if (!open_experiment(call, args->expId, &experiment, err))
        return false;
    experiment_checkpoints(experiment, call->arena, &found, &n);
    struct row *rows = ARENA_ARRAY(call->arena, n, struct row);
    for (size_t i = 0; i < n; i++)
        rows[i] = (struct row){found[i].filename,    found[i].path,  found[i].size_bytes,
                               found[i].modified_ms, found[i].phase, found[i].epoch};
    *result = (struct result){experiment->id, {rows, n}};
    return true;
}

static const struct field in[] = {F_EXP_ID(struct args)};

static const struct field row_fields[] = {
    F_STR(struct row, filename, .doc = "", .required = true),
    F_STR(struct row, path, .doc = "", .required = true),
    F_INT(struct row, sizeBytes, .doc = "", .required = true),
    F_INT(struct row, modified, .doc = "ms UTC", .required = true),
    F_STR(struct row, phase, .doc = "foundational, rl, final, unknown", .required = true),
    F_INT(struct row, epoch, .doc = "Epoch or iteration in the name"),
};
static const struct shape row_shape = SHAPE(struct row, row_fields);

static const struct field out[] = {
    F_STR(struct result, expId, .doc = "", .required = true),
    F_LIST(struct result, checkpoints, .doc = "Oldest first; [] if the run has none",
           .of = &row_shape, .required = true),
};

const struct tool tool_get_checkpoints = {
    .name = "get_checkpoints",
    .title = "The checkpoints of an experiment",
    .doc = "Checkpoint files with phase, epoch, size and time, oldest first. Call it to name the "
           "checkpoint to resume from or to keep. Files are never opened.",
    .flags = TOOL_READ_ONLY | TOOL_QUICK,
    .in = SHAPE(struct args, in),
    .out = SHAPE(struct result, out),
    .run = run,
    .ready = experiment_ready,
    .example = "{\"expId\":\"$LM\"}",
};
