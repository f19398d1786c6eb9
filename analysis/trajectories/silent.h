#ifndef SILENT_H
#define SILENT_H
/*
 * Tools that returned nothing in every call of a selection, as `think` does by
 * design: that is how they answer, so it is counted apart from what went wrong.
 * A tool that is broken throughout looks the same, which is why they are named.
 */

#include "analysis/trajectories/filter.h"

struct silent {
    const uint32_t *v; /* words */
    size_t n, calls;
    const bool *is; /* by word */
};

/* Calls without a tool's name, and those of "(others)", are of no one tool: never silent. */
struct silent silent_tools(const struct selection *s, struct arena *arena);

/* By the name a step has. */
bool silent_has(const struct silent *silent, const struct trajectories *t, struct str tool);

#endif
