/* The trainings that trajectories were found of. */
#include "tools/trajectory_answer.h"

struct args {
    struct trajectory_args filter;
    int64_t limit, offset;
};

struct row {
    const char *training_id, *agent_name, *format;
    int64_t trajectory_count, questions, agents, without_reward;
    struct str epoch_range;
    double created_at, avg_reward, success_rate;
};

struct result {
    struct list trainings;
    int64_t total;
    struct trajectory_common common;
};

/* The lowest and highest epoch; empty if none is given. */
static struct str range_of(const struct trajectories *t, const struct row_group *g,
                           struct arena *arena)
{
    int32_t low = INT32_MAX, high = NO_SMALL;

    for (size_t i = 0; i < g->n; i++) {
        int32_t epoch = t->epoch[g->rows[i]];
        if (epoch == NO_SMALL)
            continue;
        low = epoch < low ? epoch : low;
        high = epoch > high ? epoch : high;
    }
    return high == NO_SMALL ? (struct str){0} : str_of(arena_printf(arena, "[%d,%d]", low, high));
}

static size_t agents_of(const struct trajectories *t, const struct row_group *g)
{
    uint32_t first = t->agent[g->rows[0]];

    for (size_t i = 1; i < g->n; i++) {
        if (t->agent[g->rows[i]] != first)
            return 2;
    }
    return first ? 1 : 0;
}

static void fill(struct call *call, const struct selection *s, const struct row_group *g,
                 struct row *row)
{
    const struct trajectories *t = s->t;
    struct reward_figures f = reward_figures(t, g->rows, g->n, s->threshold);
    uint32_t first = g->rows[0];
    int64_t created = INT64_MAX;
    size_t questions;

    (void)rows_grouped(t, g->rows, g->n, BY_QUESTION, call->arena, &questions);
    for (size_t i = 0; i < g->n; i++)
        created = t->created_ms[g->rows[i]] < created ? t->created_ms[g->rows[i]] : created;
    struct str agent = dict_text(&t->words, t->agent[first]);
    *row = (struct row){.training_id = training_name(t, first, call->arena),
                        .trajectory_count = (int64_t)g->n,
                        .epoch_range = range_of(t, g, call->arena),
                        .agent_name = agent.n ? clean_text(call->arena, agent, 200) : NULL,
                        .agents = agents_of(t, g) > 1 ? 2 : NOT_GIVEN,
                        .created_at = (double)created / 1000,
                        .questions = (int64_t)questions,
                        .avg_reward = f.mean,
                        .success_rate = f.n ? (double)f.success / (double)f.n : (double)NAN,
                        .without_reward = f.missing ? (int64_t)f.missing : NOT_GIVEN,
                        .format = t->files[t->file[first]].reader->name};
}

static bool run(struct call *call, const void *in, void *out, struct err *err)
{
    const struct args *args = in;
    struct result *result = out;
    struct selection s;
    size_t n, shown = 0;

    if (!trajectories_open(call, &args->filter, &s, &result->common, err))
        return false;
    const struct row_group *g = rows_grouped(s.t, s.rows, s.n, BY_TRAINING, call->arena, &n);
    struct row *rows = ARENA_ARRAY(call->arena, (size_t)args->limit + 1, struct row);
    for (size_t i = (size_t)args->offset; i < n && shown < (size_t)args->limit; i++)
        fill(call, &s, &g[i], &rows[shown++]);
    result->trainings = (struct list){rows, shown};
    result->total = (int64_t)n;
    return true;
}

static const struct field in[] = {
    F_INT(struct args, limit, .doc = "At most so many.", .has_min = true, .min = 1, .has_max = true,
          .max = 1000, .has_def = true, .def = 50),
    F_INT(struct args, offset, .doc = "Skip so many.", .has_min = true, .min = 0, .has_max = true,
          .max = 1e9, .has_def = true, .def = 0),
    TRAJECTORY_FILTERS(struct args),
};

static const struct field row_fields[] = {
    F_STR(struct row, training_id, .doc = "", .required = true),
    F_INT(struct row, trajectory_count, .doc = "", .required = true),
    F_RAW(struct row, epoch_range, .doc = "", .type = "array", .nullable = true),
    F_STR(struct row, agent_name, .doc = "Of the first", .nullable = true),
    F_INT(struct row, agents, .doc = "2: more than one"),
    F_NUM(struct row, created_at, .doc = "Seconds UTC", .nullable = true),
    F_INT(struct row, questions, .doc = "", .required = true),
    F_NUM(struct row, avg_reward, .doc = "", .nullable = true),
    F_NUM(struct row, success_rate, .doc = "", .nullable = true),
    F_INT(struct row, without_reward, .doc = ""),
    F_STR(struct row, format, .doc = "The reader", .required = true),
};
static const struct shape row_shape = SHAPE(struct row, row_fields);

static const struct field out[] = {
    F_LIST(struct result, trainings, .doc = "", .of = &row_shape, .required = true),
    F_INT(struct result, total, .doc = "", .required = true),
    TRAJECTORY_COMMON(struct result),
};

const struct tool tool_list_trainings = {
    .name = "list_trainings",
    .title = "Which agent trainings there are",
    .doc =
        "The trainings of agent trajectories: how many, questions, epochs, success. Call it first. "
        "Here and in the tools below, where takes iteration_id, agent_name, trajectory_id, "
        "reward_min, tool_used, tool_not_used, tool_failed, min_tool_calls, min_steps, "
        "max_steps, text.",
    .flags = TOOL_READ_ONLY,
    .in = SHAPE(struct args, in),
    .out = SHAPE(struct result, out),
    .run = run,
    .example = "{}",
};
