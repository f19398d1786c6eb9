/* Trainings side by side, and what may be said of their differences. */
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

static struct str differences_json(const struct selection *s, const struct strs *ids,
                                   const struct questions *q, const char *const *why,
                                   struct arena *arena)
{
    struct buf out = {0};
    size_t n;
    const struct contrast_pair *pair = contrast_pairs(q, why, ids->n, s->t->words.n, arena, &n);

    buf_byte(&out, '[');
    for (size_t i = 0; i < n; i++) {
        json_put_comma(&out);
        buf_byte(&out, '{');
        put_word(&out, "from", str_of(ids->v[pair[i].a]));
        put_word(&out, "to", str_of(ids->v[pair[i].b]));
        put_pair(&out, &pair[i]);
        buf_byte(&out, '}');
    }
    buf_byte(&out, ']');
    return finish(&out, arena);
}

static void add_notes(const struct questions *q, const char *const *why, const struct strs *ids,
                      struct result *result, struct arena *arena)
{
    const char **v = ARENA_ARRAY(arena, TRAININGS_MAX + 1, const char *);
    size_t n = 0;

    v[n] = unequal_trials(q, ids->n, arena);
    n += v[n] != NULL;
    for (size_t i = 0; i < ids->n; i++) {
        if (why[i])
            v[n++] = arena_printf(arena,
                                  "'%.200s': %s; its differences are of the share of questions "
                                  "solved in up to %u trials (solved), not of pass@1",
                                  ids->v[i], why[i], q[i].n_max);
    }
    result->notes = (struct strs){v, n};
}

static bool run(struct call *call, const void *in, void *out, struct err *err)
{
    const struct args *args = in;
    struct result *result = out;
    struct row_group group[TRAININGS_MAX];
    struct questions q[TRAININGS_MAX], samples[TRAININGS_MAX];
    struct first_last ends[TRAININGS_MAX];
    const char *why[TRAININGS_MAX];
    size_t samples_n = 0;
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
        uint32_t training;
        if (!training_find(s.t, ids.v[i], &training, err))
            return false;
        struct selection one = training_select(&s, training, call->arena);
        group[i] = (struct row_group){one.rows, one.n};
        q[i] = questions_of(s.t, group[i].rows, group[i].n, s.threshold, call->arena);
        ends[i] = first_last_of(&one, call->arena);
        why[i] = trials_why(s.t, group[i].rows, group[i].n);
        if (!why[i])
            samples[samples_n++] = q[i];
    }
    uint32_t k = common_k(samples, samples_n);
    first_last_adjust(ends, ids.n, call->arena);
    buf_byte(&text, '[');
    for (size_t i = 0; i < ids.n; i++) {
        json_put_comma(&text);
        buf_byte(&text, '{');
        put_word(&text, "training_id", str_of(ids.v[i]));
        put_summary_of(&text, &s, &group[i], &q[i], k, &parts);
        if (ends[i].known) {
            buf_puts(&text, ",\"last_against_first\":{");
            put_first_last(&text, &ends[i]);
            buf_byte(&text, '}');
        }
        buf_byte(&text, '}');
    }
    buf_byte(&text, ']');
    result->trainings = finish(&text, call->arena);
    result->differences = differences_json(&s, &ids, q, why, call->arena);
    add_notes(q, why, &ids, result, call->arena);
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
    .fingerprint = trajectories_fingerprint,
    .example = "{\"training_ids\":[\"run1\",\"run2\"]}",
};
