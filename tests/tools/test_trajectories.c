/* Trajectories through the tools: the seed's checks, and numbers computed by other code. */
#include "tests/support/client.h"
#include "tests/support/tmpdir.h"

#include <criterion/criterion.h>
#include <math.h>

static struct client client;
static struct tmpdir dir;
static struct buf lines;

static void set_up(void)
{
    tmpdir_make(&dir);
    client_open(&client, dir.path);
}

static void tear_down(void)
{
    client_close(&client);
    tmpdir_remove(&dir);
    buf_fini(&lines);
}

TestSuite(trajectories, .init = set_up, .fini = tear_down, .timeout = 120);

/* ---- made-up runs ---- */

static void add(const char *run, int epoch, const char *question, int sample, double reward,
                const char *more)
{
    buf_printf(&lines,
               "{\"trajectory_id\":\"%s-%d-%s-%d\",\"training_id\":\"%s\",\"epoch_id\":%d,"
               "\"data_id\":\"%s\",\"sample_id\":%d,\"reward\":%.10g%s}\n",
               run, epoch, question, sample, run, epoch, question, sample, reward, more);
}

/* n trials of a question, c of them passed. */
static void trials(const char *run, int epoch, const char *question, int n, int c)
{
    for (int i = 0; i < n; i++)
        add(run, epoch, question, i, i < c, "");
}

static void write_lines(void)
{
    tmpdir_file(&dir, "runs.jsonl", buf_text(&lines));
}

static const struct json *ask(const char *tool, const char *arguments)
{
    const struct json *answer = client_call(&client, tool, arguments);

    cr_assert(answer, "%s %s: %s", tool, arguments, client.err.msg);
    return answer;
}

static const struct json *at(const struct json *value, const char *path)
{
    char name[64];

    while (value && *path) {
        size_t n = strcspn(path, "/");
        snprintf(name, sizeof(name), "%.*s", (int)n, path);
        value = json_get(value, name);
        path += path[n] ? n + 1 : n;
    }
    return value;
}

static double number(const struct json *value, const char *path)
{
    double out = (double)NAN;

    (void)json_number(at(value, path), &out);
    return out;
}

static bool near(double got, double want)
{
    return fabs(got - want) <= 5e-7 + 1e-12 * fabs(want);
}

#define EXPECT_NUMBER(value, path, want)                                                           \
    cr_expect(near(number(value, path), want), "%s is %.9g, not %.9g", path, number(value, path),  \
              (double)(want))

/* `think` is empty by design; `look` is not, as it returned something once. */
Test(trajectories, a_tool_that_is_always_empty_is_counted_apart)
{
    static const char steps[] =
        ",\"steps\":["
        "{\"step_id\":1,\"action\":\"think\",\"tool_name\":\"think\",\"observation\":\"\"},"
        "{\"step_id\":2,\"action\":\"look\",\"tool_name\":\"look\",\"observation\":\"\"},"
        "{\"step_id\":3,\"action\":\"look\",\"tool_name\":\"look\",\"observation\":\"a\"}]";

    add("r", 0, "a", 0, 1, steps);
    write_lines();
    const struct json *got = ask("get_tool_return_stats", "{}");
    EXPECT_NUMBER(got, "categories/empty/count", 2);
    EXPECT_NUMBER(got, "unexpected/count", 1);
    EXPECT_NUMBER(got, "always_empty/count", 1);
    cr_expect(str_has(json_get(got, "always_empty")->raw, STR("always empty: think")));
    got = ask("list_unexpected_tool_contexts", "{}");
    EXPECT_NUMBER(got, "total", 1);
    EXPECT_NUMBER(got, "returned", 1);
    EXPECT_NUMBER(got, "always_empty/count", 1);
    got = ask("list_unexpected_tool_contexts", "{\"category\":\"empty\"}");
    EXPECT_NUMBER(got, "total", 2);
}

/* ---- pass@k ---- */

/* t knows nothing of equal values: none solved is Wilson over questions, 0 to 0.5615 for 3. */
Test(trajectories, equal_rewards_have_no_interval_without_width)
{
    trials("r", 0, "a", 2, 0);
    trials("r", 0, "b", 2, 0);
    trials("r", 0, "c", 2, 0);
    trials("s", 0, "a", 2, 0);
    trials("s", 0, "b", 2, 0);
    trials("s", 0, "c", 2, 0);
    write_lines();
    const struct json *got = ask("get_reward_stats", "{\"training_id\":\"r\"}");
    cr_expect(str_eq(json_get(got, "question_mean_ci95")->raw, STR("[0,0.561497]")), "%.*s",
              STR_FMT(json_get(got, "question_mean_ci95")->raw));
    got = ask("compare_trainings", "{\"training_ids\":[\"r\",\"s\"]}");
    cr_expect(str_has(json_get(got, "differences")->raw, STR("\"ci95\":null")));
    cr_expect(!str_has(got->raw, STR("[0,0]")), "%.*s", STR_FMT(got->raw));
}

Test(trajectories, A_04_A_07_pass_at_k_over_questions)
{
    trials("r", 0, "a", 4, 1);
    trials("r", 0, "b", 4, 0);
    trials("r", 0, "c", 4, 2);
    write_lines();
    const struct json *got = ask("get_pass_at_k", "{\"k_values\":[1,2,4]}");
    EXPECT_NUMBER(got, "pass_at_k/1", 0.25);
    EXPECT_NUMBER(got, "pass_at_k/2", 4.0 / 9);
    EXPECT_NUMBER(got, "pass_at_k/4", 2.0 / 3);
    EXPECT_NUMBER(got, "best_of_n/value", 2.0 / 3);
    cr_expect(number(got, "questions") == 3 && number(got, "trials") == 12);
}

Test(trajectories, A_06_A_07_undefined_is_null_and_both_means_are_given)
{
    trials("r", 0, "a", 1, 1);
    trials("r", 0, "b", 9, 0);
    write_lines();
    const struct json *got = ask("get_pass_at_k", "{\"k_values\":[1,10]}");
    EXPECT_NUMBER(got, "pass_at_1/micro", 0.1);
    EXPECT_NUMBER(got, "pass_at_1/macro", 0.5);
    cr_expect(at(got, "pass_at_k/10")->kind == JSON_NULL);
    const struct json *ten = json_get(got, "details")->first->next;
    cr_expect(strcmp(member_text(&client, ten, "reason"), "k exceeds samples") == 0);
    cr_expect(number(ten, "excluded") == 2);
}

Test(trajectories, k_of_zero_is_refused)
{
    write_lines();
    cr_expect(!client_call(&client, "get_pass_at_k", "{\"k_values\":[0]}"));
    cr_expect(strstr(client.err.msg, "from 1"), "%s", client.err.msg);
    cr_expect(!client_call(&client, "get_pass_at_k", "{\"k_values\":\"1,x\"}"));
}

Test(trajectories, a_repeated_sample_is_told_and_not_counted)
{
    add("r", 0, "a", 0, 1, "");
    buf_printf(&lines, "{\"trajectory_id\":\"other\",\"training_id\":\"r\",\"epoch_id\":0,"
                       "\"data_id\":\"a\",\"sample_id\":0,\"reward\":0}\n");
    write_lines();
    const struct json *got = ask("get_pass_at_k", "{}");
    cr_expect(number(got, "trials") == 1);
    cr_expect(str_has(json_get(got, "notes")->raw, STR("1 repeat a sample")));
}

/* ---- nothing, rewards, thresholds ---- */

Test(trajectories, A_08_no_trajectories_are_zeros)
{
    static const char *const tools_asked[] = {"get_termination_stats",
                                              "get_tool_return_stats",
                                              "get_reward_stats",
                                              "get_pass_at_k",
                                              "list_trainings",
                                              "list_epochs",
                                              "list_failure_cases",
                                              "list_unexpected_tool_contexts",
                                              "get_process_reward_correlation"};

    for (size_t i = 0; i < sizeof(tools_asked) / sizeof(tools_asked[0]); i++) {
        const struct json *got = ask(tools_asked[i], "{}");
        cr_expect(number(got, "used") == 0, "%s", tools_asked[i]);
    }
    const struct json *got = ask("get_termination_stats", "{}");
    cr_expect(number(got, "total") == 0 && number(got, "categories/finish/ratio") == 0);
}

Test(trajectories, A_11_A_12_reward_categories)
{
    static const double rewards[] = {1.0, 1.2, 0.0, -1, 0.5};

    for (int i = 0; i < 5; i++)
        add("r", 0, "a", i, rewards[i], "");
    write_lines();
    const struct json *got = ask("get_reward_stats", "{}");
    cr_expect(number(got, "categories/perfect_score/count") == 2);
    cr_expect(number(got, "categories/complete_failure/count") == 2);
    cr_expect(number(got, "categories/partial_success/count") == 1);
    EXPECT_NUMBER(got, "avg_reward", 0.34);
    cr_expect(number(got, "max_reward") == 1.2 && number(got, "min_reward") == -1);
}

Test(trajectories, A_12_edges_of_the_categories)
{
    add("r", 0, "a", 0, 0.999, "");
    add("r", 0, "a", 1, 1.0, "");
    add("r", 0, "a", 2, 1e-9, "");
    add("r", 0, "a", 3, 0, "");
    write_lines();
    const struct json *got = ask("get_reward_stats", "{}");
    cr_expect(number(got, "categories/partial_success/count") == 2);
    cr_expect(number(got, "categories/perfect_score/count") == 1);
    cr_expect(number(got, "success/count") == 3);
}

Test(trajectories, A_40_the_threshold_is_chosen_and_echoed)
{
    add("r", 0, "a", 0, 0.3, "");
    add("r", 0, "a", 1, 0.7, "");
    write_lines();
    const struct json *got = ask("get_reward_stats", "{\"reward_threshold\":0.5}");
    cr_expect(number(got, "success/count") == 1);
    cr_expect(strcmp(member_text(&client, got, "success_rule"), "reward >= 0.5") == 0);
    cr_expect(number(got, "filters_applied/reward_threshold") == 0.5);
    got = ask("get_reward_stats", "{\"reward_threshold\":0}");
    cr_expect(number(got, "success/count") == 2);
    cr_expect(strcmp(member_text(&client, got, "success_rule"), "reward > 0") == 0);
}

Test(trajectories, a_missing_reward_is_missing_not_zero)
{
    buf_printf(&lines, "{\"trajectory_id\":\"x\",\"data_id\":\"q\",\"training_id\":\"r\"}\n");
    add("r", 0, "q", 0, 1, "");
    write_lines();
    const struct json *got = ask("get_reward_stats", "{}");
    cr_expect(number(got, "total") == 1 && number(got, "without_reward") == 1);
    cr_expect(number(got, "avg_reward") == 1);
}

/* ---- process rewards ---- */

static const struct json *correlation(const double *x, const double *y, int n)
{
    char steps[100];

    for (int i = 0; i < n; i++) {
        snprintf(steps, sizeof(steps), ",\"steps\":[{\"action\":\"a\",\"reward\":%g}]", x[i]);
        add("r", 0, "q", i, y[i], steps);
    }
    write_lines();
    return ask("get_process_reward_correlation", "{}");
}

Test(trajectories, A_16_moderate)
{
    const struct json *got =
        correlation((const double[]){.1, .2, .3, .4}, (const double[]){0, 1, 0, 1}, 4);

    EXPECT_NUMBER(got, "correlation", 0.408248);
    cr_expect(
        strcmp(member_text(&client, got, "interpretation"), "moderate_positive_correlation") == 0);
    cr_expect(strcmp(member_text(&client, got, "strategy"), "beam_search") == 0);
}

Test(trajectories, A_17_strong)
{
    const struct json *got =
        correlation((const double[]){.1, .2, .3, .4}, (const double[]){0, 0, 1, 1}, 4);

    EXPECT_NUMBER(got, "correlation", 0.816497);
    cr_expect(strcmp(member_text(&client, got, "interpretation"), "strong_positive_correlation") ==
              0);
    EXPECT_NUMBER(got, "within_question/auc", 1);
}

Test(trajectories, A_18_negative_is_no_reason_to_search)
{
    const struct json *got = correlation((const double[]){1, 2, 3}, (const double[]){3, 2, 1}, 3);

    EXPECT_NUMBER(got, "correlation", -1);
    cr_expect(strcmp(member_text(&client, got, "interpretation"), "strong_negative_correlation") ==
              0);
    cr_expect(strcmp(member_text(&client, got, "strategy"), "beam_search") != 0);
}

Test(trajectories, A_19_one_is_too_few)
{
    const struct json *got = correlation((const double[]){1}, (const double[]){1}, 1);

    cr_expect(strcmp(member_text(&client, got, "interpretation"), "insufficient_data") == 0);
    cr_expect(strcmp(member_text(&client, got, "strategy"), "need_more_samples") == 0);
    cr_expect(number(got, "sample_size") == 1);
}

Test(trajectories, A_20_equal_rewards_have_no_correlation_at_all)
{
    const struct json *got =
        correlation((const double[]){.1, .2, .3}, (const double[]){1, 1, 1}, 3);

    cr_expect(json_get(got, "correlation")->kind == JSON_NULL);
    cr_expect(strcmp(member_text(&client, got, "interpretation"), "no_correlation") != 0);
    cr_expect(json_get(got, "reason"));
}

/* ---- contexts, lists, pages ---- */

Test(trajectories, A_21_A_22_contexts)
{
    char more[400];

    snprintf(
        more, sizeof(more),
        ",\"task\":{\"question\":\"%0120d\"},\"steps\":[{\"action\":\"go\",\"observation\":\"ok\"},"
        "{\"action\":\"go\",\"observation\":\"Request timed out\"}]",
        7);
    add("r", 0, "q", 0, 0, more);
    write_lines();
    const struct json *got = ask("list_unexpected_tool_contexts", "{}");
    const struct json *one = json_get(got, "data")->first;
    cr_assert(number(got, "total") == 1 && one);
    cr_expect(strcmp(member_text(&client, one, "category"), "timeout") == 0);
    cr_expect(number(one, "step_id") == 2 && number(one, "context/step_number") == 2);
    const char *question = member_text(&client, json_get(one, "context"), "question");
    cr_expect(strlen(question) == 103 && strcmp(question + 100, "...") == 0, "%s", question);
    cr_expect(!client_call(&client, "list_unexpected_tool_contexts", "{\"limit\":0}"));
    cr_expect(!client_call(&client, "list_unexpected_tool_contexts", "{\"limit\":501}"));
}

Test(trajectories, A_23_A_24_epochs)
{
    for (int epoch = 0; epoch < 3; epoch++)
        trials("r", epoch, "q", 2, epoch > 0);
    write_lines();
    cr_expect(!client_call(&client, "get_epoch_progression",
                           "{\"training_id\":\"r\",\"epoch_ids\":\"1,x\"}"));
    cr_expect(strstr(client.err.msg, "Invalid epoch_ids format") == client.err.msg, "%s",
              client.err.msg);
    const struct json *got = ask("get_epoch_progression", "{\"training_id\":\"r\"}");
    cr_expect(json_get(got, "epochs")->count == 3, "epoch 0 is one");
    cr_expect(number(json_get(got, "epochs")->first, "epoch_id") == 0);
    cr_expect(json_get(ask("list_epochs", "{}"), "epochs")->count == 3);
    got = ask("get_epoch_progression", "{\"training_id\":\"r\",\"epoch_ids\":\"0,2\"}");
    cr_expect(json_get(got, "epochs")->count == 2);
}

Test(trajectories, A_32_A_34_failures_are_sorted_before_they_are_paged)
{
    for (int i = 0; i < 250; i++)
        add("r", 0, "q", i, -(double)((i * 37) % 250), "");
    write_lines();
    const struct json *got = ask("list_failure_cases", "{}");
    cr_expect(number(got, "total") == 250 && number(got, "returned") == 100);
    cr_expect(json_get(got, "data")->count == 100 && json_get(got, "truncated")->kind == JSON_TRUE);
    cr_expect(number(got, "next_offset") == 100 &&
              number(got, "filters_applied/reward_max") == 0.5);
    cr_expect(got->raw.n <= 24000, "%zu characters", got->raw.n);
    got = ask("list_failure_cases",
              "{\"limit\":10,\"offset\":10,\"sort_by\":\"reward\",\"sort_order\":\"desc\"}");
    int want = -10;
    json_each (one, json_get(got, "data"))
        cr_expect(number(one, "reward") == want--, "%g", number(one, "reward"));
}

Test(trajectories, A_36_A_37_trainings_and_groups)
{
    for (int epoch = 0; epoch <= 10; epoch++)
        trials("r1", epoch, "q", 1, 1);
    trials("r2", 3, "q", 2, 0);
    write_lines();
    const struct json *got = ask("list_trainings", "{}");
    const struct json *first = json_get(got, "trainings")->first;
    cr_expect(number(got, "total") == 2);
    cr_expect(strcmp(member_text(&client, first, "training_id"), "r1") == 0);
    cr_expect(str_is(json_get(first, "epoch_range")->raw, "[0,10]"));
    cr_expect(number(first, "trajectory_count") == 11);
    got = ask("get_reward_stats", "{}");
    cr_expect(!json_get(got, "groups") && number(got, "total") == 13);
    got = ask("get_reward_stats", "{\"group_by\":\"training_id\"}");
    cr_expect(number(got, "total") == 13 && number(got, "groups/r2/total") == 2);
    got = ask("get_termination_stats", "{\"group_by\":\"epoch_id\"}");
    cr_expect(number(got, "groups/3/total") == 3 && json_get(got, "groups")->count == 11);
}

Test(trajectories, A_38_unequal_numbers_of_trials)
{
    char name[8];

    for (int q = 0; q < 12; q++) {
        snprintf(name, sizeof(name), "q%d", q);
        trials("small", 0, name, 4, 1);
        trials("large", 0, name, 16, 12);
    }
    write_lines();
    const struct json *got = ask("compare_trainings", "{\"training_ids\":\"small,large\"}");
    json_each (one, json_get(got, "trainings"))
        cr_expect(number(one, "k") == 4);
    cr_expect(str_has(json_get(got, "notes")->raw, STR("unequal numbers of trials")));
    const struct json *difference = json_get(got, "differences")->first;
    EXPECT_NUMBER(difference, "pass_at_1", 0.5);
    cr_expect(strcmp(member_text(&client, difference, "says"), "better") == 0);
    cr_expect(number(difference, "common_questions") == 12);
}

Test(trajectories, too_few_questions_cannot_tell)
{
    trials("a", 0, "q1", 4, 0);
    trials("a", 0, "q2", 4, 0);
    trials("b", 0, "q1", 4, 4);
    trials("b", 0, "q2", 4, 4);
    write_lines();
    const struct json *got = ask("compare_trainings", "{\"training_ids\":[\"a\",\"b\"]}");
    cr_expect(strcmp(member_text(&client, json_get(got, "differences")->first, "says"),
                     "cannot tell") == 0);
}

Test(trajectories, an_unknown_training_is_a_sentence_with_the_nearest)
{
    trials("run_001", 0, "q", 1, 1);
    write_lines();
    cr_expect(!client_call(&client, "get_reward_stats", "{\"training_id\":\"run_002\"}"));
    cr_expect(client.err.code == ERR_NOT_FOUND && strstr(client.err.msg, "did you mean 'run_001'"),
              "%s", client.err.msg);
    cr_expect(!client_call(&client, "get_trajectory", "{\"trajectory_id\":\"none\"}"));
    cr_expect(client.err.code == ERR_NOT_FOUND);
}

Test(trajectories, A_33_an_empty_result_says_why)
{
    trials("r", 0, "q", 3, 1);
    write_lines();
    const struct json *got =
        ask("get_reward_stats", "{\"epoch_id\":0,\"termination_reason\":\"failed\"}");
    cr_expect(number(got, "used") == 0 && number(got, "excluded/termination_reason") == 3);
    cr_expect(str_is(at(got, "filters_applied/termination_reason")->raw, "[\"failed\"]"));
}

/* What only failures do, in questions that have both outcomes. */
Test(trajectories, failures_are_compared_with_successes_of_their_question)
{
    char name[8];

    for (int q = 0; q < 10; q++) {
        snprintf(name, sizeof(name), "q%d", q);
        for (int s = 0; s < 4; s++)
            add("r", 0, name, s, s < 2,
                s < 2 ? ",\"steps\":[{\"action\":\"look\",\"observation\":\"ok\"}]"
                      : ",\"steps\":[{\"action\":\"guess\",\"observation\":\"ok\"}]");
    }
    write_lines();
    const struct json *got = ask("list_failure_cases", "{\"limit\":1}");
    const struct json *first = at(got, "enrichment/features")->first;
    cr_assert(first && number(got, "enrichment/questions_with_both_outcomes") == 10);
    cr_expect(strcmp(member_text(&client, first, "name"), "guess") == 0);
    cr_expect(number(first, "failures/count") == 20 && number(first, "passes/count") == 0);
    cr_expect(number(first, "q") < 0.001);
}

Test(trajectories, A_39_ten_thousand_are_all_counted)
{
    for (int i = 0; i < 10000; i++)
        add("r", i % 3, "q", i, i % 2, "");
    write_lines();
    const struct json *got = ask("get_reward_stats", "{}");
    cr_expect(number(got, "total") == 10000 && number(got, "seen") == 10000);
    EXPECT_NUMBER(got, "avg_reward", 0.5);
}

/* ---- real ones, where they are ---- */

static void of_tau_bench(const struct json *truth)
{
    const struct json *got =
        ask("get_pass_at_k", "{\"training_id\":\"gpt-4o-airline\",\"k_values\":[1,2,3,4]}");
    char path[40];

    json_each (k, json_get(truth, "pass_k")) {
        snprintf(path, sizeof(path), "pass_at_k/%.*s", STR_FMT(k->key));
        EXPECT_NUMBER(got, path, number(k, "pass_at_k"));
        snprintf(path, sizeof(path), "pass_hat_k/%.*s", STR_FMT(k->key));
        EXPECT_NUMBER(got, path, number(k, "pass_hat_k"));
    }
    cr_expect(number(got, "questions") == 50 && number(got, "trials") == 200);
    got = ask("get_tool_return_stats", "{\"training_id\":\"gpt-4o-airline\"}");
    size_t tools_seen = 0;
    json_each (one, json_get(got, "tools")) {
        const char *name = member_text(&client, one, "tool");
        cr_expect(number(one, "calls") == number(json_get(truth, "tool_calls"), name), "%s", name);
        double errors = number(json_get(truth, "tool_results_starting_with_Error"), name);
        cr_expect((isnan(errors) ? !json_get(one, "error") : number(one, "error") == errors), "%s",
                  name);
        tools_seen++;
    }
    cr_expect(tools_seen == json_get(truth, "tool_calls")->count);
    got = ask("get_termination_stats", "{\"training_id\":\"gpt-4o-airline\"}");
    json_each (one, json_get(got, "reasons")) {
        const char *word = member_text(&client, one, "word");
        cr_expect(number(one, "count") == number(json_get(truth, "ends"), word), "%s", word);
    }
    got = ask("get_termination_stats", "{\"training_id\":\"gpt-4o-airline\",\"reward_max\":0}");
    json_each (one, json_get(got, "reasons")) {
        const char *word = member_text(&client, one, "word");
        cr_expect(number(one, "count") == number(json_get(truth, "ends_of_failures"), word), "%s",
                  word);
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
        const struct json *got = ask("get_pass_at_k", rules[i].arguments);
        cr_expect(number(got, "questions") == 20, "%g", number(got, "questions"));
        json_each (k, json_get(truth, rules[i].truth)) {
            snprintf(path, sizeof(path), "pass_at_k/%.*s", STR_FMT(k->key));
            EXPECT_NUMBER(got, path, number(k, "pass_at_k"));
        }
    }
    const struct json *got = ask("get_termination_stats", "{\"where\":{\"text\":\"q_0\"}}");
    json_each (one, json_get(got, "reasons")) {
        const char *word = member_text(&client, one, "word");
        cr_expect(number(one, "count") == number(json_get(truth, "termination"), word), "%s", word);
    }
    got = ask("get_reward_stats", "{\"where\":{\"text\":\"q_0\"}}");
    EXPECT_NUMBER(got, "avg_reward", number(truth, "mean_reward"));
}

static struct str slurp(const char *path)
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
    return finish(&out, &client.arena);
}

Test(trajectories, the_numbers_of_real_files_where_they_are)
{
    const char *shared = getenv("POSTRUN_SHARED");
    struct err err;

    shared = shared ? shared : "../shared";
    const char *truth_path = arena_printf(&client.arena, "%s/data/truth/agents.json", shared);
    if (access(truth_path, R_OK) != 0)
        return;
    const struct json *truth = json_parse(&client.arena, slurp(truth_path), JSON_DATA, 64, &err);
    cr_assert(truth, "%s", err.msg);
    struct client of_agents;
    client_open(&of_agents, arena_printf(&client.arena, "%s/data/files/agents/tau-bench", shared));
    struct client made_up = client;
    client = of_agents;
    of_tau_bench(json_get(truth, "tau-bench/gpt-4o-airline"));
    client_close(&client);
    client_open(&client, arena_printf(&made_up.arena,
                                      "%s/data/files/agents/trajectory-analyzer-mock", shared));
    of_the_mock(json_get(truth, "trajectory-analyzer-mock/sample_data_50"));
    client_close(&client);
    client = made_up;
}

Test(trajectories, where_takes_the_filters_that_have_no_argument_of_their_own)
{
    trials("r", 0, "a", 3, 1);
    write_lines();
    const struct json *all = ask("get_reward_stats", "{}");
    const struct json *none = ask("get_reward_stats", "{\"where\":{\"min_steps\":100000}}");

    cr_expect(member_number(all, "used") > 0 && member_number(none, "used") == 0);
    cr_expect(number(none, "excluded/min_steps") == 3);
    cr_expect(member_number(json_get(none, "filters_applied"), "min_steps") == 100000);
    cr_expect(!client_call(&client, "get_reward_stats", "{\"where\":{\"min_step\":1}}"));
    cr_expect(strstr(client.err.msg, "min_steps") != NULL, "%s", client.err.msg);
    cr_expect(!client_call(&client, "get_reward_stats", "{\"where\":[]}"));
}
