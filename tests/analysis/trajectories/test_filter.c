#include "tests/analysis/trajectories/index.h"

static struct index in;

#define LINE(id, run, epoch, reward, reason, steps)                                                \
    "{\"trajectory_id\":\"" id "\",\"data_id\":\"q" id "\",\"training_id\":\"" run                 \
    "\",\"epoch_id\":" epoch ",\"reward\":" reward ",\"termination_reason\":\"" reason             \
    "\",\"steps\":[" steps "]}\n"
#define STEP(action, observation) "{\"action\":\"" action "\",\"observation\":\"" observation "\"}"

static void set_up(void)
{
    index_of(&in, "runs.jsonl",
             LINE("a_b", "r1", "0", "1.0", "success", STEP("search[x]", "found"))
                 LINE("axb", "r1", "1", "0.0", "failed",
                      STEP("search[x]", "timed out") "," STEP("open", "ok"))
                     LINE("c", "r2", "0", "0.5", "timeout",
                          STEP("open", "ok") "," STEP("open", "needle"))
                         LINE("d", "r2", "2", "-1", "timed out", ""));
}

static void tear_down(void)
{
    index_close(&in);
}

TestSuite(filter, .init = set_up, .fini = tear_down);

/* The ids that are left, one after another. */
static const char *left(const struct trajectory_filter *filter, struct selection *s)
{
    const char *ids = "";
    struct err err;

    cr_assert(trajectories_select(in.t, filter, NULL, &in.arena, s, &err), "%s", err.msg);
    for (size_t i = 0; i < s->n; i++)
        ids = arena_printf(&in.arena, "%s %.*s", ids,
                           STR_FMT(dict_text(&in.t->ids, in.t->id[s->rows[i]])));
    return ids;
}

#define EXPECT(want, ...)                                                                          \
    do {                                                                                           \
        struct trajectory_filter filter = trajectory_filter_none();                                \
        struct selection s;                                                                        \
        __VA_ARGS__;                                                                               \
        const char *got = left(&filter, &s);                                                       \
        cr_expect(strcmp(got, want) == 0, "%s: '%s'", #__VA_ARGS__, got);                          \
    } while (0)

#define WORDS(...)                                                                                 \
    (struct strs)                                                                                  \
    {                                                                                              \
        (const char *const[]){__VA_ARGS__},                                                        \
            sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *)                            \
    }

Test(filter, each_of_them)
{
    EXPECT(" a_b axb c d", (void)0);
    EXPECT(" a_b axb", filter.training_id = "r1");
    EXPECT(" a_b c", filter.epoch_id = 0); /* 0 is an epoch */
    EXPECT(" c", filter.data_id = "qc");
    EXPECT(" a_b c", filter.reward_min = 0.5);
    EXPECT(" axb c d", filter.reward_max = 0.5);
    EXPECT(" a_b axb", filter.tool_used = WORDS("search"));
    EXPECT(" axb", filter.tool_used = WORDS("search", "open"));
    EXPECT(" c d", filter.tool_not_used = WORDS("search"));
    EXPECT(" axb", filter.tool_failed = WORDS("search", "open"));
    EXPECT(" axb c", filter.min_tool_calls = 2);
    EXPECT(" a_b d", filter.max_steps = 1);
    EXPECT(" axb c", filter.min_steps = 2);
    EXPECT(" c", filter.text = "needle"); /* stands in a step, on disk */
    EXPECT("", filter.agent_name = "nobody");
}

Test(filter, A_33_a_reason_is_a_word_or_a_class)
{
    EXPECT(" axb", filter.termination_reason = WORDS("failed"));
    EXPECT(" axb", filter.termination_reason = WORDS("error")); /* its class */
    EXPECT(" c", filter.termination_reason = WORDS("timeout")); /* a word that was written */
    EXPECT(" a_b d", filter.termination_reason = WORDS("success", "timed out"));
}

Test(filter, A_35_an_underscore_is_itself)
{
    EXPECT(" a_b", filter.trajectory_id = "a_b");
    EXPECT(" a_b", filter.text = "a_b");
}

Test(filter, says_which_filter_left_out_how_many)
{
    struct trajectory_filter filter = trajectory_filter_none();
    struct selection s;

    filter.training_id = "r2";
    filter.reward_min = 5;
    cr_expect(strcmp(left(&filter, &s), "") == 0);
    cr_expect(s.seen == 4 && s.excluded[FILTER_training_id] == 2 &&
              s.excluded[FILTER_reward_min] == 2);
}

Test(filter, A_40_success_by_either_rule)
{
    cr_expect(is_success(1e-9, (double)NAN) && !is_success(0, (double)NAN));
    cr_expect(is_success(0.3, 0) && !is_success(0.3, 0.5) && is_success(0.5, 0.5));
    cr_expect(is_success(0.99999999999, 1), "a reward that was summed");
    cr_expect(strcmp(success_rule(0.5, &in.arena), "reward >= 0.5") == 0);
    cr_expect(strcmp(success_rule((double)NAN, &in.arena), "reward > 0") == 0);
}
