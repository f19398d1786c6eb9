/* Do steps that are rewarded lead to rewarded episodes? */
#include "analysis/trajectories/process_reward.h"
#include "tools/trajectory_answer.h"

enum { POINTS_SHOWN = 100 };

struct args {
    struct trajectory_args filter;
};

struct result {
    double correlation, p_value;
    const char *interpretation, *strategy, *reason, *caution;
    int64_t sample_size;
    struct str within_question, scatter_data;
    struct trajectory_common common;
};

static void pooled(struct result *result, const struct process_reward *p, struct arena *arena)
{
    double tau = p->pooled.tau;

    result->reason = process_reward_why(p, arena);
    if (p->n < 2) {
        result->interpretation = p->n ? "insufficient_data" : "no_data";
        result->strategy = p->n ? "need_more_samples" : "insufficient_data";
    } else if (result->reason) {
        result->interpretation = "undefined";
        result->strategy = "need_more_samples";
    } else {
        result->correlation = round(tau * 1e6) / 1e6;
        result->p_value = p->pooled.p;
        result->interpretation = process_reward_name(tau, arena);
        result->strategy = tau >= 0.3 ? "beam_search" : "2.0";
        result->caution =
            "pooled over questions: easy questions raise both rewards, and samples of "
            "a question are not independent; within_question is the test";
    }
}

static struct str within_json(struct call *call, const struct process_reward *p)
{
    struct buf out = {0};
    const struct ranksum *test = &p->within;

    buf_byte(&out, '{');
    put_figure(&out, "auc", test->auc);
    put_bounds(&out, "auc_ci95", !isnan(test->z), (struct interval){test->auc_low, test->auc_high});
    put_figure(&out, "z", test->z);
    put_figure(&out, "p_value", test->p);
    put_count(&out, "questions", test->tasks);
    put_figure(&out, "tau", p->within_tau);
    put_word(&out, "method", STR("stratified rank sum, unit weights"));
    put_word(&out, "says", str_of(process_reward_says(p, call->arena)));
    buf_byte(&out, '}');
    return finish(&out, call->arena);
}

/* At most 100 points, evenly chosen. */
static struct str scatter_json(struct call *call, const struct selection *s,
                               const struct process_reward *v)
{
    static const char *const names[] = {"x", "y", "trajectory_ids"};
    struct buf out = {0};
    size_t n = v->n < POINTS_SHOWN ? v->n : POINTS_SHOWN;

    buf_byte(&out, '{');
    for (size_t part = 0; part < 3; part++) {
        json_put_key(&out, names[part]);
        buf_byte(&out, '[');
        for (size_t i = 0; i < n; i++) {
            size_t at = i * v->n / n;
            json_put_comma(&out);
            if (part < 2)
                json_put_number(&out, round((part ? v->y : v->x)[at] * 1e6) / 1e6);
            else
                json_put_string(
                    &out, str_of(clean_text(call->arena,
                                            dict_text(&s->t->ids, s->t->id[v->row[at]]), 60)));
        }
        buf_byte(&out, ']');
    }
    put_count(&out, "points", v->n);
    buf_byte(&out, '}');
    return finish(&out, call->arena);
}

static bool run(struct call *call, const void *in, void *out, struct err *err)
{
    const struct args *args = in;
    struct result *result = out;
    struct selection s;

    if (!trajectories_open(call, &args->filter, &s, &result->common, err))
        return false;
    struct process_reward v = process_reward_of(&s, call->arena);
    result->correlation = result->p_value = (double)NAN;
    result->sample_size = (int64_t)v.n;
    pooled(result, &v, call->arena);
    result->within_question = within_json(call, &v);
    result->scatter_data = scatter_json(call, &s, &v);
    return true;
}

static const struct field in[] = {
    TRAJECTORY_FILTERS(struct args),
};

static const struct field out[] = {
    F_NUM(struct result, correlation, .doc = "Kendall's tau-b, pooled", .nullable = true),
    F_NUM(struct result, p_value, .doc = "As if episodes were independent", .nullable = true),
    F_STR(struct result, interpretation, .doc = "", .required = true),
    F_STR(struct result, strategy, .doc = "", .required = true),
    F_STR(struct result, reason, .doc = "Why there is none"),
    F_STR(struct result, caution, .doc = ""),
    F_INT(struct result, sample_size, .doc = "", .required = true),
    F_RAW(struct result, within_question, .doc = "The test", .type = "object", .required = true),
    F_RAW(struct result, scatter_data, .doc = "", .type = "object", .required = true),
    TRAJECTORY_COMMON(struct result),
};

const struct tool tool_get_process_reward_correlation = {
    .name = "get_process_reward_correlation",
    .title = "Step rewards and final rewards",
    .doc = "Whether episodes with better step rewards end better: Kendall's tau-b over all, and "
           "the test within questions that says whether it is more than easy and hard questions. "
           "Call it before training on process rewards.",
    .flags = TOOL_READ_ONLY,
    .in = SHAPE(struct args, in),
    .out = SHAPE(struct result, out),
    .run = run,
    .fingerprint = trajectories_fingerprint,
    .example = "{}",
};
