#include "analysis/trajectories/length_reward.h"

#include "tests/analysis/trajectories/index.h"

#include <math.h>

static struct index in;
static struct buf lines;
static int written;

/* An episode of so many steps, each with the same text. */
static void add(const char *question, int steps, double reward)
{
    buf_printf(&lines,
               "{\"trajectory_id\":\"t%03d\",\"data_id\":\"%s\",\"training_id\":\"r\","
               "\"reward\":%g,\"steps\":[",
               written++, question, reward);
    for (int i = 0; i < steps; i++)
        buf_printf(&lines, "%s{\"action\":\"a\",\"observation\":\"b\"}", i ? "," : "");
    buf_puts(&lines, "]}\n");
}

static struct length_reward judged(void)
{
    struct trajectory_filter filter = trajectory_filter_none();
    struct selection s;
    struct err err;

    index_of(&in, "runs.jsonl", buf_text(&lines));
    cr_assert(trajectories_select(in.t, &filter, NULL, &in.arena, &s, &err), "%s", err.msg);
    return length_reward_of(&s, &in.arena);
}

static void tear_down(void)
{
    buf_fini(&lines);
    index_close(&in);
}

TestSuite(length_reward, .fini = tear_down);

/*
 * Three questions, each with 1, 2, 3, 4 steps and rewards 0, 0, 1, 1: of 6 pairs 4 differ in the
 * reward, all concordant: tau-b = 4 / sqrt(6 * 4); AUC 1, V = 3 * (2 * 2 / 12) * 5 = 5, and its
 * lower end 1 - 1.959964 sqrt(5) / 12 = .6348.
 */
Test(length_reward, longer_episodes_of_a_question_that_gain_are_told)
{
    static const char *const questions[] = {"a", "b", "c"};

    for (int q = 0; q < 3; q++) {
        for (int k = 1; k <= 4; k++)
            add(questions[q], k, k > 2);
    }
    struct length_reward l = judged();
    cr_expect_str_eq(l.unit, "steps");
    cr_expect(l.n == 12 && l.questions == 3 && l.passed.auc == 1);
    cr_expect(fabs(l.tau - 4 / sqrt(24)) < 1e-12, "%g", l.tau);
    cr_expect(fabs(l.passed.auc_low - 0.634778) < 1e-5, "%g", l.passed.auc_low);
    cr_expect(length_is_rewarded(&l));
}

/* The longest of six passes, the others get less the longer they are: of 15 pairs 5 rise. */
Test(length_reward, success_that_goes_with_length_is_not_denied_where_the_reward_does_not)
{
    static const double rewards[] = {-.1, -.2, -.3, -.4, -.5, 1};

    for (int q = 0; q < 4; q++) {
        char name[] = {(char)('a' + q), '\0'};
        for (int k = 0; k < 6; k++)
            add(name, k + 1, rewards[k]);
    }
    struct length_reward l = judged();
    cr_expect(fabs(l.tau + 1 / 3.0) < 1e-12 && l.passed.auc == 1 && l.passed.auc_low > .5);
    cr_expect(!length_is_rewarded(&l));
    cr_expect(strstr(length_reward_says(&l, &in.arena), "succeed more, but") != NULL, "%s",
              length_reward_says(&l, &in.arena));
}

/* The longer question is the easier one; within each, length says nothing. */
Test(length_reward, length_that_only_goes_with_the_question_is_none)
{
    for (int k = 0; k < 4; k++) {
        add("easy", 8 + k % 2, 1);
        add("hard", 1 + k % 2, 0);
    }
    struct length_reward l = judged();
    cr_expect(isnan(l.tau) && !length_is_rewarded(&l));
    cr_expect(strstr(length_reward_says(&l, &in.arena), "two different rewards") != NULL);
}

Test(length_reward, episodes_of_one_step_are_measured_by_their_bytes)
{
    add("a", 1, 0);
    add("a", 1, 0.25);
    add("a", 1, 0.125);
    struct length_reward l = judged();
    cr_assert(l.unit != NULL, "%s", l.why);
    cr_expect_str_eq(l.unit, "bytes of the record");
}

Test(length_reward, one_episode_a_question_is_not_assessed)
{
    add("a", 3, 1);
    add("b", 5, 0);
    struct length_reward l = judged();
    cr_expect(!l.unit && !length_is_rewarded(&l));
    cr_expect(strstr(length_reward_says(&l, &in.arena), "not assessed: no question") != NULL);
}
