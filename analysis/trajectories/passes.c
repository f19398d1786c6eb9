#include "analysis/trajectories/passes.h"

#include <stdlib.h>

struct ks ks_usual(const struct questions *q)
{
    struct ks ks = {.n = 0};

    for (uint32_t k = 1; ks.n < KS_MAX && k <= (q->n ? q->n_min : 1); k *= 2)
        ks.v[ks.n++] = k;
    return ks;
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

struct pass_line pass_line_of(const struct trials *v, size_t n, uint32_t k, struct arena *arena)
{
    struct pass_line line = {.k = k};

    line.at = pass_mean(pass_at_k, v, n, k, &line.used);
    line.at_known = new_questions(pass_at_k, v, n, k, arena, &line.at_new, &line.why);
    line.same_known = pass_same_tasks(v, n, k, &line.same, &line.same_why);
    if (line.same_known &&
        (line.at < line.same.interval.low - 1e-9 || line.at > line.same.interval.high + 1e-9)) {
        line.same_known = false;
        line.same_why = "the unbiased estimate is outside the posterior interval";
    }
    line.hat = pass_mean(pass_hat_k, v, n, k, &line.used);
    line.hat_known = new_questions(pass_hat_k, v, n, k, arena, &line.hat_new, &line.why);
    line.excluded = n - line.used;
    return line;
}

const char *dependent_trials(const struct selection *s, struct arena *arena)
{
    size_t count[TRIAL_SEARCH + 1] = {0};

    for (size_t i = 0; i < s->n; i++)
        count[s->t->kind[s->rows[i]]]++;
    if (count[TRIAL_RETRY] + count[TRIAL_SEARCH] == 0)
        return NULL;
    return arena_printf(arena,
                        "%zu trials are retries and %zu belong to a search: they are not "
                        "independent samples, so pass@k and pass^k over them do not say what new "
                        "tries would give",
                        count[TRIAL_RETRY], count[TRIAL_SEARCH]);
}

struct difficulty difficulty_of(const struct questions *q)
{
    struct difficulty d = {0};

    for (size_t i = 0; i < q->n; i++) {
        double rate = (double)q->v[i].trials.c / q->v[i].trials.n;
        d.easy += rate >= 0.7;
        d.medium += rate >= 0.4 && rate < 0.7;
    }
    d.hard = q->n - d.easy - d.medium;
    return d;
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

const struct question *questions_hardest(const struct questions *q, struct arena *arena)
{
    struct question *v = ARENA_ARRAY(arena, q->n + 1, struct question);

    for (size_t i = 0; i < q->n; i++)
        v[i] = q->v[i];
    qsort(v, q->n, sizeof(*v), hardest_first);
    return v;
}
