#include "analysis/trajectories/progression.h"

#include "analysis/stats/compare.h"
#include "analysis/trajectories/solved.h"

static void keep_placed(struct selection *s, enum row_key key, struct arena *arena)
{
    const int32_t *place = key == BY_EPOCH ? s->t->epoch : s->t->iteration;
    uint32_t *rows = ARENA_ARRAY(arena, s->n + 1, uint32_t);
    size_t n = 0;

    for (size_t i = 0; i < s->n; i++) {
        if (place[s->rows[i]] != NO_SMALL)
            rows[n++] = s->rows[i];
    }
    s->rows = rows;
    s->n = n;
}

struct progression progression_of(const struct selection *all, enum row_key key,
                                  struct arena *arena)
{
    struct selection s = *all;
    struct progression p = {0};

    keep_placed(&s, key, arena);
    p.group = rows_grouped(s.t, s.rows, s.n, key, arena, &p.n);
    p.q = ARENA_ARRAY(arena, p.n + 1, struct questions);
    p.c = ARENA_ARRAY(arena, p.n + 1, struct contrast);
    p.p_adjusted = ARENA_ARRAY(arena, p.n + 1, double);
    double *raw = ARENA_ARRAY(arena, p.n + 1, double);
    for (size_t i = 0; i < p.n; i++)
        p.q[i] = questions_of(s.t, p.group[i].rows, p.group[i].n, s.threshold, arena);
    p.k = common_k(p.q, p.n);
    p.why = trials_why(s.t, s.rows, s.n);
    raw[0] = (double)NAN;
    for (size_t i = 1; i < p.n; i++) {
        p.c[i] = contrast_of(&p.q[0], &p.q[i], s.t->words.n, arena);
        raw[i] = p.c[i].known ? p.c[i].rate.p_flip : (double)NAN;
    }
    bh_adjust(raw, p.n, p.p_adjusted, arena);
    return p;
}

struct first_last first_last_of(const struct selection *all, struct arena *arena)
{
    struct selection s = *all;
    struct first_last f = {.p_adjusted = (double)NAN};
    size_t n;

    keep_placed(&s, BY_EPOCH, arena);
    const struct row_group *g = rows_grouped(s.t, s.rows, s.n, BY_EPOCH, arena, &n);
    if (n < 2)
        return f;
    const struct row_group *last = &g[n - 1];
    f.known = true;
    f.first = s.t->epoch[g->rows[0]];
    f.last = s.t->epoch[last->rows[0]];
    f.a = questions_of(s.t, g->rows, g->n, s.threshold, arena);
    f.b = questions_of(s.t, last->rows, last->n, s.threshold, arena);
    f.reward_a = reward_figures(s.t, g->rows, g->n, s.threshold).mean;
    f.reward_b = reward_figures(s.t, last->rows, last->n, s.threshold).mean;
    f.why = trials_why(s.t, s.rows, s.n);
    f.c = contrast_of(&f.a, &f.b, s.t->words.n, arena);
    return f;
}

void first_last_adjust(struct first_last *v, size_t n, struct arena *arena)
{
    double *p = ARENA_ARRAY(arena, n + 1, double), *adjusted = ARENA_ARRAY(arena, n + 1, double);

    for (size_t i = 0; i < n; i++)
        p[i] = v[i].known && v[i].c.known && !v[i].why ? v[i].c.rate.p_flip : (double)NAN;
    bh_adjust(p, n, adjusted, arena);
    for (size_t i = 0; i < n; i++)
        v[i].p_adjusted = adjusted[i];
}

const char *progression_says(const struct progression *p, struct arena *arena)
{
    if (p->n < 2)
        return "one epoch: nothing to compare";
    const struct contrast *c = &p->c[p->n - 1];
    if (!c->known)
        return "first and last have fewer than 2 questions in common: cannot tell";
    struct solved first = solved_of(&p->q[0]), last = solved_of(&p->q[p->n - 1]);
    if (p->why)
        return arena_printf(arena,
                            "%s: %zu of %zu questions are solved after the first, %zu of %zu after "
                            "the last (95%% %.3f to %.3f)",
                            p->why, first.solved, first.questions, last.solved, last.questions,
                            last.interval.low, last.interval.high);
    if (c->rate.se == 0)
        return arena_printf(arena,
                            "last against first: %s (pass@1 %+.3f in each of %zu common "
                            "questions: no interval)",
                            contrast_word(c, p->p_adjusted[p->n - 1]), c->rate.diff, c->common);
    return arena_printf(arena,
                        "last against first: %s (pass@1 %+.3f, 95%% %.3f to %.3f, q %.3g, %zu "
                        "common questions)",
                        contrast_word(c, p->p_adjusted[p->n - 1]), c->rate.diff, c->rate.low,
                        c->rate.high, p->p_adjusted[p->n - 1], c->common);
}
