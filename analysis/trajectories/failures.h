#ifndef FAILURES_H
#define FAILURES_H
/* Which trajectories failed, and how they are sorted. */

#include "analysis/trajectories/filter.h"
#include "analysis/trajectories/watch.h"

/* Which of failure_rules holds first; failure_rules_n: none. Its name; "other". */
size_t failure_class_of(const struct trajectories *t, size_t row);
const char *failure_class_name(size_t class);

/*
 * Keeps those that failed: without successes of the rule, or with `all` whatever
 * else the selection holds; without a reward is no failure, *missing counts them.
 */
void failures_keep(struct selection *s, bool all, size_t *missing);

/* count[failure_rules_n] is that of "other". */
void failure_classes(const struct selection *s, size_t *count);

/* Rewards in the seed's ranges; those without one are in none. */
enum { REWARD_RANGES = 5 };
extern const char *const reward_range_names[REWARD_RANGES];
void reward_ranges(const struct trajectories *t, const uint32_t *rows, size_t n,
                   size_t count[REWARD_RANGES]);

/* One tool over a selection; trajectories without a reward are in neither used nor failed. */
struct tool_account {
    uint32_t tool;         /* in words */
    size_t used, failed;   /* trajectories */
    size_t calls, unusual; /* unusual: what came back is not normal */
};
struct tool_account *tool_accounts(const struct selection *s, struct arena *arena, size_t *n);

#endif
