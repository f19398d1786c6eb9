#include "analysis/trajectories/contrast.h"

#include "analysis/stats/compare.h"
#include "analysis/trajectories/solved.h"

enum { QUESTIONS_MIN = 10 };

static double rate(const struct question *q)
{
    return (double)q->trials.c / q->trials.n;
}

struct contrast contrast_of(const struct questions *a, const struct questions *b, size_t words,
                            struct arena *arena)
{
    struct contrast c = {.p_flips = 1};
    uint32_t *at = ARENA_ARRAY(arena, words + 1, uint32_t); /* of a question in a, + 1 */
    double *v[4];

    for (size_t i = 0; i < 4; i++)
        v[i] = ARENA_ARRAY(arena, b->n + 1, double);
    for (size_t i = 0; i < a->n; i++)
        at[a->v[i].question] = (uint32_t)i + 1;
    for (size_t i = 0; i < b->n; i++) {
        const struct question *now = &b->v[i];
        if (!at[now->question])
            continue;
        const struct question *was = &a->v[at[now->question] - 1];
        v[0][c.common] = rate(was);
        v[1][c.common] = rate(now);
        v[2][c.common] = was->reward;
        v[3][c.common++] = now->reward;
        c.gained += was->trials.c == 0 && now->trials.c > 0;
        c.lost += was->trials.c > 0 && now->trials.c == 0;
    }
    c.only_a = a->n - c.common;
    c.only_b = b->n - c.common;
    c.known = paired_compare(v[0], v[1], c.common, arena, &c.rate) &&
              paired_interval(v[2], v[3], c.common, arena, &c.reward);
    c.p_flips = mcnemar_exact(c.gained, c.lost);
    return c;
}

const char *contrast_word(const struct contrast *c, double p)
{
    if (!c->known || c->common < QUESTIONS_MIN || !(p < 0.05))
        return "cannot tell";
    return c->rate.diff > 0 ? "better" : c->rate.diff < 0 ? "worse" : "cannot tell";
}

/* With more trials more is solved, whoever tries. */
static const char *apart(const struct questions *a, const struct questions *b, struct arena *arena)
{
    if (a->n_max == b->n_max)
        return NULL;
    return arena_printf(arena,
                        "questions solved in up to %u trials against questions solved in up to %u",
                        a->n_max, b->n_max);
}

static struct contrast_pair pair_of(const struct questions *a, const struct questions *b,
                                    bool solved, size_t words, struct arena *arena)
{
    struct contrast_pair pair = {.solved = solved};
    struct questions solved_a, solved_b;

    if (!solved) {
        pair.c = contrast_of(a, b, words, arena);
        return pair;
    }
    solved_a = questions_solved(a, arena);
    solved_b = questions_solved(b, arena);
    pair.c = contrast_of(&solved_a, &solved_b, words, arena);
    pair.apart = apart(a, b, arena);
    return pair;
}

struct contrast_pair *contrast_pairs(const struct questions *q, const char *const *why, size_t n,
                                     size_t words, struct arena *arena, size_t *pairs)
{
    size_t room = n * n, k = 0;
    struct contrast_pair *v = ARENA_ARRAY(arena, room + 1, struct contrast_pair);
    double *p = ARENA_ARRAY(arena, room + 1, double);
    double *adjusted = ARENA_ARRAY(arena, room + 1, double);

    for (size_t a = 0; a < n; a++) {
        for (size_t b = a + 1; b < n; b++, k++) {
            v[k] = pair_of(&q[a], &q[b], why[a] || why[b], words, arena);
            v[k].a = a;
            v[k].b = b;
            p[k] = v[k].c.known && !v[k].apart ? v[k].c.rate.p_flip : (double)NAN;
        }
    }
    bh_adjust(p, k, adjusted, arena);
    for (size_t i = 0; i < k; i++)
        v[i].p_adjusted = adjusted[i];
    *pairs = k;
    return v;
}

const char *unequal_trials(const struct questions *q, size_t n, struct arena *arena)
{
    uint32_t least = UINT32_MAX, most = 0;

    for (size_t i = 0; i < n; i++) {
        if (q[i].n == 0)
            continue;
        least = q[i].n_min < least ? q[i].n_min : least;
        most = q[i].n_max > most ? q[i].n_max : most;
    }
    if (most <= least)
        return NULL;
    return arena_printf(arena,
                        "unequal numbers of trials a question (%u to %u): pass@k is compared at k "
                        "= %u; best of n would favour the larger",
                        least, most, common_k(q, n));
}
