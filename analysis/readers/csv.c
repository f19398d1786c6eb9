/*
 * Tables as text with one row a step: Lightning, SB3, Baselines, Spinning Up,
 * RLlib, Ultralytics, Keras, fastai, AlgoPerf and many scripts. Rows may be
 * sparse, so that training and evaluation stand in rows of their own. Any
 * program writes tables: without a step and the name of a metric it is not a
 * run.
 */
#include "analysis/readers/csvrows.h"

#include <inttypes.h>
#include <stdlib.h>

#include "analysis/readers/sniff.h"

static const char *const known[] = {"metrics.csv",      "progress.csv", "results.csv",
                                    "history.csv",      "log.csv",      "logs.csv",
                                    "measurements.csv", "loss.csv",     "eval_measurements.csv",
                                    "training.csv",     "progress.txt", "training_log.csv",
                                    "training.log",     "*_log.csv",    NULL};
static const char *const tables[] = {"*.csv", "*.tsv", "*.log", "*.txt", NULL};

/* ---- the bid ---- */

static struct bid judge(const struct table_look *look, bool is_known)
{
    bool axis = axis_any(&look->axis);

    if (look->rows == 0) {
        for (size_t i = 0; i < look->dialect.n; i++)
            axis |= axis_rank(look->dialect.name[i]) >= 0;
        if (axis && look->metrics > 0 && look->wide)
            return (struct bid){60, "its columns are a step and metrics"};
        if (axis && look->metrics > 0)
            return (struct bid){30, "its columns are a step and metrics; it has no rows yet"};
        return (struct bid){0, "it has a header and no rows"};
    }
    if (look->texts > look->numbers && 2 * look->commas > look->texts)
        return (struct bid){0, "its numbers have a decimal comma: they need a decimal point"};
    if (look->numbers == 0)
        return (struct bid){0, "no column is a number"};
    if (look->texts > look->numbers)
        return (struct bid){0, "most of its cells are text"};
    if (axis && look->metrics > 0)
        return is_known ? (struct bid){80, "its name fits, and its columns are a step and metrics"}
                        : (struct bid){60, "its columns are a step and metrics"};
    if (axis)
        return (struct bid){0, "it has a step, but no column with the name of a metric"};
    if (look->metrics > 0 && is_known)
        return (struct bid){30, "its name and a column fit, but no column is a step"};
    return (struct bid){0, "no column is a step (step, epoch, iteration, timesteps …)"};
}

static struct bid bid(const struct probe *probe, struct arena *arena)
{
    bool is_known = sniff_named(probe->name, known), is_table = sniff_named(probe->name, tables);
    bool says_so = is_known || str_ends(str_of(probe->name), STR("csv")) ||
                   str_ends(str_of(probe->name), STR("tsv"));

    if (!is_table)
        return (struct bid){0, NULL};
    if (sniff_pointer(probe->head))
        return (struct bid){0, says_so ? POINTER_WHY : NULL};
    const struct table_look *look = table_look_of(probe, arena);
    if (look->refused)
        return (struct bid){0, says_so ? look->refused : NULL};
    struct bid made = judge(look, is_known);
    if (!says_so && (look->dialect.n < 2 || made.score < 60))
        return (struct bid){0, NULL};
    return made;
}

/* ---- reading ---- */

enum use { USE_VALUE, USE_STEP, USE_CLOCK, USE_NOTHING };

struct target {
    enum use use;
    int key; /* of a clock: FEED_NO_KEY until a value is no wall time; of a step: if it is kept */
};

struct reading {
    struct arena arena;
    struct csvrows rows;
    struct feed *feed;
    bool begun;
    bool settled; /* the step is */
    struct axis_name axis;
    int clock;
    size_t step;           /* the first column of that name */
    struct target *target; /* by column; and their keys, side by side */
    int *key;
    unsigned char *plain; /* the form of cells that are values as they are; FORMS: no cell is */
    int64_t commas;       /* cells like "2,995" */
};

static void aim(struct reading *r)
{
    const struct dialect *dialect = &r->rows.dialect;

    r->target = ARENA_ARRAY(r->rows.arena, dialect->n, struct target);
    r->key = ARENA_ARRAY(r->rows.arena, dialect->n, int);
    r->plain = ARENA_ARRAY(r->rows.arena, dialect->n, unsigned char);
    r->step = dialect->n;
    for (size_t i = 0; i < dialect->n; i++) {
        struct str name = dialect->name[i];
        struct target *target = &r->target[i];
        target->key = FEED_NO_KEY;
        if (name.n == 0)
            target->use = USE_NOTHING; /* the row's index */
        else if (str_eq(name, r->axis.name)) {
            target->use = USE_STEP;
            if (axis_keeps(&r->axis))
                target->key = feed_key(r->feed, name);
            r->step = i < r->step ? i : r->step;
        } else if (axis_is_clock(name))
            target->use = USE_CLOCK;
        else
            target->key = feed_key(r->feed, name);
        r->key[i] = target->key;
        r->plain[i] = target->use == USE_VALUE ? FORM_NUMBER : FORMS;
    }
}

static void take_clock(struct reading *r, struct target *target, struct str name, double value)
{
    double seconds;

    if (axis_clock(value, &seconds)) {
        if (r->clock == FEED_NO_KEY)
            r->clock = feed_key(r->feed, STR("timestamp"));
        feed_value(r->feed, r->clock, seconds);
        return;
    }
    if (target->key == FEED_NO_KEY)
        target->key = feed_key(r->feed, name);
    feed_value(r->feed, target->key, value);
}

/* A cell that is no plain number of a metric. */
static void take_odd(struct reading *r, size_t i)
{
    struct target *target = &r->target[i];
    double value;

    if (target->use == USE_STEP || target->use == USE_NOTHING)
        return;
    enum cell_value kind = csvrows_value(&r->rows, i, &value);
    if (kind == CELL_NUMBER && target->use == USE_CLOCK) {
        take_clock(r, target, r->rows.dialect.name[i], value);
    } else if (kind == CELL_NUMBER) {
        feed_value(r->feed, target->key, value); /* "nan", "00:12" */
    } else if (kind == CELL_TEXT && target->use == USE_VALUE) {
        feed_other(r->feed, target->key);
        r->commas += dialect_decimal_comma(r->rows.cell[i]);
    } else if (kind == CELL_EMPTY && target->use == USE_VALUE) {
        feed_missing(r->feed, target->key); /* "NA" */
    }
}

/* Numbers that stand side by side are fed together. */
static void take_cells(struct reading *r)
{
    const struct rowcut *cut = &r->rows.cut;
    size_t n = r->rows.n;

    for (size_t i = 0; i < n;) {
        while (i < n && cut->form[i] == FORM_NOTHING)
            i++; /* in a sparse table that is just no value */
        size_t from = i;
        while (i < n && cut->form[i] == r->plain[i])
            i++;
        if (i > from)
            feed_values(r->feed, r->key + from, cut->number + from, i - from);
        else if (i < n)
            take_odd(r, i++);
    }
}

static void take_row(struct reading *r)
{
    int64_t step = 0;
    bool has_step = false, odd = false;
    double value = 0;

    for (size_t i = r->step; i < r->rows.n && !has_step; i++) {
        if (r->target[i].use != USE_STEP || csvrows_value(&r->rows, i, &value) != CELL_NUMBER)
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
    if ((odd || has_step) && axis_keeps(&r->axis))
        feed_value(r->feed, r->target[r->step].key, value);
    take_cells(r);
}

static void *open_reading(struct feed *feed)
{
    struct reading *r = heap_alloc(sizeof(*r));

    r->feed = feed;
    r->clock = FEED_NO_KEY;
    arena_init(&r->arena);
    return r;
}

static void close_reading(void *thing)
{
    struct reading *r = thing;

    lines_close(&r->rows.lines);
    arena_fini(&r->arena);
    free(r);
}

static bool begin(struct reading *r, const struct source *source, struct err *err)
{
    r->begun = csvrows_axis(source, r->feed, &r->arena, &r->axis, &r->settled, err) &&
               csvrows_open(&r->rows, source, r->feed, &r->arena, err);
    if (r->begun)
        aim(r);
    return r->begun;
}

static void take_rows(struct reading *r, struct err *err)
{
    while (csvrows_next(&r->rows, err)) {
        if (r->rows.new_header)
            aim(r);
        take_row(r);
    }
}

static bool more(void *thing, const struct source *source, struct err *err)
{
    struct reading *r = thing;

    if (!(r->begun ? csvrows_go_on(&r->rows, source, err) : begin(r, source, err)))
        return false;
    csvrows_whole(&r->rows);
    take_rows(r, err);
    return !r->rows.lines.failed;
}

static bool rest(void *thing, const struct source *source, struct err *err)
{
    struct reading *r = thing;
    int64_t commas = r->commas;

    (void)source;
    csvrows_rest(&r->rows);
    take_rows(r, err);
    if (r->commas > 0)
        feed_note(r->feed,
                  "%" PRId64 " cells have a decimal comma and were not read: numbers need a "
                  "decimal point",
                  r->commas);
    r->commas = commas;
    return csvrows_pause(&r->rows);
}

static int64_t taken(const void *thing)
{
    const struct reading *r = thing;

    return r->settled ? csvrows_taken(&r->rows) : 0;
}

static const struct live_reading live = {open_reading, more, rest, taken, close_reading};

const struct reader reader_csv = {
    .name = "csv",
    .what = "Tables as text, one row a step: Lightning, SB3, Ultralytics, Keras, AlgoPerf …",
    .unit = UNIT_FILE,
    .streams = true,
    .bid = bid,
    .live = &live,
};
