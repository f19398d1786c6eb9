/*
 * The numbers of real files, computed elsewhere by other code, where the whole
 * collection is at hand ($POSTRUN_SHARED, or ../shared).
 */
#include "tests/support/fed_points.h"
#include "tests/support/read_file.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>

#include "analysis/base/limits.h"
#include "analysis/files.h"

struct walk {
    struct arena arena; /* of the truth */
    int dir;            /* data/ */
    size_t entries, series;
};

static bool same(double got, double want)
{
    return fabs(got - want) <= 1e-9 * fmax(1e-30, fabs(want)) + 1e-15 ||
           (isnan(got) && isnan(want));
}

struct figures {
    double n, finite, nan, pos_inf, neg_inf, first, last, min, min_step, max, max_step, tail;
    double duplicates, backward, step_first, step_last;
};

static int by_step(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

static void summarize_order(const struct fed_points *p, struct arena *arena, struct figures *s)
{
    int64_t *sorted = ARENA_ARRAY(arena, p->n + 1, int64_t);

    memcpy(sorted, p->step, p->n * sizeof(*sorted));
    qsort(sorted, p->n, sizeof(*sorted), by_step);
    for (size_t i = 1; i < p->n; i++) {
        s->duplicates += sorted[i] == sorted[i - 1];
        s->backward += p->step[i] < p->step[i - 1];
    }
    s->step_first = (double)p->step[0];
    s->step_last = (double)p->step[p->n - 1];
}

static struct figures summarize(const struct fed_points *p, struct arena *arena)
{
    struct figures s = {.n = (double)p->n};
    double *finite = ARENA_ARRAY(arena, p->n + 1, double);
    size_t n = 0;

    for (size_t i = 0; i < p->n; i++) {
        double v = p->value[i];
        s.nan += isnan(v);
        s.pos_inf += isinf(v) && v > 0;
        s.neg_inf += isinf(v) && v < 0;
        if (!isfinite(v))
            continue;
        if (n == 0 || v < s.min) {
            s.min = v;
            s.min_step = (double)p->step[i];
        }
        if (n == 0 || v > s.max) {
            s.max = v;
            s.max_step = (double)p->step[i];
        }
        finite[n++] = v;
    }
    s.finite = (double)n;
    if (n == 0)
        return s;
    size_t tail = (n + 9) / 10;
    for (size_t i = n - tail; i < n; i++)
        s.tail += finite[i] / (double)tail;
    s.first = finite[0];
    s.last = finite[n - 1];
    summarize_order(p, arena, &s);
    return s;
}

static void expect_series(const char *id, const struct json *truth, const struct fed_points *points,
                          struct arena *arena)
{
    struct figures s = summarize(points, arena);
    const struct {
        const char *name;
        double got;
    } rows[] = {{"n", s.n},
                {"n_finite", s.finite},
                {"n_nan", s.nan},
                {"n_posinf", s.pos_inf},
                {"n_neginf", s.neg_inf},
                {"first", s.first},
                {"last", s.last},
                {"min", s.min},
                {"min_step", s.min_step},
                {"max", s.max},
                {"max_step", s.max_step},
                {"mean_last_10pct", s.tail},
                {"step_first", s.step_first},
                {"step_last", s.step_last},
                {"n_duplicate_steps", s.duplicates},
                {"n_backward_steps", s.backward}};

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        double want;
        if (!json_number(json_get(truth, rows[i].name), &want))
            continue; /* a series without finite points has no minimum */
        cr_expect(same(rows[i].got, want), "%s %.*s: %s is %.12g, not %.12g", id,
                  STR_FMT(truth->key), rows[i].name, rows[i].got, want);
    }
}

/* The runs of a file, one that is NULL where it holds a single one. */
static struct strs runs_of(const struct walk *walk, const struct reader *reader, const char *path,
                           struct arena *arena)
{
    static const char *const one[] = {NULL};
    struct source source = {.dir = walk->dir, .path = path};
    struct strs runs = {one, 1};
    struct err err;

    if (reader->unit == UNIT_MANY)
        cr_assert(reader->runs(&source, arena, &runs, &err), "%s: %s", path, err.msg);
    return runs;
}

/* Which key of which run a series of the truth is; false if this run does not hold it. */
static bool key_in_run(const char *format, const char *run, const char *series, struct arena *arena,
                       const char **key)
{
    *key = series;
    if (strcmp(format, "wandb_offline") == 0 && strcmp(series, "_timestamp") == 0)
        *key = "timestamp"; /* wall time has one name */
    if (strcmp(format, "evaluations_npz") == 0)
        *key = arena_printf(arena, "eval/%s", series); /* as SB3 calls it elsewhere */
    if (!run)
        return true;
    if (strcmp(format, "longform") == 0) {
        *key = "episode_reward";
        return str_ends(str_of(run), str_of(arena_printf(arena, " %s", series)));
    }
    size_t n = strlen(run);
    *key = series + n + 3;
    return strncmp(series, run, n) == 0 && strncmp(series + n, " - ", 3) == 0;
}

/* Of runs one after another the last is read; the figures of the series are those of all. */
static void expect_last_run(const char *id, const struct json *segments, const struct fed *fed,
                            struct arena *arena)
{
    const struct json *points = NULL, *final = NULL;
    double n = -1, last = -1;

    json_each (one, json_get(segments, "points"))
        points = one;
    json_each (one, json_get(segments, "final"))
        final = one;
    struct fed_points got =
        fed_points(fed, arena_text(arena, json_text(arena, json_get(segments, "series"))), arena);
    cr_assert(points && final && json_number(points, &n) && json_number(final, &last) && got.n > 0);
    cr_expect((double)got.n == n && same(got.value[got.n - 1], last), "%s: %zu points to %g", id,
              got.n, got.value[got.n - 1]);
}

static void expect_entry(struct walk *walk, const struct json *entry, const char *id,
                         const char *format)
{
    struct arena arena;
    struct bid bid;
    struct err err;
    size_t found = 0;

    arena_init(&arena);
    const char *path = arena_text(&arena, json_text(&arena, json_get(entry, "file")));
    const struct reader *reader = reader_of_file(walk->dir, path, &arena, &bid);
    cr_expect(reader, "%s: nobody reads %s: %s", id, path, bid.why);
    if (!reader) {
        arena_fini(&arena);
        return;
    }
    struct strs runs = runs_of(walk, reader, path, &arena);
    for (size_t i = 0; i < runs.n; i++) {
        bool ok;
        const struct fed *fed = read_file(reader, walk->dir, path, runs.v[i], &arena, &ok, &err);
        cr_assert(ok, "%s: %s", id, err.msg);
        cr_expect(fed->damage_n == 0, "%s: %s", id, fed->damage[0]);
        const struct json *segments = json_get(entry, "segments");
        if (segments)
            expect_last_run(id, segments, fed, &arena);
        json_each (series, json_get(entry, "series")) {
            const char *key;
            if (!key_in_run(format, runs.v[i], arena_text(&arena, series->key), &arena, &key))
                continue;
            struct fed_points points = fed_points(fed, key, &arena);
            if (!segments)
                expect_series(id, series, &points, &arena);
            found++;
        }
    }
    const struct json *all = json_get(entry, "series");
    cr_expect(found == (all ? all->count : 0), "%s: %zu of its series", id, found);
    walk->series += found;
    walk->entries++;
    arena_fini(&arena);
}

/* data/ of the collection; the test is skipped where it is not. */
static int open_data(struct arena *arena)
{
    const char *shared = getenv("POSTRUN_SHARED");
    int dir = open(arena_printf(arena, "%s/data", shared ? shared : "../shared"),
                   O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (dir < 0)
        cr_skip_test("the collection is not here");
    return dir;
}

Test(reader_truth, of_the_whole_collection_where_it_is)
{
    struct walk walk = {0};
    struct str text;
    struct err err;
    bool found;

    arena_init(&walk.arena);
    walk.dir = open_data(&walk.arena);
    cr_assert(file_read(walk.dir, "truth/series.json", SMALL_FILE_MAX, &walk.arena, &text, NULL,
                        &found, &err) &&
                  found,
              "truth/series.json");
    const struct json *truth = json_parse(&walk.arena, text, JSON_DATA, 64, &err);
    cr_assert(truth, "%s", err.msg);
    json_each (entry, truth) {
        const char *id = arena_text(&walk.arena, entry->key);
        const char *format =
            arena_text(&walk.arena, json_text(&walk.arena, json_get(entry, "format")));
        expect_entry(&walk, entry, id, format);
    }
    cr_log_info("%zu entries, %zu series", walk.entries, walk.series);
    cr_expect(walk.entries == truth->count && walk.entries >= 63, "%zu entries", walk.entries);
    close(walk.dir);
    arena_fini(&walk.arena);
}

static const struct fed *fed_of(int dir, const char *path, struct arena *arena)
{
    struct bid bid;
    struct err err;
    bool ok = false;
    const struct reader *reader = reader_of_file(dir, path, arena, &bid);

    cr_assert(reader, "%s: %s", path, bid.why);
    const struct fed *fed = read_file(reader, dir, path, NULL, arena, &ok, &err);
    cr_assert(ok, "%s: %s", path, err.msg);
    return fed;
}

/* The same values, point by point; of the steps, too, if asked. How many points. */
static size_t expect_same(const struct fed *a, const char *key_a, const struct fed *b,
                          const char *key_b, bool steps, struct arena *arena)
{
    struct fed_points p = fed_points(a, key_a, arena), q = fed_points(b, key_b, arena);

    cr_assert(p.n == q.n && p.n > 0, "%s: %zu points and %zu", key_a, p.n, q.n);
    for (size_t i = 0; i < p.n; i++)
        cr_expect(p.value[i] == q.value[i] && (!steps || p.step[i] == q.step[i]), "%s, point %zu",
                  key_a, i);
    return p.n;
}

Test(reader_truth, two_formats_of_one_run_agree)
{
    static const char *const tags[] = {"Loss/pi",
                                       "Loss/v",
                                       "Loss/entropy",
                                       "Len/max_episodes",
                                       "Len/mean_episodes",
                                       "Len/min_episodes",
                                       "Rewards/max_episodes",
                                       "Rewards/mean_episodes",
                                       "Rewards/min_episodes"};
    struct arena arena;
    size_t n = 0;

    arena_init(&arena);
    int dir = open_data(&arena);
    const char *ppo = "files/rl/conceptppo-mxaehod4/";
    const struct fed *wandb =
        fed_of(dir, arena_printf(&arena, "%srun-mxaehod4.wandb", ppo), &arena);
    const struct fed *events =
        fed_of(dir,
               arena_printf(&arena,
                            "%sevents.out.tfevents.1690076260.autodl-container-71644691e8-32af8c29"
                            ".1260.0",
                            ppo),
               &arena);
    for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++)
        n += expect_same(wandb, tags[i], events, tags[i], false, &arena);
    cr_expect(n == 6867, "%zu scalars", n);
    struct fed_points steps = fed_points(wandb, "global_step", &arena);
    struct fed_points points = fed_points(events, "Loss/pi", &arena);
    for (size_t i = 0; i < steps.n; i++)
        cr_expect(steps.value[i] == (double)points.step[i], "step %zu", i);

    const struct fed *state =
        fed_of(dir, "files/lm/llama-factory/nsllm/trainer_state.json", &arena);
    const struct fed *log = fed_of(dir, "files/lm/llama-factory/nsllm/trainer_log.jsonl", &arena);
    cr_expect(expect_same(state, "loss", log, "loss", true, &arena) == 435);
    cr_expect(expect_same(state, "learning_rate", log, "lr", true, &arena) == 435);
    close(dir);
    arena_fini(&arena);
}
