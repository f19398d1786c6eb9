#include "analysis/history.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <math.h>

#include "tests/support/tmpdir.h"

static struct tmpdir t;
static struct arena arena;
static struct coverage coverage;
static struct history *history;
static struct err err;

static const char whole[] = "rl_metrics/rl_training_metrics.json";
static const char lines[] = "dashboard_metrics/rl_metrics.jsonl";

static void set_up(void)
{
    tmpdir_make(&t);
    arena_init(&arena);
    coverage_init(&coverage, &arena);
}

static void tear_down(void)
{
    history_unref(history);
    arena_fini(&arena);
    tmpdir_remove(&t);
}

TestSuite(history, .init = set_up, .fini = tear_down);

static bool load(void)
{
    int dir = open(t.path, O_PATH | O_DIRECTORY);
    bool ok = history_load(dir, NULL, &history, &err);

    close(dir);
    if (history)
        history_cover(history, &coverage);
    return ok;
}

static const char *texts(const char *name)
{
    const struct history_key *key = history_find(history, name);
    size_t all[16];
    struct buf out = {0};

    for (size_t i = 0; i < 16; i++)
        all[i] = i;
    history_put(history, key, all, key->n, &out);
    const char *text = arena_text(&arena, buf_str(&out));
    buf_fini(&out);
    return text;
}

static bool noted(const char *part)
{
    for (size_t i = 0; i < coverage.notes.n; i++) {
        if (strstr(coverage.notes.v[i], part))
            return true;
    }
    return false;
}

Test(history, keeps_values_texts_and_order)
{
    tmpdir_file(&t, whole,
                "{ \"global_step\": 12800, \"history\": { \"b\": [ 1.50, -2e-3 , 3 ],\n"
                " \"a\": [0.1000000000000000055511151231257827], \"na\\u006de\": [7]},"
                " \"timestamp\": \"2024-06-01T00:00:00\", \"more\": {\"x\": [1, \"]\"]} }");
    cr_assert(load(), "%s", err.msg);
    cr_assert_eq(history->keys_n, 3);
    cr_expect(str_is(history->keys[0].name, "b") && str_is(history->keys[2].name, "name"));
    cr_expect(history->keys[0].value[1] == -2e-3 && history->keys[1].value[0] == 0.1);
    cr_expect_str_eq(texts("b"), "1.50,-2e-3,3");
    cr_expect_str_eq(texts("a"), "0.1000000000000000055511151231257827");
    cr_expect(str_is(history->global_step, "12800"));
    cr_expect(str_is(history->timestamp, "\"2024-06-01T00:00:00\""));
    const struct summary *s = &history->keys[0].summary;
    cr_expect(s->n == 3 && s->min == -2e-3 && s->min_step == 1 && s->max == 3 && s->max_step == 2);
    cr_expect(noted("a has 1 values, the longest key 3"));
    cr_expect_null(history_find(history, "c"));
}

/* T-13, T-52 */
Test(history, counts_what_is_not_finite_missing_and_empty)
{
    tmpdir_file(&t, whole,
                "{\"history\": {\"episode_rewards\": [1.0, NaN, 3.0, -Infinity, Infinity, null, "
                "\"x\", [2], true], \"lagrange_multiplier\": [], \"mode\": \"weighted\"}}");
    cr_assert(load(), "%s", err.msg);
    const struct history_key *key = history_find(history, "episode_rewards");
    cr_expect(key->n == 9 && key->missing == 4);
    cr_expect(key->summary.n == 5 && key->summary.finite == 2 && key->summary.nan == 1 &&
              key->summary.pos_inf == 1 && key->summary.neg_inf == 1 &&
              key->summary.first_non_finite_step == 1);
    cr_expect_str_eq(texts("episode_rewards"),
                     "1.0,\"NaN\",3.0,\"-Infinity\",\"Infinity\",null,null,null,null");
    struct series s;
    history_series(key, &arena, &s);
    cr_expect(s.n == 5 && s.step[4] == 4 && isnan(s.value[1]) && s.value[2] == 3);
    cr_expect_eq(history_find(history, "lagrange_multiplier")->n, 0);
    cr_expect(coverage.not_logged.n == 1 && coverage.non_finite.n == 1 &&
              coverage.non_finite.v[0].count == 3);
    cr_expect(noted("4 elements") && noted("1 members of the history are no lists"));
}

Test(history, nothing_there_is_no_error)
{
    cr_expect(load() && history == NULL);
    tmpdir_file(&t, lines, "");
    cr_expect(load() && history == NULL, "an empty log is no history");
}

Test(history, a_half_written_file_falls_back_to_the_log)
{
    tmpdir_file(&t, whole, "{\"global_step\": 3, \"history\": {\"a\": [1, 2, 3");
    tmpdir_file(&t, lines,
                "{\"global_step\": 1, \"timestamp\": 5.5, \"history\": {\"a\": [1]}}\n"
                "{\"global_step\": 2, \"timestamp\": 6.5, \"history\": {\"a\": [1, 2.50], "
                "\"k\\u0065y\": [NaN]}}\n"
                "{\"global_step\": 3, \"timestamp\": 7.5, \"history\": {\"a\": [1, 2");
    cr_assert(load(), "%s", err.msg);
    cr_expect_str_eq(texts("a"), "1,2.50");
    cr_expect_str_eq(texts("key"), "\"NaN\"");
    cr_expect(str_is(history->global_step, "2") && str_is(history->timestamp, "6.5"));
    cr_expect(noted("rl_training_metrics.json was not used"));
    cr_expect_str_eq(coverage.sources.v[0].path, lines);
}

Test(history, finds_the_last_line_of_a_long_log)
{
    struct buf line = {0};

    tmpdir_folder(&t, "dashboard_metrics");
    FILE *file = fopen(tmpdir_path(&t, lines), "w");
    for (int i = 1; i <= 3; i++) { /* 6 MB a line: more than is read at first */
        buf_printf(&line, "{\"global_step\": %d, \"history\": {\"a\": [%d", i, i);
        for (int k = 0; k < 1000000; k++)
            buf_puts(&line, ", 0.25");
        buf_puts(&line, "]}}\n");
        fwrite(line.p, 1, line.n, file);
        line.n = 0;
    }
    fclose(file);
    buf_fini(&line);
    cr_assert(load(), "%s", err.msg);
    cr_expect(str_is(history->global_step, "3") && history->keys[0].n == 1000001);
    cr_expect(history->keys[0].value[0] == 3 && history->keys[0].value[1000000] == 0.25);
}

Test(history, what_is_no_history_is_said_so)
{
    static const struct {
        const char *text, *part;
    } rows[] = {
        {"", "not a whole JSON object"},
        {"[]", "it is no object"},
        {"{\"history\": {\"a\": [1,]}}", "a value is missing"},
        {"{\"history\": {\"a\": [1 2]}}", "','"},
        {"{\"history\": {\"a\": [1]}", "','"},
        {"{\"history\": {\"a\": [1]}} x", "something follows"},
        {"{\"history\": {\"a\" [1]}}", "':'"},
        {"{\"history\": {\"a", "a string has no end"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        tmpdir_file(&t, whole, rows[i].text);
        cr_expect(!load() && history == NULL, "%s", rows[i].text);
        cr_expect(err.code == ERR_FORMAT && strstr(err.msg, rows[i].part), "%s: %s", rows[i].text,
                  err.msg);
    }
    tmpdir_file(&t, whole, "{\"history\": null}");
    cr_expect(load() && history->keys_n == 0);
}

Test(history, deep_nesting_is_refused)
{
    struct buf text = {0};

    buf_puts(&text, "{\"x\": ");
    for (int i = 0; i < 100000; i++)
        buf_byte(&text, '[');
    tmpdir_file(&t, whole, buf_text(&text));
    buf_fini(&text);
    cr_expect(!load() && strstr(err.msg, "nested too deeply"));
}

Test(history, does_not_follow_a_link_out)
{
    struct tmpdir outside;

    tmpdir_make(&outside);
    tmpdir_file(&outside, "h.json", "{\"history\": {\"a\": [1]}}");
    tmpdir_folder(&t, "rl_metrics");
    tmpdir_link(&t, tmpdir_path(&outside, "h.json"), whole);
    cr_expect(!load() && history == NULL && strstr(err.msg, "leads out"), "%s", err.msg);
    tmpdir_remove(&outside);
}

Test(history, is_cancelled_between_blocks)
{
    atomic_bool cancelled = true;

    tmpdir_file(&t, whole, "{\"history\": {\"a\": [1]}}");
    int dir = open(t.path, O_PATH | O_DIRECTORY);
    cr_expect(!history_load(dir, &cancelled, &history, &err));
    cr_expect_eq(err.code, ERR_CANCELLED);
    close(dir);
}
