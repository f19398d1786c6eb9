/* The experiments below the roots, a page of them. */
#include "analysis/base/limits.h"
#include "analysis/walk.h"
#include "tools/answer.h"

#include <stdlib.h>

enum { NEWEST_CHECKPOINTS = 3, REFUSED_NOTED = 5 };

struct args {
    const char *status, *type, *sort;
    int64_t limit, offset;
};

struct row {
    const char *id, *path;
    int64_t created;
    bool hasRLMetrics, hasEvaluation, hasAblation, hasGpuInstance;
    const char *status, *assessed;
    struct strs checkpoints;
    int64_t checkpointCount;
    const char *experimentType, *sourceExperimentId, *sourceCheckpoint, *format;
    int64_t updated; /* for sorting; not shown */
};

struct result {
    struct list experiments;
    int64_t total;
    struct str coverage;
};

/* A copy that outlives the experiment it was read from. */
static const char *kept(struct arena *arena, const char *text)
{
    return text ? arena_text(arena, str_of(text)) : NULL;
}

static void fill_checkpoints(const struct experiment *e, struct arena *one, struct arena *arena,
                             struct row *row)
{
    const struct checkpoint *all;
    size_t n;

    experiment_checkpoints(e, one, &all, &n);
    row->checkpointCount = (int64_t)n;
    size_t shown = n < NEWEST_CHECKPOINTS ? n : NEWEST_CHECKPOINTS;
    const char **names = ARENA_ARRAY(arena, shown, const char *);
    for (size_t i = 0; i < shown; i++)
        names[i] = kept(arena, all[n - 1 - i].filename);
    row->checkpoints = (struct strs){names, shown};
}

/* What was read lives in `one`, what is shown in the call's arena. */
static void fill(struct call *call, const struct experiment *e, struct arena *one, struct row *row)
{
    struct assessed state;

    experiment_assess(e, call->now_ms, one, &state);
    *row = (struct row){.id = kept(call->arena, e->id),
                        .path = kept(call->arena, e->path),
                        .created = e->created_ms,
                        .hasRLMetrics = e->has_rl_metrics,
                        .hasEvaluation = e->has_evaluation,
                        .hasAblation = e->has_ablation,
                        .hasGpuInstance = e->has_gpu_instance,
                        .status = kept(call->arena, state.written),
                        .assessed = kept(call->arena, state.state),
                        .experimentType = experiment_type_name(e->type),
                        .sourceExperimentId = kept(call->arena, e->source_experiment),
                        .sourceCheckpoint = kept(call->arena, e->source_checkpoint),
                        .format = kept(call->arena, e->format),
                        .updated = state.last_update_ms};
    fill_checkpoints(e, one, call->arena, row);
}

static bool wanted(const struct args *args, const struct row *row)
{
    if (args->type && strcmp(args->type, row->experimentType) != 0)
        return false;
    return !args->status || strcmp(args->status, row->assessed) == 0 ||
           (row->status && strcmp(args->status, row->status) == 0);
}

static int by_id(const void *a, const void *b)
{
    return strcmp(((const struct row *)a)->id, ((const struct row *)b)->id);
}

static int by_update(const void *a, const void *b)
{
    const struct row *x = a, *y = b;

    if (x->updated != y->updated)
        return x->updated < y->updated ? 1 : -1;
    return by_id(a, b);
}

static int listed_by_id(const void *a, const void *b)
{
    return strcmp(((const struct listed *)a)->id, ((const struct listed *)b)->id);
}

/*
 * Each experiment is opened, looked at and closed again: thousands of open
 * folders would use up the process's descriptors. False: it is not shown, and
 * the coverage says why unless it was removed since it was listed.
 */
static bool look(struct call *call, const struct listed *listed, struct coverage *coverage,
                 struct row *row)
{
    const struct experiment *e;
    struct arena one;
    struct err err = {0};

    arena_init(&one);
    bool there = catalog_get(call->desk->catalog, listed, &one, &e, &err);
    if (there) {
        struct experiment mine = *e;
        mine.cancelled = call->cancelled;
        experiment_learn(&mine, LISTING_READ_MAX, &one);
        fill(call, &mine, &one, row);
    } else if (err.code != ERR_NOT_FOUND)
        coverage_note(coverage, "%s: %s", listed->id, err.msg);
    arena_fini(&one);
    return there;
}

/*
 * Only what is shown is looked at closely: details of 50 experiments, not of
 * 10,000. A filter, or an order by last update, has to look at all of them.
 */
static bool page(struct call *call, const struct args *args, struct listing *listing,
                 struct coverage *coverage, struct result *result, struct err *err)
{
    bool look_at_all = args->status || args->type || strcmp(args->sort, "updated") == 0;
    size_t from = look_at_all ? 0 : (size_t)args->offset;
    size_t to = look_at_all ? listing->n : from + (size_t)args->limit;
    struct row *rows;
    size_t n = 0;

    if (from > listing->n)
        from = listing->n;
    if (to > listing->n)
        to = listing->n;
    if (strcmp(args->sort, "id") == 0) {
        struct listed *sorted = ARENA_ARRAY(call->arena, listing->n, struct listed);
        memcpy(sorted, listing->v, listing->n * sizeof(*sorted));
        qsort(sorted, listing->n, sizeof(*sorted), listed_by_id);
        listing->v = sorted;
    }
    rows = ARENA_ARRAY(call->arena, to - from + 1, struct row);
    for (size_t i = from; i < to; i++) {
        if (call_cancelled(call, err))
            return false;
        if (look(call, &listing->v[i], coverage, &rows[n]) &&
            (!look_at_all || wanted(args, &rows[n])))
            n++;
    }
    result->total = (int64_t)(look_at_all ? n : listing->n);
    if (look_at_all) {
        if (strcmp(args->sort, "updated") == 0)
            qsort(rows, n, sizeof(*rows), by_update);
        size_t skip = (size_t)args->offset < n ? (size_t)args->offset : n;
        rows += skip;
        n -= skip;
        n = n < (size_t)args->limit ? n : (size_t)args->limit;
    }
    result->experiments = (struct list){rows, n};
    return true;
}

/* Names lie: what is called like a log and is none is told once, on the first page. */
static void note_refused(struct call *call, struct coverage *coverage)
{
    const struct walk_refused *refused;
    size_t n,
        total = catalog_refused(call->desk->catalog, call->arena, REFUSED_NOTED, &refused, &n);

    for (size_t i = 0; i < n; i++)
        coverage_note(coverage, "%s: not a run, because %s", refused[i].path, refused[i].why);
    if (total > n)
        coverage_note(coverage, "%zu more file%s not a run; 'postrun check' names them", total - n,
                      total - n == 1 ? " is" : "s are");
}

static bool run(struct call *call, const void *in, void *out, struct err *err)
{
    struct result *result = out;
    struct listing listing;
    struct coverage coverage;

    coverage_init(&coverage, call->arena);
    catalog_list(call->desk->catalog, call->arena, &listing, &coverage);
    if (!page(call, in, &listing, &coverage, result, err))
        return false;
    if (((const struct args *)in)->offset == 0)
        note_refused(call, &coverage);
    result->coverage = coverage_json(&coverage, call->arena);
    return true;
}

static const char *const types[] = {"lm", "rl", "unknown", NULL};
static const char *const orders[] = {"created", "id", "updated", NULL};

static const struct field in[] = {
    F_STR(struct args, status, .doc = "Only these: the written word or the assessed state."),
    F_STR(struct args, type, .doc = "Only these.", .one_of = types),
    F_INT(struct args, limit, .doc = "At most so many.", .has_min = true, .min = 1, .has_max = true,
          .max = 1000, .has_def = true, .def = 50),
    F_INT(struct args, offset, .doc = "Skip so many.", .has_min = true, .min = 0, .has_max = true,
          .max = 1e9, .has_def = true, .def = 0),
    F_STR(struct args, sort, .doc = "Newest first, or by id.", .one_of = orders,
          .def_text = "created"),
};

static const struct field row_fields[] = {
    F_STR(struct row, id, .doc = "", .required = true),
    F_STR(struct row, path, .doc = "", .required = true),
    F_INT(struct row, created, .doc = "ms UTC", .nullable = true),
    F_BOOL(struct row, hasRLMetrics, .doc = "", .required = true),
    F_BOOL(struct row, hasEvaluation, .doc = "", .required = true),
    F_BOOL(struct row, hasAblation, .doc = "", .required = true),
    F_BOOL(struct row, hasGpuInstance, .doc = "", .required = true),
    F_STR(struct row, status, .doc = "As written", .nullable = true),
    F_STR(struct row, assessed, .doc = "The state the evidence shows", .required = true),
    F_STRS(struct row, checkpoints, .doc = "The newest 3", .required = true),
    F_INT(struct row, checkpointCount, .doc = "", .required = true),
    F_STR(struct row, experimentType, .doc = "lm, rl or unknown", .required = true),
    F_STR(struct row, sourceExperimentId, .doc = "", .nullable = true),
    F_STR(struct row, sourceCheckpoint, .doc = "", .nullable = true),
    F_STR(struct row, format, .doc = "The layout it was recognised by", .required = true),
};
static const struct shape row_shape = SHAPE(struct row, row_fields);

static const struct field out[] = {
    F_LIST(struct result, experiments, .doc = "", .of = &row_shape, .required = true),
    F_INT(struct result, total, .doc = "Of all that fit the filter", .required = true),
    F_RAW(struct result, coverage, .doc = "", .type = "object", .required = true),
};

const struct tool tool_list_experiments = {
    .name = "list_experiments",
    .title = "Which experiments there are",
    .doc = "The training runs found, newest first: type (lm, rl), status as written and as "
           "assessed, which data they have. Call it first; other tools take an id from it as "
           "expId.",
    .flags = TOOL_READ_ONLY,
    .in = SHAPE(struct args, in),
    .out = SHAPE(struct result, out),
    .run = run,
    .example = "{\"limit\":5}",
};
