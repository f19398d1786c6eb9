/* Do steps that are rewarded lead to rewarded episodes? */
#include <stdlib.h>

#include "analysis/stats/kendall.h"
#include "analysis/stats/stratified.h"
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

struct samples {
    uint32_t *row, *question;
    double *x, *y;
    bool *passed;
    size_t n;
};

static struct samples samples_of(const struct selection *s, struct arena *arena)
{
    const struct trajectories *t = s->t;
    struct samples out = {.row = ARENA_ARRAY(arena, s->n + 1, uint32_t),
                          .question = ARENA_ARRAY(arena, s->n + 1, uint32_t),
                          .x = ARENA_ARRAY(arena, s->n + 1, double),
                          .y = ARENA_ARRAY(arena, s->n + 1, double),
                          .passed = ARENA_ARRAY(arena, s->n + 1, bool)};
    size_t groups;
    const struct row_group *g = rows_grouped(t, s->rows, s->n, BY_QUESTION, arena, &groups);

    for (size_t i = 0; i < groups; i++) {
        for (size_t k = 0; k < g[i].n; k++) {
            uint32_t row = g[i].rows[k];
            if (isnan(t->step_reward[row]) || isnan(t->reward[row]))
                continue;
            out.row[out.n] = row;
            out.question[out.n] = t->question[row];
            out.x[out.n] = t->step_reward[row];
            out.y[out.n] = t->reward[row];
            out.passed[out.n++] = is_success(t->reward[row], s->threshold);
        }
    }
    return out;
}

static void name_it(struct result *result, double tau, struct arena *arena)
{
    double size = fabs(tau);
    const char *strength = size >= 0.7   ? "strong"
                           : size >= 0.3 ? "moderate"
                           : size >= 0.1 ? "weak"
                                         : NULL;

    result->interpretation = strength ? arena_printf(arena, "%s_%s_correlation", strength,
                                                     tau > 0 ? "positive" : "negative")
                                      : "no_correlation";
    result->strategy = tau >= 0.3 ? "beam_search" : "2.0";
}

static void pooled(struct result *result, const struct samples *v, struct arena *arena)
{
    struct kendall tau = kendall_tau(v->x, v->y, v->n, arena);

    if (v->n < 2) {
        result->interpretation = v->n ? "insufficient_data" : "no_data";
        result->strategy = v->n ? "need_more_samples" : "insufficient_data";
        result->reason = v->n ? "one episode has step rewards and a final reward"
                              : "no episode has step rewards and a final reward";
    } else if (isnan(tau.tau)) {
        result->interpretation = "undefined";
        result->strategy = "need_more_samples";
        result->reason = "all step rewards or all final rewards are equal";
    } else {
        result->correlation = round(tau.tau * 1e6) / 1e6;
        result->p_value = tau.p;
        name_it(result, tau.tau, arena);
        result->caution =
            "pooled over questions: easy questions raise both rewards, and samples of "
            "a question are not independent; within_question is the test";
    }
}

static struct str within_json(struct call *call, const struct samples *v)
{
    struct buf out = {0};
    size_t tasks;
    struct ranksum test = stratified_ranksum(v->question, v->x, v->passed, v->n, call->arena);
    double tau = within_tau(v->question, v->x, v->y, v->n, call->arena, &tasks);
    bool known = !isnan(test.z);

    buf_byte(&out, '{');
    put_figure(&out, "auc", test.auc);
    put_bounds(&out, "auc_ci95", known, (struct interval){test.auc_low, test.auc_high});
    put_figure(&out, "z", test.z);
    put_figure(&out, "p_value", test.p);
    put_count(&out, "questions", test.tasks);
    put_figure(&out, "tau", tau);
    put_word(&out, "method", STR("stratified rank sum, unit weights"));
    put_word(&out, "says",
             str_of(!known               ? "no question has both outcomes: not assessed"
                    : test.auc_low > 0.6 ? "step rewards tell success within questions: process "
                                           "rewards may help training"
                    : test.auc_low > 0.5 ? "step rewards tell success a little within questions"
                                         : "not shown within questions"));
    buf_byte(&out, '}');
    return finish(&out, call->arena);
}

/* At most 100 points, evenly chosen. */
static struct str scatter_json(struct call *call, const struct selection *s,
                               const struct samples *v)
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
    struct samples v = samples_of(&s, call->arena);
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
    .example = "{}",
};
