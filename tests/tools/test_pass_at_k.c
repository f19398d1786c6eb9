/* pass@k of agents and the comparison of trainings, through the tools. */
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

TestSuite(passes, .init = set_up, .fini = tear_down, .timeout = 120);

Test(passes, A_04_A_07_pass_at_k_over_questions)
{
    episodes_trials(&made, "r", 0, "a", 4, 1);
    episodes_trials(&made, "r", 0, "b", 4, 0);
    episodes_trials(&made, "r", 0, "c", 4, 2);
    episodes_write(&made);
    const struct json *got = episodes_ask(&made, "get_pass_at_k", "{\"k_values\":[1,2,4]}");
    EXPECT_NUMBER(got, "pass_at_k/1", 0.25);
    EXPECT_NUMBER(got, "pass_at_k/2", 4.0 / 9);
    EXPECT_NUMBER(got, "pass_at_k/4", 2.0 / 3);
    EXPECT_NUMBER(got, "best_of_n/value", 2.0 / 3);
    cr_expect(number_at(got, "questions") == 3 && number_at(got, "trials") == 12);
}

Test(passes, A_06_A_07_undefined_is_null_and_both_means_are_given)
{
    episodes_trials(&made, "r", 0, "a", 1, 1);
    episodes_trials(&made, "r", 0, "b", 9, 0);
    episodes_write(&made);
    const struct json *got = episodes_ask(&made, "get_pass_at_k", "{\"k_values\":[1,10]}");
    EXPECT_NUMBER(got, "pass_at_1/micro", 0.1);
    EXPECT_NUMBER(got, "pass_at_1/macro", 0.5);
    cr_expect(member_at(got, "pass_at_k/10")->kind == JSON_NULL);
    const struct json *ten = json_get(got, "details")->first->next;
    cr_expect(strcmp(member_text(&made.client, ten, "reason"), "k exceeds samples") == 0);
    cr_expect(number_at(ten, "excluded") == 2);
}

Test(passes, k_of_zero_is_refused)
{
    episodes_write(&made);
    cr_expect(!client_call(&made.client, "get_pass_at_k", "{\"k_values\":[0]}"));
    cr_expect(strstr(made.client.err.msg, "from 1"), "%s", made.client.err.msg);
    cr_expect(!client_call(&made.client, "get_pass_at_k", "{\"k_values\":\"1,x\"}"));
}

Test(passes, a_repeated_sample_is_told_and_not_counted)
{
    episodes_add(&made, "r", 0, "a", 0, 1, "");
    buf_printf(&made.lines, "{\"trajectory_id\":\"other\",\"training_id\":\"r\",\"epoch_id\":0,"
                            "\"data_id\":\"a\",\"sample_id\":0,\"reward\":0}\n");
    episodes_write(&made);
    const struct json *got = episodes_ask(&made, "get_pass_at_k", "{}");
    cr_expect(number_at(got, "trials") == 1);
    cr_expect(str_has(json_get(got, "notes")->raw, STR("1 repeat a sample")));
}

Test(passes, A_38_unequal_numbers_of_trials)
{
    char name[8];

    for (int q = 0; q < 12; q++) {
        snprintf(name, sizeof(name), "q%d", q);
        episodes_trials(&made, "small", 0, name, 4, 1);
        episodes_trials(&made, "large", 0, name, 16, 12);
    }
    episodes_write(&made);
    const struct json *got =
        episodes_ask(&made, "compare_trainings", "{\"training_ids\":\"small,large\"}");
    json_each (one, json_get(got, "trainings"))
        cr_expect(number_at(one, "k") == 4);
    cr_expect(str_has(json_get(got, "notes")->raw, STR("unequal numbers of trials")));
    const struct json *difference = json_get(got, "differences")->first;
    EXPECT_NUMBER(difference, "pass_at_1", 0.5);
    cr_expect(strcmp(member_text(&made.client, difference, "says"), "better") == 0);
    cr_expect(number_at(difference, "common_questions") == 12);
}

Test(passes, too_few_questions_cannot_tell)
{
    episodes_trials(&made, "a", 0, "q1", 4, 0);
    episodes_trials(&made, "a", 0, "q2", 4, 0);
    episodes_trials(&made, "b", 0, "q1", 4, 4);
    episodes_trials(&made, "b", 0, "q2", 4, 4);
    episodes_write(&made);
    const struct json *got =
        episodes_ask(&made, "compare_trainings", "{\"training_ids\":[\"a\",\"b\"]}");
    cr_expect(strcmp(member_text(&made.client, json_get(got, "differences")->first, "says"),
                     "cannot tell") == 0);
}

Test(passes, partial_rewards_that_count_as_success_are_told)
{
    episodes_add(&made, "r", 0, "a", 0, 0.4, "");
    episodes_add(&made, "r", 0, "a", 1, 0.2, "");
    episodes_add(&made, "r", 0, "b", 0, 1, "");
    episodes_add(&made, "r", 0, "b", 1, 0, "");
    episodes_write(&made);
    static const char *const asked[] = {"get_pass_at_k", "get_reward_stats", "compare_trainings"};
    for (size_t i = 0; i < sizeof(asked) / sizeof(asked[0]); i++) {
        const struct json *got =
            episodes_ask(&made, asked[i], i == 2 ? "{\"training_ids\":\"r\"}" : "{}");
        cr_expect(str_has(got->raw, STR("2 of 3 counted as success (reward > 0) have a reward "
                                        "below 1; give reward_threshold")),
                  "%s: %.*s", asked[i], STR_FMT(got->raw));
    }
    const struct json *got = episodes_ask(&made, "get_pass_at_k", "{\"reward_threshold\":1}");
    cr_expect(!str_has(got->raw, STR("counted as success")), "the rule was given");
    EXPECT_NUMBER(got, "pass_at_1/macro", 0.25);
}

Test(passes, the_question_is_what_the_user_said_first)
{
    tmpdir_file(&made.dir, "plain.jsonl",
                "{\"id\":\"x\",\"question_id\":\"q\",\"reward\":0,\"messages\":["
                "{\"role\":\"system\",\"content\":\"be brief\"},"
                "{\"role\":\"user\",\"content\":\"how far is the moon\"},"
                "{\"role\":\"assistant\",\"content\":\"far\"}]}\n");
    const struct json *got = episodes_ask(&made, "get_trajectory", "{\"trajectory_id\":\"x\"}");
    cr_assert(json_get(got, "question")->kind == JSON_STRING, "%.*s", STR_FMT(got->raw));
    cr_expect_str_eq(member_text(&made.client, got, "question"), "how far is the moon");
}
