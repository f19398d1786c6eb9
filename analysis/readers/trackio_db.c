/*
 * PROJECT.db of trackio: SQLite, one row a logged step with its metrics as a
 * JSON object. Values that are not finite stand as texts. Older files know runs
 * by their names only, of which two may be equal.
 */
#include "analysis/readers/reader.h"

#include <inttypes.h>
#include <math.h>

#include "analysis/base/limits.h"
#include "analysis/base/scan.h"
#include "analysis/base/vec.h"
#include "analysis/readers/sniff.h"
#include "analysis/readers/sqlitedb.h"
#include "analysis/when.h"

enum { RUNS_MAX = 10000 };

static struct bid bid(const struct probe *probe, struct arena *arena)
{
    static const char *const stores[] = {"*.db", "*.sqlite", "*.sqlite3", NULL};
    const struct source source = {.dir = probe->dir, .path = probe->name};
    struct err err;

    (void)arena;
    if (!sniff_named(probe->name, stores) || !sqlitedb_magic(probe->head))
        return (struct bid){0, NULL};
    struct sqlitedb *db = sqlitedb_open(&source, NULL, &err);
    if (!db)
        return (struct bid){0, NULL}; /* the other reader of databases says why */
    bool fits = sqlitedb_has(db, "metrics", "metrics") && sqlitedb_has(db, "metrics", "run_name") &&
                sqlitedb_has(db, "metrics", "step");
    sqlitedb_close(db);
    if (!fits)
        return (struct bid){0, NULL};
    return (struct bid){90, "it is an SQLite database with trackio's table metrics"};
}

/* ---- runs ---- */

struct trackio_run {
    const char *shown, *name, *id; /* id: "" in files that have none */
};

struct runs {
    VEC(struct trackio_run) v;
};

static bool find_runs(struct sqlitedb *db, bool has_id, struct arena *arena, struct runs *out,
                      struct err *err)
{
    const char *sql =
        has_id ? "SELECT run_name, coalesce(run_id, '') FROM metrics GROUP BY 1, 2 ORDER BY min(id)"
               : "SELECT run_name, '' FROM metrics GROUP BY 1 ORDER BY min(id)";
    struct sqliterows *rows = sqlitedb_query(db, sql, NULL, NULL, err);
    bool ok = rows != NULL;

    while (ok && sqliterows_next(rows, err)) {
        const char *name = arena_text(arena, sqliterows_text(rows, 0));
        const char *id = arena_text(arena, sqliterows_text(rows, 1));
        if (out->v.n == RUNS_MAX)
            ok = err_set(err, ERR_TOO_LARGE, "it holds more than %d runs", RUNS_MAX);
        else
            VEC_PUSH(arena, &out->v, (struct trackio_run){name, name, id});
    }
    ok = ok && err->code == ERR_NONE;
    sqliterows_free(rows);
    for (size_t i = 0; ok && i < out->v.n; i++) {
        struct trackio_run *run = &out->v.v[i];
        for (size_t k = 0; k < out->v.n; k++) {
            if (k != i && strcmp(out->v.v[k].name, run->name) == 0)
                run->shown = arena_printf(arena, "%s %s", run->name, run->id);
        }
    }
    return ok;
}

static bool list_runs(const struct source *source, struct arena *arena, struct strs *out,
                      struct err *err)
{
    struct runs runs = {0};
    struct sqlitedb *db = sqlitedb_open(source, NULL, err);

    if (!db)
        return false;
    bool ok = find_runs(db, sqlitedb_has(db, "metrics", "run_id"), arena, &runs, err);
    sqlitedb_close(db);
    const char **names = ARENA_ARRAY(arena, runs.v.n, const char *);
    for (size_t i = 0; i < runs.v.n; i++)
        names[i] = runs.v.v[i].shown;
    *out = (struct strs){names, runs.v.n};
    return ok;
}

/* ---- one run ---- */

struct reading {
    struct sqlitedb *db;
    struct feed *feed;
    struct arena *arena;
    const struct trackio_run *run;
    bool has_id;
    int clock;
    struct err *err;
};

static bool non_finite(struct str text, double *value)
{
    if (str_is(text, "\"NaN\""))
        *value = (double)NAN;
    else if (str_is(text, "\"Infinity\""))
        *value = (double)INFINITY;
    else if (str_is(text, "\"-Infinity\""))
        *value = (double)-INFINITY;
    else
        return false;
    return true;
}

static void take_member(struct reading *r, const struct scan_member *member)
{
    struct str name = member->key;
    double value;

    if (member->escaped) {
        char *plain = arena_alloc(r->arena, name.n + 1);
        name = (struct str){plain, scan_unescape(name, plain)};
    }
    int key = feed_key(r->feed, name);
    if (member->kind == SCAN_NUMBER || member->kind == SCAN_NON_FINITE)
        feed_value(r->feed, key, scan_double(member));
    else if (member->kind == SCAN_STRING && non_finite(member->value, &value))
        feed_value(r->feed, key, value);
    else if (member->kind == SCAN_NULL)
        feed_missing(r->feed, key);
    else
        feed_other(r->feed, key); /* a table, an image, a text */
}

static const char *fault_of(struct str json)
{
    if (json.n == 0)
        return "holds no metrics";
    struct scan scan = scan_object(json);
    struct scan_member member;
    while (scan_next(&scan, &member))
        continue;
    return scan.fault;
}

static void take_row(struct reading *r, struct sqliterows *row, int64_t number)
{
    struct str json = sqliterows_text(row, 2);
    const char *fault = fault_of(json);
    struct scan_member member;
    int64_t step, ms;

    if (fault) {
        feed_malformed(r->feed, number, fault);
        return;
    }
    if (sqliterows_integer(row, 0, &step))
        feed_row(r->feed, step);
    else
        feed_row_stepless(r->feed);
    if (when_read(sqliterows_text(row, 1), &ms, NULL))
        feed_value(r->feed, r->clock, (double)ms / 1e3);
    struct scan scan = scan_object(json);
    while (scan_next(&scan, &member))
        take_member(r, &member);
}

static bool take_metrics(struct reading *r)
{
    const char *sql = r->has_id ? "SELECT step, timestamp, metrics FROM metrics WHERE run_name = ? "
                                  "AND coalesce(run_id, '') = ? ORDER BY id"
                                : "SELECT step, timestamp, metrics FROM metrics WHERE run_name = ? "
                                  "ORDER BY id";
    struct sqliterows *rows =
        sqlitedb_query(r->db, sql, r->run->name, r->has_id ? r->run->id : NULL, r->err);
    int64_t n = 0;

    while (rows && sqliterows_next(rows, r->err))
        take_row(r, rows, ++n);
    sqliterows_free(rows);
    if (r->err->code == ERR_CANCELLED)
        return false;
    if (r->err->code != ERR_NONE)
        feed_damage(r->feed, "behind %" PRId64 " rows: %s", n, r->err->msg);
    return true;
}

static void tell_text(struct reading *r, enum fact fact, const struct json *value)
{
    struct str text = json_text(r->arena, value);

    if (text.n > 0)
        feed_fact(r->feed, fact, text);
}

static void take_config(struct reading *r)
{
    const char *sql = r->has_id && sqlitedb_has(r->db, "configs", "run_id")
                          ? "SELECT config FROM configs WHERE run_name = ? AND "
                            "coalesce(run_id, '') = ? LIMIT 1"
                          : "SELECT config FROM configs WHERE run_name = ? LIMIT 1";
    bool both = strstr(sql, "run_id") != NULL;
    struct err err;
    int64_t ms;
    struct sqliterows *rows =
        sqlitedb_query(r->db, sql, r->run->name, both ? r->run->id : NULL, &err);

    if (rows && sqliterows_next(rows, &err)) {
        struct str text = arena_str(r->arena, sqliterows_text(rows, 0));
        const struct json *json = json_parse(r->arena, text, JSON_STRICT, DATA_DEPTH_MAX, &err);
        if (json && json->kind == JSON_OBJECT) {
            feed_config(r->feed, "config", json->raw);
            tell_text(r, FACT_USER, json_get(json, "_Username"));
            tell_text(r, FACT_GROUP, json_get(json, "_Group"));
            if (when_read(json_text(r->arena, json_get(json, "_Created")), &ms, NULL))
                feed_fact_number(r->feed, FACT_STARTED, ms);
        }
    }
    sqliterows_free(rows);
}

/* The file's name is the project's. */
static void tell_project(struct reading *r, const char *path)
{
    const char *slash = strrchr(path, '/');
    struct str leaf = str_of(slash ? slash + 1 : path);
    const char *dot = memrchr(leaf.p, '.', leaf.n);

    feed_fact(r->feed, FACT_PROJECT, str_cut(leaf, dot ? (size_t)(dot - leaf.p) : leaf.n));
}

static bool read_run(struct reading *r, const struct source *source)
{
    struct runs runs = {0};

    r->has_id = sqlitedb_has(r->db, "metrics", "run_id");
    if (!find_runs(r->db, r->has_id, r->arena, &runs, r->err))
        return false;
    for (size_t i = 0; i < runs.v.n && !r->run; i++) {
        if (!source->run || strcmp(runs.v.v[i].shown, source->run) == 0)
            r->run = &runs.v.v[i];
    }
    if (!r->run)
        return err_set(r->err, ERR_NOT_FOUND, "%s has no run '%s'", source->path,
                       source->run ? source->run : "");
    r->clock = feed_key(r->feed, STR("timestamp"));
    feed_axis(r->feed, "step", "the table metrics has it");
    feed_fact(r->feed, FACT_RUN_NAME, str_of(r->run->name));
    if (*r->run->id)
        feed_fact(r->feed, FACT_RUN_ID, str_of(r->run->id));
    tell_project(r, source->path);
    take_config(r);
    return take_metrics(r);
}

static bool read_source(const struct source *source, struct feed *feed, struct err *err)
{
    struct arena arena;
    struct sqlitedb *db = sqlitedb_open(source, feed, err);

    if (!db)
        return false;
    arena_init(&arena);
    struct reading r = {.db = db, .feed = feed, .arena = &arena, .err = err};
    bool ok = read_run(&r, source);
    arena_fini(&arena);
    sqlitedb_close(db);
    return ok;
}

const struct reader reader_trackio_db = {
    .name = "trackio_db",
    .what = "PROJECT.db of trackio: every run in it.",
    .unit = UNIT_MANY,
    .bid = bid,
    .read = read_source,
    .runs = list_runs,
};
