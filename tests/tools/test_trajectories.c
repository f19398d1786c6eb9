/* Trainings, epochs, failures and filters through the tools: the seed's checks. */
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

TestSuite(trajectories, .init = set_up, .fini = tear_down, .timeout = 120);

Test(trajectories, A_23_A_24_epochs)
{
    for (int epoch = 0; epoch < 3; epoch++)
        episodes_trials(&made, "r", epoch, "q", 2, epoch > 0);
    episodes_write(&made);
    cr_expect(!client_call(&made.client, "get_epoch_progression",
                           "{\"training_id\":\"r\",\"epoch_ids\":\"1,x\"}"));
    cr_expect(strstr(made.client.err.msg, "Invalid epoch_ids format") == made.client.err.msg, "%s",
              made.client.err.msg);
    const struct json *got =
        episodes_ask(&made, "get_epoch_progression", "{\"training_id\":\"r\"}");
    cr_expect(json_get(got, "epochs")->count == 3, "epoch 0 is one");
    cr_expect(number_at(json_get(got, "epochs")->first, "epoch_id") == 0);
    cr_expect(json_get(episodes_ask(&made, "list_epochs", "{}"), "epochs")->count == 3);
    got = episodes_ask(&made, "get_epoch_progression",
                       "{\"training_id\":\"r\",\"epoch_ids\":\"0,2\"}");
    cr_expect(json_get(got, "epochs")->count == 2);
}

/* Twelve questions: 1 of 4 in epochs 0 and 1, then 3 of 4, so +.5 in each; s has one epoch. */
Test(trajectories, epochs_are_told_against_the_one_before_and_the_last_against_the_first)
{
    char name[8];

    for (int q = 0; q < 12; q++) {
        snprintf(name, sizeof(name), "q%d", q);
        for (int epoch = 0; epoch < 3; epoch++)
            episodes_trials(&made, "r", epoch, name, 4, epoch < 2 ? 1 : 3);
        episodes_trials(&made, "s", 7, name, 4, 2);
    }
    episodes_write(&made);
    const struct json *got =
        episodes_ask(&made, "get_epoch_progression", "{\"training_id\":\"r\"}");
    const struct json *second = json_get(got, "epochs")->first->next;
    EXPECT_NUMBER(second, "delta_avg_reward", 0);
    EXPECT_NUMBER(second->next, "delta_avg_reward", 0.5);
    EXPECT_NUMBER(second->next, "delta_pass_at_1", 0.5);
    cr_expect(str_has(json_get(got, "says")->raw, STR("better (pass@1 +0.500 in each of 12")),
              "%.*s", STR_FMT(json_get(got, "says")->raw));
    got = episodes_ask(&made, "compare_trainings", "{\"training_ids\":\"r,s\"}");
    const struct json *r = json_get(got, "trainings")->first;
    cr_expect(str_is(member_at(r, "last_against_first/epochs")->raw, "[0,2]"));
    EXPECT_NUMBER(r, "last_against_first/pass_at_1", 0.5);
    EXPECT_NUMBER(r, "last_against_first/delta_avg_reward", 0.5);
    EXPECT_NUMBER(r, "last_against_first/q", 2.0 / 4096);
    cr_expect_str_eq(member_text(&made.client, json_get(r, "last_against_first"), "says"),
                     "better");
    cr_expect(!json_get(r->next, "last_against_first"), "one epoch");
}

/* 600 points do not fit: every 2nd, 4th … and the last are told, and that there are more. */
Test(trajectories, a_long_progression_is_thinned_and_says_so)
{
    for (int epoch = 0; epoch < 600; epoch++)
        episodes_trials(&made, "r", epoch, "q", 2, epoch > 300);
    episodes_write(&made);
    const struct json *got =
        episodes_ask(&made, "get_epoch_progression", "{\"training_id\":\"r\"}");
    size_t shown = json_get(got, "epochs")->count;
    cr_expect(number_at(got, "total") == 600 && number_at(got, "returned") == (double)shown);
    cr_expect(shown > 20 && shown < 600 && got->raw.n < 24000, "%zu, %zu", shown, got->raw.n);
    cr_expect(str_has(json_get(got, "notes")->raw, STR("of 600 are shown; ask for some by")));
    const struct json *last = json_get(got, "epochs")->first;
    while (last->next)
        last = last->next;
    cr_expect(number_at(last, "epoch_id") == 599);
}

Test(trajectories, iterations_are_points_where_there_are_some)
{
    char more[40];

    for (int iteration = 3; iteration < 6; iteration++) {
        snprintf(more, sizeof(more), ",\"iteration_id\":%d", iteration);
        episodes_add(&made, "r", 1, "q", iteration, iteration == 5, more);
    }
    episodes_trials(&made, "s", 0, "q", 2, 1);
    episodes_write(&made);
    const struct json *got =
        episodes_ask(&made, "get_epoch_progression",
                     "{\"training_id\":\"r\",\"level\":\"iteration\",\"metrics\":\"pass_at_1\"}");
    const struct json *first = json_get(got, "epochs")->first;
    cr_expect(json_get(got, "epochs")->count == 3 && number_at(first, "iteration_id") == 3);
    cr_expect(number_at(first, "epoch_id") == 1 && number_at(first, "pass_at_1") == 0);
    cr_expect(!json_get(first, "avg_reward") && !json_get(first, "termination_stats"));
    EXPECT_NUMBER(first->next->next, "delta_pass_at_1", 1);
    cr_expect(!client_call(&made.client, "get_epoch_progression",
                           "{\"training_id\":\"s\",\"level\":\"iteration\"}"));
    cr_expect(strstr(made.client.err.msg, "has no iterations"), "%s", made.client.err.msg);
    cr_expect(!client_call(&made.client, "get_epoch_progression",
                           "{\"training_id\":\"r\",\"metrics\":[\"pass_at_9\"]}"));
    cr_expect(strstr(made.client.err.msg, "must name some of pass_at_1"));
}

Test(trajectories, A_32_A_34_failures_are_sorted_before_they_are_paged)
{
    for (int i = 0; i < 250; i++)
        episodes_add(&made, "r", 0, "q", i, -(double)((i * 37) % 250), "");
    episodes_write(&made);
    const struct json *got = episodes_ask(&made, "list_failure_cases", "{}");
    cr_expect(number_at(got, "total") == 250 && number_at(got, "returned") == 100);
    cr_expect(json_get(got, "data")->count == 100 && json_get(got, "truncated")->kind == JSON_TRUE);
    cr_expect(number_at(got, "next_offset") == 100 &&
              number_at(got, "filters_applied/reward_max") == 0.5);
    cr_expect(got->raw.n <= 24000, "%zu characters", got->raw.n);
    got =
        episodes_ask(&made, "list_failure_cases",
                     "{\"limit\":10,\"offset\":10,\"sort_by\":\"reward\",\"sort_order\":\"desc\"}");
    int want = -10;
    json_each (one, json_get(got, "data"))
        cr_expect(number_at(one, "reward") == want--, "%g", number_at(one, "reward"));
}

Test(trajectories, A_36_A_37_trainings_and_groups)
{
    for (int epoch = 0; epoch <= 10; epoch++)
        episodes_trials(&made, "r1", epoch, "q", 1, 1);
    episodes_trials(&made, "r2", 3, "q", 2, 0);
    episodes_write(&made);
    const struct json *got = episodes_ask(&made, "list_trainings", "{}");
    const struct json *first = json_get(got, "trainings")->first;
    cr_expect(number_at(got, "total") == 2);
    cr_expect(strcmp(member_text(&made.client, first, "training_id"), "r1") == 0);
    cr_expect(str_is(json_get(first, "epoch_range")->raw, "[0,10]"));
    cr_expect(number_at(first, "trajectory_count") == 11);
    got = episodes_ask(&made, "get_reward_stats", "{}");
    cr_expect(!json_get(got, "groups") && number_at(got, "total") == 13);
    got = episodes_ask(&made, "get_reward_stats", "{\"group_by\":\"training_id\"}");
    cr_expect(number_at(got, "total") == 13 && number_at(got, "groups/r2/total") == 2);
    got = episodes_ask(&made, "get_termination_stats", "{\"group_by\":\"epoch_id\"}");
    cr_expect(number_at(got, "groups/3/total") == 3 && json_get(got, "groups")->count == 11);
}

/* With group_by the whole is told as without it, and the groups beside it. */
Test(trajectories, A_37_the_ungrouped_shape_stays)
{
    static const char *const tools_asked[] = {"get_termination_stats", "get_tool_return_stats",
                                              "get_reward_stats"};
    static const char *const keys[] = {"training_id", "epoch_id"};

    for (int epoch = 0; epoch < 3; epoch++)
        episodes_add(&made, epoch ? "r1" : "r2", epoch, "q", 0, epoch,
                     ",\"termination_reason\":\"finish\",\"steps\":[{\"action\":\"go\","
                     "\"observation\":\"ok\"}]");
    episodes_write(&made);
    for (size_t i = 0; i < 3; i++) {
        const struct json *plain = episodes_ask(&made, tools_asked[i], "{}");
        cr_expect(!json_get(plain, "groups"), "%s", tools_asked[i]);
        for (size_t k = 0; k < 2; k++) {
            char arguments[40];
            snprintf(arguments, sizeof(arguments), "{\"group_by\":\"%s\"}", keys[k]);
            const struct json *grouped = episodes_ask(&made, tools_asked[i], arguments);
            cr_expect(json_get(grouped, "groups")->count == 2 + k, "%s", tools_asked[i]);
            cr_expect(grouped->count == plain->count + 1, "%s", tools_asked[i]);
            json_each (member, plain) {
                const char *name = arena_text(&made.client.arena, member->key);
                const struct json *same = json_get(grouped, name);
                cr_expect(strcmp(name, "filters_applied") == 0 || str_eq(member->raw, same->raw),
                          "%s %s", tools_asked[i], name);
            }
        }
    }
}

Test(trajectories, an_unknown_training_is_a_sentence_with_the_nearest)
{
    episodes_trials(&made, "run_001", 0, "q", 1, 1);
    episodes_write(&made);
    cr_expect(!client_call(&made.client, "get_reward_stats", "{\"training_id\":\"run_002\"}"));
    cr_expect(made.client.err.code == ERR_NOT_FOUND &&
                  strstr(made.client.err.msg, "did you mean 'run_001'"),
              "%s", made.client.err.msg);
    cr_expect(!client_call(&made.client, "get_trajectory", "{\"trajectory_id\":\"none\"}"));
    cr_expect(made.client.err.code == ERR_NOT_FOUND);
}

Test(trajectories, A_33_an_empty_result_says_why)
{
    episodes_trials(&made, "r", 0, "q", 3, 1);
    episodes_write(&made);
    const struct json *got = episodes_ask(&made, "get_reward_stats",
                                          "{\"epoch_id\":0,\"termination_reason\":\"failed\"}");
    cr_expect(number_at(got, "used") == 0 && number_at(got, "excluded/termination_reason") == 3);
    cr_expect(str_is(member_at(got, "filters_applied/termination_reason")->raw, "[\"failed\"]"));
}

/* What only failures do, in questions that have both outcomes. */
Test(trajectories, failures_are_compared_with_successes_of_their_question)
{
    char name[8];

    for (int q = 0; q < 10; q++) {
        snprintf(name, sizeof(name), "q%d", q);
        for (int s = 0; s < 4; s++)
            episodes_add(&made, "r", 0, name, s, s < 2,
                         s < 2 ? ",\"steps\":[{\"action\":\"look\",\"observation\":\"ok\"}]"
                               : ",\"steps\":[{\"action\":\"guess\",\"observation\":\"ok\"}]");
    }
    episodes_write(&made);
    const struct json *got = episodes_ask(&made, "list_failure_cases", "{\"limit\":1}");
    const struct json *first = member_at(got, "enrichment/features")->first;
    cr_assert(first && number_at(got, "enrichment/questions_with_both_outcomes") == 10);
    cr_expect(strcmp(member_text(&made.client, first, "name"), "guess") == 0);
    cr_expect(number_at(first, "failures/count") == 20 && number_at(first, "passes/count") == 0);
    cr_expect(number_at(first, "q") < 0.001);
}

Test(trajectories, where_takes_the_filters_that_have_no_argument_of_their_own)
{
    episodes_trials(&made, "r", 0, "a", 3, 1);
    episodes_write(&made);
    const struct json *all = episodes_ask(&made, "get_reward_stats", "{}");
    const struct json *none =
        episodes_ask(&made, "get_reward_stats", "{\"where\":{\"min_steps\":100000}}");

    cr_expect(member_number(all, "used") > 0 && member_number(none, "used") == 0);
    cr_expect(number_at(none, "excluded/min_steps") == 3);
    cr_expect(member_number(json_get(none, "filters_applied"), "min_steps") == 100000);
    cr_expect(!client_call(&made.client, "get_reward_stats", "{\"where\":{\"min_step\":1}}"));
    cr_expect(strstr(made.client.err.msg, "min_steps") != NULL, "%s", made.client.err.msg);
    cr_expect(!client_call(&made.client, "get_reward_stats", "{\"where\":[]}"));
}
