#include "analysis/trajectories/contrast.h"

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
              paired_compare(v[2], v[3], c.common, arena, &c.reward);
    c.p_flips = mcnemar_exact(c.gained, c.lost);
    return c;
}

const char *contrast_word(const struct contrast *c, double p)
{
    if (!c->known || c->common < QUESTIONS_MIN || !(p < 0.05))
        return "cannot tell";
    return c->rate.diff > 0 ? "better" : c->rate.diff < 0 ? "worse" : "cannot tell";
}
