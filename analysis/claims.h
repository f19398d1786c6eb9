#ifndef CLAIMS_H
#define CLAIMS_H
/* The parts of a comparison that judge; comparison.c loads what they work on. */

#include "analysis/comparison.h"

/* The metric as it stood at that step: the mean of the last tenth of the points up to it. */
double run_value_at(const struct compared_run *run, int64_t step);

/* ---- groups.c ---- */

/* Is it a sample of its method? */
static inline bool run_counts(const struct compared_run *run)
{
    return run->logged && !run->part_of;
}

NODISCARD bool group_runs(struct comparison *c, const char *group_by, struct arena *arena,
                          struct err *err);

/* Alike but for seeds and labels; false if a configuration is not known. */
bool same_condition(const struct comparison *c, size_t a, size_t b);

/* The same, and no two commits: what is left is the seed. */
bool seeds_of_one(const struct comparison *c, size_t a, size_t b);

/* "lr=0.1, act=relu"; the run's id if nothing tells it from the others. */
const char *condition_text(const struct comparison *c, size_t run, struct arena *arena);

/* The key by which two runs are of different tasks; NULL if none that both have says so. */
const struct differing_key *other_task(const struct comparison *c, size_t a, size_t b);

/* How many tasks there are at least among n runs; *key, if not NULL, is the key that tells. */
size_t tasks_among(const struct comparison *c, const size_t *runs, size_t n,
                   const struct differing_key **key);
void note_pooled_tasks(const struct comparison *c, struct coverage *coverage);

/* ---- claims.c, sweep.c, parameters.c: in this order ---- */

void make_claims(struct comparison *c, struct arena *arena);
void sweep_rates(struct comparison *c, struct arena *arena);
void correlate_parameters(struct comparison *c, struct arena *arena);

/* ---- next_run.c: where the two before have none ---- */

void suggest_next(struct comparison *c, struct arena *arena);

#endif
