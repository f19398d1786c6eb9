#include "tools/describe.h"
#include "analysis/casting.h"
#include "analysis/readers/reader.h"
#include "analysis/subject.h"
#include "analysis/walk.h"

#include <math.h>

enum {
    SERIES_SHOWN = 100,
    CONFIG_KEYS_SHOWN = 100,
    SOURCES_SHOWN = 40,
    FACT_CHARS_MAX = 300,
};

struct described_series {
    const char *key;
    int64_t n, nonFinite, firstStep, lastStep;
    double cadence, last;
    bool endsNonFinite;
};

struct described_file {
    const char *path, *state;
};

struct described_fact {
    const char *name, *value, *from;
};

/* ---- series ---- */

static void fill_series(struct described_series *row, struct str key, const struct summary *s,
                        struct arena *arena)
{
    *row = (struct described_series){.key = arena_text(arena, key),
                                     .n = s->n,
                                     .nonFinite = s->n - s->finite,
                                     .firstStep = s->n ? s->first_step : NOT_GIVEN,
                                     .lastStep = s->n ? s->last_step : NOT_GIVEN,
                                     .cadence = (double)NAN,
                                     .last = s->finite ? s->last : (double)NAN,
                                     .endsNonFinite = s->n > 0 && s->ends_non_finite};
    if (s->n > 1)
        row->cadence = (double)(s->last_step - s->first_step) / (double)(s->n - 1);
}

static size_t add_table(const struct rows_view *view, struct arena *arena,
                        struct described_series *rows, size_t n)
{
    struct summary summary;

    for (size_t i = 0; i < rows_keys(view) && n < SERIES_SHOWN; i++) {
        rows_summary(view, i, &summary);
        fill_series(&rows[n++], rows_key(view, i), &summary, arena);
    }
    return n;
}

static size_t add_history(const struct history *history, struct arena *arena,
                          struct described_series *rows, size_t n)
{
    for (size_t i = 0; i < history->keys_n && n < SERIES_SHOWN; i++)
        fill_series(&rows[n++], history->keys[i].name, &history->keys[i].summary, arena);
    return n;
}

/* ---- what should be there and is not ---- */

/* By the names alone: as an analysis has it, but no series is read. */
static bool missing(const struct experiment *e, const struct rows_view *view,
                    const struct history *history, struct arena *arena, struct coverage *coverage,
                    struct strs *out, struct err *err)
{
    struct subject *subject = ARENA_NEW(arena, struct subject);
    const char **names = ARENA_ARRAY(arena, ROLES, const char *);
    struct casting c;
    enum role role[ROLES];

    subject->experiment = e;
    if (!cast_roles(NULL, view, history, arena, &c, err))
        return false;
    for (int i = 0; i < ROLES; i++) {
        struct role_series *r = &subject->role[i];
        const struct loss_parts *parts = casting_parts(&c, (enum role)i);
        r->name = parts ? parts->name[0] : c.name[i];
        r->logged = r->name.p != NULL;
        r->hinted = casting_hints(&c, (enum role)i);
    }
    struct strs said = casting_say(&c, arena);
    for (size_t i = 0; i < said.n; i++)
        coverage_note(coverage, "%s", said.v[i]);
    size_t n = subject_missing(subject, role);
    for (size_t i = 0; i < n; i++)
        names[i] = subject_usual_name(subject, role[i]);
    *out = (struct strs){names, n};
    return true;
}

/* ---- files ---- */

/* Of a run of other programs: what each file was read as. */
static struct list source_files(const struct experiment *e, struct arena *arena)
{
    size_t n = e->sources_n < SOURCES_SHOWN ? e->sources_n : SOURCES_SHOWN;
    struct described_file *files = ARENA_ARRAY(arena, n, struct described_file);

    for (size_t i = 0; i < n; i++)
        files[i] = (struct described_file){
            e->sources[i].path, arena_printf(arena, "read as %s", e->sources[i].reader->name)};
    return (struct list){files, n};
}

static struct list facts(const struct experiment *e, struct arena *arena)
{
    const struct run_fact *told;
    size_t n;

    experiment_facts(e, arena, &told, &n);
    struct described_fact *rows = ARENA_ARRAY(arena, n, struct described_fact);
    for (size_t i = 0; i < n; i++)
        rows[i] = (struct described_fact){
            told[i].name, clean_text(arena, str_of(told[i].value), FACT_CHARS_MAX), told[i].from};
    return (struct list){rows, n};
}

static struct list small_files(const struct experiment *e, struct arena *arena)
{
    static const enum experiment_file kinds[] = {FILE_METADATA,   FILE_STATUS,   FILE_LATEST,
                                                 FILE_EVALUATION, FILE_ABLATION, FILE_GPU};
    size_t n = sizeof(kinds) / sizeof(kinds[0]);
    struct described_file *files = ARENA_ARRAY(arena, n, struct described_file);

    for (size_t i = 0; i < n; i++) {
        struct document d;
        experiment_document(e, kinds[i], arena, &d);
        files[i].path = d.path;
        files[i].state = !d.exists ? "not there" : d.why ? d.why : "read";
    }
    return (struct list){files, n};
}

static void add_config(const struct experiment *e, struct arena *arena, struct description *out)
{
    const char *name;
    struct str text, json;
    struct err err;

    experiment_configs(e, arena, &out->configFiles);
    if (out->configFiles.n == 0 || !experiment_config(e, NULL, arena, &name, &text, &err) ||
        !config_to_json(text, arena, &json, &err))
        return;
    const struct json *parsed = json_parse(arena, json, JSON_DATA, 128, &err);
    if (!parsed || parsed->kind != JSON_OBJECT)
        return;
    const char **keys = ARENA_ARRAY(arena, CONFIG_KEYS_SHOWN, const char *);
    size_t n = 0;
    json_each (member, parsed) {
        if (n < CONFIG_KEYS_SHOWN)
            keys[n++] = arena_text(arena, member->key);
    }
    out->configKeys = (struct strs){keys, n};
}

static bool add_series(struct call *call, const struct experiment *e, struct coverage *coverage,
                       struct description *out, struct err *err)
{
    struct described_series *rows = ARENA_ARRAY(call->arena, SERIES_SHOWN, struct described_series);
    const struct rows_view *view;
    const struct history *history;
    size_t n = 0, total = 0;

    if (!experiment_rows(e, NULL, call->arena, &view, err) ||
        !experiment_history(e, call->arena, &history, err))
        return false;
    if (view) {
        total += rows_keys(view);
        n = add_table(view, call->arena, rows, n);
        rows_cover(view, coverage);
        coverage->points_read = (int64_t)rows_count(view);
    } else {
        experiment_cover_rowless(e, call->arena, coverage);
    }
    if (history) {
        total += history->keys_n;
        n = add_history(history, call->arena, rows, n);
        history_cover(history, coverage);
    }
    if (total > n)
        coverage_note(coverage, "%zu of %zu metrics are shown", n, total);
    out->series = (struct list){rows, n};
    out->seriesTotal = (int64_t)total;
    return missing(e, view, history, call->arena, coverage, &out->notLogged, err);
}

bool describe(struct call *call, const struct experiment *e, struct description *out,
              struct err *err)
{
    struct coverage coverage;
    struct assessed state;
    const struct checkpoint *checkpoints;
    size_t n;

    coverage_init(&coverage, call->arena);
    experiment_assess(e, call->now_ms, call->arena, &state);
    experiment_checkpoints(e, call->arena, &checkpoints, &n);
    *out = (struct description){.expId = e->id,
                                .path = e->path,
                                .experimentType = experiment_type_name(e->type),
                                .typeWhy = e->type_why,
                                .format = e->format,
                                .why = e->why,
                                .created = e->created_ms,
                                .createdFrom = e->created_from,
                                .state = state.state,
                                .stateWhy = state.why,
                                .status = state.written,
                                .files = e->sources_n ? source_files(e, call->arena)
                                                      : small_files(e, call->arena),
                                .provenance = facts(e, call->arena),
                                .checkpointCount = (int64_t)n};
    add_config(e, call->arena, out);
    if (!add_series(call, e, &coverage, out, err))
        return false;
    out->coverage = coverage_json(&coverage, call->arena);
    return true;
}

static const struct field series_fields[] = {
    F_STR(struct described_series, key, .doc = "", .required = true),
    F_INT(struct described_series, n, .doc = "Points", .required = true),
    F_INT(struct described_series, nonFinite, .doc = "Of these NaN or infinite", .required = true),
    F_INT(struct described_series, firstStep, .doc = ""),
    F_INT(struct described_series, lastStep, .doc = ""),
    F_NUM(struct described_series, cadence, .doc = "Steps between points, on average"),
    F_NUM(struct described_series, last, .doc = "Last finite value"),
    F_BOOL(struct described_series, endsNonFinite, .doc = "The last point is NaN or infinite"),
};
static const struct shape series_shape = SHAPE(struct described_series, series_fields);

static const struct field file_fields[] = {
    F_STR(struct described_file, path, .doc = "", .required = true),
    F_STR(struct described_file, state, .doc = "read, not there, or why not", .required = true),
};
static const struct shape file_shape = SHAPE(struct described_file, file_fields);

static const struct field fact_fields[] = {
    F_STR(struct described_fact, name, .doc = "", .required = true),
    F_STR(struct described_fact, value, .doc = "", .required = true),
    F_STR(struct described_fact, from, .doc = "The file that says so", .required = true),
};
static const struct shape fact_shape = SHAPE(struct described_fact, fact_fields);

const struct field description_fields[DESCRIPTION_FIELDS] = {
    F_STR(struct description, expId, .doc = "", .required = true),
    F_STR(struct description, path, .doc = "", .required = true),
    F_STR(struct description, experimentType, .doc = "lm, rl or unknown", .required = true),
    F_STR(struct description, typeWhy, .doc = "", .required = true),
    F_STR(struct description, format, .doc = "", .required = true),
    F_STR(struct description, why, .doc = "Why it was recognised", .required = true),
    F_INT(struct description, created, .doc = "ms UTC", .nullable = true),
    F_STR(struct description, createdFrom, .doc = ""),
    F_STR(struct description, state, .doc = "As assessed", .required = true),
    F_STR(struct description, stateWhy, .doc = "", .required = true),
    F_STR(struct description, status, .doc = "As written", .nullable = true),
    F_LIST(struct description, series, .doc = "", .of = &series_shape, .required = true),
    F_LIST(struct description, files, .doc = "", .of = &file_shape, .required = true),
    F_LIST(struct description, provenance, .doc = "What the log says of the run",
           .of = &fact_shape),
    F_INT(struct description, seriesTotal, .doc = "", .required = true),
    F_STRS(struct description, configKeys, .doc = "Of the main copy"),
    F_STRS(struct description, configFiles, .doc = "The run's own copies", .required = true),
    F_INT(struct description, checkpointCount, .doc = "", .required = true),
    F_STRS(struct description, notLogged, .doc = "Usual for such a run, absent here",
           .required = true),
    F_RAW(struct description, coverage, .doc = "", .type = "object", .required = true),
};
