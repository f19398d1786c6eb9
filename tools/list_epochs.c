/* The epochs of a training, or of all of them. */
#include "tools/trajectory_summary.h"

enum { EPOCHS_CHARS = 18000 };

struct args {
    struct trajectory_args filter;
    int64_t limit, offset;
};

struct result {
    struct str epochs;
    int64_t total, returned;
    struct trajectory_common common;
};

static void put_epoch(struct buf *out, const struct selection *s, const struct row_group *g,
                      struct arena *arena)
{
    static const struct summary_parts parts = {
        .pass_at_1 = true, .pass_at_k = true, .avg_reward = true};
    struct questions q = questions_of(s->t, g->rows, g->n, s->threshold, arena);
    uint32_t row = g->rows[0];

    json_put_comma(out);
    buf_byte(out, '{');
    put_word(out, "training_id", dict_text(&s->t->words, s->t->training[row]));
    json_put_key(out, "epoch_id");
    if (s->t->epoch[row] == NO_SMALL)
        buf_puts(out, "null");
    else
        json_put_integer(out, s->t->epoch[row]);
    put_summary_of(out, s, g, &q, q.n_min, &parts);
    buf_byte(out, '}');
}

static bool run(struct call *call, const void *in, void *out, struct err *err)
{
    const struct args *args = in;
    struct result *result = out;
    struct buf text = {0};
    struct selection s;
    size_t n, i = (size_t)args->offset, shown = 0;

    if (!trajectories_open(call, &args->filter, &s, &result->common, err))
        return false;
    const struct row_group *g = rows_grouped(s.t, s.rows, s.n, BY_TRAINING_EPOCH, call->arena, &n);
    buf_byte(&text, '[');
    for (; i < n && shown < (size_t)args->limit && text.n < EPOCHS_CHARS; i++, shown++)
        put_epoch(&text, &s, &g[i], call->arena);
    buf_byte(&text, ']');
    result->epochs = finish(&text, call->arena);
    result->total = (int64_t)n;
    result->returned = (int64_t)shown;
    return true;
}

static const struct field in[] = {
    F_INT(struct args, limit, .doc = "At most so many.", .has_min = true, .min = 1, .has_max = true,
          .max = 1000, .has_def = true, .def = 50),
    F_INT(struct args, offset, .doc = "Skip so many.", .has_min = true, .min = 0, .has_max = true,
          .max = 1e9, .has_def = true, .def = 0),
    TRAJECTORY_FILTERS(struct args),
};

static const struct field out[] = {
    F_RAW(struct result, epochs, .doc = "By training, then epoch", .type = "array",
          .required = true),
    F_INT(struct result, total, .doc = "", .required = true),
    F_INT(struct result, returned, .doc = "", .required = true),
    TRAJECTORY_COMMON(struct result),
};

const struct tool tool_list_epochs = {
    .name = "list_epochs",
    .title = "The epochs of a training",
    .doc = "The epochs of a training, or of every one: trajectories, questions, mean reward, "
           "pass@1 and pass@k. k is the least number of trials a question has there. Call it after "
           "list_trainings; get_epoch_progression compares them.",
    .flags = TOOL_READ_ONLY,
    .in = SHAPE(struct args, in),
    .out = SHAPE(struct result, out),
    .run = run,
    .example = "{\"limit\":5}",
};
