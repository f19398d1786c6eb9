#ifndef TRAJECTORY_ANSWER_H
#define TRAJECTORY_ANSWER_H
/*
 * What the tools about trajectories have in common: the filters they take, and
 * what every answer says of how many were seen, used and left out, and by which
 * rule one counts as a success.
 */

#include "analysis/trajectories/figures.h"
#include "analysis/trajectories/silent.h"
#include "analysis/trajectories/training.h"
#include "tools/answer.h"

/* Arguments: a member `filter` of this type, and TRAJECTORY_FILTERS among the fields. */
struct trajectory_args {
    struct trajectory_filter f;
    struct str reasons; /* termination_reason: one word, several with commas, or a list */
    struct str where;   /* an object of the other filters */
};

#define FILTER_FIELD(type, name_, ctype, kind_, ...)                                               \
    {                                                                                              \
        .name = #name_, .kind = kind_,                                                             \
        .offset = _Generic(((type *)0)->filter.f.name_, ctype                                      \
                           : offsetof(type, filter.f.name_)),                                      \
        __VA_ARGS__                                                                                \
    }
#define FILTER_TEXT(t, n, d) FILTER_FIELD(t, n, const char *, FIELD_STR, .doc = d)
#define FILTER_INT(t, n, d) FILTER_FIELD(t, n, int64_t, FIELD_INT, .doc = d)
#define FILTER_NUM(t, n, d) FILTER_FIELD(t, n, double, FIELD_NUM, .doc = d)

/*
 * Those that most questions need stand by themselves, the others in `where`: one schema of all
 * seventeen, eleven times, would be a fifth of tools/list.
 */
#define TRAJECTORY_FILTERS(t)                                                                      \
    FILTER_TEXT(t, training_id, ""), FILTER_INT(t, epoch_id, ""), FILTER_TEXT(t, data_id, ""),     \
        {.name = "termination_reason",                                                             \
         .kind = FIELD_RAW,                                                                        \
         .offset = offsetof(t, filter.reasons),                                                    \
         .doc = "Words or classes; a list or with commas."},                                       \
        FILTER_NUM(t, reward_max, ""),                                                             \
        {.name = "where",                                                                          \
         .kind = FIELD_RAW,                                                                        \
         .offset = offsetof(t, filter.where),                                                      \
         .type = "object",                                                                         \
         .doc = "More filters; list_trainings names them."},                                       \
        FILTER_NUM(t, reward_threshold, "Success: reward >= this; else reward > 0.")

/* Results: a member `common` of this type, and TRAJECTORY_COMMON at the end of the fields. */
struct trajectory_common {
    struct str filters_applied, excluded, coverage;
    const char *success_rule;
    int64_t seen, used;
};

#define COMMON_FIELD(t, name_, ctype, kind_, ...)                                                  \
    {                                                                                              \
        .name = #name_, .kind = kind_,                                                             \
        .offset = _Generic(((t *)0)->common.name_, ctype                                           \
                           : offsetof(t, common.name_)),                                           \
        __VA_ARGS__                                                                                \
    }
#define TRAJECTORY_COMMON(t)                                                                       \
    COMMON_FIELD(t, filters_applied, struct str, FIELD_RAW, .type = "object", .doc = "",           \
                 .required = true),                                                                \
        COMMON_FIELD(t, success_rule, const char *, FIELD_STR, .doc = "", .required = true),       \
        COMMON_FIELD(t, seen, int64_t, FIELD_INT, .doc = "Trajectories found", .required = true),  \
        COMMON_FIELD(t, used, int64_t, FIELD_INT, .doc = "Of these asked for", .required = true),  \
        COMMON_FIELD(t, excluded, struct str, FIELD_RAW, .type = "object",                         \
                     .doc = "Left out, by the first filter that did", .required = true),           \
        COMMON_FIELD(t, coverage, struct str, FIELD_RAW, .type = "object", .doc = "",              \
                     .required = true)

/*
 * Looks at the trajectories, selects those asked for and says so in *common. An
 * unknown training is ERR_NOT_FOUND with the nearest one; that nothing is left
 * is no error.
 */
NODISCARD bool trajectories_open(struct call *call, const struct trajectory_args *args,
                                 struct selection *out, struct trajectory_common *common,
                                 struct err *err);

/* For the rows of these tools: their answers depend on the library and the arguments alone. */
bool trajectories_fingerprint(struct call *call, const void *args, struct buf *key);

/* "a,b", ["a","b"] or nothing, as texts in the arena; what: the argument's name, for errors. */
NODISCARD bool texts_of(struct str raw, const char *what, struct arena *arena, struct strs *out,
                        struct err *err);

/* ---- writing ---- */

void put_figure(struct buf *out, const char *name, double value); /* 6 decimals; NAN: null */
void put_count(struct buf *out, const char *name, size_t value);
void put_word(struct buf *out, const char *name, struct str text); /* cleaned; empty: null */
void put_bounds(struct buf *out, const char *name, bool known, struct interval interval);
/* "name":{"count":…,"ratio":…}; of nothing the ratio is 0. put_share: what stands in the braces. */
void put_rate(struct buf *out, const char *name, size_t count, size_t total);
void put_share(struct buf *out, size_t count, size_t total);

/* "name":{…}, each class with its rate */
void put_ending_classes(struct buf *out, const char *name, const struct ending_figures *f);
void put_reward_classes(struct buf *out, const char *name, const struct reward_figures *f);

/* {tools, count, says}: the tools that were always empty, s->silent. */
void put_silent(struct buf *out, const struct selection *s);

/* What failures of these filters (those about rewards aside) do more often; p NULL on an error. */
struct str enrichment_json(struct call *call, const struct trajectory_args *args, struct err *err);

/* What a group is called: a training's id, an epoch's number; "none". */
const char *training_name(const struct trajectories *t, size_t row, struct arena *arena);

#endif
