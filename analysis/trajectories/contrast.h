#ifndef TRAJECTORY_CONTRAST_H
#define TRAJECTORY_CONTRAST_H
/* Two sets of trajectories on the questions they have in common: two epochs, two trainings. */

#include "analysis/stats/paired.h"
#include "analysis/trajectories/figures.h"

struct contrast {
    size_t common, only_a, only_b; /* questions */
    bool known;                    /* at least 2 in common */
    struct paired rate, reward;    /* b - a, a value a question: share passed, mean reward */
    size_t gained, lost; /* questions no trial of a passed but one of b did, and the other way */
    double p_flips;      /* McNemar's exact test of those two */
};

struct contrast contrast_of(const struct questions *a, const struct questions *b, size_t words,
                            struct arena *arena);

/* "better", "worse" or "cannot tell", at this p (or q); below 10 questions always the last. */
const char *contrast_word(const struct contrast *c, double p);

#endif
