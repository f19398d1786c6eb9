#include "analysis/trajectories/watch.h"

#include <criterion/criterion.h>

static void say(struct watch *watch, enum speaker who, const char *text)
{
    watch_message(watch, &(struct message){who, str_of(text), false});
}

static void act(struct watch *watch, const char *action, const char *observation)
{
    struct step step = step_none();

    step.action = step.tool = str_of(action);
    step.observation = str_of(observation);
    step.returned = true;
    watch_step(watch, &step);
}

static bool rule_holds(const struct watch *watch, enum end_class ending, const char *name,
                       int64_t *step)
{
    for (size_t i = 0; i < failure_rules_n; i++) {
        if (strcmp(failure_rules[i].name, name) == 0)
            return failure_rules[i].holds(watch, ending, step);
    }
    cr_assert(false, "no rule '%s'", name);
    return false;
}

Test(watch, A_41_a_repeater_needs_four_messages)
{
    struct watch watch = {0};
    int64_t step;

    watch_reset(&watch);
    say(&watch, SPEAKER_ASSISTANT, "\"a\"");
    for (int i = 0; i < 3; i++) {
        cr_expect(!rule_holds(&watch, ENDING_UNKNOWN, "repeater", &step), "%d", i);
        say(&watch, SPEAKER_ASSISTANT, "\"again\"");
    }
    cr_expect(rule_holds(&watch, ENDING_UNKNOWN, "repeater", &step));
    watch_reset(&watch);
    for (int i = 0; i < 3; i++)
        say(&watch, SPEAKER_ASSISTANT, "\"again\"");
    cr_expect(!rule_holds(&watch, ENDING_UNKNOWN, "repeater", &step), "three in total");
}

Test(watch, A_42_more_than_sixteen_messages_is_long_and_no_turn_limit)
{
    struct watch watch = {0};
    int64_t step;

    watch_reset(&watch);
    for (int i = 0; i < 16; i++)
        say(&watch, i % 2 ? SPEAKER_ASSISTANT : SPEAKER_USER, i % 3 ? "\"x\"" : "\"y\"");
    cr_expect(!rule_holds(&watch, ENDING_FINISH, "long_episode", &step));
    say(&watch, SPEAKER_USER, "\"x\"");
    cr_expect(rule_holds(&watch, ENDING_FINISH, "long_episode", &step));
    cr_expect(!rule_holds(&watch, ENDING_FINISH, "turn_limit", &step), "it ended by itself");
    cr_expect(!rule_holds(&watch, ENDING_UNKNOWN, "turn_limit", &step), "nothing is known");
    cr_expect(rule_holds(&watch, ENDING_TRUNCATION, "turn_limit", &step));
}

Test(watch, a_loop_is_three_times_round_and_names_the_step)
{
    static const struct {
        const char *actions;
        int64_t want; /* step; NO_NUMBER: no loop */
    } rows[] = {
        {"aaa", 3},     {"aab", NO_NUMBER}, {"abab", NO_NUMBER},     {"ababab", 6},
        {"xababab", 7}, {"abcabcabc", 9},   {"abcabcab", NO_NUMBER}, {"abcdabcdabcd", NO_NUMBER}};

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct watch watch = {0};
        int64_t step = NO_NUMBER;
        watch_reset(&watch);
        for (const char *p = rows[i].actions; *p; p++)
            act(&watch, (char[]){*p, '\0'}, "\"ok\"");
        bool found = rule_holds(&watch, ENDING_UNKNOWN, "loop", &step);
        cr_expect(found == (rows[i].want != NO_NUMBER) && step == rows[i].want, "%s: %lld",
                  rows[i].actions, (long long)step);
    }
}

Test(watch, tool_errors_repeat_only_without_a_finish)
{
    struct watch watch = {0};
    int64_t step;

    watch_reset(&watch);
    act(&watch, "a", "\"Error: x\"");
    act(&watch, "b", "\"ok\"");
    act(&watch, "c", "\"timed out\"");
    cr_expect(!rule_holds(&watch, ENDING_UNKNOWN, "repeated_tool_error", &step), "two");
    act(&watch, "d", "\"Error: y\"");
    cr_expect(rule_holds(&watch, ENDING_UNKNOWN, "repeated_tool_error", &step) && step == 4);
    cr_expect(!rule_holds(&watch, ENDING_FINISH, "repeated_tool_error", &step));
    cr_expect(watch.first_bad == 1 && watch.returns[RETURN_ERROR] == 2);
}

Test(watch, hanging_and_format_errors)
{
    struct watch watch = {0};
    int64_t step;

    watch_reset(&watch);
    say(&watch, SPEAKER_USER, "\"q\"");
    say(&watch, SPEAKER_ASSISTANT, "\"let me think\"");
    cr_expect(rule_holds(&watch, ENDING_TIMEOUT, "hanging", &step));
    cr_expect(!rule_holds(&watch, ENDING_FINISH, "hanging", &step), "an answer");
    cr_expect(!rule_holds(&watch, ENDING_TIMEOUT, "format_error", &step));
    say(&watch, SPEAKER_ASSISTANT, "\"<tool_call>{}\"");
    cr_expect(rule_holds(&watch, ENDING_TIMEOUT, "format_error", &step));
}

/* The last step gives the answer: that nothing came back is not an empty return. */
Test(watch, A_13_only_a_final_answer_may_be_silent)
{
    struct watch watch = {0};
    struct step last = step_none();

    watch_reset(&watch);
    act(&watch, "a", "\"\"");
    act(&watch, "a", "\"   \"");
    act(&watch, "a", "");
    watch_end(&watch);
    cr_expect(watch.returns[RETURN_EMPTY] == 3 && watch.silent_end == 0);
    last.action = last.tool = STR("finish");
    last.returned = last.done = true;
    watch_step(&watch, &last);
    watch_end(&watch);
    cr_expect(watch.returns[RETURN_EMPTY] == 3 && watch.silent_end == 1);
}
