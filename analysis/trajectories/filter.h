#ifndef TRAJECTORY_FILTER_H
#define TRAJECTORY_FILTER_H
/*
 * Which trajectories a question is about: one struct for every tool, one table
 * of its members, one matcher. What is left out is counted by the first filter
 * that left it out, in the order of the table.
 */

#include "analysis/base/shape.h"
#include "analysis/trajectories/store.h"

/* X(kind, member): TEXT const char *, WHOLE int64_t, REAL double, WORDS struct strs */
#define TRAJECTORY_FILTER(X)                                                                       \
    X(TEXT, training_id)                                                                           \
    X(WHOLE, epoch_id)                                                                             \
    X(WHOLE, iteration_id)                                                                         \
    X(TEXT, agent_name)                                                                            \
    X(TEXT, data_id)                                                                               \
    X(TEXT, trajectory_id)                                                                         \
    X(WORDS, termination_reason) /* raw words or classes; any of them */                           \
    X(REAL, reward_min)                                                                            \
    X(REAL, reward_max)                                                                            \
    X(WORDS, tool_used)     /* all of them */                                                      \
    X(WORDS, tool_not_used) /* none of them */                                                     \
    X(WORDS, tool_failed)   /* any of them returned something that is not normal */                \
    X(WHOLE, min_tool_calls)                                                                       \
    X(WHOLE, min_steps)                                                                            \
    X(WHOLE, max_steps)                                                                            \
    X(TEXT, text) /* in the question, an id, or the record on disk */

struct trajectory_filter {
#define TEXT const char *
#define WHOLE int64_t
#define REAL double
#define WORDS struct strs
#define X(kind, member) kind member;
    TRAJECTORY_FILTER(X)
#undef X
#undef TEXT
#undef WHOLE
#undef REAL
#undef WORDS
    double reward_threshold; /* NAN: success is reward > 0 */
};

enum trajectory_filter_name {
#define X(kind, member) FILTER_##member,
    TRAJECTORY_FILTER(X)
#undef X
        FILTERS_N
};
extern const char *const trajectory_filter_names[FILTERS_N];

/* Nothing is filtered. */
struct trajectory_filter trajectory_filter_none(void);

struct selection {
    const struct trajectories *t;
    uint32_t *rows; /* in the order of the files */
    size_t n, seen;
    size_t excluded[FILTERS_N];
    double threshold;
    const struct silent *silent; /* tools whose empty returns are counted apart; NULL: none */
};

/* False only when cancelled. Arrays live in the arena. */
NODISCARD bool trajectories_select(const struct trajectories *t,
                                   const struct trajectory_filter *filter,
                                   const atomic_bool *cancelled, struct arena *arena,
                                   struct selection *out, struct err *err);

/*
 * reward >= threshold, a billionth aside; without one, or with 0, reward > 0. A
 * trajectory without a reward is no success: callers leave it out and count it.
 */
bool is_success(double reward, double threshold);
const char *success_rule(double threshold, struct arena *arena); /* "reward > 0" */

/* ---- groups ---- */

/* Rows that belong together, next to each other. */
struct row_group {
    uint32_t *rows;
    size_t n;
};

enum row_key { BY_TRAINING, BY_EPOCH, BY_ITERATION, BY_TRAINING_EPOCH, BY_QUESTION, BY_REASON };

/* Sorted: numbers by value, names by bytes, those without one last; rows keep their order. */
struct row_group *rows_grouped(const struct trajectories *t, const uint32_t *rows, size_t n,
                               enum row_key key, struct arena *arena, size_t *groups);

#endif
