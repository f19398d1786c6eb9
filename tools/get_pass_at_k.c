/* pass@k and pass^k over questions, with what may be said of new questions and of these. */
#include <stdlib.h>

#include "analysis/trajectories/passes.h"
#include "tools/grouped_answer.h"
#include "tools/trajectory_summary.h"

enum { K_MAX = 100000, HARDEST = 5, AFTER_SHOWN = 50 };

struct args {
    struct trajectory_args filter;
    struct str k_values;
    const char *group_by;
};

struct result {
    struct str pass_at_k, pass_hat_k, details, best_of_n, pass_at_1, difficulty, hardest, groups;
    int64_t questions, trials, samples_min, samples_max;
    struct strs notes;
    struct trajectory_common common;
};

static bool ks_given(struct str raw, struct ks *ks, struct arena *arena, struct err *err)
{
    struct strs texts;

    if (!texts_of(raw, "k_values", arena, &texts, err))
        return false;
    if (texts.n > KS_MAX)
        return err_set(err, ERR_ARGUMENT, "'k_values' has more than %d entries.", KS_MAX);
    for (size_t i = 0; i < texts.n; i++) {
        char *end;
        long k = strtol(texts.v[i], &end, 10);
        if (*end || k < 1 || k > K_MAX)
            return err_set(err, ERR_ARGUMENT,
                           "'k_values' must be whole numbers from 1 to %d, not %.40s.", K_MAX,
                           texts.v[i]);
        ks->v[ks->n++] = (uint32_t)k;
    }
    return true;
}

/* In place of pass@k where trials are no independent samples. */
static double undefined(uint32_t n, uint32_t c, uint32_t k)
{
    (void)n, (void)c, (void)k;
    return (double)NAN;
}

static void put_by_k(struct buf *out, pass_of *of, const struct ks *ks, const struct trials *v,
                     size_t n)
{
    size_t used;
    char name[16];

    buf_byte(out, '{');
    for (size_t i = 0; i < ks->n; i++) {
        snprintf(name, sizeof(name), "%u", ks->v[i]);
        put_figure(out, name, pass_mean(of, v, n, ks->v[i], &used));
    }
    buf_byte(out, '}');
}

static void put_same(struct buf *out, const struct pass_line *line)
{
    json_put_key(out, "same_questions");
    if (!line->same_known) {
        buf_puts(out, "null");
        put_word(out, "same_questions_why", str_of(line->same_why));
        return;
    }
    buf_byte(out, '{');
    put_figure(out, "mean", line->same.mean);
    put_bounds(out, "ci95", true, line->same.interval);
    if (line->same.approximate)
        buf_puts(out, ",\"approximate\":true");
    buf_byte(out, '}');
}

static void put_detail(struct buf *out, const struct pass_line *line)
{
    json_put_comma(out);
    buf_byte(out, '{');
    put_count(out, "k", line->k);
    put_figure(out, "pass_at_k", line->at);
    put_bounds(out, "new_questions_ci95", line->at_known, line->at_new);
    put_same(out, line);
    put_figure(out, "pass_hat_k", line->hat);
    put_bounds(out, "pass_hat_ci95", line->hat_known, line->hat_new);
    put_count(out, "questions", line->used);
    put_count(out, "excluded", line->excluded);
    if (line->used == 0)
        buf_puts(out, ",\"reason\":\"k exceeds samples\"");
    else if (line->why)
        put_word(out, "reason", str_of(line->why));
    buf_byte(out, '}');
}

static void put_group_by_k(struct buf *out, const struct selection *s, const uint32_t *rows,
                           size_t n)
{
    struct arena scratch;

    arena_init(&scratch);
    struct questions q = questions_of(s->t, rows, n, s->threshold, &scratch);
    const struct trials *v = trials_of(&q, &scratch);
    struct ks ks = ks_usual(&q);
    put_count(out, "questions", q.n);
    put_count(out, "trials", q.trials);
    put_count(out, "samples_min", q.n_min);
    put_count(out, "samples_max", q.n_max);
    const char *why = trials_why(s->t, rows, n);
    json_put_key(out, "pass_at_k");
    put_by_k(out, why ? undefined : pass_at_k, &ks, v, q.n);
    if (why)
        put_word(out, "reason", str_of(why));
    put_figure(out, "best_of_n", best_of_n(v, q.n));
    arena_fini(&scratch);
}

static void put_difficulty(struct call *call, const struct selection *s, const struct questions *q,
                           struct result *result)
{
    struct buf out = {0}, list = {0};
    struct difficulty d = difficulty_of(q);
    const struct question *v = questions_hardest(q, call->arena);

    buf_byte(&out, '{');
    put_rate(&out, "easy", d.easy, q->n);
    put_rate(&out, "medium", d.medium, q->n);
    put_rate(&out, "hard", d.hard, q->n);
    buf_byte(&out, '}');
    result->difficulty = finish(&out, call->arena);
    buf_byte(&list, '[');
    for (size_t i = 0; i < q->n && i < HARDEST; i++) {
        json_put_comma(&list);
        buf_byte(&list, '{');
        put_word(&list, "data_id", dict_text(&s->t->words, v[i].question));
        put_word(&list, "question", dict_text(&s->t->words, s->t->text[v[i].first]));
        put_count(&list, "passed", v[i].trials.c);
        put_count(&list, "total_count", v[i].trials.n);
        put_figure(&list, "success_rate", (double)v[i].trials.c / v[i].trials.n);
        buf_byte(&list, '}');
    }
    buf_byte(&list, ']');
    result->hardest = finish(&list, call->arena);
}

static void add_notes(struct call *call, const struct selection *s, const struct questions *q,
                      struct result *result)
{
    const char **v = ARENA_ARRAY(call->arena, 8, const char *);
    size_t n = 0, trainings, epochs;

    (void)rows_grouped(s->t, s->rows, s->n, BY_TRAINING, call->arena, &trainings);
    (void)rows_grouped(s->t, s->rows, s->n, BY_EPOCH, call->arena, &epochs);
    if (trainings > 1)
        v[n++] = arena_printf(call->arena, "%zu trainings are mixed", trainings);
    if (epochs > 1)
        v[n++] = arena_printf(call->arena, "%zu epochs are mixed", epochs);
    if (q->n_min != q->n_max)
        v[n++] = arena_printf(call->arena,
                              "questions have from %u to %u trials: k above %u "
                              "leaves questions out",
                              q->n_min, q->n_max, q->n_min);
    if (q->missing)
        v[n++] = arena_printf(call->arena, "%zu without a reward are left out", q->missing);
    if (q->nameless)
        v[n++] = arena_printf(call->arena, "%zu without a question are left out", q->nameless);
    if (q->repeated)
        v[n++] = arena_printf(call->arena, "%zu repeat a sample and are left out", q->repeated);
    v[n++] = dependent_trials(s, call->arena);
    if (!v[n - 1])
        v[n - 1] = "trials must be independent samples: retries and beams of one search are not";
    result->notes = (struct strs){v, n};
}

/* Trials that are no samples: no pass@k, but the questions solved, after each trial. */
static void fill_solved(struct call *call, const struct selection *s, const struct questions *q,
                        const struct ks *ks, const char *why, struct result *result)
{
    const struct trials *v = trials_of(q, call->arena);
    struct solved all = solved_of(q);
    struct buf none = {0}, details = {0}, best = {0}, one = {0};
    size_t trials;
    const struct solved *after = solved_after(s, s->rows, s->n, call->arena, &trials);

    put_by_k(&none, undefined, ks, v, q->n);
    buf_byte(&details, '[');
    for (size_t i = 0; i < ks->n; i++) {
        json_put_comma(&details);
        buf_printf(&details, "{\"k\":%u,\"pass_at_k\":null,\"pass_hat_k\":null", ks->v[i]);
        put_word(&details, "reason", str_of(why));
        buf_byte(&details, '}');
    }
    buf_byte(&details, ']');
    buf_byte(&best, '{');
    put_figure(&best, "value", best_of_n(v, q->n));
    put_solved(&best, &all);
    if (trials) {
        json_put_key(&best, "after_trial");
        buf_byte(&best, '[');
        for (size_t i = 0; i < trials && i < AFTER_SHOWN; i++) {
            json_put_comma(&best);
            buf_printf(&best, "{\"trial\":%d", (int)after[i].trial);
            put_solved(&best, &after[i]);
            buf_byte(&best, '}');
        }
        buf_byte(&best, ']');
        put_count(&best, "trials", trials);
    }
    buf_puts(&best, ",\"note\":\"share of questions solved in any trial; Wilson over questions\"}");
    buf_puts(&one, "{\"macro\":null,\"micro\":null");
    put_word(&one, "reason", str_of(why));
    buf_byte(&one, '}');
    result->pass_at_k = result->pass_hat_k = finish(&none, call->arena);
    result->details = finish(&details, call->arena);
    result->best_of_n = finish(&best, call->arena);
    result->pass_at_1 = finish(&one, call->arena);
}

static void fill(struct call *call, const struct questions *q, const struct ks *ks,
                 struct result *result)
{
    const struct trials *v = trials_of(q, call->arena);
    struct buf at = {0}, hat = {0}, details = {0}, best = {0}, one = {0};
    size_t used;

    put_by_k(&at, pass_at_k, ks, v, q->n);
    put_by_k(&hat, pass_hat_k, ks, v, q->n);
    buf_byte(&details, '[');
    for (size_t i = 0; i < ks->n; i++) {
        struct pass_line line = pass_line_of(v, q->n, ks->v[i], call->arena);
        put_detail(&details, &line);
    }
    buf_byte(&details, ']');
    buf_byte(&best, '{');
    put_figure(&best, "value", best_of_n(v, q->n));
    buf_puts(&best, ",\"note\":\"share of questions with any success; the same for every k, and "
                    "grows with the number of trials\"}");
    buf_byte(&one, '{');
    put_figure(&one, "macro", pass_mean(pass_at_k, v, q->n, 1, &used));
    put_figure(&one, "micro", q->trials ? (double)q->passed / (double)q->trials : (double)NAN);
    buf_byte(&one, '}');
    result->pass_at_k = finish(&at, call->arena);
    result->pass_hat_k = finish(&hat, call->arena);
    result->details = finish(&details, call->arena);
    result->best_of_n = finish(&best, call->arena);
    result->pass_at_1 = finish(&one, call->arena);
}

static bool run(struct call *call, const void *in, void *out, struct err *err)
{
    const struct args *args = in;
    struct result *result = out;
    struct selection s;
    struct ks ks = {.n = 0};

    if (!ks_given(args->k_values, &ks, call->arena, err) ||
        !trajectories_open(call, &args->filter, &s, &result->common, err))
        return false;
    struct questions q = questions_of(s.t, s.rows, s.n, s.threshold, call->arena);
    if (ks.n == 0)
        ks = ks_usual(&q);
    result->questions = (int64_t)q.n;
    result->trials = (int64_t)q.trials;
    result->samples_min = q.n_min;
    result->samples_max = q.n_max;
    const char *why = trials_why(s.t, s.rows, s.n);
    if (why)
        fill_solved(call, &s, &q, &ks, why, result);
    else
        fill(call, &q, &ks, result);
    put_difficulty(call, &s, &q, result);
    add_notes(call, &s, &q, result);
    result->groups = grouped(call, &s, args->group_by, put_group_by_k);
    return true;
}

static const struct field in[] = {
    F_RAW(struct args, k_values, .doc = "Numbers; left out: 1, 2, 4 … that all questions have.",
          .type = NULL),
    GROUPED_FILTERS(struct args),
};

static const struct field out[] = {
    F_RAW(struct result, pass_at_k, .doc = "By k; null: k exceeds samples", .type = "object",
          .required = true),
    F_RAW(struct result, pass_hat_k, .doc = "All of k pass", .type = "object", .required = true),
    F_RAW(struct result, details, .doc = "Intervals per k", .type = "array", .required = true),
    F_RAW(struct result, best_of_n, .doc = "", .type = "object", .required = true),
    F_RAW(struct result, pass_at_1, .doc = "Over questions and over trials", .type = "object",
          .required = true),
    F_INT(struct result, questions, .doc = "", .required = true),
    F_INT(struct result, trials, .doc = "", .required = true),
    F_INT(struct result, samples_min, .doc = "Trials of a question", .required = true),
    F_INT(struct result, samples_max, .doc = "", .required = true),
    F_RAW(struct result, difficulty, .doc = "", .type = "object", .required = true),
    F_RAW(struct result, hardest, .doc = "", .type = "array", .required = true),
    F_STRS(struct result, notes, .doc = ""),
    F_RAW(struct result, groups, .doc = "For each", .type = "object"),
    TRAJECTORY_COMMON(struct result),
};

const struct tool tool_get_pass_at_k = {
    .name = "get_pass_at_k",
    .title = "pass@k and pass^k of agents",
    .doc = "Unbiased pass@k (any of k samples passes) and pass^k (all do) over questions, with "
           "intervals for new questions and for these, best of n, difficulty and the hardest "
           "questions. Call it for how often an agent succeeds.",
    .flags = TOOL_READ_ONLY,
    .in = SHAPE(struct args, in),
    .out = SHAPE(struct result, out),
    .run = run,
    .fingerprint = trajectories_fingerprint,
    .example = "{\"k_values\":[1,2]}",
};
