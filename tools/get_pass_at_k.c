/* pass@k and pass^k over questions, with what may be said of new questions and of these. */
#include <stdlib.h>

#include "tools/trajectory_answer.h"

enum { K_MAX = 100000, KS_MAX = 50, HARDEST = 5 };

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

struct ks {
    uint32_t v[KS_MAX];
    size_t n;
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

/* 1, 2, 4, … up to what every question has. */
static void ks_usual(struct ks *ks, const struct questions *q)
{
    for (uint32_t k = 1; ks->n < KS_MAX && k <= (q->n ? q->n_min : 1); k *= 2)
        ks->v[ks->n++] = k;
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

static bool new_questions(pass_of *of, const struct trials *v, size_t n, uint32_t k,
                          struct arena *arena, struct interval *out, const char **why)
{
    double *value = ARENA_ARRAY(arena, n + 1, double);
    size_t used = 0;

    for (size_t i = 0; i < n; i++) {
        double one = of(v[i].n, v[i].c, k);
        if (!isnan(one))
            value[used++] = one;
    }
    return interval_new_tasks(value, used, out, why);
}

static void put_same(struct buf *out, const struct trials *v, size_t n, uint32_t k)
{
    struct same_tasks same;
    const char *why;

    json_put_key(out, "same_questions");
    if (!pass_same_tasks(v, n, k, &same, &why)) {
        buf_puts(out, "null");
        put_word(out, "same_questions_why", str_of(why));
        return;
    }
    buf_byte(out, '{');
    put_figure(out, "mean", same.mean);
    put_bounds(out, "ci95", true, same.interval);
    if (same.approximate)
        buf_puts(out, ",\"approximate\":true");
    buf_byte(out, '}');
}

static void put_detail(struct buf *out, const struct trials *v, size_t n, uint32_t k,
                       struct arena *arena)
{
    struct interval interval = {0};
    const char *why = NULL;
    size_t used;

    json_put_comma(out);
    buf_byte(out, '{');
    put_count(out, "k", k);
    put_figure(out, "pass_at_k", pass_mean(pass_at_k, v, n, k, &used));
    bool known = new_questions(pass_at_k, v, n, k, arena, &interval, &why);
    put_bounds(out, "new_questions_ci95", known, interval);
    put_same(out, v, n, k);
    put_figure(out, "pass_hat_k", pass_mean(pass_hat_k, v, n, k, &used));
    known = new_questions(pass_hat_k, v, n, k, arena, &interval, &why);
    put_bounds(out, "pass_hat_ci95", known, interval);
    put_count(out, "questions", used);
    put_count(out, "excluded", n - used);
    if (used == 0)
        buf_puts(out, ",\"reason\":\"k exceeds samples\"");
    else if (why)
        put_word(out, "reason", str_of(why));
    buf_byte(out, '}');
}

static void put_group_by_k(struct buf *out, const struct selection *s, const uint32_t *rows,
                           size_t n)
{
    struct arena scratch;
    struct ks ks = {.n = 0};

    arena_init(&scratch);
    struct questions q = questions_of(s->t, rows, n, s->threshold, &scratch);
    const struct trials *v = trials_of(&q, &scratch);
    ks_usual(&ks, &q);
    put_count(out, "questions", q.n);
    put_count(out, "trials", q.trials);
    put_count(out, "samples_min", q.n_min);
    put_count(out, "samples_max", q.n_max);
    json_put_key(out, "pass_at_k");
    put_by_k(out, pass_at_k, &ks, v, q.n);
    put_figure(out, "best_of_n", best_of_n(v, q.n));
    arena_fini(&scratch);
}

static int hardest_first(const void *a, const void *b)
{
    const struct question *x = a, *y = b;
    uint64_t cross_x = (uint64_t)x->trials.c * y->trials.n;
    uint64_t cross_y = (uint64_t)y->trials.c * x->trials.n;

    if (cross_x != cross_y)
        return cross_x < cross_y ? -1 : 1;
    if (x->trials.n != y->trials.n)
        return x->trials.n > y->trials.n ? -1 : 1;
    return (x->first > y->first) - (x->first < y->first);
}

/* One scale: easy from 0.7, medium from 0.4, hard below. */
static void put_difficulty(struct call *call, const struct selection *s, const struct questions *q,
                           struct result *result)
{
    struct buf out = {0}, list = {0};
    size_t easy = 0, medium = 0;
    struct question *v = ARENA_ARRAY(call->arena, q->n + 1, struct question);

    for (size_t i = 0; i < q->n; i++) {
        double rate = (double)q->v[i].trials.c / q->v[i].trials.n;
        easy += rate >= 0.7;
        medium += rate >= 0.4 && rate < 0.7;
        v[i] = q->v[i];
    }
    buf_byte(&out, '{');
    put_rate(&out, "easy", easy, q->n);
    put_rate(&out, "medium", medium, q->n);
    put_rate(&out, "hard", q->n - easy - medium, q->n);
    buf_byte(&out, '}');
    result->difficulty = finish(&out, call->arena);
    qsort(v, q->n, sizeof(*v), hardest_first);
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

static const char *trials_note(struct call *call, const struct selection *s)
{
    size_t count[TRIAL_SEARCH + 1] = {0};

    for (size_t i = 0; i < s->n; i++)
        count[s->t->kind[s->rows[i]]]++;
    if (count[TRIAL_RETRY] + count[TRIAL_SEARCH] == 0)
        return "trials must be independent samples: retries and beams of one search are not";
    return arena_printf(call->arena,
                        "%zu trials are retries and %zu belong to a search: they are not "
                        "independent samples, so pass@k and pass^k over them do not say what new "
                        "tries would give",
                        count[TRIAL_RETRY], count[TRIAL_SEARCH]);
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
    v[n++] = trials_note(call, s);
    result->notes = (struct strs){v, n};
}

static void fill(struct call *call, const struct selection *s, const struct questions *q,
                 const struct ks *ks, struct result *result)
{
    const struct trials *v = trials_of(q, call->arena);
    struct buf at = {0}, hat = {0}, details = {0}, best = {0}, one = {0};
    size_t used;

    put_by_k(&at, pass_at_k, ks, v, q->n);
    put_by_k(&hat, pass_hat_k, ks, v, q->n);
    buf_byte(&details, '[');
    for (size_t i = 0; i < ks->n; i++)
        put_detail(&details, v, q->n, ks->v[i], call->arena);
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
    put_difficulty(call, s, q, result);
    add_notes(call, s, q, result);
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
        ks_usual(&ks, &q);
    result->questions = (int64_t)q.n;
    result->trials = (int64_t)q.trials;
    result->samples_min = q.n_min;
    result->samples_max = q.n_max;
    fill(call, &s, &q, &ks, result);
    result->groups = grouped(call, &s, args->group_by, put_group_by_k);
    return true;
}

static const struct field in[] = {
    F_RAW(struct args, k_values, .doc = "Numbers; left out: 1, 2, 4 … that all questions have.",
          .type = NULL),
    F_STR(struct args, group_by, .doc = "Also for each of these.", .one_of = group_names),
    TRAJECTORY_FILTERS(struct args),
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
    .example = "{\"k_values\":[1,2]}",
};
