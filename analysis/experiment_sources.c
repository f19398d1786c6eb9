/* A run that is read from other programs' logs: what it is, its configuration, its results. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "analysis/base/limits.h"
#include "analysis/held.h"
#include "analysis/open.h"
#include "analysis/readers/reader.h"
#include "analysis/readers/weave.h"
#include "analysis/roles.h"
#include "analysis/when.h"

enum {
    HEAD_ROWS = 256
}; /* of a huge log: every metric that says what the run is has come by then */

bool experiment_woven(const struct experiment *e, struct arena *arena, const struct woven **out,
                      struct err *err)
{
    struct woven *woven;

    *out = NULL;
    if (e->sources_n == 0 || e->unread)
        return true;
    if (!held_woven(e->held, e->dir, e->sources, e->sources_n, e->cancelled, &woven, err))
        return false;
    arena_own(arena, woven, woven_unref);
    *out = woven;
    return true;
}

void experiment_cover_rowless(const struct experiment *e, struct arena *arena,
                              struct coverage *coverage)
{
    const struct woven *w;
    struct err err;

    if (experiment_woven(e, arena, &w, &err) && w && !w->rows)
        woven_cover(w, coverage);
}

/* ---- what it is ---- */

static size_t place_of(const struct reader *reader)
{
    size_t i = 0;

    while (readers[i] && readers[i] != reader)
        i++;
    return i;
}

/* A run rather than a part of one, then the surest bid, then the format that stands first. */
static bool is_surer(const struct walk_source *a, const struct walk_source *than)
{
    bool part = a->reader->unit == UNIT_PART, other = than->reader->unit == UNIT_PART;

    if (part != other)
        return other;
    if (a->score != than->score)
        return a->score > than->score;
    return place_of(a->reader) < place_of(than->reader);
}

void sources_describe(struct experiment *e, struct arena *arena)
{
    const struct walk_source *main = &e->sources[0];

    for (size_t i = 1; i < e->sources_n; i++) {
        if (is_surer(&e->sources[i], main))
            main = &e->sources[i];
    }
    e->format = main->reader->name;
    e->why = arena_printf(arena, "%s: %s", main->path, main->why);
    e->type_why = "its log was not read for this";
}

/* By the roles of its keys: a return or a value function is RL's, a loss alone a model's. */
static void type_by_roles(struct experiment *e, const struct version *rows, struct arena *arena)
{
    static const enum role rl[] = {ROLE_REWARD, ROLE_EPISODE_REWARD, ROLE_VALUE_LOSS,
                                   ROLE_POLICY_LOSS, ROLE_EXPLAINED_VARIANCE};
    static const enum role lm[] = {ROLE_TRAIN_LOSS, ROLE_VALIDATION_LOSS, ROLE_PERPLEXITY};
    const struct column *loss = NULL;

    e->type_why = "neither a loss nor a reward of a known name is logged";
    for (size_t i = 0; rows && i < rows->columns_n; i++) {
        const struct column *column = rows->table->column[i];
        enum role role = rows->column[i].points > 0 ? role_like(column->name, NULL) : ROLES;
        for (size_t k = 0; k < sizeof(rl) / sizeof(rl[0]); k++) {
            if (role != rl[k])
                continue;
            e->type = EXPERIMENT_RL;
            e->type_why = arena_printf(arena, "'%.*s' is logged, as only RL runs do",
                                       STR_FMT(str_cut(column->name, 80)));
            return;
        }
        for (size_t k = 0; !loss && k < sizeof(lm) / sizeof(lm[0]); k++)
            loss = role == lm[k] ? column : NULL;
    }
    if (!loss)
        return;
    e->type = EXPERIMENT_LM;
    e->type_why = arena_printf(arena, "'%.*s' is logged, and nothing that only RL runs log",
                               STR_FMT(str_cut(loss->name, 80)));
}

static bool fact_number(const struct woven *w, enum fact fact, int64_t *value)
{
    char *end;

    if (!w->fact[fact])
        return false;
    *value = strtoll(w->fact[fact], &end, 10);
    return end > w->fact[fact] && *end == '\0';
}

static bool first_time(struct woven *w, int64_t *ms)
{
    struct arena arena;
    struct rows_view *view = woven_rows(w, NULL);
    size_t clock = rows_find(view, STR("timestamp"));
    struct series times = {0};

    arena_init(&arena);
    if (clock != SIZE_MAX)
        rows_series(view, clock, 0, rows_count(view), &arena, &times);
    bool found = times.n > 0 && when_number(times.value[0], ms);
    arena_fini(&arena);
    rows_view_unref(view);
    return found;
}

static void created_by_log(struct experiment *e, struct woven *w, struct arena *arena)
{
    int64_t ms;
    bool by_name = e->created_from && strcmp(e->created_from, "id") == 0;

    if (fact_number(w, FACT_STARTED, &ms)) {
        e->created_ms = ms;
        e->created_from = arena_printf(arena, "the start in %s", w->fact_from[FACT_STARTED]);
    } else if (!by_name && w->rows && first_time(w, &ms)) {
        e->created_ms = ms;
        e->created_from = "first point";
    }
}

static void learn_of(struct experiment *e, struct woven *w, struct arena *arena)
{
    type_by_roles(e, w->rows, arena);
    created_by_log(e, w, arena);
    e->has_evaluation = w->evaluations_n > 0;
}

/* A log too large for a listing: its first rows say what it is, not how it stands. */
static void learn_by_head(struct experiment *e, int64_t bytes, struct arena *arena)
{
    struct woven *w;
    struct err err = {0};

    e->unread = true;
    e->type_why =
        arena_printf(arena, "its log of %" PRId64 " bytes is not read for a listing", bytes);
    if (!sources_stream(e->sources, e->sources_n))
        return;
    if (!held_head(e->held, e->dir, e->sources, e->sources_n, HEAD_ROWS, &w, &err)) {
        e->type_why = arena_printf(arena, "its log cannot be read: %s", err.msg);
        return;
    }
    arena_own(arena, w, woven_unref);
    learn_of(e, w, arena);
    e->type_why =
        arena_printf(arena, "%s (the first rows of %" PRId64 " bytes)", e->type_why, bytes);
}

void experiment_learn(struct experiment *e, size_t most, struct arena *arena)
{
    const struct woven *w;
    struct err err = {0};

    if (e->sources_n == 0)
        return;
    int64_t bytes = sources_look(e->dir, e->sources, e->sources_n).bytes;
    if (most > 0 && bytes > (int64_t)most) {
        learn_by_head(e, bytes, arena);
        return;
    }
    if (!experiment_woven(e, arena, &w, &err) || !w) {
        e->type_why = arena_printf(arena, "its log cannot be read: %s", err.msg);
        return;
    }
    learn_of(e, (struct woven *)(uintptr_t)w, arena);
}

/* ---- what it says of itself ---- */

void experiment_facts(const struct experiment *e, struct arena *arena, const struct run_fact **out,
                      size_t *n)
{
    struct run_fact *told = ARENA_ARRAY(arena, FACTS, struct run_fact);
    const struct woven *w;
    struct err err;

    *out = told;
    *n = 0;
    if (!experiment_woven(e, arena, &w, &err) || !w)
        return;
    for (int fact = 0; fact < FACTS; fact++) {
        if (w->fact[fact])
            told[(*n)++] =
                (struct run_fact){fact_name((enum fact)fact), w->fact[fact], w->fact_from[fact]};
    }
}

const char *sources_conflict(const struct experiment *e, struct str name, struct arena *arena)
{
    const struct woven *w = NULL;
    struct err err;

    if (!e->held || !experiment_woven(e, arena, &w, &err))
        return NULL;
    for (size_t i = 0; w && i < w->conflicts_n; i++) {
        if (str_eq(w->conflicts[i].name, name))
            return w->conflicts[i].sentence;
    }
    return NULL;
}

/* ---- configurations ---- */

/* A name that tells it from the others: where two are called the same, the path comes in front. */
static const char *config_name(const struct woven *w, size_t at, struct arena *arena)
{
    const struct woven_text *mine = &w->configs[at];

    for (size_t i = 0; i < w->configs_n; i++) {
        if (i != at && strcmp(w->configs[i].from, mine->from) == 0)
            return arena_printf(arena, "%s:%s", mine->path, mine->from);
    }
    return mine->from;
}

struct strs sources_configs(const struct experiment *e, struct arena *arena)
{
    const struct woven *w;
    struct err err;

    if (!experiment_woven(e, arena, &w, &err) || !w)
        return (struct strs){0};
    const char **names = ARENA_ARRAY(arena, w->configs_n, const char *);
    for (size_t i = 0; i < w->configs_n; i++)
        names[i] = config_name(w, i, arena);
    return (struct strs){names, w->configs_n};
}

bool sources_config(const struct experiment *e, const char *name, struct arena *arena,
                    struct str *json)
{
    const struct woven *w;
    struct err err;

    if (!experiment_woven(e, arena, &w, &err) || !w)
        return false;
    for (size_t i = 0; i < w->configs_n; i++) {
        if (name && strcmp(config_name(w, i, arena), name) != 0)
            continue;
        *json = w->configs[i].json;
        return true;
    }
    return false;
}

/* ---- evaluations ---- */

/* One as it is; several as a list of {from, step, results}. */
static struct str all_evaluations(const struct woven *w, struct arena *arena)
{
    struct buf out = {0};

    if (w->evaluations_n == 1)
        return w->evaluations[0].json;
    buf_puts(&out, "{\"evaluations\":[");
    for (size_t i = 0; i < w->evaluations_n; i++) {
        const struct woven_text *one = &w->evaluations[i];
        json_put_comma(&out);
        buf_byte(&out, '{');
        json_put_key(&out, "from");
        json_put_string(&out, str_of(one->from));
        if (one->step != NOT_GIVEN) {
            json_put_key(&out, "step");
            json_put_integer(&out, one->step);
        }
        json_put_key(&out, "results");
        buf_add(&out, one->json);
        buf_byte(&out, '}');
    }
    buf_puts(&out, "]}");
    struct str text = arena_str(arena, buf_str(&out));
    buf_fini(&out);
    return text;
}

void sources_evaluation(const struct experiment *e, struct arena *arena, struct document *out)
{
    const struct woven *w;
    struct err err;

    *out = (struct document){.path = "evaluation in its files", .modified_ms = NOT_GIVEN};
    if (!experiment_woven(e, arena, &w, &err) || !w || w->evaluations_n == 0)
        return;
    out->exists = true;
    out->path = w->evaluations[0].path;
    out->json = json_parse(arena, all_evaluations(w, arena), JSON_DATA, DATA_DEPTH_MAX + 4, &err);
    if (!out->json)
        out->why = arena_text(arena, str_of(err.msg));
}
