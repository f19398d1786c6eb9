/* How an experiment stands: the word it wrote, and what the evidence says. */
#include "analysis/base/limits.h"
#include "analysis/readers/reader.h"
#include "analysis/walk.h"
#include "tools/small_file.h"

/* What is around the file: ids, the assessment, coverage. */
enum { AROUND = 3000, WHY_CHARS_MAX = 1000 };

struct args {
    const char *expId;
};

struct state {
    const char *state, *why;
    int64_t asOf, lastUpdate;
    double progress;
};

struct result {
    const char *expId;
    struct str status;
    const void *assessed;
    struct str coverage;
};

/* No status file, but what the state was judged by. */
static void cover_sources(const struct experiment *experiment, struct coverage *coverage)
{
    for (size_t i = 0; i < experiment->sources_n; i++)
        coverage_source(coverage, experiment->sources[i].path, experiment->sources[i].reader->name,
                        experiment->sources[i].why);
}

static bool run(struct call *call, const void *in, void *out, struct err *err)
{
    const struct args *args = in;
    struct result *result = out;
    const struct experiment *experiment;
    struct assessed found;
    struct document written;
    struct coverage coverage;
    struct state *state = ARENA_NEW(call->arena, struct state);

    if (!open_experiment(call, args->expId, &experiment, err))
        return false;
    coverage_init(&coverage, call->arena);
    experiment_document(experiment, FILE_STATUS, call->arena, &written);
    experiment_assess(experiment, call->now_ms, call->arena, &found);
    /* the evidence may quote the status word */
    const char *why = clean_text(call->arena, str_of(found.why), WHY_CHARS_MAX);
    *state = (struct state){found.state, why, found.as_of_ms, found.last_update_ms, found.progress};
    *result = (struct result){.expId = experiment->id, .assessed = state};
    if (written.json)
        result->status = fit_data(call->arena, written.json, ANSWER_CHARS - AROUND, &coverage);
    if (written.exists)
        coverage_source(&coverage, written.path, "json", "the trainer's own word");
    if (written.why)
        coverage_note(&coverage, "%s: %s", written.path, written.why);
    if (experiment->sources_n > 0)
        cover_sources(experiment, &coverage);
    else if (!written.exists)
        coverage_note(&coverage, "no dashboard_metrics/status.json");
    result->coverage = coverage_json(&coverage, call->arena);
    return true;
}

static const struct field in[] = {F_EXP_ID(struct args)};

static const struct field state_fields[] = {
    F_STR(struct state, state, .doc = "finished, running, stalled, interrupted, crashed, unknown",
          .required = true),
    F_STR(struct state, why, .doc = "The evidence", .required = true),
    F_INT(struct state, asOf, .doc = "When this was judged, ms UTC", .required = true),
    F_INT(struct state, lastUpdate, .doc = "Latest time inside the files, ms UTC",
          .nullable = true),
    F_NUM(struct state, progress, .doc = "0 to 1", .nullable = true),
};
static const struct shape state_shape = SHAPE(struct state, state_fields);

static const struct field out[] = {
    F_STR(struct result, expId, .doc = "", .required = true),
    F_RAW(struct result, status, .doc = "status.json, its texts cleaned", .type = "object",
          .nullable = true),
    F_ONE(struct result, assessed, .doc = "What the evidence says", .of = &state_shape,
          .required = true),
    F_RAW(struct result, coverage, .doc = "What was read", .type = "object", .required = true),
};

const struct tool tool_get_status = {
    .name = "get_status",
    .title = "How an experiment stands",
    .doc = "The status an experiment wrote, and the state its files show (finished, running, "
           "stalled, interrupted, crashed) with the evidence. Call it before judging a run: a "
           "written status may be stale.",
    .flags = TOOL_READ_ONLY | TOOL_QUICK,
    .in = SHAPE(struct args, in),
    .out = SHAPE(struct result, out),
    .run = run,
    .ready = experiment_ready,
    .example = "{\"expId\":\"$LM\"}",
};
