#include "analysis/readers/jsonrow.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#include "analysis/base/limits.h"
#include "analysis/when.h"

void jsonrow_init(struct jsonrow *row, struct feed *feed, struct arena *arena,
                  struct axis_name axis)
{
    *row = (struct jsonrow){.feed = feed, .arena = arena, .axis = axis, .clock = FEED_NO_KEY};
    row->kinds = heap_alloc(SHAPES * sizeof(*row->kinds));
    row->seen = heap_alloc((KEYS_MAX + 1) * sizeof(*row->seen));
    shapes_init(&row->shapes);
}

void jsonrow_fini(struct jsonrow *row)
{
    free(row->kinds);
    free(row->seen);
    shapes_fini(&row->shapes);
    buf_fini(&row->name);
    buf_fini(&row->part);
}

static int clock_key(struct jsonrow *row)
{
    if (row->clock == FEED_NO_KEY)
        row->clock = feed_key(row->feed, STR("timestamp"));
    return row->clock;
}

/* ---- any line ---- */

static struct json_cell cell_of(enum cell_kind kind, int key, double value, struct str text)
{
    return (struct json_cell){kind, key, value, text.p, text.p + text.n};
}

/* Of a key that comes twice the last cell counts. */
static void add(struct jsonrow *row, enum cell_kind kind, int key, double value, struct str text)
{
    struct json_cell cell = cell_of(kind, key, value, text);
    size_t at = kind == CELL_STEP ? KEYS_MAX : (size_t)key;

    if (kind == CELL_STEP || key >= 0) {
        if (row->seen[at].serial == row->serial) {
            row->twice = true;
            row->cells.v[row->seen[at].cell] = cell;
            return;
        }
        row->seen[at].serial = row->serial;
        row->seen[at].cell = row->cells.n;
    }
    VEC_PUSH(row->arena, &row->cells, cell);
}

/* Two names may both be the clock: that is no key twice. */
static void add_clock(struct jsonrow *row, enum cell_kind kind, struct str name, double seconds,
                      struct str text)
{
    row->twice |= row->clock_name.n > 0 && str_eq(row->clock_name, name);
    row->clock_name = name;
    VEC_PUSH(row->arena, &row->cells, cell_of(kind, clock_key(row), seconds, text));
}

static void take_number(struct jsonrow *row, struct str name, const struct scan_member *member)
{
    double value = scan_double(member);

    if (str_eq(name, row->axis.name)) {
        row->has_step = feed_step(value, &row->step);
        row->odd_step = !row->has_step;
        row->simple &= row->has_step && !row->axis.odd;
        if (axis_keeps(&row->axis))
            add(row, CELL_VALUE, feed_key(row->feed, name), value, member->value);
        else
            add(row, CELL_STEP, FEED_NO_KEY, value, member->value);
        return;
    }
    if (str_is(name, "total_steps"))
        row->total = value;
    else if (str_is(name, "percentage"))
        row->percentage = value;
    row->has_runtime |= str_is(name, "train_runtime");
    double seconds;
    bool named = axis_is_clock(name);
    if (named && axis_clock(value, &seconds))
        add_clock(row, CELL_CLOCK, member->key, seconds, member->value);
    else
        add(row, named ? CELL_ELAPSED : CELL_VALUE, feed_key(row->feed, name), value,
            member->value);
}

/* Texts that say something about the run; each only once. */
static void tell_text(struct jsonrow *row, struct str name, struct str text)
{
    if (!row->told.host && str_is(name, "hostname")) {
        row->told.host = true;
        feed_fact(row->feed, FACT_HOST, text);
    } else if (!row->told.run && (str_is(name, "trial_id") || str_is(name, "run_id"))) {
        row->told.run = true;
        feed_fact(row->feed, FACT_RUN_ID, text);
    }
}

/* Times as text are numbers: dates, and how long something took. */
static void take_string(struct jsonrow *row, struct str name, const struct scan_member *member)
{
    struct str text = {member->value.p + 1, member->value.n - 2};
    double seconds;
    int64_t ms;

    if (axis_is_clock(name) && when_read(text, &ms, NULL)) {
        add_clock(row, CELL_DATE, member->key, (double)ms / 1e3, text);
    } else if (str_has(name, STR("time")) && axis_duration(text, &seconds)) {
        add(row, CELL_SPAN, feed_key(row->feed, name), seconds, text);
    } else if (text.n > 0 && scan_non_finite(text, &seconds) == text.n) { /* as trackio has it */
        add(row, CELL_VALUE, feed_key(row->feed, name), seconds, text);
        row->simple = false;
    } else {
        add(row, CELL_OTHER, feed_key(row->feed, name), 0, text);
        tell_text(row, name, text);
    }
}

static void take_object(struct jsonrow *row, struct str text, size_t depth);

static void take_nested(struct jsonrow *row, const struct scan_member *member, size_t depth)
{
    struct str name = buf_str(&row->name);

    if (*member->value.p == '[') {
        add(row, CELL_OTHER, feed_key(row->feed, name), 0, member->value);
    } else if (depth == 0 && str_is(name, "config")) {
        row->simple = false;
        if (!row->told.config)
            feed_config(row->feed, "config", member->value);
        row->told.config = true;
    } else {
        if (depth == 0 && str_is(name, "data")) /* verl: {"step", "data": {...}} */
            row->name.n = 0;
        else
            buf_byte(&row->name, '/');
        take_object(row, member->value, depth + 1);
    }
}

static void add_name(struct jsonrow *row, const struct scan_member *member)
{
    if (!member->escaped) {
        buf_add(&row->name, member->key);
        return;
    }
    buf_reserve(&row->name, member->key.n);
    row->name.n += scan_unescape(member->key, row->name.p + row->name.n);
}

static const char *take_members(struct jsonrow *row, struct str text, size_t depth)
{
    struct scan scan = scan_object(text);
    size_t prefix = row->name.n;
    struct scan_member member;

    while (scan_next(&scan, &member)) {
        row->name.n = prefix;
        add_name(row, &member);
        struct str name = buf_str(&row->name);
        if (member.kind == SCAN_NUMBER || member.kind == SCAN_NON_FINITE)
            take_number(row, name, &member);
        else if (member.kind == SCAN_STRING)
            take_string(row, name, &member);
        else if (member.kind == SCAN_NESTED)
            take_nested(row, &member, depth);
        else
            add(row, member.kind == SCAN_NULL ? CELL_MISSING : CELL_OTHER,
                feed_key(row->feed, name), 0, member.value);
        if (depth == 0 && str_is(member.key, "done") && str_is(member.value, "true"))
            row->is_done = true;
    }
    row->name.n = prefix;
    return scan.fault;
}

/* A nested object was checked with the line that holds it. */
static void take_object(struct jsonrow *row, struct str text, size_t depth)
{
    (void)take_members(row, text, depth);
}

static void feed_cells(struct jsonrow *row)
{
    struct feed *feed = row->feed;

    if (row->has_step)
        feed_row(feed, row->step);
    else
        feed_row_stepless(feed);
    if (row->odd_step)
        feed_step_odd(feed);
    if (row->twice)
        feed_key_twice(feed);
    for (size_t i = 0; i < row->cells.n; i++) {
        const struct json_cell *cell = &row->cells.v[i];
        if (cell->kind < CELL_MISSING && cell->kind != CELL_STEP)
            feed_value(feed, cell->key, cell->value);
        else if (cell->kind == CELL_MISSING)
            feed_missing(feed, cell->key);
        else if (cell->kind == CELL_OTHER)
            feed_other(feed, cell->key);
    }
}

/* What only some writers write: how many steps are planned, and that the run came to its end. */
static void tell_ends(struct jsonrow *row)
{
    const char *what = row->has_runtime           ? "train_runtime"
                       : row->is_done             ? "done"
                       : row->percentage == 100.0 ? "percentage 100"
                                                  : NULL;
    int64_t total;

    if (!row->told.total && feed_step(row->total, &total) && total > 0) {
        row->told.total = true;
        feed_fact_number(row->feed, FACT_TOTAL_STEPS, total);
    }
    if (row->told.end || !what || !row->has_step)
        return;
    row->told.end = true;
    feed_fact(row->feed, FACT_FINAL_ROW,
              str_of(arena_printf(row->arena, "%s at step %" PRId64, what, row->step)));
}

/* ---- lines of a known shape ---- */

/* The line just read becomes a shape. */
static void learn(struct jsonrow *row, struct str line)
{
    struct row_kind *kind = &row->kinds[row->shapes.oldest];

    if (row->plain || !row->simple || row->cells.n > SHAPE_SLOTS ||
        !shapes_begin(&row->shapes, line, 0))
        return;
    kind->slots_n = kind->special_n = kind->fixed_n = 0;
    for (size_t i = 0; i < row->cells.n; i++) {
        const struct json_cell *cell = &row->cells.v[i];
        if (cell->kind >= CELL_MISSING) {
            kind->fixed[kind->fixed_n].kind = cell->kind;
            kind->fixed[kind->fixed_n++].key = cell->key;
            continue;
        }
        bool text = cell->kind == CELL_DATE || cell->kind == CELL_SPAN;
        shapes_slot(&row->shapes, (struct str){cell->at, (size_t)(cell->end - cell->at)},
                    text ? SLOT_QUOTED : SLOT_NUMBER);
        if (cell->kind != CELL_VALUE) {
            kind->special[kind->special_n].kind = cell->kind;
            kind->special[kind->special_n++].slot = kind->slots_n;
        }
        kind->key[kind->slots_n++] = cell->key;
    }
    shapes_end(&row->shapes);
}

/* A slot that is more than a value; false if the line means something else by it. */
static bool take_special(struct jsonrow *row, enum cell_kind kind, double *value, struct str text)
{
    double seconds;
    int64_t ms;

    switch (kind) {
    case CELL_STEP:
        row->has_step = feed_step(*value, &row->step);
        return row->has_step;
    case CELL_CLOCK:
        return axis_clock(*value, value);
    case CELL_ELAPSED:
        return !axis_clock(*value, &seconds);
    case CELL_SPAN:
        return axis_duration(text, value);
    default:
        if (!when_read(text, &ms, NULL))
            return false;
        *value = (double)ms / 1e3;
        return true;
    }
}

static bool take_specials(struct jsonrow *row, const struct row_kind *kind)
{
    const struct str *text = row->shapes.quoted;

    row->has_step = false;
    for (size_t i = 0; i < kind->special_n; i++) {
        enum cell_kind what = kind->special[i].kind;
        bool quoted = what == CELL_DATE || what == CELL_SPAN;
        if (!take_special(row, what, &row->shapes.number[kind->special[i].slot],
                          quoted ? *text : (struct str){0}))
            return false;
        text += quoted;
    }
    return true;
}

static void feed_known(struct jsonrow *row, const struct row_kind *kind)
{
    const double *value = row->shapes.number;
    size_t from = 0;

    if (row->has_step)
        feed_row(row->feed, row->step);
    else
        feed_row_stepless(row->feed);
    for (size_t i = 0; i < kind->special_n; i++) {
        if (kind->special[i].kind != CELL_STEP)
            continue;
        size_t to = kind->special[i].slot;
        if (to > from)
            feed_values(row->feed, kind->key + from, value + from, to - from);
        from = to + 1;
    }
    feed_values(row->feed, kind->key + from, value + from, kind->slots_n - from);
    for (size_t i = 0; i < kind->fixed_n; i++) {
        if (kind->fixed[i].kind == CELL_MISSING)
            feed_missing(row->feed, kind->fixed[i].key);
        else
            feed_other(row->feed, kind->fixed[i].key);
    }
}

const char *jsonrow_line(struct jsonrow *row, struct str line)
{
    const char *fault = NULL;

    int at = shapes_match(&row->shapes, line);
    if (at >= 0 && take_specials(row, &row->kinds[at])) {
        feed_known(row, &row->kinds[at]);
        return NULL;
    }
    row->cells.n = row->name.n = 0;
    row->has_step = row->odd_step = row->has_runtime = row->is_done = false;
    row->total = row->percentage = (double)NAN;
    row->simple = true;
    row->twice = false;
    row->clock_name = (struct str){0};
    row->serial++;
    fault = take_members(row, line, 0);
    if (fault)
        return fault;
    row->simple &= !row->twice && !row->has_runtime && !row->is_done && isnan(row->total) &&
                   isnan(row->percentage);
    feed_cells(row);
    tell_ends(row);
    learn(row, line);
    return NULL;
}
