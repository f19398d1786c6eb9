#include "analysis/readers/weave.h"

#include <criterion/criterion.h>
#include <math.h>

/* A source made by hand: rows of one step and some values. */
struct made {
    struct feed *feed;
    struct weave_source source;
};

static struct made make(const char *path, const char *format)
{
    return (struct made){feed_new(), {.path = path, .format = format, .why = "made"}};
}

static void row(struct made *m, int64_t step, const char *key, double value)
{
    feed_row(m->feed, step);
    feed_value(m->feed, feed_key(m->feed, str_of(key)), value);
}

static void also(struct made *m, const char *key, double value)
{
    feed_value(m->feed, feed_key(m->feed, str_of(key)), value);
}

static struct woven *weave_made(struct made *made, size_t n)
{
    struct weave_source sources[8] = {0};

    for (size_t i = 0; i < n; i++) {
        made[i].source.fed = feed_end(made[i].feed);
        sources[i] = made[i].source;
    }
    struct woven *w = weave(sources, n, 0);
    for (size_t i = 0; i < n; i++)
        feed_free(made[i].feed);
    return w;
}

static void expect_rows(struct woven *w, const char *want)
{
    struct rows_view *view = woven_rows(w, NULL);
    size_t n = rows_count(view), all[64];
    struct buf out = {0};
    struct err err;

    cr_assert(n <= 64);
    for (size_t i = 0; i < n; i++)
        all[i] = i;
    cr_assert(rows_put(view, all, n, NULL, 0, &out, &err), "%s", err.msg);
    cr_expect_str_eq(buf_text(&out), want, "%s", buf_text(&out));
    buf_fini(&out);
    rows_view_unref(view);
}

static bool noted(const struct woven *w, const char *text)
{
    for (size_t i = 0; i < w->notes.n; i++) {
        if (strcmp(w->notes.v[i], text) == 0)
            return true;
    }
    return false;
}

#define EXPECT_NOTE(w, text)                                                                       \
    cr_expect(noted(w, text), "not said: %s; first said: %s", text,                                \
              (w)->notes.n ? (w)->notes.v[0] : "nothing")

Test(weave, a_single_source_stays_as_it_is)
{
    struct made m = make("a.csv", "csv");

    row(&m, 3, "loss", 0.5);
    row(&m, 1, "loss", 0.1);
    also(&m, "lr", 1e-3);
    struct woven *w = weave_made(&m, 1);
    expect_rows(w, "{\"step\":3,\"loss\":0.5},{\"step\":1,\"loss\":0.1,\"lr\":0.001}");
    cr_expect(w->notes.n == 0 && w->sources_n == 1 && w->sources[0].tally.rows == 2);
    woven_unref(w);
}

Test(weave, equal_points_are_said_to_be_and_stand_once)
{
    struct made m[] = {make("a.json", "state"), make("b.jsonl", "lines")};

    for (int i = 1; i <= 3; i++) {
        row(&m[0], i, "loss", 1.0 / i);
        row(&m[1], i, "loss", (double)(float)(1.0 / i)); /* what a float32 keeps */
        also(&m[1], "speed", 10 * i);
    }
    struct woven *w = weave_made(m, 2);
    expect_rows(w, "{\"step\":1,\"loss\":1,\"speed\":10},{\"step\":2,\"loss\":0.5,\"speed\":20},"
                   "{\"step\":3,\"loss\":0.3333333333333333,\"speed\":30}");
    EXPECT_NOTE(w, "loss: 3 of 3 points equal in a.json and b.jsonl");
    woven_unref(w);
}

Test(weave, a_difference_names_its_first_step)
{
    struct made m[] = {make("a.json", "state"), make("b.jsonl", "lines")};

    for (int i = 1; i <= 4; i++) {
        row(&m[0], i, "loss", i);
        row(&m[1], i, "loss", i < 3 ? i : i + 0.5);
    }
    struct woven *w = weave_made(m, 2);
    EXPECT_NOTE(w, "loss differs between a.json and b.jsonl at 2 of 4 common steps, first at step "
                   "3: 3 against 3.5");
    EXPECT_NOTE(w, "loss: 2 of 4 points equal in a.json and b.jsonl");
    expect_rows(w, "{\"step\":1,\"loss\":1},{\"step\":2,\"loss\":2},{\"step\":3,\"loss\":3},"
                   "{\"step\":4,\"loss\":4}");
    woven_unref(w);
}

/* "%.3f" of 1/i, "%.2e" of a rate: half of the last digit is what a print may round away. */
Test(weave, what_was_printed_is_compared_as_far_as_it_goes)
{
    static const double printed[] = {1, 0.5, 0.333, 0.25},
                        rate[] = {6e-4, 5.97e-4, 1.23e-2, 9.01e-5};
    static const double exact[] = {6.0013e-4, 5.9741e-4, 1.2345e-2, 9.0149e-5};

    for (int wrong = 0; wrong < 2; wrong++) {
        struct made m[] = {make("run.log", "console"), make("a.jsonl", "jsonl")};
        m[0].source.printed = true;
        for (int i = 1; i <= 4; i++) {
            row(&m[0], i, "loss", printed[i - 1]);
            also(&m[0], "lr", rate[i - 1]);
            row(&m[1], i, "loss", 1.0 / i + (wrong && i == 2 ? 6e-4 : 0));
            also(&m[1], "lr", exact[i - 1]);
        }
        struct woven *w = weave_made(m, 2);
        if (wrong) {
            EXPECT_NOTE(w, "loss, lr: 7 of 8 points equal in a.jsonl and run.log, as far as they "
                           "are printed");
            EXPECT_NOTE(w, "loss differs between a.jsonl and run.log at 1 of 4 common steps, first "
                           "at step 2: 0.5006 against 0.5");
        } else {
            EXPECT_NOTE(w, "loss, lr: 8 of 8 points equal in a.jsonl and run.log, as far as they "
                           "are printed");
            expect_rows(w, "{\"step\":1,\"loss\":1,\"lr\":0.00060013},"
                           "{\"step\":2,\"loss\":0.5,\"lr\":0.00059741},"
                           "{\"step\":3,\"loss\":0.3333333333333333,\"lr\":0.012345},"
                           "{\"step\":4,\"loss\":0.25,\"lr\":9.0149e-05}");
        }
        woven_unref(w);
    }
}

Test(weave, what_one_source_has_beyond_the_end_of_another_is_added)
{
    struct made m[] = {make("a.json", "state"), make("b.jsonl", "lines")};

    for (int i = 1; i <= 4; i++)
        row(&m[0], i, "loss", i);
    row(&m[1], 4, "loss", 4);
    row(&m[1], 5, "loss", 5);
    row(&m[1], 6, "loss", 6);
    struct woven *w = weave_made(m, 2);
    EXPECT_NOTE(w, "2 points of b.jsonl lie beyond the end of a.json and are added");
    cr_expect(w->rows->tally.rows == 6 && w->rows->tally.last_step == 6);
    woven_unref(w);
}

Test(weave, histories_in_checkpoints_are_parts_of_the_whole)
{
    struct made m[] = {make("s.json", "state"), make("checkpoint-2/s.json", "state"),
                       make("checkpoint-3/s.json", "state")};

    m[1].source.history = m[2].source.history = true;
    for (int i = 1; i <= 4; i++) {
        row(&m[0], i, "loss", i);
        if (i <= 2)
            row(&m[1], i, "loss", i);
        if (i <= 3)
            row(&m[2], i, "loss", i);
    }
    struct woven *w = weave_made(m, 3);
    EXPECT_NOTE(w, "the histories in 2 checkpoints are exact parts of s.json");
    cr_expect(w->notes.n == 1 && w->rows->tally.rows == 4);
    woven_unref(w);
}

Test(weave, files_of_one_folder_and_format_follow_each_other)
{
    struct made m[] = {make("e.1", "events"), make("e.2", "events")};

    m[0].source.follows = m[1].source.follows = true;
    row(&m[1], 1, "loss", 1);
    also(&m[1], "timestamp", 100);
    row(&m[1], 2, "loss", 2);
    row(&m[0], 2, "loss", 20); /* begun later, though it stands first */
    also(&m[0], "timestamp", 200);
    row(&m[0], 3, "loss", 30);
    struct woven *w = weave_made(m, 2);
    expect_rows(w, "{\"step\":1,\"loss\":1,\"timestamp\":100},{\"step\":2,\"loss\":2},"
                   "{\"step\":2,\"loss\":20,\"timestamp\":200},{\"step\":3,\"loss\":30}");
    cr_expect(w->notes.n == 0 && w->rows->tally.duplicates == 1);
    woven_unref(w);
}

/* The folder that was written last is given first: it tells how the run stands. */
Test(weave, a_run_resumed_in_another_folder_goes_on)
{
    struct made m[] = {make("run-2/run-a.wandb", "wandb"), make("run-1/run-a.wandb", "wandb")};

    for (int i = 0; i < 2; i++) {
        m[i].source.follows = m[i].source.resumes = true;
        feed_fact_number(m[i].feed, FACT_STARTED, i == 0 ? 9000 : 1000);
        feed_fact_number(m[i].feed, FACT_EXIT_CODE, i);
        for (int k = 0; k < 2; k++) {
            row(&m[i], k + (i == 0 ? 1 : 0), "loss", i == 0 ? 0.25 : 0.5);
            also(&m[i], "timestamp", (i == 0 ? 9 : 1) + k);
        }
    }
    struct woven *w = weave_made(m, 2);
    expect_rows(
        w,
        "{\"step\":0,\"loss\":0.5,\"timestamp\":1},{\"step\":1,\"loss\":0.5,\"timestamp\":2},"
        "{\"step\":1,\"loss\":0.25,\"timestamp\":9},{\"step\":2,\"loss\":0.25,\"timestamp\":10}");
    cr_expect_str_eq(w->fact[FACT_STARTED], "1000");
    cr_expect_str_eq(w->fact[FACT_EXIT_CODE], "0");
    woven_unref(w);
}

Test(weave, a_restart_stays_in_order)
{
    struct made m[] = {make("a.csv", "csv"), make("b.jsonl", "lines")};

    row(&m[0], 1, "x", 1);
    row(&m[0], 2, "x", 2);
    row(&m[0], 1, "x", 3); /* again from 1 */
    row(&m[1], 2, "y", 5);
    row(&m[1], 1, "y", 6);
    struct woven *w = weave_made(m, 2);
    expect_rows(w,
                "{\"step\":1,\"x\":1},{\"step\":2,\"x\":2,\"y\":5},{\"step\":1,\"x\":3,\"y\":6}");
    cr_expect(w->rows->tally.restarts_n == 1 && w->rows->tally.restart[0].step == 1);
    woven_unref(w);
}

Test(weave, sides_of_a_run_get_their_folders_names)
{
    struct made m[] = {make("train/e", "events"), make("validation/e", "events")};

    row(&m[0], 1, "epoch_loss", 2);
    also(&m[0], "lr", 0.5);
    row(&m[1], 1, "epoch_loss", 3);
    struct woven *w = weave_made(m, 2);
    expect_rows(w, "{\"step\":1,\"train/epoch_loss\":2,\"lr\":0.5,\"validation/epoch_loss\":3}");
    cr_expect(w->notes.n == 0);
    woven_unref(w);
}

Test(weave, a_log_that_counts_otherwise_is_put_to_the_others_steps)
{
    struct made m[] = {make("run.wandb", "wandb"), make("e", "events")};

    for (int i = 0; i < 10; i++) {
        row(&m[0], i, "loss", i * 0.5);
        also(&m[0], "global_step", (i + 1) * 1000);
        row(&m[1], (i + 1) * 1000, "loss", i * 0.5);
    }
    struct woven *w = weave_made(m, 2);
    EXPECT_NOTE(w, "run.wandb is put to the steps of e: its column 'global_step' holds them");
    EXPECT_NOTE(w, "loss: 10 of 10 points equal in run.wandb and e");
    cr_expect(w->rows->tally.rows == 10 && w->rows->tally.last_step == 10000);
    woven_unref(w);
}

static void row_without(struct made *m, const char *key, double value)
{
    feed_row_stepless(m->feed);
    feed_value(m->feed, feed_key(m->feed, str_of(key)), value);
}

Test(weave, rows_without_steps_take_those_of_the_same_points)
{
    struct made m[] = {make("a.csv", "csv"), make("b.jsonl", "lines")};

    for (int i = 0; i < 3; i++) {
        row_without(&m[0], "loss", 3 - i);
        also(&m[0], "acc", i);
        row(&m[1], (i + 1) * 10, "loss", 3 - i);
    }
    struct woven *w = weave_made(m, 2);
    EXPECT_NOTE(w, "a.csv is put to the steps of b.jsonl: 3 points of 'loss' are the same");
    EXPECT_NOTE(w, "loss: 3 of 3 points equal in b.jsonl and a.csv");
    expect_rows(w, "{\"step\":10,\"loss\":3,\"acc\":0},{\"step\":20,\"loss\":2,\"acc\":1},"
                   "{\"step\":30,\"loss\":1,\"acc\":2}");
    woven_unref(w);
}

/* Rows 0, 1, 2 are no steps 0, 1, 2: nothing is said to differ, and nothing is added. */
Test(weave, rows_without_steps_may_be_ahead)
{
    struct made m[] = {make("a.csv", "csv"), make("b.jsonl", "lines")};

    for (int i = 0; i < 5; i++) {
        row_without(&m[0], "loss", 9 - i);
        if (i < 4)
            row(&m[1], i * 10, "loss", 9 - i);
    }
    struct woven *w = weave_made(m, 2);
    EXPECT_NOTE(w, "a.csv is put to the steps of b.jsonl: 4 points of 'loss' are the same, and "
                   "what is behind them takes the last step");
    expect_rows(w, "{\"step\":0,\"loss\":9},{\"step\":10,\"loss\":8},{\"step\":20,\"loss\":7},"
                   "{\"step\":30,\"loss\":6}");
    woven_unref(w);
}

Test(weave, the_number_of_a_row_is_compared_with_no_step)
{
    struct made m[] = {make("a.jsonl", "lines"), make("b.csv", "csv")};

    for (int i = 0; i < 3; i++) {
        row(&m[0], i, "loss", 3 - i);
        row_without(&m[1], "loss", 0.5 - i);
    }
    struct woven *w = weave_made(m, 2);
    EXPECT_NOTE(w, "b.csv has no steps, and nothing tells which of a.jsonl its rows are");
    EXPECT_NOTE(w, "a.jsonl and b.csv tell 1 metric at no common step (loss); the points of "
                   "a.jsonl stand");
    cr_expect(w->conflicts_n == 0);
    expect_rows(w, "{\"step\":0,\"loss\":3},{\"step\":1,\"loss\":2},{\"step\":2,\"loss\":1}");
    woven_unref(w);
}

Test(weave, each_of_several_sources_says_what_its_rows_lack)
{
    struct made m[] = {make("a.jsonl", "lines"), make("b.csv", "csv")};
    struct arena arena;
    struct coverage coverage;
    bool twice = false, without = false, one = false;

    row(&m[0], 1, "loss", 3);
    feed_key_twice(m[0].feed);
    row_without(&m[0], "loss", 1);
    row_without(&m[1], "acc", 1);
    struct woven *w = weave_made(m, 2);
    arena_init(&arena);
    coverage_init(&coverage, &arena);
    struct rows_view *view = woven_rows(w, NULL);
    rows_cover(view, &coverage);
    for (size_t i = 0; i < coverage.notes.n; i++) {
        const char *note = coverage.notes.v[i];
        twice |= strcmp(note, "a.jsonl: 1 row holds a key twice: the last one counts") == 0;
        without |= strcmp(note, "a.jsonl: 1 row has no step and takes the one before") == 0;
        one |= strcmp(note, "b.csv: no row has a step: its number, from 0, stands in") == 0;
    }
    cr_expect(twice && without && one, "%s", coverage.notes.n ? coverage.notes.v[0] : "nothing");
    rows_view_unref(view);
    arena_fini(&arena);
    woven_unref(w);
}

Test(weave, one_metric_of_two_names_is_told)
{
    struct made m[] = {make("a.jsonl", "lines"), make("b.json", "state")};

    for (int i = 0; i < 9; i++) {
        row(&m[0], i, "lr", 0.1 * i);
        row(&m[1], i, "learning_rate", 0.1 * i);
    }
    struct woven *w = weave_made(m, 2);
    EXPECT_NOTE(w, "lr in a.jsonl is learning_rate in b.json: 9 of 9 points equal");
    woven_unref(w);
}

Test(weave, floats_are_printed_as_floats_and_what_is_not_finite_is_named)
{
    struct made m = make("e", "events");
    m.source.float32 = true;
    row(&m, 1, "x", (double)0.1f);
    row(&m, 2, "x", NAN);
    row(&m, 3, "x", -INFINITY);
    row(&m, 4, "x", (double)16777216.0f);
    struct woven *w = weave_made(&m, 1);
    expect_rows(w, "{\"step\":1,\"x\":0.1},{\"step\":2,\"x\":\"NaN\"},{\"step\":3,\"x\":"
                   "\"-Infinity\"},{\"step\":4,\"x\":16777216}");

    struct rows_view *view = woven_rows(w, NULL);
    struct buf steps = {0}, values = {0};
    struct err err;
    const size_t some[] = {0, 3};
    cr_expect(rows_put_column(view, 0, some, 2, &steps, &values, &err));
    cr_expect_str_eq(buf_text(&steps), "1,4");
    cr_expect_str_eq(buf_text(&values), "0.1,16777216");
    buf_fini(&steps);
    buf_fini(&values);
    rows_view_unref(view);
    woven_unref(w);
}

Test(weave, the_tail_is_the_last_rows)
{
    struct made m = make("a.csv", "csv");

    for (int i = 0; i < 5000; i++)
        row(&m, i, "x", i);
    struct woven *w = weave_made(&m, 1);
    struct rows_view *tail = woven_tail(w, 3), *whole = woven_tail(w, 9999);
    struct summary s;
    rows_summary(tail, 0, &s);
    cr_expect(rows_count(tail) == 3 && rows_is_tail(tail) && s.first_step == 4997);
    cr_expect(rows_count(whole) == 5000 && !rows_is_tail(whole));
    rows_view_unref(tail);
    rows_view_unref(whole);
    woven_unref(w);
}

Test(weave, facts_come_from_the_first_that_tells_them_and_failures_are_named)
{
    struct made m[] = {make("a.csv", "csv"), make("b.db", "store")};
    struct weave_source sources[3];
    struct coverage coverage;
    struct arena arena;

    row(&m[0], 1, "x", 1);
    feed_fact(m[0].feed, FACT_HOST, STR("one"));
    feed_fact(m[1].feed, FACT_HOST, STR("two"));
    feed_fact(m[1].feed, FACT_STATUS, STR("RUNNING"));
    feed_config(m[1].feed, "params", STR("{\"lr\":1}"));
    feed_malformed(m[0].feed, 7, "too few cells");
    feed_damage(m[1].feed, "the last page is missing");
    for (size_t i = 0; i < 2; i++) {
        m[i].source.fed = feed_end(m[i].feed);
        sources[i] = m[i].source;
    }
    sources[2] = (struct weave_source){.path = "c", .format = "f", .why = "w", .failed = "no"};
    struct woven *w = weave(sources, 3, 2);
    cr_expect_str_eq(w->fact[FACT_HOST], "one");
    cr_expect_str_eq(w->fact[FACT_STATUS], "RUNNING");
    cr_expect_str_eq(w->fact_from[FACT_STATUS], "b.db");
    cr_expect(w->configs_n == 1 && strcmp(w->configs[0].from, "params") == 0);

    arena_init(&arena);
    coverage_init(&coverage, &arena);
    struct rows_view *view = woven_rows(w, NULL);
    rows_cover(view, &coverage);
    cr_expect(coverage.sources.n == 3 && coverage.malformed.count == 1 &&
              coverage.malformed.line == 7);
    cr_expect(coverage.notes.n == 3);
    cr_expect_str_eq(coverage.notes.v[0], "b.db: the last page is missing");
    cr_expect_str_eq(coverage.notes.v[1], "c was not read: no");
    cr_expect_str_eq(coverage.notes.v[2], "2 more files of this run were not read");
    rows_view_unref(view);
    arena_fini(&arena);
    for (size_t i = 0; i < 2; i++)
        feed_free(m[i].feed);
    woven_unref(w);
}

Test(weave, workers_that_wrote_side_by_side_are_merged_by_time)
{
    struct made m[] = {make("0.monitor.csv", "monitor"), make("1.monitor.csv", "monitor")};

    for (int i = 0; i < 3; i++) {
        for (int w = 0; w < 2; w++) {
            m[w].source.follows = m[w].source.workers = true;
            row(&m[w], 5 * (i + 1), "r", 10 * w + i);
            also(&m[w], "timestamp", 100 + 2 * i + w);
        }
    }
    struct woven *w = weave_made(m, 2);
    EXPECT_NOTE(w, "files of 2 workers are merged by time; their steps are added up");
    expect_rows(w, "{\"step\":5,\"r\":0,\"timestamp\":100},"
                   "{\"step\":10,\"r\":10,\"timestamp\":101},"
                   "{\"step\":15,\"r\":1,\"timestamp\":102},"
                   "{\"step\":20,\"r\":11,\"timestamp\":103},"
                   "{\"step\":25,\"r\":2,\"timestamp\":104},"
                   "{\"step\":30,\"r\":12,\"timestamp\":105}");
    woven_unref(w);
}
