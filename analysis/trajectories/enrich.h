#ifndef TRAJECTORY_ENRICH_H
#define TRAJECTORY_ENRICH_H
/*
 * What failing trajectories do more often than passing ones of the same question:
 * endings, tools, tools that failed, rules that hold, many steps. Mantel-Haenszel
 * over questions (Fisher's exact test where there is one), at least 5 that have
 * the feature, q-values over all features that were tested.
 */

#include "analysis/trajectories/filter.h"

struct enriched {
    const char *kind; /* "ending", "tool", "tool_failed", "rule", "steps" */
    const char *name;
    size_t in_failures, failures, in_passes, passes;
    double odds, low, high, p, q; /* NAN where unknown */
};

struct enrichment {
    struct enriched *v; /* by q, then by odds */
    size_t n, tested;
    size_t questions; /* with both outcomes: the others tell nothing */
};

struct enrichment enrichment_of(const struct selection *s, struct arena *arena);

#endif
