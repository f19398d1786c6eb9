#include "analysis/trajectories/solved.h"

#include <stdlib.h>

const char *trials_why(const struct trajectories *t, const uint32_t *rows, size_t n)
{
    size_t count[TRIAL_SEARCH + 1] = {0};

    for (size_t i = 0; i < n; i++)
        count[t->kind[rows[i]]]++;
    if (count[TRIAL_RETRY] && count[TRIAL_SEARCH])
        return "trials are retries and parts of searches, not independent samples";
    if (count[TRIAL_RETRY])
        return "trials are retries, not independent samples";
    return count[TRIAL_SEARCH] ? "trials are parts of one search, not independent samples" : NULL;
}

static struct solved share_of(int32_t trial, size_t solved, size_t questions)
{
    struct solved v = {.trial = trial, .solved = solved, .questions = questions};

    v.interval = questions ? wilson_interval((double)solved, (double)questions, 0.95)
                           : (struct interval){0, 1};
    return v;
}

struct solved solved_of(const struct questions *q)
{
    size_t solved = 0;

    for (size_t i = 0; i < q->n; i++)
        solved += q->v[i].trials.c > 0;
    return share_of(NO_SMALL, solved, q->n);
}

static int32_t trial_of(const struct trajectories *t, size_t row)
{
    return t->epoch[row] != NO_SMALL ? t->epoch[row] : t->sample[row];
}

static int by_number(const void *a, const void *b)
{
    const int32_t *x = a, *y = b;

    return (*x > *y) - (*x < *y);
}

/* The first trial that solved each question that was solved, in order; *questions with a reward. */
static const int32_t *first_solved(const struct selection *s, const uint32_t *rows, size_t n,
                                   struct arena *arena, size_t *solved, size_t *questions)
{
    const struct trajectories *t = s->t;
    int32_t *first = ARENA_ARRAY(arena, n + 1, int32_t);
    size_t groups;
    const struct row_group *g = rows_grouped(t, rows, n, BY_QUESTION, arena, &groups);

    *solved = *questions = 0;
    for (size_t i = 0; i < groups; i++) {
        bool rewarded = false, passed = false;
        if (t->question[g[i].rows[0]] == 0)
            continue;
        for (size_t k = 0; k < g[i].n; k++) {
            uint32_t row = g[i].rows[k];
            int32_t trial = trial_of(t, row);
            rewarded |= !isnan(t->reward[row]);
            if (isnan(t->reward[row]) || !is_success(t->reward[row], s->threshold))
                continue;
            if (!passed || trial < first[*solved])
                first[*solved] = trial;
            passed = true;
        }
        *solved += passed;
        *questions += rewarded;
    }
    qsort(first, *solved, sizeof(*first), by_number);
    return first;
}

const struct solved *solved_after(const struct selection *s, const uint32_t *rows, size_t n,
                                  struct arena *arena, size_t *trials)
{
    int32_t *trial = ARENA_ARRAY(arena, n + 1, int32_t);
    struct solved *v = ARENA_ARRAY(arena, n + 1, struct solved);
    size_t solved, questions, at = 0;

    *trials = 0;
    for (size_t i = 0; i < n; i++) {
        trial[i] = trial_of(s->t, rows[i]);
        if (s->t->kind[rows[i]] == TRIAL_SEARCH || trial[i] == NO_SMALL)
            return v;
    }
    const int32_t *first = first_solved(s, rows, n, arena, &solved, &questions);
    qsort(trial, n, sizeof(*trial), by_number);
    for (size_t i = 0; i < n; i++) {
        if (i > 0 && trial[i] == trial[i - 1])
            continue;
        while (at < solved && first[at] <= trial[i])
            at++;
        v[(*trials)++] = share_of(trial[i], at, questions);
    }
    if (*trials == 1)
        *trials = 0;
    return v;
}

struct questions questions_solved(const struct questions *q, struct arena *arena)
{
    struct questions one = *q;

    one.v = ARENA_ARRAY(arena, q->n + 1, struct question);
    one.trials = q->n;
    one.passed = 0;
    one.n_min = one.n_max = q->n > 0;
    for (size_t i = 0; i < q->n; i++) {
        one.v[i] = q->v[i];
        one.v[i].trials = (struct trials){1, q->v[i].trials.c > 0};
        one.passed += one.v[i].trials.c;
    }
    return one;
}
