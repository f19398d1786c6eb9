#ifndef GROUPED_ANSWER_H
#define GROUPED_ANSWER_H
/*
 * Tools that give figures of the trajectories asked for, and on demand the same
 * of each training or epoch: their arguments, and how they answer.
 */

#include "tools/trajectory_answer.h"

extern const char *const group_names[];
#define GROUPED_FILTERS(t)                                                                         \
    F_STR(t, group_by, .doc = "Also for each of these.", .one_of = group_names),                   \
        TRAJECTORY_FILTERS(t)

/* Arguments of tools that take nothing else. */
struct grouped_args {
    struct trajectory_args filter;
    const char *group_by;
};
extern const struct field grouped_in[8];

/* Writes members, without braces, of these rows of the selection. */
typedef void put_group(struct buf *out, const struct selection *s, const uint32_t *rows, size_t n);

/* The object of groups; empty without `by`. */
struct str grouped(struct call *call, const struct selection *s, const char *by, put_group *put);

/* A result made of what `all` writes of the whole selection: each into the member of its name. */
struct figures {
    put_group *all, *each; /* of the whole selection, of one group */
    void (*prepare)(struct call *call, struct selection *s); /* NULL, or what they need beside it */
    const struct shape *shape;
    size_t groups, common; /* where in the result: struct str, struct trajectory_common */
};

/* Runs such a tool; what was not written is left as not known. */
NODISCARD bool figures_run(struct call *call, const struct grouped_args *args,
                           const struct figures *figures, void *result, struct err *err);

#endif
