/* Builds a report of an experiment by a pattern, and stores it. */
#include "reports/patterns/pattern.h"
#include "reports/blocks/block.h"
#include "tools/report_answer.h"

struct args {
    const char *pattern, *experimentId, *title;
};

struct about {
    const char *experimentId, *experimentType, *verdict, *verdictRule, *risk;
    struct strs redFlags;
    int64_t figures;
};

struct result {
    const void *report;
    const char *path, *url;
    const void *summary;
    struct str coverage;
};

static const struct about *about(struct call *call, const char *experiment_id,
                                 const struct pattern_summary *summary)
{
    struct about *a = ARENA_NEW(call->arena, struct about);

    if (!summary->verdict)
        return NULL;
    *a = (struct about){
        experiment_id, summary->experiment_type, summary->verdict, summary->verdict_rule,
        summary->risk, summary->red_flags,       summary->figures};
    return a;
}

static bool save(struct call *call, const struct args *args, const struct pattern *pattern,
                 struct str blocks, struct result *result, struct err *err)
{
    struct report_row *row = ARENA_NEW(call->arena, struct report_row);
    const char *title = args->title && *args->title
                            ? args->title
                            : pattern_title(pattern, args->experimentId, call->arena);
    const struct json *tree = json_parse(call->arena, blocks, JSON_STRICT, 512, err);
    struct report report = {.title = title,
                            .pattern = pattern->name,
                            .experiment_id = args->experimentId,
                            .blocks = blocks};

    if (!tree || !blocks_check(tree, err))
        return false;
    report.block_count = tree->count;
    if (!store_create(call->desk->store, &report, call->now_ms, call->arena, err) ||
        !report_answer(&report, tree, ECHO_IF_IT_FITS, call->arena, row, err))
        return false;
    result->report = row;
    result->path = report_file(call->desk, report.id, call->arena);
    result->url = report_url(call->desk, report.id, call->arena);
    return true;
}

/* What the report is about; the pattern finds its trainings itself. */
static bool open_subject(struct call *call, const struct pattern *pattern,
                         struct pattern_input *input, struct err *err)
{
    if (!pattern->of_trainings)
        return open_experiment(call, input->experiment_id, &input->experiment, err);
    return library_look(call->desk->library, call->cancelled, call->arena, &input->trajectories,
                        input->coverage, err);
}

static bool run(struct call *call, const void *in, void *out, struct err *err)
{
    const struct args *args = in;
    struct result *result = out;
    struct coverage coverage;
    struct pattern_summary summary = {0};
    struct pattern_input input = {.experiment_id = args->experimentId,
                                  .arena = call->arena,
                                  .now_ms = call->now_ms,
                                  .coverage = &coverage,
                                  .summary = &summary};
    struct blocks blocks = {0};
    const struct pattern *pattern = pattern_find(args->pattern, err);

    coverage_init(&coverage, call->arena);
    if (!pattern || !open_subject(call, pattern, &input, err))
        return false;
    bool ok = pattern_build(pattern, &input, &blocks, err) &&
              save(call, args, pattern, arena_str(call->arena, blocks_end(&blocks)), result, err);
    blocks_fini(&blocks);
    if (!ok)
        return false;
    result->summary = about(call, args->experimentId, &summary);
    result->coverage = coverage_json(&coverage, call->arena);
    return true;
}

static const struct field in[] = {
    F_STR(struct args, pattern, .doc = "post-training for the complete report; see list_patterns.",
          .required = true),
    F_STR(struct args, experimentId, .doc = "Or a training_id, for agents.", .required = true),
    F_STR(struct args, title, .doc = "Else the pattern's own."),
};

static const struct field about_fields[] = {
    F_STR(struct about, experimentId, .doc = "", .required = true),
    F_STR(struct about, experimentType, .doc = "", .required = true),
    F_STR(struct about, verdict, .doc = "", .required = true),
    F_STR(struct about, verdictRule, .doc = "", .required = true),
    F_STR(struct about, risk, .doc = "", .required = true),
    F_STRS(struct about, redFlags, .doc = "", .required = true),
    F_INT(struct about, figures, .doc = "", .required = true),
};
static const struct shape about_shape = SHAPE(struct about, about_fields);

static const struct field out[] = {
    F_ONE(struct result, report, .doc = "", .of = &report_row_shape, .required = true),
    F_STR(struct result, path, .doc = "The report's file"),
    F_STR(struct result, url, .doc = "With --dashboard-url only"),
    F_ONE(struct result, summary, .doc = "post-training only: what to tell the user",
          .of = &about_shape),
    F_RAW(struct result, coverage, .doc = "", .type = "object", .required = true),
};

const struct tool tool_generate_report = {
    .name = "generate_report",
    .title = "Build and store a report",
    .doc = "Makes and stores a report, every number from the data. post-training: a run in full, "
           "with verdict and next step. trajectory-analysis, failure-analysis, "
           "training-comparison (ids with commas): agents. Add what you know: update_report.",
    .flags = TOOL_WRITES,
    .in = SHAPE(struct args, in),
    .out = SHAPE(struct result, out),
    .run = run,
    .example = "{\"pattern\":\"post-training\",\"experimentId\":\"$LM\"}",
};
