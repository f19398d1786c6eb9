/* Rewards of trajectories. */
#include "analysis/trajectories/length_reward.h"
#include "tools/grouped_answer.h"

struct result {
    int64_t total, without_reward;
    double avg_reward, max_reward, min_reward;
    struct str categories, question_mean_ci95, success, groups;
    struct trajectory_common common;
};

/* Whether length goes with success: beside the rate of it. */
static void put_length(struct buf *out, const struct length_reward *l, struct arena *scratch)
{
    json_put_key(out, "length_within_questions");
    buf_byte(out, '{');
    put_word(out, "length", str_of(l->unit ? l->unit : ""));
    put_count(out, "trajectories", l->n);
    put_count(out, "questions", l->questions);
    put_figure(out, "tau", l->tau);
    put_figure(out, "auc", l->passed.auc);
    put_bounds(out, "auc_ci95", !isnan(l->passed.z),
               (struct interval){l->passed.auc_low, l->passed.auc_high});
    put_word(out, "says", str_of(length_reward_says(l, scratch)));
    buf_byte(out, '}');
}

static void put(struct buf *out, const struct selection *s, const uint32_t *rows, size_t n,
                const struct length_reward *length)
{
    struct reward_figures f = reward_figures(s->t, rows, n, s->threshold);
    struct arena scratch;
    struct interval interval = {0};

    arena_init(&scratch);
    struct questions q = questions_of(s->t, rows, n, s->threshold, &scratch);
    bool known = reward_interval(&q, &scratch, &interval);
    put_count(out, "total", f.n);
    put_reward_classes(out, "categories", &f);
    put_figure(out, "avg_reward", f.mean);
    put_bounds(out, "question_mean_ci95", known, interval);
    put_figure(out, "max_reward", f.max);
    put_figure(out, "min_reward", f.min);
    json_put_key(out, "success");
    buf_byte(out, '{');
    put_share(out, f.success, f.n);
    if (length)
        put_length(out, length, &scratch);
    buf_byte(out, '}');
    if (f.missing)
        put_count(out, "without_reward", f.missing);
    arena_fini(&scratch);
}

static void put_rewards(struct buf *out, const struct selection *s, const uint32_t *rows, size_t n)
{
    put(out, s, rows, n, NULL);
}

/* Length is told of all that was asked for: one group seldom has the questions for it. */
static void put_all(struct buf *out, const struct selection *s, const uint32_t *rows, size_t n)
{
    struct arena scratch;

    arena_init(&scratch);
    struct length_reward length = length_reward_of(s, &scratch);
    put(out, s, rows, n, &length);
    arena_fini(&scratch);
}

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
static const struct shape shape = SHAPE(struct result, out);

static const struct figures figures = {
    .all = put_all,
    .each = put_rewards,
    .shape = &shape,
    .groups = offsetof(struct result, groups),
    .common = offsetof(struct result, common),
};

static bool run(struct call *call, const void *given, void *answer, struct err *err)
{
    return figures_run(call, given, &figures, answer, err);
}

const struct tool tool_get_reward_stats = {
    .name = "get_reward_stats",
    .title = "Rewards of trajectories",
    .doc =
        "Rewards: perfect (>= 1), partial, failure (<= 0), mean with an interval over questions, "
        "range, success rate. With group_by also per training or epoch. Call it for how good "
        "episodes are.",
    .flags = TOOL_READ_ONLY,
    .in = SHAPE(struct grouped_args, grouped_in),
    .out = SHAPE(struct result, out),
    .run = run,
    .fingerprint = trajectories_fingerprint,
    .example = "{}",
};
