#include "analysis/trajectories/failures.h"

#include "analysis/trajectories/watch.h"

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
