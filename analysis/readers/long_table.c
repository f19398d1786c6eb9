/*
 * Tables that hold many runs, one row a step of one of them: columns such as
 * agent, task and seed say which. A run is named by their texts with their
 * names, so that it can be told from a number: "DrQ-v2 walker_walk seed=1".
 */
#include "analysis/readers/csvrows.h"

#include <strings.h>

#include "analysis/base/number.h"
#include "analysis/base/vec.h"
#include "analysis/readers/sniff.h"

enum { GROUPS_MAX = 8, RUNS_MAX = 10000 };

/* Which run a row is of; one of the first two lists must be there. */
static const char *const single[] = {"seed", "run", "run_id", "run_name", "trial", NULL};
static const char *const group[] = {
    "agent",    "algo", "algorithm", "method",  "model",      "optimizer", "task", "env", "env_id",
    "env_name", "game", "dataset",   "variant", "experiment", "exp_name",  "fold", NULL};

struct grouping {
    size_t n;
    size_t column[GROUPS_MAX];
};

static bool is_one_of(struct str name, const char *const *list)
{
    for (; *list; list++) {
        if (name.n == strlen(*list) && strncasecmp(name.p, *list, name.n) == 0)
            return true;
    }
    return false;
}

/* False if nothing tells runs apart. */
static bool groups_of(const struct dialect *dialect, struct grouping *out)
{
    bool has_single = false;

    out->n = 0;
    for (size_t i = 0; i < dialect->n && out->n < GROUPS_MAX; i++) {
        bool one = is_one_of(dialect->name[i], single);
        if (one || is_one_of(dialect->name[i], group))
            out->column[out->n++] = i;
        has_single |= one;
    }
    return has_single;
}

static struct bid bid(const struct probe *probe, struct arena *arena)
{
    static const char *const tables[] = {"*.csv", "*.tsv", NULL};
    struct grouping grouping;

    if (!sniff_named(probe->name, tables))
        return (struct bid){0, NULL};
    const struct table_look *look = table_look_of(probe, arena);
    if (look->refused || !groups_of(&look->dialect, &grouping) || axis_best(&look->axis) < 0 ||
        look->metrics == 0)
        return (struct bid){0, NULL};
    return (struct bid){85, "its columns are a step, metrics, and which run a row is of"};
}

/* The run's name out of a row: texts as they are, numbers with the column's name. */
static bool name_of(const struct csvrows *rows, const struct grouping *grouping, struct buf *out)
{
    double value;

    out->n = 0;
    for (size_t i = 0; i < grouping->n; i++) {
        size_t at = grouping->column[i];
        if (at >= rows->n)
            return false;
        struct str cell = rows->cell[at];
        buf_puts(out, out->n ? " " : "");
        if (csvrows_value(rows, at, &value) == CELL_NUMBER)
            buf_printf(out, "%.*s=", STR_FMT(rows->dialect.name[at]));
        buf_add(out, cell);
    }
    return true;
}

/* ---- the runs ---- */

struct names {
    VEC(const char *) list;
};

static bool add_run(struct arena *arena, struct names *runs, struct str name)
{
    for (size_t i = runs->list.n; i-- > 0;) { /* rows of a run mostly stand together */
        if (str_is(name, runs->list.v[i]))
            return true;
    }
    if (runs->list.n == RUNS_MAX)
        return false;
    VEC_PUSH(arena, &runs->list, arena_text(arena, name));
    return true;
}

static bool list_runs(const struct source *source, struct arena *arena, struct strs *out,
                      struct err *err)
{
    struct csvrows rows;
    struct grouping grouping;
    struct buf name = {0};
    struct names runs = {0};
    struct feed *unheard = feed_new();
    bool ok = csvrows_open(&rows, source, unheard, arena, err);

    if (ok) {
        ok = groups_of(&rows.dialect, &grouping) ||
             err_set(err, ERR_FORMAT, "%s: no column says which run a row is of", source->path);
        while (ok && csvrows_next(&rows, err)) {
            if (name_of(&rows, &grouping, &name) && !add_run(arena, &runs, buf_str(&name)))
                ok = err_set(err, ERR_TOO_LARGE, "%s holds more than %d runs", source->path,
                             RUNS_MAX);
        }
        ok = csvrows_close(&rows) && ok;
    }
    buf_fini(&name);
    feed_free(unheard);
    *out = (struct strs){runs.list.v, runs.list.n};
    return ok;
}

/* ---- one of them ---- */

enum use { USE_VALUE, USE_STEP, USE_GROUP, USE_NOTHING };

struct reading {
    struct csvrows rows;
    struct grouping grouping;
    struct feed *feed;
    const char *run; /* NULL: the first */
    struct axis_name axis;
    enum use *use; /* by column */
    int *key;
    bool told;
};

static void aim(struct reading *r)
{
    const struct dialect *dialect = &r->rows.dialect;

    r->use = ARENA_ARRAY(r->rows.arena, dialect->n, enum use);
    r->key = ARENA_ARRAY(r->rows.arena, dialect->n, int);
    (void)groups_of(dialect, &r->grouping);
    for (size_t i = 0; i < r->grouping.n; i++)
        r->use[r->grouping.column[i]] = USE_GROUP;
    for (size_t i = 0; i < dialect->n; i++) {
        if (r->use[i] == USE_GROUP)
            continue;
        r->use[i] = dialect->name[i].n == 0                  ? USE_NOTHING /* the row's index */
                    : str_eq(dialect->name[i], r->axis.name) ? USE_STEP
                                                             : USE_VALUE;
        if (r->use[i] == USE_VALUE || (r->use[i] == USE_STEP && axis_keeps(&r->axis)))
            r->key[i] = feed_key(r->feed, dialect->name[i]);
    }
}

/* What the run's rows have in common. */
static void tell_groups(struct reading *r)
{
    struct buf json = {0};
    double value;

    r->told = true;
    for (size_t i = 0; i < r->grouping.n; i++) {
        size_t at = r->grouping.column[i];
        json.n = 0;
        if (number_is(r->rows.cell[at], &value))
            buf_add(&json, r->rows.cell[at]);
        else
            json_put_string(&json, r->rows.cell[at]);
        feed_setting(r->feed, "table", r->rows.dialect.name[at], buf_str(&json));
    }
    buf_fini(&json);
}

static void take_row(struct reading *r)
{
    double value;
    int64_t step = 0;
    bool has_step = false, odd = false;

    if (!r->told)
        tell_groups(r);
    for (size_t i = 0; i < r->rows.n && !has_step; i++) {
        if (r->use[i] != USE_STEP || csvrows_value(&r->rows, i, &value) != CELL_NUMBER)
            continue;
        has_step = feed_step(value, &step);
        odd |= !has_step;
    }
    if (has_step)
        feed_row(r->feed, step);
    else
        feed_row_stepless(r->feed);
    if (odd && !has_step)
        feed_step_odd(r->feed);
    for (size_t i = 0; i < r->rows.n; i++) {
        if (r->use[i] != USE_VALUE && !(r->use[i] == USE_STEP && axis_keeps(&r->axis)))
            continue;
        enum cell_value kind = csvrows_value(&r->rows, i, &value);
        if (kind == CELL_NUMBER)
            feed_value(r->feed, r->key[i], value);
        else if (kind == CELL_TEXT)
            feed_other(r->feed, r->key[i]);
    }
}

static bool read_rows(struct reading *r, const struct source *source, struct err *err)
{
    struct buf name = {0};
    int64_t taken = 0;

    while (csvrows_next(&r->rows, err)) {
        if (r->rows.new_header)
            aim(r);
        if (!name_of(&r->rows, &r->grouping, &name))
            continue;
        if (!r->run)
            r->run = arena_text(r->rows.arena, buf_str(&name));
        if (!str_is(buf_str(&name), r->run))
            continue;
        take_row(r);
        taken++;
    }
    buf_fini(&name);
    if (!csvrows_close(&r->rows))
        return false;
    return taken > 0 ||
           err_set(err, ERR_NOT_FOUND, "%s has no run '%s'", source->path, r->run ? r->run : "");
}

static bool read_source(const struct source *source, struct feed *feed, struct err *err)
{
    struct arena arena;
    struct reading r = {.feed = feed, .run = source->run};

    arena_init(&arena);
    bool ok = csvrows_axis(source, feed, &arena, &r.axis, NULL, err) &&
              csvrows_open(&r.rows, source, feed, &arena, err);
    if (ok) {
        aim(&r);
        ok = read_rows(&r, source, err);
    }
    arena_fini(&arena);
    return ok;
}

const struct reader reader_long_table = {
    .name = "long_table",
    .what = "Tables of many runs, one row a step of one: columns such as task and seed tell them "
            "apart.",
    .unit = UNIT_MANY,
    .bid = bid,
    .read = read_source,
    .runs = list_runs,
};
