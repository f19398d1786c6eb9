/* A training from epoch to epoch, or from iteration to iteration. */
#include <stdlib.h>

#include "analysis/trajectories/progression.h"
#include "tools/trajectory_summary.h"

enum { EPOCHS_CHARS = 17000, POINTS_MAX = 5000 };

struct args {
    struct trajectory_args filter;
    const char *level;
    struct str metrics, epoch_ids;
};

struct result {
    const char *training_id, *says;
    struct str epochs;
    int64_t total, returned;
    struct strs notes;
    struct trajectory_common common;
};

static bool epochs_of(struct str raw, struct arena *arena, int32_t *v, size_t *n, struct err *err)
{
    struct strs texts;

    *n = 0;
    if (!texts_of(raw, "epoch_ids", arena, &texts, err))
        return false;
    for (size_t i = 0; i < texts.n && *n < POINTS_MAX; i++) {
        char *end;
        long value = strtol(texts.v[i], &end, 10);
        if (*end || value < 0 || value > INT32_MAX)
            return err_set(err, ERR_ARGUMENT,
                           "Invalid epoch_ids format: '%.60s' is not a whole number.", texts.v[i]);
        v[(*n)++] = (int32_t)value;
    }
    return true;
}

/* Keeps the rows of these epochs; none given: all that have an epoch (an iteration). */
static void keep(struct selection *s, const int32_t *epochs, size_t epochs_n, bool by_epoch)
{
    size_t n = 0;

    for (size_t i = 0; i < s->n; i++) {
        uint32_t row = s->rows[i];
        bool wanted = epochs_n == 0;
        for (size_t e = 0; e < epochs_n && !wanted; e++)
            wanted = s->t->epoch[row] == epochs[e];
        if (wanted && (by_epoch ? s->t->epoch : s->t->iteration)[row] != NO_SMALL)
            s->rows[n++] = row;
    }
    s->n = n;
}

static double mean_reward(const struct selection *s, const struct row_group *g)
{
    return reward_figures(s->t, g->rows, g->n, s->threshold).mean;
}

static void put_point(struct buf *out, const struct selection *s, const struct progression *p,
                      size_t i, const struct summary_parts *parts, bool by_epoch,
                      struct arena *arena)
{
    uint32_t row = p->group[i].rows[0];

    json_put_comma(out);
    buf_byte(out, '{');
    if (s->t->epoch[row] != NO_SMALL) {
        json_put_key(out, "epoch_id");
        json_put_integer(out, s->t->epoch[row]);
    }
    if (!by_epoch) {
        json_put_key(out, "iteration_id");
        json_put_integer(out, s->t->iteration[row]);
    }
    put_summary_of(out, s, &p->group[i], &p->q[i], p->k, parts);
    if (i > 0 && p->why) {
        json_put_key(out, "against_first");
        buf_byte(out, '{');
        put_count(out, "common_questions", p->c[i].common);
        put_count(out, "gained", p->c[i].gained);
        put_count(out, "lost", p->c[i].lost);
        put_word(out, "reason", str_of(p->why));
        buf_byte(out, '}');
    } else if (i > 0) {
        put_figure(out, "delta_pass_at_1",
                   pass_rate(&p->q[i], arena) - pass_rate(&p->q[i - 1], arena));
        put_figure(out, "delta_avg_reward",
                   mean_reward(s, &p->group[i]) - mean_reward(s, &p->group[i - 1]));
        json_put_key(out, "against_first");
        buf_byte(out, '{');
        put_contrast(out, &p->c[i], p->p_adjusted[i]);
        buf_byte(out, '}');
    }
    buf_byte(out, '}');
}

static struct str some_points(const struct selection *s, const struct progression *p, size_t stride,
                              const struct summary_parts *parts, bool by_epoch, struct arena *arena,
                              size_t *shown)
{
    struct buf out = {0};

    *shown = 0;
    buf_byte(&out, '[');
    for (size_t i = 0; i < p->n; i++) {
        if (i % stride && i != p->n - 1)
            continue;
        put_point(&out, s, p, i, parts, by_epoch, arena);
        ++*shown;
    }
    buf_byte(&out, ']');
    return finish(&out, arena);
}

/* All points with all parts if they fit; without shares; then every 2nd, 4th …, and the last. */
static struct str points_json(const struct selection *s, const struct progression *p,
                              struct summary_parts parts, bool by_epoch, struct arena *arena,
                              size_t *shown)
{
    struct str text = some_points(s, p, 1, &parts, by_epoch, arena, shown);

    if (text.n > EPOCHS_CHARS && p->n > 2)
        parts.termination_stats = parts.reward_distribution = false;
    for (size_t stride = 1; text.n > EPOCHS_CHARS && stride < p->n; stride *= 2)
        text = some_points(s, p, stride, &parts, by_epoch, arena, shown);
    return text;
}

static void add_notes(const struct progression *p, size_t shown, struct result *result,
                      struct arena *arena)
{
    const char **v = ARENA_ARRAY(arena, 4, const char *);
    size_t n = 0, overlap = p->n > 1 ? p->c[p->n - 1].common : 0;

    if (shown < p->n)
        v[n++] =
            arena_printf(arena, "%zu of %zu are shown; ask for some by epoch_ids", shown, p->n);
    if (p->n > 1 && (p->c[p->n - 1].only_a || p->c[p->n - 1].only_b))
        v[n++] = arena_printf(arena,
                              "the questions change: first and last share %zu; against_first is "
                              "over the shared ones",
                              overlap);
    result->notes = (struct strs){v, n};
}

static bool run(struct call *call, const void *in, void *out, struct err *err)
{
    const struct args *args = in;
    struct result *result = out;
    struct summary_parts parts;
    struct selection s;
    int32_t *epochs = ARENA_ARRAY(call->arena, POINTS_MAX, int32_t);
    size_t epochs_n, shown = 0;
    bool by_epoch = strcmp(args->level, "epoch") == 0;

    if (!args->filter.f.training_id)
        return err_set(err, ERR_ARGUMENT, "training_id is required: list_trainings names them.");
    if (!summary_parts_of(args->metrics, call->arena, &parts, err) ||
        !epochs_of(args->epoch_ids, call->arena, epochs, &epochs_n, err) ||
        !trajectories_open(call, &args->filter, &s, &result->common, err))
        return false;
    size_t asked = s.n;
    keep(&s, epochs, epochs_n, by_epoch);
    if (s.n == 0 && asked > 0 && epochs_n == 0)
        return err_set(err, ERR_NOT_FOUND,
                       "training '%.200s' has no %s: its trajectories name none",
                       args->filter.f.training_id, by_epoch ? "epochs" : "iterations");
    struct progression p = progression_of(&s, by_epoch ? BY_EPOCH : BY_ITERATION, call->arena);
    result->training_id = args->filter.f.training_id;
    result->epochs = points_json(&s, &p, parts, by_epoch, call->arena, &shown);
    result->total = (int64_t)p.n;
    result->returned = (int64_t)shown;
    result->says = progression_says(&p, call->arena);
    add_notes(&p, shown, result, call->arena);
    return true;
}

static const char *const levels[] = {"epoch", "iteration", NULL};

static const struct field in[] = {
    F_STR(struct args, level, .doc = "A point each.", .one_of = levels, .def_text = "epoch"),
    F_RAW(struct args, metrics, .doc = "Only these members; a list or with commas."),
    F_RAW(struct args, epoch_ids, .doc = "Only these; a list or with commas."),
    TRAJECTORY_FILTERS(struct args),
};

static const struct field out[] = {
    F_STR(struct result, training_id, .doc = "", .required = true),
    F_RAW(struct result, epochs, .doc = "In order", .type = "array", .required = true),
    F_INT(struct result, total, .doc = "", .required = true),
    F_INT(struct result, returned, .doc = "", .required = true),
    F_STR(struct result, says, .doc = "Last against first", .required = true),
    F_STRS(struct result, notes, .doc = ""),
    TRAJECTORY_COMMON(struct result),
};

const struct tool tool_get_epoch_progression = {
    .name = "get_epoch_progression",
    .title = "A training from epoch to epoch",
    .doc = "How one training (training_id is required) develops: per epoch or iteration pass@1, "
           "pass@k, reward, endings, and the difference to the first on the same questions with "
           "interval and q. Call it for whether an agent got better.",
    .flags = TOOL_READ_ONLY,
    .in = SHAPE(struct args, in),
    .out = SHAPE(struct result, out),
    .run = run,
    .fingerprint = trajectories_fingerprint,
    .example = "{\"training_id\":\"run1\"}",
};
