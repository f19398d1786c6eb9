/* Rewards of trajectories. */
#include "analysis/trajectories/length_reward.h"
#include "tools/trajectory_answer.h"

struct args {
    struct trajectory_args filter;
    const char *group_by;
};

struct result {
    int64_t total, without_reward;
    double avg_reward, max_reward, min_reward;
    struct str categories, question_mean_ci95, success, groups;
    struct trajectory_common common;
};

/* {count, ratio} of the figures, and whether length goes with it. */
static struct str success_json(struct call *call, const struct json *figures,
                               const struct selection *s)
{
    struct length_reward l = length_reward_of(s, call->arena);
    struct str rate = figure_raw(figures, "success");
    struct buf out = {0};

    buf_add(&out, str_cut(rate, rate.n - 1)); /* but for its brace */
    json_put_key(&out, "length_within_questions");
    buf_byte(&out, '{');
    put_word(&out, "length", str_of(l.unit ? l.unit : ""));
    put_count(&out, "trajectories", l.n);
    put_count(&out, "questions", l.questions);
    put_figure(&out, "tau", l.tau);
    put_figure(&out, "auc", l.passed.auc);
    put_bounds(&out, "auc_ci95", !isnan(l.passed.z),
               (struct interval){l.passed.auc_low, l.passed.auc_high});
    put_word(&out, "says", str_of(length_reward_says(&l, call->arena)));
    buf_puts(&out, "}}");
    return finish(&out, call->arena);
}

static bool run(struct call *call, const void *in, void *out, struct err *err)
{
    const struct args *args = in;
    struct result *result = out;
    struct selection s;

    if (!trajectories_open(call, &args->filter, &s, &result->common, err))
        return false;
    const struct json *figures = figures_of(call, &s, put_rewards);
    result->total = figure_count(figures, "total");
    result->without_reward = figure_count(figures, "without_reward");
    result->categories = figure_raw(figures, "categories");
    result->avg_reward = figure_number(figures, "avg_reward");
    result->question_mean_ci95 = figure_raw(figures, "question_mean_ci95");
    result->max_reward = figure_number(figures, "max_reward");
    result->min_reward = figure_number(figures, "min_reward");
    result->success = success_json(call, figures, &s);
    result->groups = grouped(call, &s, args->group_by, put_rewards);
    return true;
}

static const struct field in[] = {
    F_STR(struct args, group_by, .doc = "Also for each of these.", .one_of = group_names),
    TRAJECTORY_FILTERS(struct args),
};

static const struct field out[] = {
    F_INT(struct result, total, .doc = "With a reward", .required = true),
    F_RAW(struct result, categories, .doc = "", .type = "object", .required = true),
    F_NUM(struct result, avg_reward, .doc = "", .nullable = true),
    F_RAW(struct result, question_mean_ci95, .doc = "Of the mean over questions", .nullable = true),
    F_NUM(struct result, max_reward, .doc = "", .nullable = true),
    F_NUM(struct result, min_reward, .doc = "", .nullable = true),
    F_RAW(struct result, success, .doc = "", .type = "object", .required = true),
    F_INT(struct result, without_reward, .doc = "Not in total"),
    F_RAW(struct result, groups, .doc = "The same for each", .type = "object"),
    TRAJECTORY_COMMON(struct result),
};

const struct tool tool_get_reward_stats = {
    .name = "get_reward_stats",
    .title = "Rewards of trajectories",
    .doc =
        "Rewards: perfect (>= 1), partial, failure (<= 0), mean with an interval over questions, "
        "range, success rate. With group_by also per training or epoch. Call it for how good "
        "episodes are.",
    .flags = TOOL_READ_ONLY,
    .in = SHAPE(struct args, in),
    .out = SHAPE(struct result, out),
    .run = run,
    .fingerprint = trajectories_fingerprint,
    .example = "{}",
};
