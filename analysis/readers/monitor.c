/*
 * N.monitor.csv of Stable-Baselines3 and Baselines: `#{json}` first, then one
 * row an episode: r (return), l (length), t (seconds since t_start). There is
 * no step: environment steps are counted up from the lengths. A folder has one
 * file for each environment that ran beside the others.
 */
#include <stdlib.h>

#include "analysis/base/limits.h"
#include "analysis/readers/csvrows.h"
#include "analysis/readers/sniff.h"

static const char *const rewards[] = {"r", NULL};
static const char *const lengths[] = {"l", NULL};
static const char *const times[] = {"t", NULL};

static struct bid bid(const struct probe *probe, struct arena *arena)
{
    bool named = str_ends(str_of(probe->name), STR("monitor.csv"));

    if (!named && !str_starts(probe->head, STR("#{")))
        return (struct bid){0, NULL};
    const struct table_look *look = table_look_of(probe, arena);
    if (look->refused || !str_starts(look->comment, STR("#{")))
        return (struct bid){0, named ? "its first line is not `#{…}`" : NULL};
    if (dialect_find(&look->dialect, rewards) == SIZE_MAX ||
        dialect_find(&look->dialect, lengths) == SIZE_MAX)
        return (struct bid){0, named ? "it has no columns r and l" : NULL};
    return named ? (struct bid){90, "its name fits, and `#{…}` and the columns r and l follow"}
                 : (struct bid){60, "it has a first line `#{…}` and the columns r and l"};
}

/* t_start of the first line, and all of it as configuration. */
static double tell_comment(struct feed *feed, struct str comment, struct arena *arena)
{
    double start = 0;
    struct err err;
    struct str text = str_trim(str_from(comment, 1));
    const struct json *json = json_parse(arena, text, JSON_STRICT, DATA_DEPTH_MAX, &err);

    if (!json)
        return 0;
    feed_config(feed, "monitor", json->raw);
    if (!json_number(json_get(json, "t_start"), &start) || !axis_clock(start, &start))
        return 0;
    feed_fact_number(feed, FACT_STARTED, (int64_t)(start * 1e3));
    return start;
}

struct reading {
    struct arena arena;
    struct csvrows rows;
    struct feed *feed;
    bool begun;
    size_t reward, length, time;
    int *key; /* by column */
    int clock;
    double start, steps;
};

static void aim(struct reading *r)
{
    const struct dialect *dialect = &r->rows.dialect;

    r->reward = dialect_find(dialect, rewards);
    r->length = dialect_find(dialect, lengths);
    r->time = dialect_find(dialect, times);
    r->key = ARENA_ARRAY(r->rows.arena, dialect->n, int);
    for (size_t i = 0; i < dialect->n; i++)
        r->key[i] = i == r->time && r->start > 0 ? r->clock : feed_key(r->feed, dialect->name[i]);
}

static void take_row(struct reading *r)
{
    double length, reward, value;
    int64_t step;

    if (r->length >= r->rows.n || r->reward >= r->rows.n ||
        csvrows_value(&r->rows, r->length, &length) != CELL_NUMBER ||
        csvrows_value(&r->rows, r->reward, &reward) != CELL_NUMBER ||
        !feed_step(r->steps + length, &step)) {
        feed_malformed(r->feed, r->rows.lines.number, "r or l is missing");
        return;
    }
    r->steps += length;
    feed_row(r->feed, step);
    for (size_t i = 0; i < r->rows.n; i++) {
        enum cell_value kind = csvrows_value(&r->rows, i, &value);
        if (kind == CELL_NUMBER)
            feed_value(r->feed, r->key[i], i == r->time ? r->start + value : value);
        else if (kind == CELL_TEXT)
            feed_other(r->feed, r->key[i]);
    }
}

static void *open_reading(struct feed *feed)
{
    struct reading *r = heap_alloc(sizeof(*r));

    r->feed = feed;
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
    r->begun = csvrows_open(&r->rows, source, r->feed, &r->arena, err);
    if (!r->begun)
        return false;
    r->start = tell_comment(r->feed, r->rows.comment, &r->arena);
    r->clock = r->start > 0 ? feed_key(r->feed, STR("timestamp")) : FEED_NO_KEY;
    feed_axis(r->feed, "l", "there is no step: the episodes' lengths l are counted up");
    aim(r);
    return true;
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
    double steps = r->steps;

    (void)source;
    csvrows_rest(&r->rows);
    take_rows(r, err);
    r->steps = steps;
    return csvrows_pause(&r->rows);
}

static int64_t taken(const void *thing)
{
    const struct reading *r = thing;

    return csvrows_taken(&r->rows);
}

static const struct live_reading live = {open_reading, more, rest, taken, close_reading};

const struct reader reader_monitor = {
    .name = "monitor",
    .what = "N.monitor.csv of Stable-Baselines3: one row an episode, environment steps counted up.",
    .unit = UNIT_FOLDER,
    .streams = true,
    .workers = true,
    .bid = bid,
    .live = &live,
};
