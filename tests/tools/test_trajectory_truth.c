/*
 * The figures of real logs of agents, computed by other code from the same files
 * (truth/agents.json of the collection), come out through the tools, where the
 * collection is ($POSTRUN_SHARED): tau-bench, crosswords, webshop, Inspect.
 */
#include "tests/support/client.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <unistd.h>

static struct client client;

static struct str slurp(struct arena *arena, const char *path)
{
    struct buf out = {0};
    FILE *file = fopen(path, "re");
    size_t n;

    cr_assert(file, "%s", path);
    do {
        buf_reserve(&out, 1 << 16);
        n = fread(out.p + out.n, 1, 1 << 16, file);
        out.n += n;
    } while (n > 0);
    fclose(file);
    return finish(&out, arena);
}

/* NULL where the collection is not. */
static const struct json *truth_of(struct arena *arena, const char **files)
{
    const char *shared = getenv("POSTRUN_SHARED");
    struct err err;

    shared = shared ? shared : "../shared";
    const char *path = arena_printf(arena, "%s/data/truth/agents.json", shared);
    if (access(path, R_OK) != 0)
        return NULL;
    *files = arena_printf(arena, "%s/data/files/agents", shared);
    const struct json *truth = json_parse(arena, slurp(arena, path), JSON_DATA, 64, &err);
    cr_assert(truth, "%s", err.msg);
    return truth;
}

static void expect(const char *what, double got, double want)
{
    cr_expect(fabs(got - want) <= 5e-7 || (isnan(got) && isnan(want)), "%s is %.9g, not %.9g", what,
              got, want);
}

static const struct json *ask(const char *tool, const char *training, const char *more)
{
    char arguments[300];

    snprintf(arguments, sizeof(arguments), "{\"training_id\":\"%s\"%s}", training, more);
    return client_ask(&client, tool, arguments);
}

static const struct json *ask_all(const char *tool, const char *arguments)
{
    return client_ask(&client, tool, arguments);
}

/* ---- tau-bench, TrajectoryAnalyzer ---- */

static const char airline[] = "gpt-4o-airline";

static void of_tau_bench(const struct json *truth)
{
    const struct json *got = ask("get_pass_at_k", airline, ",\"k_values\":[1,2,3,4]");
    char path[40];

    json_each (k, json_get(truth, "pass_k")) {
        snprintf(path, sizeof(path), "pass_at_k/%.*s", STR_FMT(k->key));
        expect(path, number_at(got, path), number_at(k, "pass_at_k"));
        snprintf(path, sizeof(path), "pass_hat_k/%.*s", STR_FMT(k->key));
        expect(path, number_at(got, path), number_at(k, "pass_hat_k"));
    }
    cr_expect(number_at(got, "questions") == 50 && number_at(got, "trials") == 200);
    got = ask("get_tool_return_stats", airline, "");
    size_t tools_seen = 0;
    json_each (one, json_get(got, "tools")) {
        const char *name = member_text(&client, one, "tool");
        cr_expect(number_at(one, "calls") == number_at(json_get(truth, "tool_calls"), name), "%s",
                  name);
        double errors = number_at(json_get(truth, "tool_results_starting_with_Error"), name);
        cr_expect((isnan(errors) ? !json_get(one, "error") : number_at(one, "error") == errors),
                  "%s", name);
        tools_seen++;
    }
    cr_expect(tools_seen == json_get(truth, "tool_calls")->count);
    got = ask("get_termination_stats", airline, "");
    json_each (one, json_get(got, "reasons")) {
        const char *word = member_text(&client, one, "word");
        cr_expect(number_at(one, "count") == number_at(json_get(truth, "ends"), word), "%s", word);
    }
    got = ask("get_termination_stats", airline, ",\"reward_max\":0");
    json_each (one, json_get(got, "reasons")) {
        const char *word = member_text(&client, one, "word");
        cr_expect(number_at(one, "count") == number_at(json_get(truth, "ends_of_failures"), word),
                  "%s", word);
    }
}

static void of_the_mock(const struct json *truth)
{
    static const struct {
        const char *arguments, *truth;
    } rules[] = {
        {"{\"reward_threshold\":0,\"k_values\":[1,2,3],\"where\":{\"text\":\"q_0\"}}", "pass_k"},
        {"{\"reward_threshold\":1,\"k_values\":[1,2,3],\"where\":{\"text\":\"q_0\"}}",
         "pass_k_by_reward_at_least_1"}};
    char path[40];

    for (size_t i = 0; i < 2; i++) {
        const struct json *got = ask_all("get_pass_at_k", rules[i].arguments);
        cr_expect(number_at(got, "questions") == 20, "%g", number_at(got, "questions"));
        json_each (k, json_get(truth, rules[i].truth)) {
            snprintf(path, sizeof(path), "pass_at_k/%.*s", STR_FMT(k->key));
            expect(path, number_at(got, path), number_at(k, "pass_at_k"));
        }
    }
    const struct json *got = ask_all("get_termination_stats", "{\"where\":{\"text\":\"q_0\"}}");
    json_each (one, json_get(got, "reasons")) {
        const char *word = member_text(&client, one, "word");
        cr_expect(number_at(one, "count") == number_at(json_get(truth, "termination"), word), "%s",
                  word);
    }
    got = ask_all("get_reward_stats", "{\"where\":{\"text\":\"q_0\"}}");
    expect("avg_reward", number_at(got, "avg_reward"), number_at(truth, "mean_reward"));
}

Test(trajectory_truth, tau_bench_and_trajectory_analyzer)
{
    struct arena arena;
    const char *files;

    arena_init(&arena);
    const struct json *truth = truth_of(&arena, &files);
    if (truth) {
        client_open(&client, arena_printf(&arena, "%s/tau-bench", files));
        of_tau_bench(json_get(truth, "tau-bench/gpt-4o-airline"));
        client_close(&client);
        client_open(&client, arena_printf(&arena, "%s/trajectory-analyzer-mock", files));
        of_the_mock(json_get(truth, "trajectory-analyzer-mock/sample_data_50"));
        client_close(&client);
    }
    arena_fini(&arena);
}

/* ---- crosswords ---- */

static void expect_passes(const char *training, const char *threshold, const struct json *by_k)
{
    char more[100], path[60], what[200];

    snprintf(more, sizeof(more), ",\"reward_threshold\":%s,\"k_values\":[1,2,3,4,5,6,7,8,9,10]",
             threshold);
    const struct json *got = ask("get_pass_at_k", training, more);
    expect("questions", number_at(got, "questions"), 20);
    expect("trials", number_at(got, "trials"), 200);
    size_t n = 0;
    json_each (k, by_k) {
        snprintf(what, sizeof(what), "%s at %s, k = %.*s", training, threshold, STR_FMT(k->key));
        snprintf(path, sizeof(path), "pass_at_k/%.*s", STR_FMT(k->key));
        expect(what, number_at(got, path), number_at(k, "pass_at_k"));
        snprintf(path, sizeof(path), "pass_hat_k/%.*s", STR_FMT(k->key));
        expect(what, number_at(got, path), number_at(k, "pass_hat_k"));
        n++;
    }
    cr_expect(n == 10);
}

/* The reward is r, the share of words; a game is won where that is 1. */
static void of_samples(const char *training, const struct json *truth)
{
    const struct json *got = ask("get_reward_stats", training, ",\"reward_threshold\":1");

    cr_assert(truth, "%s", training);
    expect(training, number_at(got, "avg_reward"), number_at(truth, "mean_r_word"));
    expect(training, number_at(got, "success/ratio"), number_at(truth, "mean_r_game"));
    expect_passes(training, "1", json_get(truth, "pass_k_by_r_game"));
    expect_passes(training, "0.3", json_get(truth, "pass_k_by_r_word_at_least_0_3"));
}

static void of_search(const char *training, const struct json *truth)
{
    const struct json *got = ask("get_reward_stats", training, ",\"reward_threshold\":1");

    expect("tasks", number_at(got, "total"), number_at(truth, "tasks"));
    expect("best word", number_at(got, "avg_reward"), number_at(truth, "best_state_mean_r_word"));
    expect("solved", number_at(got, "success/count"),
           number_at(truth, "tasks_solved_in_some_state"));
    got = ask("get_pass_at_k", training, "");
    cr_expect(str_has(json_get(got, "notes")->raw, STR("20 belong to a search")));
}

Test(trajectory_truth, crosswords)
{
    struct arena arena;
    const char *files;

    arena_init(&arena);
    const struct json *truth = truth_of(&arena, &files);
    if (truth) {
        client_open(&client, arena_printf(&arena, "%s/tot-crosswords", files));
        of_samples("gpt-4_0.7_naive_standard_sample_10_start0_end20",
                   json_get(truth, "tot-crosswords/standard"));
        of_samples("gpt-4_0.7_naive_cot_sample_10_start0_end20",
                   json_get(truth, "tot-crosswords/cot"));
        of_search("infoss_dfs_prune", json_get(truth, "tot-crosswords/dfs_prune"));
        client_close(&client);
    }
    arena_fini(&arena);
}

/* ---- webshop ---- */

enum { TRIALS_MAX = 16 };

static void of_webshop(const char *training, const struct json *truth)
{
    char more[40];
    double solved[TRIALS_MAX];
    int trial = 0;

    json_each (successes, json_get(truth, "successes_by_trial")) {
        double want = (double)NAN;
        (void)json_number(successes, &want);
        cr_assert(trial < TRIALS_MAX);
        solved[trial] = want;
        snprintf(more, sizeof(more), ",\"epoch_id\":%d", trial++);
        const struct json *got = ask("get_reward_stats", training, more);
        expect(training, number_at(got, "total"), number_at(truth, "environments"));
        expect(training, number_at(got, "success/count"), want);
    }
    expect(training, trial, number_at(truth, "trials"));
    const struct json *got = ask("get_pass_at_k", training, ",\"k_values\":[1]");
    double ever = number_at(truth, "succeeded_in_some_trial") / number_at(truth, "environments");
    expect(training, number_at(got, "best_of_n/value"), ever);
    cr_expect(str_has(json_get(got, "notes")->raw, STR("are not independent samples")));
    const struct json *none = member_at(got, "pass_at_k/1");
    cr_expect(none && none->kind == JSON_NULL, "%s: no pass@k of retries", training);
    expect(training, number_at(got, "best_of_n/ratio"), ever);
    if (trial < 2)
        return;
    trial = 0;
    json_each (after, member_at(got, "best_of_n/after_trial")) {
        cr_assert(trial < TRIALS_MAX);
        expect(training, number_at(after, "trial"), trial);
        expect(training, number_at(after, "count"), solved[trial++]);
    }
    expect(training, trial, number_at(truth, "trials"));
}

Test(trajectory_truth, webshop)
{
    static const char *const runs[] = {"base_run_logs_1", "base_run_logs_2", "reflexion_run_logs_1",
                                       "reflexion_run_logs_2"};
    struct arena arena;
    const char *files;

    arena_init(&arena);
    const struct json *truth = truth_of(&arena, &files);
    if (truth) {
        client_open(&client, arena_printf(&arena, "%s/reflexion-webshop", files));
        for (size_t i = 0; i < 4; i++)
            of_webshop(runs[i],
                       json_get(truth, arena_printf(&arena, "reflexion-webshop/%s", runs[i])));
        client_close(&client);
    }
    arena_fini(&arena);
}

/* ---- Inspect ---- */

static void of_log(const char *training, const struct json *truth)
{
    char arguments[200];

    if (number_at(truth, "samples_in_file") == 0) {
        snprintf(arguments, sizeof(arguments), "{\"training_id\":\"%s\"}", training);
        cr_expect(!client_call(&client, "get_reward_stats", arguments));
        cr_expect(strstr(client.err.msg, "no training"), "%s", client.err.msg);
        return;
    }
    const struct json *got = ask("get_reward_stats", training, "");

    expect(training, number_at(got, "seen"), 7);
    expect(training, number_at(got, "used"), number_at(truth, "samples_in_file"));
    double scored = 0;
    json_each (score, json_get(truth, "from_samples")) {
        char path[100];
        scored = number_at(score, "n");
        expect(training, number_at(got, "avg_reward"), number_at(score, "mean"));
        snprintf(path, sizeof(path), "reported/%.*s/accuracy", STR_FMT(score->key));
        expect(training, number_at(got, "avg_reward"), number_at(truth, path));
    }
    expect(training, number_at(got, "total"), scored);
}

Test(trajectory_truth, inspect)
{
    static const char *const logs[] = {
        "2025-05-12T20-28-13-04-00_no-samples", "2025-05-12T20-28-13-04-00_popularity",
        "2025-05-12T20-28-26-04-00_security-guide", "log_tool_call_error"};
    struct arena arena;
    const char *files;

    arena_init(&arena);
    const struct json *truth = truth_of(&arena, &files);
    if (truth) {
        client_open(&client, arena_printf(&arena, "%s/inspect-json", files));
        for (size_t i = 0; i < 4; i++) {
            const struct json *one =
                json_get(truth, arena_printf(&arena, "inspect-json/%s", logs[i]));
            cr_assert(one, "%s", logs[i]);
            of_log(logs[i], one);
        }
        client_close(&client);
    }
    arena_fini(&arena);
}
