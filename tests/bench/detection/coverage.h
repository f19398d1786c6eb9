#ifndef COVERAGE_OF_PASSES_H
#define COVERAGE_OF_PASSES_H
/*
 * How often the intervals of pass@k hold what they are for: simulated benchmarks
 * of T questions, as hard as Beta(a, b) says (mixed: a third each of .02, .5,
 * .98), n trials each.
 */
#include "analysis/stats/rng.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct design {
    double a, b; /* 0: mixed */
    uint32_t tasks, n, k;
    bool ceiling; /* nearly every question is passed or failed always */
};

extern const struct design designs[];
extern const size_t designs_n;

struct cover {
    size_t held, asked; /* asked: there was an interval */
    double width;       /* sum */
};

/*
 * fresh: the mean over all questions there could be (interval_new_tasks, A); same: the mean over
 * these T (pass_same_tasks, B). For comparison, against the former: the plain t interval, and
 * Wilson's of the pooled trials.
 */
struct covers {
    struct cover fresh, same, plain, pooled;
};

/* One more benchmark of that design. */
void coverage_add(struct rng *rng, const struct design *design, struct covers *out);

#endif
