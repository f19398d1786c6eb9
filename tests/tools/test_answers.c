/* What comes from data fits an answer, is clean, and says what was left out. */
#include "analysis/base/limits.h"
#include "tests/support/client.h"
#include "tests/support/tmpdir.h"

#include <criterion/criterion.h>
#include <math.h>

static struct client client;
static struct tmpdir tmp;

static void set_up(void)
{
    tmpdir_make(&tmp);
    tmpdir_file(&tmp, "e/metadata.json", "{\"type\":\"lm\"}");
    client_open(&client, tmp.path);
}

static void tear_down(void)
{
    client_close(&client);
    tmpdir_remove(&tmp);
}

TestSuite(answers, .init = set_up, .fini = tear_down, .timeout = 300);

static const struct json *ask(const char *tool, const char *arguments)
{
    return client_ask(&client, tool, arguments);
}

/* The file NAME of the experiment with the text of `out`, which is freed. */
static void file(const char *name, struct buf *out)
{
    tmpdir_file(&tmp, name, buf_text(out));
    buf_fini(out);
}

static bool notes(const struct json *answer, const char *part)
{
    const struct json *list = json_get(json_get(answer, "coverage"), "notes");

    return list && str_has(list->raw, str_of(part));
}

static const struct {
    const char *tool, *path, *member;
} small[] = {
    {"get_status", "e/dashboard_metrics/status.json", "status"},
    {"get_evaluation", "e/evaluation_results.json", "results"},
    {"get_ablation", "e/ablation_results.json", "results"},
    {"get_gpu_instance", "e/gpu_instance.json", "instance"},
};
enum { SMALL = sizeof(small) / sizeof(small[0]) };

Test(answers, a_long_text_of_a_small_file_is_cut_and_marked)
{
    for (size_t i = 0; i < SMALL; i++) {
        struct buf out = {0};
        buf_puts(&out, "{\"status\":\"");
        for (size_t k = 0; k < 60000; k++)
            buf_byte(&out, 'x');
        buf_puts(&out, "\",\"last\":1}");
        file(small[i].path, &out);
        const struct json *answer = ask(small[i].tool, "{\"expId\":\"e\"}");
        const struct json *got = json_get(answer, small[i].member);
        cr_expect(answer->raw.n <= ANSWER_CHARS, "%s: %zu", small[i].tool, answer->raw.n);
        cr_expect(str_has(got->raw, STR("[58000 bytes more]")), "%s", small[i].tool);
        cr_expect(member_number(got, "last") == 1);
        cr_expect(notes(answer, "texts are cut at 2000 bytes"), "%s", small[i].tool);
        cr_expect(!notes(answer, "lists and objects"), "%s", small[i].tool);
    }
}

Test(answers, many_entries_of_a_small_file_are_counted_instead)
{
    for (size_t i = 0; i < SMALL; i++) {
        struct buf out = {0};
        buf_byte(&out, '{');
        for (int k = 0; k < 4000; k++)
            buf_printf(&out, "%s\"policy %d\":{\"mean_reward\":0.25,\"std_reward\":0.5}",
                       k ? "," : "", k);
        buf_byte(&out, '}');
        file(small[i].path, &out);
        const struct json *answer = ask(small[i].tool, "{\"expId\":\"e\"}");
        const struct json *got = json_get(answer, small[i].member);
        cr_expect(answer->raw.n <= ANSWER_CHARS, "%s: %zu", small[i].tool, answer->raw.n);
        cr_expect(got->count >= 128 && got->count < 4000, "%s: %u", small[i].tool, got->count);
        cr_expect(notes(answer, arena_printf(&client.arena, "%u more", 4000 - got->count)), "%s",
                  small[i].tool);
        cr_expect(!notes(answer, "texts are cut"), "%s", small[i].tool);
    }
}

Test(answers, no_control_character_or_escape_sequence_gets_through)
{
    for (size_t i = 0; i < SMALL; i++) {
        tmpdir_file(&tmp, small[i].path,
                    "{\"a\\u001b[31m\":\"\\u001b[31mred\\u0007\\u001b[0m\",\"nan\":NaN,"
                    "\"learned\\u001b[2J\":{\"mean_reward\":1},\"fixed\":{\"mean_reward\":2}}");
        const struct json *answer = ask(small[i].tool, "{\"expId\":\"e\"}");
        const struct json *got = json_get(answer, small[i].member);
        cr_expect_str_eq(member_text(&client, got, "a"), "red");
        cr_expect_str_eq(member_text(&client, got, "nan"), "NaN");
        cr_expect(!str_has(answer->raw, STR("[2J")), "%s", small[i].tool);
        cr_expect(!str_has(answer->raw, STR("u00")), "%s", small[i].tool);
    }
}

Test(answers, the_learned_policy_is_compared_first_however_many_there_are)
{
    struct buf out = {0};

    buf_byte(&out, '{');
    for (int k = 0; k < 19; k++)
        buf_printf(&out, "\"policy %d\":{\"mean_reward\":0.25,\"std_reward\":0.5},", k);
    buf_puts(&out, "\"learned\":{\"mean_reward\":0.5,\"std_reward\":0.5}}");
    file("e/ablation_results.json", &out);
    const struct json *answer = ask("get_ablation", "{\"expId\":\"e\"}");
    const struct json *claims = json_get(answer, "comparison");
    cr_expect(answer->raw.n <= ANSWER_CHARS, "%zu", answer->raw.n);
    cr_assert(claims->count == 28);
    cr_expect_str_eq(member_text(&client, claims->first, "a"), "learned");
    cr_expect(member_number(claims->first, "difference") == .25);
    cr_expect(notes(answer, "28 of 190 pairs"));
}

/* A log of `rows` rows with `keys` metrics; `often` every row, `rare` every hundredth. */
static void log_of(int rows, int keys)
{
    struct buf out = {0};

    for (int i = 0; i < rows; i++) {
        buf_printf(&out, "{\"step\":%d,\"often\":%d", i, i * 2);
        if (i % 100 == 0)
            buf_printf(&out, ",\"rare\":%d", i);
        for (int k = 0; k < keys; k++)
            buf_printf(&out, ",\"group/metric number %d\":0.%d", k, 1000 + i);
        buf_puts(&out, "}\n");
    }
    file("e/dashboard_metrics/metrics.jsonl", &out);
}

Test(answers, the_summary_of_many_metrics_fits_as_well)
{
    static const char *const arguments[] = {
        "{\"expId\":\"e\"}",
        "{\"expId\":\"e\",\"layout\":\"columns\"}",
        "{\"expId\":\"e\",\"mode\":\"historical\"}",
        "{\"expId\":\"e\",\"mode\":\"historical\",\"layout\":\"columns\"}",
    };
    static const int metrics[] = {118, 1500};

    for (size_t k = 0; k < 2; k++) {
        log_of(300, metrics[k]);
        for (size_t i = 0; i < 4; i++) {
            const struct json *answer = ask("get_metrics", arguments[i]);
            const struct json *summary = json_get(answer, "summary");
            const char *note = arena_printf(&client.arena, "summary of %u of %d metrics",
                                            summary->count, metrics[k] + 2);
            cr_expect(answer->raw.n <= ANSWER_CHARS, "%s: %zu", arguments[i], answer->raw.n);
            cr_expect(json_get(summary, "often"), "%s", arguments[i]);
            cr_expect(summary->count > 30 && notes(answer, note), "%s: %s", arguments[i], note);
            cr_expect(member_number(answer, "totalPoints") >= 1);
        }
    }
}

Test(answers, recent_columns_hold_the_newest_points_of_each_metric)
{
    log_of(1000, 0);
    const struct json *answer =
        ask("get_metrics", "{\"expId\":\"e\",\"layout\":\"columns\",\"maxPoints\":3}");
    const struct json *columns = json_get(answer, "columns");

    cr_expect(str_is(json_get(json_get(columns, "often"), "step")->raw, "[997,998,999]"));
    cr_expect(str_is(json_get(json_get(columns, "often"), "value")->raw, "[1994,1996,1998]"));
    cr_expect(str_is(json_get(json_get(columns, "rare"), "step")->raw, "[700,800,900]"));
    cr_expect(json_get(answer, "downsampled")->kind == JSON_TRUE);
}

Test(answers, a_sparse_column_with_all_its_points_is_not_downsampled)
{
    static const char *const modes[] = {"recent", "historical"};

    log_of(1000, 0);
    for (size_t i = 0; i < 2; i++) {
        const struct json *answer = ask(
            "get_metrics", arena_printf(&client.arena,
                                        "{\"expId\":\"e\",\"layout\":\"columns\",\"mode\":\"%s\","
                                        "\"keys\":[\"rare\",\"rare\"],\"maxPoints\":10}",
                                        modes[i]));
        cr_expect(json_get(answer, "downsampled")->kind == JSON_FALSE, "%s", modes[i]);
        cr_expect(member_number(answer, "totalPoints") == 10, "%s", modes[i]);
        cr_expect(json_get(answer, "columns")->count == 1, "%s", modes[i]);
        cr_expect(json_get(answer, "summary")->count == 1, "%s", modes[i]);
        cr_expect(!notes(answer, "points at most"), "%s", modes[i]);
    }
}

static void history_of(int keys, int n)
{
    struct buf out = {0};

    buf_puts(&out, "{\"global_step\":256,\"history\":{\"episode_rewards\":[0,1,2]");
    for (int k = 0; k < keys; k++) {
        buf_printf(&out, ",\"some/metric number %d\":[", k);
        for (int i = 0; i < n; i++)
            buf_printf(&out, "%s0.%d", i ? "," : "", 1000 + i);
        buf_byte(&out, ']');
    }
    buf_puts(&out, "}}");
    file("e/rl_metrics/rl_training_metrics.json", &out);
}

Test(answers, a_history_of_many_metrics_fits_as_well)
{
    static const int metrics[] = {119, 1500};

    for (size_t i = 0; i < 2; i++) {
        history_of(metrics[i], 300);
        const struct json *answer = ask("get_rl_metrics", "{\"expId\":\"e\"}");
        const struct json *summary = json_get(answer, "summary");
        cr_expect(answer->raw.n <= ANSWER_CHARS, "%d: %zu", metrics[i], answer->raw.n);
        cr_expect(json_get(summary, "episode_rewards") && summary->count > 30);
        cr_expect(notes(answer, arena_printf(&client.arena, "summary of %u of %d metrics",
                                             summary->count, metrics[i] + 1)));
        cr_expect(notes(answer, "another number of values than episode_rewards"));
    }
}

Test(answers, a_key_of_a_history_named_twice_comes_once)
{
    history_of(1, 3);
    const struct json *answer = ask(
        "get_rl_metrics", "{\"expId\":\"e\",\"keys\":[\"episode_rewards\",\"episode_rewards\"]}");

    cr_expect(json_get(answer, "summary")->count == 1);
    cr_expect(json_get(json_get(json_get(answer, "metrics"), "history"), "iteration")->count == 3);
    cr_expect(json_get(json_get(answer, "metrics"), "history")->count == 2);
    cr_expect(
        !client_call(&client, "get_rl_metrics", "{\"expId\":\"e\",\"keys\":[\"episode_reward\"]}"));
    cr_expect(strstr(client.err.msg, "did you mean 'episode_rewards'"), "%s", client.err.msg);
}

Test(answers, a_time_counts_from_the_first_point_that_has_one)
{
    tmpdir_file(&tmp, "e/dashboard_metrics/metrics.jsonl",
                "{\"step\":0,\"Losses/Total\":9}\n"
                "{\"step\":1,\"Losses/Total\":8,\"timestamp\":1700000000}\n"
                "{\"step\":2,\"Losses/Total\":7,\"timestamp\":1700000005}\n"
                "{\"step\":3,\"Losses/Total\":NaN,\"timestamp\":1700000006}\n"
                "{\"step\":4,\"Losses/Total\":5}\n");
    static const char form[] =
        "{\"expId\":\"e\",\"key\":\"Losses/Total\",\"ask\":\"time_to\",\"value\":%d}";
    const struct json *answer = ask("query_metric", arena_printf(&client.arena, form, 7));

    cr_expect(member_number(answer, "answer") == 5);
    cr_expect(member_number(answer, "atStep") == 2);
    const struct json *coverage = json_get(answer, "coverage");
    cr_expect(member_number(coverage, "pointsRead") == 5);
    cr_expect(str_is(json_get(coverage, "nonFinite")->raw,
                     "[{\"key\":\"Losses/Total\",\"count\":1,\"firstStep\":3}]"));
    cr_expect(json_get(coverage, "sources")->count == 1);
    answer = ask("query_metric", arena_printf(&client.arena, form, 6));
    cr_expect(json_get(answer, "answer")->kind == JSON_NULL);
    cr_expect(member_number(answer, "atStep") == 4);
    cr_expect_str_eq(member_text(&client, answer, "note"),
                     "crossed at that step, which has no time");
}

Test(answers, a_number_asked_of_an_unknown_metric_names_the_nearest)
{
    history_of(1, 3);
    cr_expect(!client_call(&client, "query_metric",
                           "{\"expId\":\"e\",\"key\":\"episode_reward\",\"ask\":\"mean\"}"));
    cr_expect(strstr(client.err.msg, "did you mean 'episode_rewards'"), "%s", client.err.msg);
    log_of(3, 0);
    cr_expect(!client_call(&client, "query_metric",
                           "{\"expId\":\"e\",\"key\":\"oftn\",\"ask\":\"mean\"}"));
    cr_expect(strstr(client.err.msg, "did you mean 'often'"), "%s", client.err.msg);
}
