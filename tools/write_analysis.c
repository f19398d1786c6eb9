/* The analysis of a run as a file beside its data: what its workflow asks for at the end. */
#include "analysis/files.h"
#include "reports/analysis_file.h"
#include "reports/whole_file.h"
#include "tools/answer.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

struct args {
    const char *expId;
};

struct result {
    const char *expId, *path;
    int64_t bytes;
    bool replaced;
    const char *verdict, *verdictRule;
    struct strs recommendations;
    struct str coverage;
};

/* The experiment's own descriptor may be one that only finds names. */
static bool write_there(const struct experiment *experiment, struct str text, bool *replaced,
                        struct err *err)
{
    int dir = file_open(experiment->dir, ".", O_RDONLY | O_DIRECTORY);

    if (dir < 0)
        return err_errno(err, "cannot write into experiment '%s'", experiment->id);
    bool ok = marked_file_write(dir, ANALYSIS_FILE, STR(ANALYSIS_MARK), text, replaced, err);
    close(dir);
    return ok || err_wrap(err, "experiment '%s'", experiment->id);
}

static struct strs advised(const struct analysis *analysis, struct arena *arena)
{
    size_t n = analysis->recommendations_n;
    const char **texts = ARENA_ARRAY(arena, n, const char *);

    for (size_t i = 0; i < n; i++) {
        const struct recommendation *r = &analysis->recommendations[i];
        texts[i] = arena_printf(arena, "%s: %s (%s)", r->advice->key,
                                r->advice->to ? r->advice->to : "change it", r->because);
    }
    return (struct strs){texts, n};
}

static bool run(struct call *call, const void *in, void *out, struct err *err)
{
    const struct args *args = in;
    struct result *result = out;
    const struct experiment *experiment;
    const struct analysis *analysis;
    struct coverage coverage;
    struct buf text = {0};

    coverage_init(&coverage, call->arena);
    if (!open_experiment(call, args->expId, &experiment, err) ||
        !analyze(experiment, call->arena, &coverage, &analysis, err))
        return false;
    analysis_file_text(analysis, &coverage, call->arena, &text);
    struct str whole = finish(&text, call->arena);
    if (!write_there(experiment, whole, &result->replaced, err))
        return false;
    result->expId = experiment->id;
    result->path = arena_printf(call->arena, "%s/%s", experiment->path, ANALYSIS_FILE);
    result->bytes = (int64_t)whole.n;
    result->verdict = analysis->verdict;
    result->verdictRule = analysis->verdict_rule;
    result->recommendations = advised(analysis, call->arena);
    result->coverage = coverage_json(&coverage, call->arena);
    return true;
}

static const struct field in[] = {F_EXP_ID(struct args)};

static const struct field out[] = {
    F_STR(struct result, expId, .doc = "", .required = true),
    F_STR(struct result, path, .doc = "The file", .required = true),
    F_INT(struct result, bytes, .doc = "", .required = true),
    F_BOOL(struct result, replaced, .doc = "An older analysis of ours", .required = true),
    F_STR(struct result, verdict, .doc = "", .required = true),
    F_STR(struct result, verdictRule, .doc = "", .required = true),
    F_STRS(struct result, recommendations, .doc = "First things first", .required = true),
    F_RAW(struct result, coverage, .doc = "", .type = "object", .required = true),
};

const struct tool tool_write_analysis = {
    .name = "write_analysis",
    .title = "The analysis as a file of the run",
    .doc = "Writes analysis.md into the experiment's directory: verdict, evidence, findings, "
           "recommendations, limitations, capacity, win rate, how to check. Call it when the user "
           "wants the analysis kept beside the run. Never replaces a file it did not write.",
    .flags = TOOL_WRITES | TOOL_IDEMPOTENT,
    .in = SHAPE(struct args, in),
    .out = SHAPE(struct result, out),
    .run = run,
    .example = "{\"expId\":\"$LM\"}",
};
