#include "analysis/readers/fed.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "analysis/base/buf.h"
#include "analysis/base/json.h"

struct setting_piece {
    const char *from;
    struct str key, json;
};

/* What feed_back goes back to. Lists only grow, so their beginnings are what they were. */
struct feed_marked {
    bool set;
    size_t chunks_n, columns_n;
    struct column_marked {
        int64_t points_n, nulls, others;
        uint32_t held; /* of the open rows */
    } * column;
    struct tally tally;
    struct fed fed; /* its arena as well: nothing is put there behind the mark (see texts) */
    VEC(struct setting_piece) pieces;
};

struct feed {
    struct fed fed;
    struct arena *texts; /* fed.arena, or what ends when the feed goes back to its mark */
    struct arena passing;
    struct feed_marked mark;
    bool open, has_step; /* the row */
    int64_t step;
    int time; /* the key "timestamp"; FEED_NO_KEY - 1: not asked for yet */
    VEC(struct setting_piece) pieces;
    atomic_bool *stop; /* NULL: the file is read to its end */
    size_t stop_at;
};

enum { TIME_UNASKED = FEED_NO_KEY - 1 };

struct feed *feed_new(void)
{
    struct feed *feed = heap_alloc(sizeof(*feed));

    *feed = (struct feed){.time = TIME_UNASKED};
    arena_init(&feed->fed.arena);
    arena_init(&feed->passing);
    feed->texts = &feed->fed.arena;
    feed->fed.table = table_new();
    table_want(feed->fed.table, NULL, 0);
    return feed;
}

void feed_free(struct feed *feed)
{
    if (!feed)
        return;
    table_unref(feed->fed.table);
    free(feed->mark.column);
    arena_fini(&feed->passing);
    arena_fini(&feed->fed.arena);
    free(feed);
}

void feed_stop(struct feed *feed, size_t rows, atomic_bool *stop)
{
    feed->stop = stop;
    feed->stop_at = rows;
}

/* ---- rows ---- */

int feed_key(struct feed *feed, struct str name)
{
    size_t key = table_key(feed->fed.table, name);

    return key == SIZE_MAX ? FEED_NO_KEY : (int)key;
}

/* Has the open row a greater value there than the row with one before? */
static bool rises(const struct table *table, const struct column *column)
{
    const struct points *points = &column->points;
    uint32_t n = points->n;

    if (n == 0 || !points_has(points, table->tally.open_rows))
        return false;
    return points->value[n - 1] > (n > 1 ? points->value[n - 2] : column->digest.last);
}

/* The step falls: if the epoch rises at the same time that is no restart. */
static void see_epoch(struct table *table)
{
    static const char *const names[] = {"epoch", "Epoch", "train/epoch", "trainer/epoch", NULL};

    for (size_t i = 0; i < table->columns_n; i++) {
        const char *const *name = names;
        while (*name && !str_is(table->column[i]->name, *name))
            name++;
        if (!*name)
            continue;
        table->tally.epochs += rises(table, table->column[i]);
        return;
    }
}

static void end_row(struct feed *feed)
{
    struct table *table = feed->fed.table;

    if (feed->open && feed->has_step && table->tally.any_step &&
        feed->step < table->tally.last_step)
        see_epoch(table);
    if (feed->open)
        table_row(table, table->tally.rows, 1, feed->has_step, feed->step);
    feed->open = false;
}

static void begin_row(struct feed *feed, bool has_step, int64_t step)
{
    end_row(feed);
    table_room(feed->fed.table);
    feed->open = true;
    feed->has_step = has_step;
    feed->step = step;
    feed->fed.table->tally.lines++;
    if (feed->stop && feed->fed.table->tally.lines >= (int64_t)feed->stop_at)
        atomic_store_explicit(feed->stop, true, memory_order_relaxed);
}

void feed_row(struct feed *feed, int64_t step)
{
    begin_row(feed, true, step);
}

void feed_row_stepless(struct feed *feed)
{
    begin_row(feed, false, 0);
}

size_t feed_forget(struct feed *feed)
{
    struct table *old = feed->fed.table, *fresh = table_new();
    size_t rows;

    end_row(feed);
    rows = old->tally.rows;
    table_want(fresh, NULL, 0);
    for (size_t i = 0; i < old->columns_n; i++)
        (void)table_key(fresh, old->column[i]->name);
    fresh->tally.lines = old->tally.lines;
    fresh->tally.malformed = old->tally.malformed;
    fresh->tally.bad_line = old->tally.bad_line;
    fresh->tally.bad_reason = old->tally.bad_reason;
    feed->fed.table = fresh;
    feed->fed.fact[FACT_TOTAL_STEPS] = feed->fed.fact[FACT_FINAL_ROW] = NULL;
    feed->fed.fact[FACT_FAILED] = feed->fed.fact[FACT_BROKEN_OFF] = NULL;
    feed->mark.set = false; /* what it marked is gone */
    table_unref(old);
    return rows;
}

void feed_step_odd(struct feed *feed)
{
    struct tally *tally = &feed->fed.table->tally;

    tally->odd_steps++;
    tally->odd_behind += tally->any_step;
}

void feed_key_twice(struct feed *feed)
{
    feed->fed.table->tally.repeats++;
}

/* NULL, and the value counted as dropped, if there is no such column. */
static struct column *column_of(struct feed *feed, int key)
{
    struct table *table = feed->fed.table;

    if (!feed->open)
        feed_row_stepless(feed);
    if (key >= 0)
        return table->column[key];
    table->tally.members_dropped++;
    return NULL;
}

static bool has_value(const struct feed *feed, const struct column *column)
{
    return points_has(&column->points, feed->fed.table->tally.open_rows);
}

void feed_value(struct feed *feed, int key, double value)
{
    struct column *column = column_of(feed, key);

    if (column)
        column->points_n += points_add(&column->points, feed->fed.table->tally.open_rows, value);
}

void feed_values(struct feed *feed, const int *key, const double *value, size_t n)
{
    struct table *table = feed->fed.table;

    if (!feed->open)
        feed_row_stepless(feed);
    uint32_t row = table->tally.open_rows;
    for (size_t i = 0; i < n; i++) {
        if (key[i] < 0) {
            table->tally.members_dropped++;
            continue;
        }
        struct column *column = table->column[key[i]];
        column->points_n += points_add(&column->points, row, value[i]);
    }
}

void feed_missing(struct feed *feed, int key)
{
    struct column *column = column_of(feed, key);

    if (column)
        column->nulls++;
}

void feed_other(struct feed *feed, int key)
{
    struct column *column = column_of(feed, key);

    if (column)
        column->others++;
}

void feed_point(struct feed *feed, int64_t step, int key, double value, double time)
{
    bool here = feed->open && feed->has_step && feed->step == step &&
                (key < 0 || !has_value(feed, feed->fed.table->column[key]));

    if (!here)
        feed_row(feed, step);
    feed_value(feed, key, value);
    if (isnan(time))
        return;
    feed_timed(feed);
    feed_value(feed, feed->time, time);
}

void feed_timed(struct feed *feed)
{
    if (feed->time == TIME_UNASKED)
        feed->time = feed_key(feed, STR("timestamp"));
}

bool feed_step(double value, int64_t *step)
{
    if (!(fabs(value) <= 9007199254740991.0) || (double)(int64_t)value != value)
        return false;
    *step = (int64_t)value;
    return true;
}

void feed_axis(struct feed *feed, const char *name, const char *why)
{
    feed->fed.axis = arena_text(feed->texts, str_of(name));
    feed->fed.axis_why = arena_text(feed->texts, str_of(why));
}

/* ---- what went wrong ---- */

void feed_malformed(struct feed *feed, int64_t place, const char *reason)
{
    struct tally *tally = &feed->fed.table->tally;

    if (tally->malformed++ == 0) {
        tally->bad_line = place;
        tally->bad_reason = reason;
    }
}

PRINTF(4, 0)
static void keep(struct arena *arena, const char *into[FED_TEXTS_MAX], size_t *n,
                 const char *format, va_list args)
{
    if (*n < FED_TEXTS_MAX)
        into[*n] = arena_vprintf(arena, format, args);
    (*n)++;
}

void feed_damage(struct feed *feed, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    keep(feed->texts, feed->fed.damage, &feed->fed.damage_n, format, args);
    va_end(args);
}

void feed_note(struct feed *feed, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    keep(feed->texts, feed->fed.note, &feed->fed.notes_n, format, args);
    va_end(args);
}

/* ---- facts ---- */

const char *fact_name(enum fact fact)
{
    static const char *const names[FACTS] = {
        [FACT_RUN_ID] = "run_id",
        [FACT_RUN_NAME] = "run_name",
        [FACT_PROJECT] = "project",
        [FACT_GROUP] = "group",
        [FACT_JOB_TYPE] = "job_type",
        [FACT_TAGS] = "tags",
        [FACT_USER] = "user",
        [FACT_HOST] = "host",
        [FACT_PROGRAM] = "program",
        [FACT_COMMAND] = "command",
        [FACT_GIT_COMMIT] = "git_commit",
        [FACT_GIT_REMOTE] = "git_remote",
        [FACT_GIT_DIFF] = "git_diff",
        [FACT_MODEL] = "model",
        [FACT_STATUS] = "status",
        [FACT_EXIT_CODE] = "exit_code",
        [FACT_STARTED] = "started",
        [FACT_ENDED] = "ended",
        [FACT_FAILED] = "failed",
        [FACT_BROKEN_OFF] = "broken_off",
        [FACT_FINAL_ROW] = "final_row",
        [FACT_TOTAL_STEPS] = "total_steps",
    };

    return names[fact];
}

void feed_fact(struct feed *feed, enum fact fact, struct str text)
{
    const char *before = feed->fed.fact[fact];

    if (!before)
        feed->fed.fact[fact] = arena_text(feed->texts, text);
    else if (!str_is(text, before))
        feed_note(feed, "%s is given twice: '%.80s' and '%.*s'", fact_name(fact), before,
                  STR_FMT(str_cut(text, 80)));
}

void feed_fact_number(struct feed *feed, enum fact fact, int64_t value)
{
    char text[24];

    snprintf(text, sizeof(text), "%" PRId64, value);
    feed_fact(feed, fact, str_of(text));
}

void feed_config(struct feed *feed, const char *from, struct str json)
{
    struct arena *arena = feed->texts;

    VEC_PUSH(arena, &feed->fed.configs,
             (struct fed_config){arena_text(arena, str_of(from)), arena_str(arena, json)});
}

void feed_setting(struct feed *feed, const char *from, struct str key, struct str json)
{
    struct arena *arena = feed->texts;

    VEC_PUSH(arena, &feed->pieces,
             (struct setting_piece){arena_text(arena, str_of(from)), arena_str(arena, key),
                                    arena_str(arena, json)});
}

void feed_evaluation(struct feed *feed, const char *from, int64_t step, struct str json)
{
    struct arena *arena = feed->texts;

    VEC_PUSH(
        arena, &feed->fed.evaluations,
        (struct fed_evaluation){arena_text(arena, str_of(from)), step, arena_str(arena, json)});
}

static bool is_first_of_its_origin(const struct feed *feed, size_t at)
{
    for (size_t i = 0; i < at; i++) {
        if (strcmp(feed->pieces.v[i].from, feed->pieces.v[at].from) == 0)
            return false;
    }
    return true;
}

/* The pieces of one origin as an object. */
static void join_pieces(struct feed *feed, size_t first)
{
    const char *from = feed->pieces.v[first].from;
    struct buf out = {0};

    buf_byte(&out, '{');
    for (size_t i = first; i < feed->pieces.n; i++) {
        const struct setting_piece *piece = &feed->pieces.v[i];
        if (strcmp(piece->from, from) != 0)
            continue;
        if (i > first)
            buf_byte(&out, ',');
        json_put_string(&out, piece->key);
        buf_byte(&out, ':');
        buf_add(&out, piece->json);
    }
    buf_byte(&out, '}');
    feed_config(feed, from, buf_str(&out));
    buf_fini(&out);
}

const struct fed *feed_end(struct feed *feed)
{
    end_row(feed);
    for (size_t i = 0; i < feed->pieces.n; i++) {
        if (is_first_of_its_origin(feed, i))
            join_pieces(feed, i);
    }
    feed->pieces.n = 0;
    return &feed->fed;
}

/* ---- going back ---- */

void feed_mark(struct feed *feed)
{
    struct table *table = feed->fed.table;
    struct feed_marked *mark = &feed->mark;

    end_row(feed);
    table_room(table); /* full chunks stay */
    mark->column = heap_grow(mark->column, table->columns_n * sizeof(*mark->column));
    for (size_t i = 0; i < table->columns_n; i++) {
        const struct column *c = table->column[i];
        mark->column[i] = (struct column_marked){c->points_n, c->nulls, c->others, c->points.n};
    }
    mark->columns_n = table->columns_n;
    mark->chunks_n = table->chunks_n;
    mark->tally = table->tally;
    mark->fed = feed->fed;
    mark->pieces.v = feed->pieces.v;
    mark->pieces.n = feed->pieces.n;
    mark->pieces.room = feed->pieces.room;
    mark->set = true;
    feed->texts = &feed->passing;
}

static void column_back(struct column *column, const struct column_marked *was, uint32_t row)
{
    column->points_n = was->points_n;
    column->nulls = was->nulls;
    column->others = was->others;
    points_back(&column->points, row, was->held);
}

bool feed_back(struct feed *feed)
{
    static const struct column_marked nothing;
    struct table *table = feed->fed.table;
    struct feed_marked *mark = &feed->mark;

    if (!mark->set || table->chunks_n != mark->chunks_n)
        return false;
    feed->open = mark->set = false;
    for (size_t i = 0; i < table->columns_n; i++)
        column_back(table->column[i], i < mark->columns_n ? &mark->column[i] : &nothing,
                    mark->tally.open_rows);
    table->tally = mark->tally;
    feed->fed = mark->fed;
    feed->pieces.v = mark->pieces.v;
    feed->pieces.n = mark->pieces.n;
    feed->pieces.room = mark->pieces.room;
    feed->texts = &feed->fed.arena;
    arena_reset(&feed->passing);
    return true;
}
