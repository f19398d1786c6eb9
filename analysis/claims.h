#ifndef CLAIMS_H
#define CLAIMS_H
/* The parts of a comparison that judge; comparison.c loads what they work on. */

#include "analysis/comparison.h"

/* The metric as it stood at that step: the mean of the last tenth of the points up to it. */
double run_value_at(const struct compared_run *run, int64_t step);

NODISCARD bool group_runs(struct comparison *c, const char *group_by, struct arena *arena,
                          struct err *err);
void make_claims(struct comparison *c, struct arena *arena);
void correlate_parameters(struct comparison *c, struct arena *arena);

#endif
