#ifndef PROGRESSION_H
#define PROGRESSION_H
/*
 * A training from epoch to epoch, or from iteration to iteration: each against
 * the first on the questions that both have, p adjusted for all of them.
 */

#include "analysis/trajectories/contrast.h"

struct progression {
    const struct row_group *group; /* in order */
    struct questions *q;
    struct contrast *c; /* with the first; c[0] is empty */
    double *p_adjusted; /* of the sign flips; NAN where unknown */
    size_t n;
    const char *why; /* trials are no independent samples; NULL: they are, as far as is known */
    uint32_t k;      /* every question of every point has so many trials */
};

/* Rows of the selection that have no epoch (iteration) are left out. */
struct progression progression_of(const struct selection *s, enum row_key key, struct arena *arena);

/* The first epoch and the last, where there are two. */
struct first_last {
    int32_t first, last;
    bool known;            /* there are two epochs */
    struct questions a, b; /* of the first, of the last */
    double reward_a, reward_b;
    struct contrast c; /* b against a */
    const char *why;   /* trials are no independent samples: then only its counts mean something */
    double p_adjusted; /* of several trainings' differences */
};
struct first_last first_last_of(const struct selection *s, struct arena *arena);
/* Sets p_adjusted of all of them: Benjamini and Hochberg over those that were tested. */
void first_last_adjust(struct first_last *v, size_t n, struct arena *arena);

/* Last against first, as a sentence without its full stop. */
const char *progression_says(const struct progression *p, struct arena *arena);

#endif
