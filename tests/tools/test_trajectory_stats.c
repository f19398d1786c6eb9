/* Rewards, step rewards and tool returns of agents, through the tools. */
#include "tests/support/episodes.h"

static struct episodes made;

static void set_up(void)
{
    episodes_open(&made);
}

static void tear_down(void)
{
    episodes_close(&made);
}

TestSuite(trajectory_stats, .init = set_up, .fini = tear_down, .timeout = 120);

/* ---- nothing, rewards, thresholds ---- */

Test(trajectory_stats, A_08_no_trajectories_are_zeros)
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
        const struct json *got = episodes_ask(&made, tools_asked[i], "{}");
        cr_expect(number_at(got, "used") == 0, "%s", tools_asked[i]);
    }
    const struct json *got = episodes_ask(&made, "get_termination_stats", "{}");
    cr_expect(number_at(got, "total") == 0 && number_at(got, "categories/finish/ratio") == 0);
}

Test(trajectory_stats, A_11_A_12_reward_categories)
{
    static const double rewards[] = {1.0, 1.2, 0.0, -1, 0.5};

    for (int i = 0; i < 5; i++)
        episodes_add(&made, "r", 0, "a", i, rewards[i], "");
    episodes_write(&made);
    const struct json *got = episodes_ask(&made, "get_reward_stats", "{}");
    cr_expect(number_at(got, "categories/perfect_score/count") == 2);
    cr_expect(number_at(got, "categories/complete_failure/count") == 2);
    cr_expect(number_at(got, "categories/partial_success/count") == 1);
    EXPECT_NUMBER(got, "avg_reward", 0.34);
    cr_expect(number_at(got, "max_reward") == 1.2 && number_at(got, "min_reward") == -1);
}

/* Within a question the longer one passed: 1 of 1 pairs. Of groups that is not told. */
Test(trajectory_stats, length_stands_beside_the_success_of_all)
{
    episodes_add(&made, "r", 0, "a", 0, 0, ",\"steps\":[{\"action\":\"x\"}]");
    episodes_add(&made, "r", 0, "a", 1, 1, ",\"steps\":[{\"action\":\"x\"},{\"action\":\"y\"}]");
    episodes_write(&made);
    const struct json *got =
        episodes_ask(&made, "get_reward_stats", "{\"group_by\":\"training_id\"}");
    cr_expect(number_at(got, "success/count") == 1 && number_at(got, "success/ratio") == 0.5);
    cr_expect(number_at(got, "success/length_within_questions/trajectories") == 2);
    EXPECT_NUMBER(got, "success/length_within_questions/tau", 1);
    cr_expect(number_at(got, "groups/r/success/count") == 1);
    cr_expect(!member_at(got, "groups/r/success/length_within_questions"));
    cr_expect(!json_get(got, "without_reward"), "none is missing");
}

/* 30 words are shown; how many there are beyond them is said for all as for each group. */
Test(trajectory_stats, words_of_endings_that_are_not_shown_are_counted)
{
    for (int i = 0; i < 32; i++)
        episodes_add(&made, "r", 0, "a", i, 1,
                     arena_printf(&made.client.arena, ",\"termination_reason\":\"word %02d\"", i));
    episodes_write(&made);
    const struct json *got =
        episodes_ask(&made, "get_termination_stats", "{\"group_by\":\"training_id\"}");
    cr_expect(number_at(got, "reasons_not_shown") == 2);
    cr_expect(number_at(got, "groups/r/reasons_not_shown") == 2);
}

Test(trajectory_stats, A_12_edges_of_the_categories)
{
    episodes_add(&made, "r", 0, "a", 0, 0.999, "");
    episodes_add(&made, "r", 0, "a", 1, 1.0, "");
    episodes_add(&made, "r", 0, "a", 2, 1e-9, "");
    episodes_add(&made, "r", 0, "a", 3, 0, "");
    episodes_write(&made);
    const struct json *got = episodes_ask(&made, "get_reward_stats", "{}");
    cr_expect(number_at(got, "categories/partial_success/count") == 2);
    cr_expect(number_at(got, "categories/perfect_score/count") == 1);
    cr_expect(number_at(got, "success/count") == 3);
}

Test(trajectory_stats, A_40_the_threshold_is_chosen_and_echoed)
{
    episodes_add(&made, "r", 0, "a", 0, 0.3, "");
    episodes_add(&made, "r", 0, "a", 1, 0.7, "");
    episodes_write(&made);
    const struct json *got = episodes_ask(&made, "get_reward_stats", "{\"reward_threshold\":0.5}");
    cr_expect(number_at(got, "success/count") == 1);
    cr_expect(strcmp(member_text(&made.client, got, "success_rule"), "reward >= 0.5") == 0);
    cr_expect(number_at(got, "filters_applied/reward_threshold") == 0.5);
    got = episodes_ask(&made, "get_reward_stats", "{\"reward_threshold\":0}");
    cr_expect(number_at(got, "success/count") == 2);
    cr_expect(strcmp(member_text(&made.client, got, "success_rule"), "reward > 0") == 0);
}

Test(trajectory_stats, a_missing_reward_is_missing_not_zero)
{
    buf_printf(&made.lines, "{\"trajectory_id\":\"x\",\"data_id\":\"q\",\"training_id\":\"r\"}\n");
    episodes_add(&made, "r", 0, "q", 0, 1, "");
    episodes_write(&made);
    const struct json *got = episodes_ask(&made, "get_reward_stats", "{}");
    cr_expect(number_at(got, "total") == 1 && number_at(got, "without_reward") == 1);
    cr_expect(number_at(got, "avg_reward") == 1);
}

/* t knows nothing of equal values: none solved is Wilson over questions, 0 to 0.5615 for 3. */
Test(trajectory_stats, equal_rewards_have_no_interval_without_width)
{
    episodes_trials(&made, "r", 0, "a", 2, 0);
    episodes_trials(&made, "r", 0, "b", 2, 0);
    episodes_trials(&made, "r", 0, "c", 2, 0);
    episodes_trials(&made, "s", 0, "a", 2, 0);
    episodes_trials(&made, "s", 0, "b", 2, 0);
    episodes_trials(&made, "s", 0, "c", 2, 0);
    episodes_write(&made);
    const struct json *got = episodes_ask(&made, "get_reward_stats", "{\"training_id\":\"r\"}");
    cr_expect(str_eq(json_get(got, "question_mean_ci95")->raw, STR("[0,0.561497]")), "%.*s",
              STR_FMT(json_get(got, "question_mean_ci95")->raw));
    got = episodes_ask(&made, "compare_trainings", "{\"training_ids\":[\"r\",\"s\"]}");
    cr_expect(str_has(json_get(got, "differences")->raw, STR("\"ci95\":null")));
    cr_expect(!str_has(got->raw, STR("[0,0]")), "%.*s", STR_FMT(got->raw));
}

/* ---- process rewards ---- */

static const struct json *correlation(const double *x, const double *y, int n)
{
    char steps[100];

    for (int i = 0; i < n; i++) {
        snprintf(steps, sizeof(steps), ",\"steps\":[{\"action\":\"a\",\"reward\":%g}]", x[i]);
        episodes_add(&made, "r", 0, "q", i, y[i], steps);
    }
    episodes_write(&made);
    return episodes_ask(&made, "get_process_reward_correlation", "{}");
}

Test(trajectory_stats, A_16_moderate)
{
    const struct json *got =
        correlation((const double[]){.1, .2, .3, .4}, (const double[]){0, 1, 0, 1}, 4);

    EXPECT_NUMBER(got, "correlation", 0.408248);
    cr_expect(strcmp(member_text(&made.client, got, "interpretation"),
                     "moderate_positive_correlation") == 0);
    cr_expect(strcmp(member_text(&made.client, got, "strategy"), "beam_search") == 0);
}

Test(trajectory_stats, A_17_strong)
{
    const struct json *got =
        correlation((const double[]){.1, .2, .3, .4}, (const double[]){0, 0, 1, 1}, 4);

    EXPECT_NUMBER(got, "correlation", 0.816497);
    cr_expect(strcmp(member_text(&made.client, got, "interpretation"),
                     "strong_positive_correlation") == 0);
    EXPECT_NUMBER(got, "within_question/auc", 1);
}

Test(trajectory_stats, A_18_negative_is_no_reason_to_search)
{
    const struct json *got = correlation((const double[]){1, 2, 3}, (const double[]){3, 2, 1}, 3);

    EXPECT_NUMBER(got, "correlation", -1);
    cr_expect(strcmp(member_text(&made.client, got, "interpretation"),
                     "strong_negative_correlation") == 0);
    cr_expect(strcmp(member_text(&made.client, got, "strategy"), "beam_search") != 0);
}

Test(trajectory_stats, A_19_one_is_too_few)
{
    const struct json *got = correlation((const double[]){1}, (const double[]){1}, 1);

    cr_expect(strcmp(member_text(&made.client, got, "interpretation"), "insufficient_data") == 0);
    cr_expect(strcmp(member_text(&made.client, got, "strategy"), "need_more_samples") == 0);
    cr_expect(number_at(got, "sample_size") == 1);
}

Test(trajectory_stats, A_20_equal_rewards_have_no_correlation_at_all)
{
    const struct json *got =
        correlation((const double[]){.1, .2, .3}, (const double[]){1, 1, 1}, 3);

    cr_expect(json_get(got, "correlation")->kind == JSON_NULL);
    cr_expect(strcmp(member_text(&made.client, got, "interpretation"), "no_correlation") != 0);
    cr_expect(json_get(got, "reason"));
}

/* ---- tool returns ---- */

/* `think` is empty by design; `look` is not, as it returned something once. */
Test(trajectory_stats, a_tool_that_is_always_empty_is_counted_apart)
{
    static const char steps[] =
        ",\"steps\":["
        "{\"step_id\":1,\"action\":\"think\",\"tool_name\":\"think\",\"observation\":\"\"},"
        "{\"step_id\":2,\"action\":\"look\",\"tool_name\":\"look\",\"observation\":\"\"},"
        "{\"step_id\":3,\"action\":\"look\",\"tool_name\":\"look\",\"observation\":\"a\"}]";

    episodes_add(&made, "r", 0, "a", 0, 1, steps);
    episodes_write(&made);
    const struct json *got = episodes_ask(&made, "get_tool_return_stats", "{}");
    EXPECT_NUMBER(got, "categories/empty/count", 2);
    EXPECT_NUMBER(got, "unexpected/count", 1);
    EXPECT_NUMBER(got, "always_empty/count", 1);
    cr_expect(str_has(json_get(got, "always_empty")->raw, STR("always empty: think")));
    got = episodes_ask(&made, "list_unexpected_tool_contexts", "{}");
    EXPECT_NUMBER(got, "total", 1);
    EXPECT_NUMBER(got, "returned", 1);
    EXPECT_NUMBER(got, "always_empty/count", 1);
    got = episodes_ask(&made, "list_unexpected_tool_contexts", "{\"category\":\"empty\"}");
    EXPECT_NUMBER(got, "total", 2);
}

Test(trajectory_stats, A_21_A_22_contexts)
{
    char more[400];

    snprintf(
        more, sizeof(more),
        ",\"task\":{\"question\":\"%0120d\"},\"steps\":[{\"action\":\"go\",\"observation\":\"ok\"},"
        "{\"action\":\"go\",\"observation\":\"Request timed out\"}]",
        7);
    episodes_add(&made, "r", 0, "q", 0, 0, more);
    episodes_write(&made);
    const struct json *got = episodes_ask(&made, "list_unexpected_tool_contexts", "{}");
    const struct json *one = json_get(got, "data")->first;
    cr_assert(number_at(got, "total") == 1 && one);
    cr_expect(strcmp(member_text(&made.client, one, "category"), "timeout") == 0);
    cr_expect(number_at(one, "step_id") == 2 && number_at(one, "context/step_number") == 2);
    const char *question = member_text(&made.client, json_get(one, "context"), "question");
    cr_expect(strlen(question) == 103 && strcmp(question + 100, "...") == 0, "%s", question);
    cr_expect(!client_call(&made.client, "list_unexpected_tool_contexts", "{\"limit\":0}"));
    cr_expect(!client_call(&made.client, "list_unexpected_tool_contexts", "{\"limit\":501}"));
    cr_expect(client_call(&made.client, "list_unexpected_tool_contexts", "{\"limit\":1}"));
    cr_expect(client_call(&made.client, "list_unexpected_tool_contexts", "{\"limit\":500}"));
}

Test(trajectory_stats, A_21_a_question_of_100_characters_stands_whole)
{
    char more[300];

    snprintf(more, sizeof(more),
             ",\"task\":{\"question\":\"%0100d\"},\"steps\":[{\"action\":\"go\","
             "\"observation\":\"Connection refused\"}]",
             7);
    episodes_add(&made, "r", 0, "q", 0, 0, more);
    episodes_write(&made);
    const struct json *got = episodes_ask(&made, "list_unexpected_tool_contexts", "{}");
    const char *question =
        member_text(&made.client, member_at(json_get(got, "data")->first, "context"), "question");
    cr_expect(strlen(question) == 100 && question[99] == '7', "%s", question);
}
