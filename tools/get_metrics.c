/* The logged points of an experiment: the newest, or the whole history reduced to what fits. */
#include "tools/metrics_answer.h"

#include "analysis/base/limits.h"

struct args {
    const char *expId, *mode, *layout;
    int64_t window, maxPoints, fromStep, toStep, maxChars;
    struct strs keys;
};

struct result {
    const char *expId;
    struct str points, columns;
    int64_t totalPoints, originalCount;
    bool downsampled;
    struct str summary, coverage;
};

static bool is_recent(const struct args *args)
{
    return strcmp(args->mode, "recent") == 0;
}

/* recent without a range reads the file's tail only, whatever its size. */
static bool load(const struct args *args, const struct experiment *experiment, struct call *call,
                 const struct rows_view **view, struct err *err)
{
    bool ranged = args->fromStep != NOT_GIVEN || args->toStep != NOT_GIVEN;
    struct strs wanted = metrics_wanted(&args->keys, call->arena);

    if (is_recent(args) && !ranged)
        return experiment_tail(experiment, (size_t)args->window, call->arena, view, err);
    return experiment_rows(experiment, args->keys.n ? &wanted : NULL, call->arena, view, err);
}

static void note_rest(const struct args *args, const struct metrics_answer *m, bool columns)
{
    static const char kept[] = "first, last, extremes, non-finite and restarts are kept, the rest "
                               "chosen by LTTB";
    size_t scope = m->to - m->from;

    if (!m->thinned)
        return;
    if (is_recent(args) && columns)
        coverage_note(m->coverage,
                      "columns hold the newest %zu points at most, of the last %zu rows; mode "
                      "\"historical\" shows all of the run reduced, maxPoints gives more at once",
                      m->returned, scope);
    else if (is_recent(args))
        coverage_note(m->coverage,
                      "the newest %zu of the last %zu rows fit; get_metrics(mode \"historical\") "
                      "shows all of the run reduced, maxPoints gives more at once",
                      m->returned, scope);
    else
        coverage_note(m->coverage,
                      columns ? "columns hold %zu points at most, of %zu rows (%s); summary is of "
                                "all rows; fromStep and toStep show a part more closely"
                              : "%zu of %zu rows are shown (%s); summary is of all rows; fromStep "
                                "and toStep show a part more closely",
                      m->returned, scope, kept);
}

static bool answer(const struct args *args, struct metrics_answer *m, struct result *result,
                   struct err *err)
{
    size_t scope = m->to - m->from;
    bool columns = strcmp(args->layout, "columns") == 0;

    m->newest_only = is_recent(args);
    m->max_points = args->maxPoints == NOT_GIVEN ? 0 : (size_t)args->maxPoints;
    m->max_chars = args->maxChars == NOT_GIVEN ? ANSWER_CHARS : (size_t)args->maxChars;
    metrics_summarize(m);
    if (!(columns ? metrics_put_columns(m, err) : metrics_put_points(m, err)))
        return false;
    *(columns ? &result->columns : &result->points) = m->text;
    result->totalPoints = (int64_t)m->returned;
    result->originalCount = (int64_t)scope;
    result->downsampled = m->thinned;
    m->coverage->points_read = (int64_t)scope;
    m->coverage->points_returned = (int64_t)m->returned;
    note_rest(args, m, columns);
    result->summary = m->summary;
    return true;
}

static bool run(struct call *call, const void *in, void *out, struct err *err)
{
    const struct args *args = in;
    struct result *result = out;
    const struct experiment *experiment;
    const struct rows_view *view;
    struct coverage coverage;
    struct metrics_answer m = {.arena = call->arena, .coverage = &coverage};

    coverage_init(&coverage, call->arena);
    if (!open_experiment(call, args->expId, &experiment, err) ||
        !load(args, experiment, call, &view, err))
        return false;
    result->expId = experiment->id;
    if (!view) {
        experiment_cover_rowless(experiment, call->arena, &coverage);
        if (experiment->sources_n > 0)
            coverage_note(&coverage, "no file of this run holds a metric");
        else
            coverage_note(&coverage, "there is no dashboard_metrics/metrics.jsonl%s",
                          experiment->has_rl_metrics ? "; get_rl_metrics has this run's history"
                                                     : "");
        *(strcmp(args->layout, "columns") == 0 ? &result->columns : &result->points) =
            strcmp(args->layout, "columns") == 0 ? STR("{}") : STR("[]");
        result->totalPoints = result->originalCount = 0;
        result->summary = STR("{}");
        result->coverage = coverage_json(&coverage, call->arena);
        return true;
    }
    m.view = view;
    if (!metrics_choose_keys(&m, &args->keys, err))
        return false;
    metrics_scope(&m, args->fromStep, args->toStep, is_recent(args) ? (size_t)args->window : 0);
    rows_cover(view, &coverage);
    if (!answer(args, &m, result, err))
        return false;
    result->coverage = coverage_json(&coverage, call->arena);
    return true;
}

static bool fingerprint(struct call *call, const void *in, struct buf *key)
{
    const struct args *args = in;
    const struct experiment *experiment;

    if (!experiment_known(call, args->expId, &experiment))
        return false;
    fingerprint_metrics(experiment, key);
    buf_byte(key, experiment->has_rl_metrics ? 'r' : '-'); /* a note depends on it */
    return true;
}

static const char *const modes[] = {"recent", "historical", NULL};
static const char *const layouts[] = {"points", "columns", NULL};

static const struct field in[] = {
    F_EXP_ID(struct args),
    F_STR(struct args, mode, .doc = "The last rows, or all of them reduced.", .one_of = modes,
          .def_text = "recent"),
    F_INT(struct args, window, .doc = "recent: how many rows from the end.", .has_min = true,
          .min = 1, .has_max = true, .max = 1e6, .has_def = true, .def = 5000),
    F_INT(struct args, maxPoints, .doc = "Exactly this many at most; else what fits an answer.",
          .has_min = true, .min = 1, .has_max = true, .max = 20000),
    F_STRS(struct args, keys, .doc = "Only these metrics; else all."),
    F_INT(struct args, fromStep, .doc = "From this step on."),
    F_INT(struct args, toStep, .doc = "Up to and with this step."),
    F_STR(struct args, layout, .doc = "Rows as logged, or step and value lists a metric.",
          .one_of = layouts, .def_text = "points"),
    F_INT(struct args, maxChars, .doc = "Size of the answer in characters.", .has_min = true,
          .min = 1000, .has_max = true, .max = 3e6),
};

static const struct field out[] = {
    F_STR(struct result, expId, .doc = "", .required = true),
    F_RAW(struct result, points, .doc = "Rows with the numbers as they were logged",
          .type = "array"),
    F_RAW(struct result, columns, .doc = "{metric: {step: [], value: []}}", .type = "object"),
    F_INT(struct result, totalPoints, .doc = "Rows returned, or points of the longest column",
          .required = true),
    F_INT(struct result, originalCount, .doc = "Rows in scope", .required = true),
    F_BOOL(struct result, downsampled, .doc = "Not every point in scope is returned",
           .required = true),
    F_RAW(struct result, summary, .doc = "By metric, of all rows in scope", .type = "object",
          .required = true),
    F_RAW(struct result, coverage, .doc = "What was read and what could not be used",
          .type = "object", .required = true),
};

const struct tool tool_get_metrics = {
    .name = "get_metrics",
    .title = "The logged metrics of an experiment",
    .doc = "Training curves (loss, learning rate, speed …): the newest rows, or with mode "
           "historical the whole run reduced to fit, extremes and NaN kept. summary covers every "
           "row. For RL runs use get_rl_metrics; for one exact number query_metric.",
    .flags = TOOL_READ_ONLY,
    .in = SHAPE(struct args, in),
    .out = SHAPE(struct result, out),
    .run = run,
    .fingerprint = fingerprint,
    .example = "{\"expId\":\"$LM\",\"mode\":\"historical\",\"maxPoints\":20,"
               "\"keys\":[\"Losses/Total\"]}",
};
