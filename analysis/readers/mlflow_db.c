/*
 * mlflow.db, MLflow's store in SQLite: many runs of many experiments in one
 * file. NaN is kept as is_nan, infinities as the largest doubles. Runs that
 * were deleted are left out; a run without a metric is one all the same.
 */
#include "analysis/readers/reader.h"

#include <float.h>
#include <inttypes.h>
#include <math.h>

#include "analysis/base/limits.h"
#include "analysis/base/vec.h"
#include "analysis/readers/axis.h"
#include "analysis/readers/gather.h"
#include "analysis/readers/mlflowfacts.h"
#include "analysis/readers/pytext.h"
#include "analysis/readers/sniff.h"
#include "analysis/readers/sqlitedb.h"

enum { RUNS_MAX = 10000 };

static const char *const stores[] = {"*.db", "*.sqlite", "*.sqlite3", NULL};

static struct bid bid(const struct probe *probe, struct arena *arena)
{
    const struct source source = {.dir = probe->dir, .path = probe->name};
    struct err err;

    if (!sniff_named(probe->name, stores) || !sqlitedb_magic(probe->head))
        return (struct bid){0, NULL};
    struct sqlitedb *db = sqlitedb_open(&source, NULL, &err);
    if (!db)
        return (struct bid){0, arena_text(arena, str_of(err.msg))};
    bool fits = sqlitedb_has(db, "runs", "run_uuid") && sqlitedb_has(db, "metrics", "is_nan");
    sqlitedb_close(db);
    if (!fits)
        return (struct bid){0, "it is an SQLite database, but not one of MLflow or trackio"};
    return (struct bid){90, "it is an SQLite database with MLflow's tables runs and metrics"};
}

static bool list_runs(const struct source *source, struct arena *arena, struct strs *out,
                      struct err *err)
{
    VEC(const char *) runs = {0};
    struct sqlitedb *db = sqlitedb_open(source, NULL, err);

    if (!db)
        return false;
    struct sqliterows *rows =
        sqlitedb_query(db,
                       "SELECT run_uuid FROM runs WHERE lifecycle_stage IS NOT 'deleted' "
                       "ORDER BY start_time, run_uuid",
                       NULL, NULL, err);
    bool ok = rows != NULL;
    while (ok && sqliterows_next(rows, err)) {
        struct str name = sqliterows_text(rows, 0);
        if (runs.n == RUNS_MAX)
            ok = err_set(err, ERR_TOO_LARGE, "%s holds more than %d runs", source->path, RUNS_MAX);
        else if (name.n > 0)
            VEC_PUSH(arena, &runs, arena_text(arena, name));
    }
    ok = ok && err->code == ERR_NONE;
    sqliterows_free(rows);
    sqlitedb_close(db);
    *out = (struct strs){runs.v, runs.n};
    return ok;
}

/* ---- one run ---- */

struct reading {
    const struct source *source;
    struct sqlitedb *db;
    struct feed *feed;
    struct arena *arena;
    const char *run;
    struct err *err;
};

/* Every row of a query about the run. What fails in the middle is damage; what was read stays. */
static bool each_row(struct reading *r, const char *sql,
                     void (*take)(struct reading *r, struct sqliterows *row))
{
    struct sqliterows *rows = sqlitedb_query(r->db, sql, r->run, NULL, r->err);

    while (rows && sqliterows_next(rows, r->err))
        take(r, rows);
    sqliterows_free(rows);
    if (r->err->code == ERR_CANCELLED)
        return false;
    if (r->err->code != ERR_NONE)
        feed_damage(r->feed, "%s", r->err->msg);
    r->err->code = ERR_NONE;
    return true;
}

static void take_run(struct reading *r, struct sqliterows *row)
{
    static const enum fact texts[] = {FACT_RUN_ID, FACT_RUN_NAME,   FACT_STATUS,
                                      FACT_USER,   FACT_GIT_COMMIT, FACT_PROJECT};
    int64_t ms;

    for (int i = 0; i < (int)(sizeof(texts) / sizeof(texts[0])); i++) {
        struct str text = sqliterows_text(row, i);
        if (text.n > 0)
            feed_fact(r->feed, texts[i], text);
    }
    if (sqliterows_integer(row, 6, &ms))
        feed_fact_number(r->feed, FACT_STARTED, ms);
    if (sqliterows_integer(row, 7, &ms))
        feed_fact_number(r->feed, FACT_ENDED, ms);
}

static void take_param(struct reading *r, struct sqliterows *row)
{
    struct buf json = {0};

    pytext_put(&json, sqliterows_text(row, 1));
    feed_setting(r->feed, "params", sqliterows_text(row, 0), buf_str(&json));
    buf_fini(&json);
}

static void take_tag(struct reading *r, struct sqliterows *row)
{
    mlflow_tag(r->feed, sqliterows_text(row, 0), sqliterows_text(row, 1));
}

/* key, value, timestamp, step, is_nan; the gather is the run's. */
static bool take_metrics(struct reading *r)
{
    struct gather *gather = gather_new(r->arena);
    struct sqliterows *rows =
        sqlitedb_query(r->db,
                       "SELECT key, value, timestamp, step, is_nan FROM metrics WHERE run_uuid = ? "
                       "ORDER BY key, timestamp, step",
                       r->run, NULL, r->err);
    struct str name = {0};
    int key = FEED_NO_KEY;
    int64_t n = 0, step, nan;
    double value, time;

    while (rows && sqliterows_next(rows, r->err)) {
        struct str now = sqliterows_text(rows, 0);
        n++;
        if (now.n == 0 || !sqliterows_number(rows, 1, &value) ||
            !sqliterows_integer(rows, 3, &step)) {
            feed_malformed(r->feed, n, "has no key, value or step");
            continue;
        }
        if (!str_eq(name, now)) {
            name = arena_str(r->arena, now);
            key = feed_key(r->feed, name);
        }
        if (sqliterows_integer(rows, 4, &nan) && nan != 0)
            value = (double)NAN;
        else if (fabs(value) >= DBL_MAX)
            value = copysign((double)INFINITY, value);
        if (!sqliterows_number(rows, 2, &time) || !axis_clock(time, &time))
            time = (double)NAN;
        gather_point(gather, step, key, value, time);
    }
    sqliterows_free(rows);
    if (r->err->code == ERR_CANCELLED)
        return false;
    if (r->err->code != ERR_NONE)
        feed_damage(r->feed, "behind %" PRId64 " points: %s", n, r->err->msg);
    r->err->code = ERR_NONE;
    gather_feed(gather, r->feed);
    return true;
}

static bool read_run(struct reading *r)
{
    feed_axis(r->feed, "step", "each point has one");
    return each_row(r,
                    "SELECT r.run_uuid, r.name, r.status, r.user_id, r.source_version, e.name, "
                    "r.start_time, r.end_time FROM runs r LEFT JOIN experiments e "
                    "ON e.experiment_id = r.experiment_id WHERE r.run_uuid = ?",
                    take_run) &&
           each_row(r, "SELECT key, value FROM params WHERE run_uuid = ? ORDER BY key",
                    take_param) &&
           each_row(r, "SELECT key, value FROM tags WHERE run_uuid = ? ORDER BY key", take_tag) &&
           take_metrics(r);
}

static bool read_source(const struct source *source, struct feed *feed, struct err *err)
{
    struct arena arena;
    struct strs runs = {0};
    const char *run = source->run;

    arena_init(&arena);
    bool ok = run || list_runs(source, &arena, &runs, err);
    if (ok && !run)
        run = runs.n ? runs.v[0] : "";
    struct sqlitedb *db = ok ? sqlitedb_open(source, feed, err) : NULL;
    if (db) {
        struct reading r = {source, db, feed, &arena, run, err};
        ok = read_run(&r);
    }
    ok = ok && db;
    sqlitedb_close(db);
    arena_fini(&arena);
    return ok;
}

const struct reader reader_mlflow_db = {
    .name = "mlflow_db",
    .what = "mlflow.db, MLflow's store in SQLite: every run in it.",
    .unit = UNIT_MANY,
    .tells_end = true,
    .bid = bid,
    .read = read_source,
    .runs = list_runs,
};
