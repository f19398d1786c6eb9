#include "analysis/trajectories/failures.h"

#include <stdlib.h>

const char *const reward_range_names[REWARD_RANGES] = {"<0", "0-1", "1-3", "3-5", ">=5"};

size_t failure_class_of(const struct trajectories *t, size_t row)
{
    size_t class = 0;

    while (class < failure_rules_n && !(t->rules[row] >> class & 1))
        class ++;
    return class;
}

const char *failure_class_name(size_t class)
{
    return class < failure_rules_n ? failure_rules[class].name : "other";
}

void failures_keep(struct selection *s, bool all, size_t *missing)
{
    size_t n = 0;

    *missing = 0;
    for (size_t i = 0; i < s->n; i++) {
        double reward = s->t->reward[s->rows[i]];
        if (isnan(reward))
            ++*missing;
        else if (all || !is_success(reward, s->threshold))
            s->rows[n++] = s->rows[i];
    }
    s->n = n;
}

void failure_classes(const struct selection *s, size_t *count)
{
    for (size_t i = 0; i <= failure_rules_n; i++)
        count[i] = 0;
    for (size_t i = 0; i < s->n; i++)
        count[failure_class_of(s->t, s->rows[i])]++;
}

void reward_ranges(const struct trajectories *t, const uint32_t *rows, size_t n,
                   size_t count[REWARD_RANGES])
{
    static const double below[REWARD_RANGES - 1] = {0, 1, 3, 5};

    for (size_t r = 0; r < REWARD_RANGES; r++)
        count[r] = 0;
    for (size_t i = 0; i < n; i++) {
        double reward = t->reward[rows[i]];
        size_t r = 0;
        if (isnan(reward))
            continue;
        while (r < REWARD_RANGES - 1 && reward >= below[r])
            r++;
        count[r]++;
    }
}

/* ---- tools ---- */

static int most_used(const void *a, const void *b)
{
    const struct tool_account *x = a, *y = b;

    if (x->used != y->used)
        return x->used > y->used ? -1 : 1;
    return (x->tool > y->tool) - (x->tool < y->tool);
}

/* Everything one trajectory did with one tool. */
static void add_calls(struct tool_account *one, const struct tool_calls *calls, bool judged,
                      bool failed)
{
    one->tool = calls->tool;
    one->used += judged;
    one->failed += failed;
    for (size_t r = 0; r < RETURNS_N; r++) {
        one->calls += calls->count[r];
        one->unusual += r == RETURN_NORMAL ? 0 : calls->count[r];
    }
}

/* Each tool's place, from 1, by its word; *n of them. */
static const uint32_t *number_tools(const struct selection *s, struct arena *arena, size_t *n)
{
    const struct trajectories *t = s->t;
    uint32_t *at = ARENA_ARRAY(arena, t->words.n + 1, uint32_t);

    *n = 0;
    for (size_t i = 0; i < s->n; i++) {
        const struct tool_calls *calls = t->tool_calls + t->tools[s->rows[i]];
        for (size_t k = 0; k < t->tools_n[s->rows[i]]; k++) {
            if (!at[calls[k].tool])
                at[calls[k].tool] = (uint32_t)++ * n;
        }
    }
    return at;
}

struct tool_account *tool_accounts(const struct selection *s, struct arena *arena, size_t *n)
{
    const struct trajectories *t = s->t;
    const uint32_t *at = number_tools(s, arena, n);
    struct tool_account *v = ARENA_ARRAY(arena, *n + 1, struct tool_account);

    for (size_t i = 0; i < s->n; i++) {
        uint32_t row = s->rows[i];
        const struct tool_calls *calls = t->tool_calls + t->tools[row];
        bool judged = !isnan(t->reward[row]);
        bool failed = judged && !is_success(t->reward[row], s->threshold);
        for (size_t k = 0; k < t->tools_n[row]; k++)
            add_calls(&v[at[calls[k].tool] - 1], &calls[k], judged, failed);
    }
    qsort(v, *n, sizeof(*v), most_used);
    return v;
}
