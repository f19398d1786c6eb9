/* The run that would tell most, where neither a sweep nor the settings name one; or why none does.
 */
#include <math.h>

#include "analysis/claims.h"

enum { SEEDS_LEAST = 3 };

static bool is_better(const struct comparison *c, size_t a, size_t b)
{
    double x = c->group[a].mean, y = c->group[b].mean;

    return c->direction == DIRECTION_LOWER_IS_BETTER ? x < y : x > y;
}

static bool is_comparable(const struct claim *claim)
{
    return claim->kind != CLAIM_NOT_COMPARABLE && claim->kind != CLAIM_EQUAL;
}

/* The pair of the best groups: the best that any claim compares, and the best beside it. */
static const struct claim *best_pair(const struct comparison *c)
{
    const struct claim *best = NULL;
    size_t top = 0, next = 0;

    for (size_t i = 0; i < c->claims_n; i++) {
        const struct claim *claim = &c->claim[i];
        size_t first = is_better(c, claim->b, claim->a) ? claim->b : claim->a;
        size_t second = first == claim->a ? claim->b : claim->a;

        if (!is_comparable(claim))
            continue;
        if (!best || is_better(c, first, top) || (first == top && is_better(c, second, next))) {
            best = claim;
            top = first;
            next = second;
        }
    }
    return best;
}

/* Every run of the group was at its best in the last tenth of its steps. */
static bool still_improves(const struct comparison *c, const struct run_group *g)
{
    bool improves = g->n > 0;

    for (size_t i = 0; i < g->n; i++) {
        const struct compared_run *run = &c->run[g->run[i]];
        improves &= (double)run->best_step >= 0.9 * (double)run->last_step;
    }
    return improves;
}

static const char *after_better(const struct comparison *c, const struct run_group *g,
                                struct arena *arena)
{
    if (!still_improves(c, g))
        return arena_printf(
            arena, "none: %s is shown to be better, and was at its best before its end", g->label);
    return arena_printf(arena,
                        "%s for longer than its %lld steps: it is shown to be better, and was at "
                        "its best at the end",
                        g->label, (long long)c->run[g->run[0]].last_step);
}

static const char *seeds_of_pair(const struct comparison *c, const struct claim *claim,
                                 struct arena *arena)
{
    const struct run_group *a = &c->group[claim->a], *b = &c->group[claim->b];
    size_t have = a->n < b->n ? a->n : b->n;
    int64_t least = have < SEEDS_LEAST ? (int64_t)(SEEDS_LEAST - have) : 0;
    int64_t more = claim->more_seeds > least ? claim->more_seeds : least;

    if (c->run[a->run[0]].blew_up != c->run[b->run[0]].blew_up && a->n == 1 && b->n == 1)
        return arena_printf(arena,
                            "the one of %s and %s that blew up with another seed: whether "
                            "it does so again",
                            a->label, b->label);
    if (more == 0)
        return "none: there are seeds enough to show a difference of this size, and none is shown";
    return arena_printf(arena, "%lld more seed%s each of %s and of %s, the best two: %s",
                        (long long)more, more == 1 ? "" : "s", a->label, b->label,
                        claim->more_seeds == NOT_GIVEN
                            ? "three a side are the least that a claim needs"
                            : "so many show a difference of this size");
}

void suggest_next(struct comparison *c, struct arena *arena)
{
    const struct claim *pair = c->direction == DIRECTION_UNKNOWN ? NULL : best_pair(c);

    if (c->pairs_n == 0)
        c->next_run = "none: there is one group, and nothing to compare it with";
    else if (c->direction == DIRECTION_UNKNOWN)
        c->next_run = "none: which way this metric is better is not known";
    else if (!pair)
        c->next_run = "none: no two of these are comparable and different";
    else if (same_condition(c, c->group[pair->a].first, c->group[pair->b].first))
        c->next_run = "none: the best two have one configuration, and no change to judge";
    else if (pair->kind == CLAIM_BETTER || pair->kind == CLAIM_WORSE)
        c->next_run =
            after_better(c, &c->group[pair->kind == CLAIM_BETTER ? pair->b : pair->a], arena);
    else
        c->next_run = seeds_of_pair(c, pair, arena);
}
