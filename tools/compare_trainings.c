/* Trainings side by side, and what may be said of their differences. */
#include "analysis/stats/compare.h"
#include "tools/trajectory_summary.h"

enum { TRAININGS_MAX = 8 };

struct args {
    struct trajectory_args filter;
    struct str training_ids, metrics;
};

struct result {
    struct str trainings, differences;
    struct strs notes;
    struct trajectory_common common;
};

static bool group_of(const struct selection *s, const char *id, struct arena *arena,
                     struct row_group *out, struct err *err)
{
    uint32_t training;

    if (!training_find(s->t, id, &training, err))
        return false;
    *out = (struct row_group){.rows = ARENA_ARRAY(arena, s->n + 1, uint32_t)};
    for (size_t i = 0; i < s->n; i++) {
        if (s->t->training[s->rows[i]] == training)
            out->rows[out->n++] = s->rows[i];
    }
    return true;
}

static struct str differences_json(const struct selection *s, const struct strs *ids,
                                   const struct questions *q, struct arena *arena)
{
    struct contrast c[TRAININGS_MAX * TRAININGS_MAX];
    double p[TRAININGS_MAX * TRAININGS_MAX], adjusted[TRAININGS_MAX * TRAININGS_MAX];
    struct buf out = {0};
    size_t n = 0, k = 0;

    for (size_t a = 0; a < ids->n; a++) {
        for (size_t b = a + 1; b < ids->n; b++) {
            c[n] = contrast_of(&q[a], &q[b], s->t->words.n, arena);
            p[n] = c[n].known ? c[n].rate.p_flip : (double)NAN;
            n++;
        }
    }
    bh_adjust(p, n, adjusted, arena);
    buf_byte(&out, '[');
    for (size_t a = 0; a < ids->n; a++) {
        for (size_t b = a + 1; b < ids->n; b++, k++) {
            json_put_comma(&out);
            buf_byte(&out, '{');
            put_word(&out, "from", str_of(ids->v[a]));
            put_word(&out, "to", str_of(ids->v[b]));
            put_contrast(&out, &c[k], adjusted[k]);
            buf_byte(&out, '}');
        }
    }
    buf_byte(&out, ']');
    return finish(&out, arena);
}

static void add_notes(const struct questions *q, size_t n, uint32_t k, struct result *result,
                      struct arena *arena)
{
    const char **v = ARENA_ARRAY(arena, 2, const char *);
    uint32_t least = UINT32_MAX, most = 0;

    for (size_t i = 0; i < n; i++) {
        if (q[i].n == 0)
            continue;
        least = q[i].n_min < least ? q[i].n_min : least;
        most = q[i].n_max > most ? q[i].n_max : most;
    }
    if (most > least)
        v[result->notes.n++] = arena_printf(
            arena,
            "unequal numbers of trials a question (%u to %u): pass@k is compared at k = %u; best "
            "of n would favour the larger",
            least, most, k);
    result->notes.v = v;
}

static bool run(struct call *call, const void *in, void *out, struct err *err)
{
    const struct args *args = in;
    struct result *result = out;
    struct row_group group[TRAININGS_MAX];
    struct questions q[TRAININGS_MAX];
    struct summary_parts parts;
    struct selection s;
    struct strs ids;
    struct buf text = {0};

    if (!texts_of(args->training_ids, "training_ids", call->arena, &ids, err) ||
        !summary_parts_of(args->metrics, call->arena, &parts, err))
        return false;
    if (ids.n < 1 || ids.n > TRAININGS_MAX)
        return err_set(err, ERR_ARGUMENT, "'training_ids' must name 1 to %d trainings, not %zu.",
                       TRAININGS_MAX, ids.n);
    if (!trajectories_open(call, &args->filter, &s, &result->common, err))
        return false;
    for (size_t i = 0; i < ids.n; i++) {
        if (!group_of(&s, ids.v[i], call->arena, &group[i], err))
            return false;
        q[i] = questions_of(s.t, group[i].rows, group[i].n, s.threshold, call->arena);
    }
    uint32_t k = common_k(q, ids.n);
    buf_byte(&text, '[');
    for (size_t i = 0; i < ids.n; i++) {
        json_put_comma(&text);
        buf_byte(&text, '{');
        put_word(&text, "training_id", str_of(ids.v[i]));
        put_summary_of(&text, &s, &group[i], &q[i], k, &parts);
        buf_byte(&text, '}');
    }
    buf_byte(&text, ']');
    result->trainings = finish(&text, call->arena);
    result->differences = differences_json(&s, &ids, q, call->arena);
    add_notes(q, ids.n, k, result, call->arena);
    return true;
}

static const struct field in[] = {
    F_RAW(struct args, training_ids, .doc = "Up to 8; a list or with commas.", .required = true),
    F_RAW(struct args, metrics, .doc = "Only these members; a list or with commas."),
    TRAJECTORY_FILTERS(struct args),
};

static const struct field out[] = {
    F_RAW(struct result, trainings, .doc = "In the order asked for", .type = "array",
          .required = true),
    F_RAW(struct result, differences, .doc = "Each pair, on common questions", .type = "array",
          .required = true),
    F_STRS(struct result, notes, .doc = ""),
    TRAJECTORY_COMMON(struct result),
};

const struct tool tool_compare_trainings = {
    .name = "compare_trainings",
    .title = "Trainings side by side",
    .doc = "Agent trainings side by side: pass@1, pass@k at the same k, reward, endings; each pair "
           "compared on the questions both have, with interval, q and better / worse / cannot "
           "tell. Call it for whether one run beats another.",
    .flags = TOOL_READ_ONLY,
    .in = SHAPE(struct args, in),
    .out = SHAPE(struct result, out),
    .run = run,
    .example = "{\"training_ids\":[\"run1\",\"run2\"]}",
};
