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

/*
 * Each of some sets against each that stands behind it, p adjusted for all pairs
 * that are compared. why: for each set, why its trials are no samples, or NULL.
 */
struct contrast_pair {
    size_t a, b;
    bool solved;       /* trials of either are no samples: questions solved are compared */
    const char *apart; /* then: why they cannot be; NULL: they can */
    struct contrast c;
    double p_adjusted; /* of the sign flips; NAN where unknown */
};
struct contrast_pair *contrast_pairs(const struct questions *q, const char *const *why, size_t n,
                                     size_t words, struct arena *arena, size_t *pairs);

/* That trials a question differ and what it means, as a clause; NULL if they do not. */
const char *unequal_trials(const struct questions *q, size_t n, struct arena *arena);

/* "better", "worse" or "cannot tell", at this p (or q); below 10 questions always the last. */
const char *contrast_word(const struct contrast *c, double p);

#endif
