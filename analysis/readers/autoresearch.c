/*
 * results.tsv of autoresearch: one row an experiment that an agent tried, with
 * what came of it. A crash has 0.000000 for a value, which is none.
 */
#include "analysis/base/limits.h"
#include "analysis/readers/csvrows.h"
#include "analysis/readers/sniff.h"

#include <inttypes.h>

static const char *const results[] = {"val_bpb", NULL};
static const char *const memories[] = {"memory_gb", NULL};
static const char *const statuses[] = {"status", NULL};

static bool fits(const struct dialect *dialect)
{
    return dialect_find(dialect, results) != SIZE_MAX &&
           dialect_find(dialect, statuses) != SIZE_MAX;
}

static struct bid bid(const struct probe *probe, struct arena *arena)
{
    struct table_look look;

    if (strcmp(probe->name, "results.tsv") != 0)
        return (struct bid){0, NULL};
    dialect_look(probe->head, probe->size <= (int64_t)probe->head.n, arena, &look);
    if (!fits(&look.dialect))
        return (struct bid){0, NULL};
    return (struct bid){85, "its name fits, and its columns are val_bpb and status"};
}

static void take(struct feed *feed, const struct csvrows *rows, size_t at, int key, bool crashed)
{
    double value;

    if (at >= rows->n || dialect_value(rows->cell[at], &value) != CELL_NUMBER)
        return;
    if (crashed || !(value != 0))
        feed_missing(feed, key);
    else
        feed_value(feed, key, value);
}

static bool read_source(const struct source *source, struct feed *feed, struct err *err)
{
    struct arena arena;
    struct csvrows rows;
    int64_t kept = 0, crashes = 0, all = 0;

    arena_init(&arena);
    bool ok = csvrows_open(&rows, source, feed, &arena, err);
    if (ok) {
        int result = feed_key(feed, STR("val_bpb")), memory = feed_key(feed, STR("memory_gb"));
        while (csvrows_next(&rows, err)) {
            size_t status = dialect_find(&rows.dialect, statuses);
            struct str word = status < rows.n ? rows.cell[status] : (struct str){0};
            bool crashed = str_is(word, "crash");
            feed_row_stepless(feed);
            take(feed, &rows, dialect_find(&rows.dialect, results), result, crashed);
            take(feed, &rows, dialect_find(&rows.dialect, memories), memory, crashed);
            kept += str_is(word, "keep");
            crashes += crashed;
            all++;
        }
        ok = csvrows_close(&rows);
        feed_axis(feed, "row", "each row is an experiment; they are numbered");
        feed_note(feed,
                  "%" PRId64 " experiments: %" PRId64 " kept, %" PRId64
                  " crashed (0.000000 is no value there)",
                  all, kept, crashes);
    }
    arena_fini(&arena);
    return ok;
}

const struct reader reader_autoresearch = {
    .name = "autoresearch",
    .what = "results.tsv of autoresearch: one row an experiment; a crash has no value.",
    .unit = UNIT_FILE,
    .streams = true,
    .bid = bid,
    .read = read_source,
};
