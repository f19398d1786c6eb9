/* The history of an RL experiment: one value an iteration, reduced to what fits. */
#include "analysis/base/limits.h"
#include "analysis/reduce.h"
#include "tools/metrics_answer.h"

struct args {
    const char *expId;
    struct strs keys;
    int64_t maxPoints, maxChars;
};

struct result {
    const char *expId;
    struct str metrics, summary, coverage;
};

struct choice {
    struct call *call;
    const struct history *history;
    const struct history_key **keys;
    size_t keys_n;
    const struct history_key **shown; /* those that the summary has room for */
    size_t shown_n;
    const struct history_key *primary;
    const size_t *iterations; /* of the primary, for every key of its length */
    size_t n;
    struct coverage *coverage;
};

static bool is_chosen(const struct choice *c, const struct history_key *key)
{
    for (size_t i = 0; i < c->keys_n; i++) {
        if (c->keys[i] == key)
            return true;
    }
    return false;
}

static bool none_of_history(const struct history *history, const char *key, struct arena *arena,
                            struct err *err)
{
    struct str *names = ARENA_ARRAY(arena, history->keys_n + 1, struct str);

    for (size_t i = 0; i < history->keys_n; i++)
        names[i] = history->keys[i].name;
    return none_is_logged(key, names, history->keys_n, err);
}

static bool choose_keys(struct choice *c, const struct strs *wanted, struct err *err)
{
    c->keys =
        ARENA_ARRAY(c->call->arena, c->history->keys_n + wanted->n, const struct history_key *);
    for (size_t i = 0; wanted->n == 0 && i < c->history->keys_n; i++)
        c->keys[c->keys_n++] = &c->history->keys[i];
    for (size_t i = 0; i < wanted->n; i++) {
        const struct history_key *key = history_find(c->history, wanted->v[i]);
        if (key && !is_chosen(c, key))
            c->keys[c->keys_n++] = key;
        else if (!key)
            coverage_not_logged(c->coverage, wanted->v[i]);
    }
    if (wanted->n && c->keys_n == 0)
        return none_of_history(c->history, wanted->v[0], c->call->arena, err);
    return true;
}

/* Iterations are chosen on the rewards; if those are empty, on the longest key. */
static const struct history_key *primary_of(const struct choice *c)
{
    const struct history_key *best = NULL;

    for (size_t i = 0; i < c->keys_n; i++) {
        if (str_is(c->keys[i]->name, "episode_rewards") && c->keys[i]->n)
            return c->keys[i];
        if (!best || c->keys[i]->n > best->n)
            best = c->keys[i];
    }
    return best;
}

static const size_t *choose(struct choice *c, const struct history_key *key, size_t budget,
                            size_t *n)
{
    struct arena *arena = c->call->arena;
    size_t *chosen;

    if (key->n <= budget) {
        chosen = ARENA_ARRAY(arena, key->n, size_t);
        for (size_t i = 0; i < key->n; i++)
            chosen[i] = i;
        *n = key->n;
        return chosen;
    }
    double *x = ARENA_ARRAY(arena, key->n, double);
    for (size_t i = 0; i < key->n; i++)
        x[i] = (double)i;
    reduce_values(x, key->value, key->n, budget, arena, &chosen, n);
    return chosen;
}

static void put_indices(struct buf *out, const size_t *v, size_t n)
{
    buf_byte(out, '[');
    for (size_t i = 0; i < n; i++) {
        if (i)
            buf_byte(out, ',');
        json_put_integer(out, (int64_t)v[i]);
    }
    buf_byte(out, ']');
}

static void put_key(struct choice *c, const struct history_key *key, size_t budget, struct buf *out)
{
    const size_t *iterations = c->iterations;
    size_t n = c->n;

    if (key->n && key->n != c->primary->n) {
        iterations = choose(c, key, budget, &n);
        json_put_comma(out);
        json_put_string(out,
                        str_of(arena_printf(c->call->arena, "iteration:%.*s", STR_FMT(key->name))));
        buf_byte(out, ':');
        put_indices(out, iterations, n);
    }
    json_put_comma(out);
    json_put_string(out, key->name);
    buf_puts(out, ":[");
    history_put(c->history, key, iterations, key->n ? n : 0, out);
    buf_byte(out, ']');
}

static void put_metrics(struct choice *c, size_t budget, struct buf *out)
{
    c->iterations = choose(c, c->primary, budget, &c->n);
    buf_puts(out, "{\"global_step\":");
    buf_add(out, c->history->global_step.n ? c->history->global_step : STR("null"));
    buf_puts(out, ",\"timestamp\":");
    buf_add(out, c->history->timestamp.n ? c->history->timestamp : STR("null"));
    buf_puts(out, ",\"history\":{\"iteration\":");
    put_indices(out, c->iterations, c->n);
    for (size_t i = 0; i < c->keys_n; i++)
        put_key(c, c->keys[i], budget, out);
    buf_puts(out, "}}");
}

/* At most half of the answer; the primary key first. */
static struct str put_summaries(struct choice *c, size_t chars)
{
    struct arena *arena = c->call->arena;
    struct str *member = ARENA_ARRAY(arena, c->keys_n + 1, struct str);
    bool *in = ARENA_ARRAY(arena, c->keys_n + 1, bool);
    size_t first = SIZE_MAX;

    for (size_t i = 0; i < c->keys_n; i++) {
        struct buf out = {0};
        buf_byte(&out, '{'); /* so that no comma comes in front */
        put_summary(&out, c->keys[i]->name, &c->keys[i]->summary);
        member[i] = str_from(finish(&out, arena), 1);
        if (c->keys[i] == c->primary)
            first = i;
    }
    struct str text = members_that_fit(member, c->keys_n, first, chars / 2, in, arena);
    c->shown = ARENA_ARRAY(arena, c->keys_n + 1, const struct history_key *);
    for (size_t i = 0; i < c->keys_n; i++) {
        if (in[i])
            c->shown[c->shown_n++] = c->keys[i];
    }
    if (c->shown_n < c->keys_n)
        coverage_note(c->coverage, "summary of %zu of %zu metrics; ask for others by keys",
                      c->shown_n, c->keys_n);
    return text;
}

static void note_lengths(const struct choice *c)
{
    size_t n = 0;

    for (size_t i = 0; i < c->keys_n; i++)
        n += c->keys[i]->n && c->keys[i]->n != c->primary->n;
    if (n)
        coverage_note(c->coverage,
                      "%zu keys have another number of values than %.*s, which has %zu: their own "
                      "iterations are in \"iteration:KEY\"",
                      n, STR_FMT(str_cut(c->primary->name, 200)), c->primary->n);
}

static size_t chars_of(const struct args *args)
{
    return args->maxChars == NOT_GIVEN ? ANSWER_CHARS : (size_t)args->maxChars;
}

/* Without maxPoints: as many iterations as fit the characters. */
static bool fit(struct choice *c, const struct args *args, struct result *result, struct err *err)
{
    size_t chars = chars_of(args);
    size_t used = result->summary.n + coverage_json(c->coverage, c->call->arena).n + 700;
    size_t room = chars > used + 200 ? chars - used : 200;
    size_t budget =
        args->maxPoints == NOT_GIVEN ? room / (20 * (c->keys_n + 1)) : (size_t)args->maxPoints;

    for (int tries = 0;; tries++) {
        struct buf text = {0};
        budget = budget < 2 ? 2 : budget;
        put_metrics(c, budget, &text);
        size_t n = text.n;
        result->metrics = finish(&text, c->call->arena);
        if (n * 2 + n / 4 > ANSWER_MAX)
            return err_set(err, ERR_TOO_LARGE,
                           "The answer would be longer than %zu MiB. The largest maxPoints that "
                           "fits is about %zu.",
                           ANSWER_MAX / MIB,
                           (size_t)((double)c->n * (double)ANSWER_MAX / ((double)n * 2.4)));
        if (budget == 2 && n > room && args->maxPoints == NOT_GIVEN && c->shown_n < c->keys_n) {
            c->keys = c->shown; /* not even two iterations of all keys fit */
            c->keys_n = c->shown_n;
            tries = 0;
            continue;
        }
        if (args->maxPoints != NOT_GIVEN || n <= room || tries == 6 || budget == 2)
            return true;
        budget = (size_t)((double)budget * (double)room / (double)n * .97);
    }
}

static bool run(struct call *call, const void *in, void *out, struct err *err)
{
    const struct args *args = in;
    struct result *result = out;
    const struct experiment *experiment;
    struct coverage coverage;
    struct choice c = {.call = call, .coverage = &coverage};

    coverage_init(&coverage, call->arena);
    if (!open_experiment(call, args->expId, &experiment, err) ||
        !experiment_history(experiment, call->arena, &c.history, err))
        return false;
    *result = (struct result){.expId = experiment->id, .summary = STR("{}")};
    if (c.history) {
        if (!choose_keys(&c, &args->keys, err))
            return false;
        history_cover(c.history, &coverage);
        c.primary = primary_of(&c);
        coverage_fit(&coverage, chars_of(args) / 4);
        result->summary = put_summaries(&c, chars_of(args));
        if (c.primary && !fit(&c, args, result, err))
            return false;
        if (c.primary)
            note_lengths(&c);
        if (!c.primary)
            result->metrics = STR("{\"history\":{}}");
        coverage.points_read = c.primary ? (int64_t)c.primary->n : 0;
        coverage.points_returned = (int64_t)c.n;
    } else {
        coverage_note(&coverage, experiment->sources_n > 0
                                     ? "there is no RL history of Tidal's kind; get_metrics has "
                                       "this run's metrics"
                                     : "there are no RL metrics "
                                       "(rl_metrics/rl_training_metrics.json, "
                                       "dashboard_metrics/rl_metrics.jsonl)");
    }
    result->coverage = coverage_json(&coverage, call->arena);
    return true;
}

static bool fingerprint(struct call *call, const void *in, struct buf *key)
{
    const struct args *args = in;
    const struct experiment *experiment;

    if (!experiment_known(call, args->expId, &experiment))
        return false;
    fingerprint_file(experiment, "rl_metrics/rl_training_metrics.json", key);
    fingerprint_file(experiment, "dashboard_metrics/rl_metrics.jsonl", key);
    return true;
}

static const struct field in[] = {
    F_EXP_ID(struct args),
    F_STRS(struct args, keys, .doc = "Only these; else all."),
    F_INT(struct args, maxPoints, .doc = "Exactly this many iterations at most; else what fits.",
          .has_min = true, .min = 2, .has_max = true, .max = 20000),
    F_INT(struct args, maxChars, .doc = "Size of the answer in characters.", .has_min = true,
          .min = 1000, .has_max = true, .max = 3e6),
};

static const struct field out[] = {
    F_STR(struct result, expId, .doc = "", .required = true),
    F_RAW(struct result, metrics,
          .doc = "{global_step, timestamp, history: {iteration: [], key: []}}", .type = "object",
          .nullable = true),
    F_RAW(struct result, summary, .doc = "By key, of all iterations", .type = "object",
          .required = true),
    F_RAW(struct result, coverage, .doc = "", .type = "object", .required = true),
};

const struct tool tool_get_rl_metrics = {
    .name = "get_rl_metrics",
    .title = "The history of an RL experiment",
    .doc = "Rewards, losses, entropy, gate, multiplier … of an RL run, one value an iteration, "
           "reduced to fit; summary covers every iteration. metrics is null where there are none. "
           "An empty list means the run did not log that key.",
    .flags = TOOL_READ_ONLY,
    .in = SHAPE(struct args, in),
    .out = SHAPE(struct result, out),
    .run = run,
    .fingerprint = fingerprint,
    .example = "{\"expId\":\"$RL\",\"keys\":[\"episode_rewards\",\"entropy\"],\"maxPoints\":20}",
};
