/* experiment://ID, report://ID and training://ID: what tools answer, as things a person can attach.
 */
#include "tools/complete.h"
#include "tools/describe.h"
#include "tools/report_answer.h"
#include "tools/trajectory_summary.h"

enum {
    EXPERIMENTS_LISTED = 100,
    REPORTS_LISTED = 50,
    TRAININGS_LISTED = 50,
    COMPLETIONS = 100,
};

/* Each segment is percent-encoded and '/' stays (RFC 3986, unreserved characters). */
static const char *uri_of(struct arena *arena, const char *scheme, const char *id)
{
    struct buf out = {0};

    buf_puts(&out, scheme);
    for (const unsigned char *p = (const unsigned char *)id; *p; p++) {
        bool plain = (*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') ||
                     (*p >= '0' && *p <= '9') || strchr("-._~/", *p);
        if (plain)
            buf_byte(&out, (char)*p);
        else
            buf_printf(&out, "%%%02X", *p);
    }
    return finish(&out, arena).p;
}

/* As a text it would end at a NUL: the id of another thing, if of any. */
static bool id_is_whole(struct str id, const char *what, struct err *err)
{
    return !memchr(id.p ? id.p : "", '\0', id.n) ||
           err_set(err, ERR_NOT_FOUND, "no %s has such an id", what);
}

/* ---- completion ---- */

struct matches {
    struct arena *arena;
    struct str typed;
    const char **first, **second; /* begin with it; hold it */
    size_t first_n, second_n;
};

static void match(struct matches *m, const char *id)
{
    struct str name = str_of(id);

    if (str_starts(name, m->typed))
        m->first[m->first_n++] = id;
    else if (str_has(name, m->typed))
        m->second[m->second_n++] = id;
}

static void matches_init(struct matches *m, struct arena *arena, struct str typed, size_t room)
{
    *m = (struct matches){.arena = arena,
                          .typed = typed,
                          .first = ARENA_ARRAY(arena, room + 1, const char *),
                          .second = ARENA_ARRAY(arena, room + 1, const char *)};
}

static void matches_end(struct matches *m, struct strs *values, int64_t *total)
{
    size_t n = m->first_n;

    for (size_t i = 0; i < m->second_n && n < COMPLETIONS; i++)
        m->first[n++] = m->second[i];
    *values = (struct strs){m->first, n < COMPLETIONS ? n : COMPLETIONS};
    *total = (int64_t)(m->first_n + m->second_n);
}

bool complete_experiment(struct call *call, struct str typed, struct strs *values, int64_t *total,
                         struct err *err)
{
    struct listing listing;
    struct coverage coverage;
    struct matches m;

    (void)err;
    coverage_init(&coverage, call->arena);
    catalog_list(call->desk->catalog, call->arena, &listing, &coverage);
    matches_init(&m, call->arena, typed, listing.n);
    for (size_t i = 0; i < listing.n; i++)
        match(&m, listing.v[i].id);
    matches_end(&m, values, total);
    return true;
}

bool complete_report(struct call *call, struct str typed, struct strs *values, int64_t *total,
                     struct err *err)
{
    struct report_list list;
    struct matches m;

    if (!store_list(call->desk->store, 10000, 0, call->arena, &list, err))
        return false;
    matches_init(&m, call->arena, typed, list.n);
    for (size_t i = 0; i < list.n; i++)
        match(&m, list.v[i].id);
    matches_end(&m, values, total);
    return true;
}

bool complete_training(struct call *call, struct str typed, struct strs *values, int64_t *total,
                       struct err *err)
{
    struct strs names;
    struct matches m;

    if (!training_names(call, &names, err))
        return false;
    matches_init(&m, call->arena, typed, names.n);
    for (size_t i = 0; i < names.n; i++)
        match(&m, names.v[i]);
    matches_end(&m, values, total);
    return true;
}

/* ---- experiments ---- */

static bool list_experiments(struct call *call, struct resource_list *out, struct err *err)
{
    struct listing listing;
    struct coverage coverage;

    (void)err;
    coverage_init(&coverage, call->arena);
    catalog_list(call->desk->catalog, call->arena, &listing, &coverage);
    for (size_t i = 0; i < listing.n && i < EXPERIMENTS_LISTED; i++)
        resource_list_add(out,
                          (struct resource){uri_of(call->arena, "experiment://", listing.v[i].id),
                                            listing.v[i].id, NULL, "An experiment on one screen",
                                            "application/json"});
    return true;
}

static bool read_experiment(struct call *call, struct str id, struct resource_content *out,
                            struct err *err)
{
    const struct experiment *experiment;
    struct description description;
    struct buf text = {0};
    const struct shape shape = {description_fields, DESCRIPTION_FIELDS, sizeof(description)};

    if (!id_is_whole(id, "experiment", err) ||
        !open_experiment(call, arena_text(call->arena, id), &experiment, err) ||
        !describe(call, experiment, &description, err))
        return false;
    shape_encode(&shape, &description, &text);
    out->text = finish(&text, call->arena);
    return true;
}

static const struct resource_kind resource_experiment = {
    .uri = "experiment://{+id}",
    .prefix = "experiment://",
    .variable = "id",
    .name = "experiment",
    .title = "An experiment on one screen",
    .doc = "What describe_experiment answers: type, state, metrics, configuration, what is missing",
    .mime = "application/json",
    .list = list_experiments,
    .read = read_experiment,
    .complete = complete_experiment,
};

/* ---- reports ---- */

static bool list_reports(struct call *call, struct resource_list *out, struct err *err)
{
    struct report_list list;

    if (!store_list(call->desk->store, REPORTS_LISTED, 0, call->arena, &list, err))
        return false;
    for (size_t i = 0; i < list.n; i++)
        resource_list_add(out, (struct resource){uri_of(call->arena, "report://", list.v[i].id),
                                                 list.v[i].id, list.v[i].title,
                                                 "A stored report as Markdown", "text/markdown"});
    return true;
}

static bool read_report(struct call *call, struct str id, struct resource_content *out,
                        struct err *err)
{
    const struct json *blocks;
    struct report report;
    struct buf text = {0};

    if (!id_is_whole(id, "report", err) ||
        !store_load(call->desk->store, arena_text(call->arena, id), call->arena, &report, &blocks,
                    err))
        return false;
    render_markdown(&report, blocks, call->arena, &text);
    out->text = finish(&text, call->arena);
    return true;
}

static const struct resource_kind resource_report = {
    .uri = "report://{+id}",
    .prefix = "report://",
    .variable = "id",
    .name = "report",
    .title = "A stored report",
    .doc = "A report as Markdown; list_reports names all of them",
    .mime = "text/markdown",
    .list = list_reports,
    .read = read_report,
    .complete = complete_report,
};

/* ---- trainings of agents ---- */

static bool list_trainings(struct call *call, struct resource_list *out, struct err *err)
{
    struct strs names;

    if (!training_names(call, &names, err))
        return false;
    for (size_t i = 0; i < names.n && i < TRAININGS_LISTED; i++)
        resource_list_add(
            out, (struct resource){uri_of(call->arena, "training://", names.v[i]), names.v[i], NULL,
                                   "A training of agents on one screen", "application/json"});
    return true;
}

static bool read_training(struct call *call, struct str id, struct resource_content *out,
                          struct err *err)
{
    if (!id_is_whole(id, "training", err))
        return false;
    out->text = training_json(call, arena_text(call->arena, id), err);
    return out->text.p != NULL;
}

static const struct resource_kind resource_training = {
    .uri = "training://{+id}",
    .prefix = "training://",
    .variable = "id",
    .name = "training",
    .title = "A training of agents on one screen",
    .doc = "Success with its interval, rewards, endings, epochs; list_trainings names all of them",
    .mime = "application/json",
    .list = list_trainings,
    .read = read_training,
    .complete = complete_training,
};

const struct resource_kind *const resource_kinds[] = {
#define X(name) &resource_##name,
#include "tools/resources.def"
#undef X
    NULL};
