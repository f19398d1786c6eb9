#include "analysis/trajectories/figures.h"

#include <stdlib.h>

struct reward_figures reward_figures(const struct trajectories *t, const uint32_t *rows, size_t n,
                                     double threshold)
{
    struct reward_figures f = {.mean = (double)NAN, .min = (double)NAN, .max = (double)NAN};
    double sum = 0;

    for (size_t i = 0; i < n; i++) {
        double r = t->reward[rows[i]];
        if (isnan(r)) {
            f.missing++;
            continue;
        }
        f.n++;
        sum += r;
        f.min = fmin(f.min, r);
        f.max = fmax(f.max, r);
        f.perfect += r >= 1;
        f.failure += r <= 0;
        f.success += is_success(r, threshold);
    }
    f.partial = f.n - f.perfect - f.failure;
    if (f.n)
        f.mean = sum / (double)f.n;
    return f;
}

const char *fractional_says(const struct reward_figures *f, double threshold, struct arena *arena)
{
    bool usual = isnan(threshold) || threshold == 0;

    if (!usual || f->partial == 0)
        return NULL;
    return arena_printf(arena,
                        "%zu of %zu counted as success (%s) have a reward below 1; give "
                        "reward_threshold if these are no successes (1 counts %zu)",
                        f->partial, f->success, success_rule(threshold, arena), f->perfect);
}

struct ending_figures ending_figures(const struct trajectories *t, const uint32_t *rows, size_t n)
{
    struct ending_figures f = {.total = n};

    for (size_t i = 0; i < n; i++)
        f.count[t->ending[rows[i]]]++;
    return f;
}

struct return_figures return_figures(const struct trajectories *t, const uint32_t *rows, size_t n)
{
    struct return_figures f = {0};

    for (size_t i = 0; i < n; i++) {
        const struct tool_calls *calls = t->tool_calls + t->tools[rows[i]];
        f.trajectories += t->tools_n[rows[i]] > 0;
        for (size_t c = 0; c < t->tools_n[rows[i]]; c++) {
            for (size_t r = 0; r < RETURNS_N; r++) {
                f.count[r] += calls[c].count[r];
                f.total += calls[c].count[r];
            }
        }
    }
    return f;
}

struct sample {
    uint32_t training, row;
    int32_t epoch, iteration, sample;
};

static int by_sample(const void *a, const void *b)
{
    const struct sample *x = a, *y = b;

    if (x->training != y->training)
        return (x->training > y->training) - (x->training < y->training);
    if (x->epoch != y->epoch)
        return (x->epoch > y->epoch) - (x->epoch < y->epoch);
    if (x->iteration != y->iteration)
        return (x->iteration > y->iteration) - (x->iteration < y->iteration);
    if (x->sample != y->sample)
        return (x->sample > y->sample) - (x->sample < y->sample);
    return (x->row > y->row) - (x->row < y->row);
}

static bool is_same_sample(const struct sample *a, const struct sample *b)
{
    return a->sample != NO_SMALL && a->training == b->training && a->epoch == b->epoch &&
           a->iteration == b->iteration && a->sample == b->sample;
}

/* One question's rows; false if none of them counts. */
static bool add_question(struct questions *q, const struct trajectories *t,
                         const struct row_group *group, double threshold, struct sample *room)
{
    struct question one = {.question = t->question[group->rows[0]], .first = group->rows[0]};

    for (size_t i = 0; i < group->n; i++) {
        uint32_t row = group->rows[i];
        room[i] = (struct sample){t->training[row], row, t->epoch[row], t->iteration[row],
                                  t->sample[row]};
    }
    qsort(room, group->n, sizeof(*room), by_sample);
    for (size_t i = 0; i < group->n; i++) {
        double reward = t->reward[room[i].row];
        if (i > 0 && is_same_sample(&room[i], &room[i - 1])) {
            q->repeated++;
        } else if (isnan(reward)) {
            q->missing++;
        } else {
            one.trials.n++;
            one.trials.c += is_success(reward, threshold);
            one.reward += reward;
        }
    }
    if (one.trials.n == 0)
        return false;
    one.reward /= one.trials.n;
    q->trials += one.trials.n;
    q->passed += one.trials.c;
    q->n_min = q->n == 0 || one.trials.n < q->n_min ? one.trials.n : q->n_min;
    q->n_max = one.trials.n > q->n_max ? one.trials.n : q->n_max;
    q->v[q->n++] = one;
    return true;
}

struct questions questions_of(const struct trajectories *t, const uint32_t *rows, size_t n,
                              double threshold, struct arena *arena)
{
    struct questions q = {0};
    size_t groups;
    struct row_group *group = rows_grouped(t, rows, n, BY_QUESTION, arena, &groups);
    struct sample *room = ARENA_ARRAY(arena, n + 1, struct sample);

    q.v = ARENA_ARRAY(arena, groups + 1, struct question);
    for (size_t i = 0; i < groups; i++) {
        if (t->question[group[i].rows[0]] == 0)
            q.nameless += group[i].n;
        else
            (void)add_question(&q, t, &group[i], threshold, room);
    }
    return q;
}

struct trials *trials_of(const struct questions *q, struct arena *arena)
{
    struct trials *v = ARENA_ARRAY(arena, q->n + 1, struct trials);

    for (size_t i = 0; i < q->n; i++)
        v[i] = q->v[i].trials;
    return v;
}

uint32_t common_k(const struct questions *q, size_t n)
{
    uint32_t k = 0;

    for (size_t i = 0; i < n; i++) {
        if (q[i].n > 0 && (k == 0 || q[i].n_min < k))
            k = q[i].n_min;
    }
    return k;
}

double pass_rate(const struct questions *q, struct arena *arena)
{
    size_t used;

    return pass_mean(pass_at_k, trials_of(q, arena), q->n, 1, &used);
}

bool pass_rate_interval(const struct questions *q, struct arena *arena, struct interval *out,
                        const char **why)
{
    double *rate = ARENA_ARRAY(arena, q->n + 1, double);

    for (size_t i = 0; i < q->n; i++)
        rate[i] = (double)q->v[i].trials.c / q->v[i].trials.n;
    return interval_new_tasks(rate, q->n, out, why);
}

bool reward_interval(const struct questions *q, struct arena *arena, struct interval *out)
{
    double *v = ARENA_ARRAY(arena, q->n + 1, double);

    for (size_t i = 0; i < q->n; i++)
        v[i] = q->v[i].reward;
    size_t same = 0;
    while (same < q->n && v[same] == v[0])
        same++;
    if (same < q->n || q->n < 2)
        return interval_t(v, q->n, out);
    /* Of equal values t knows nothing: all or none solved is a share, else there is no interval. */
    *out = wilson_interval(v[0] * (double)q->n, (double)q->n, 0.95);
    return v[0] == 0 || v[0] == 1;
}
