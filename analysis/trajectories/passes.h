#ifndef PASSES_H
#define PASSES_H
/* pass@k and pass^k of questions with what may be said of them, and which questions are hard. */

#include "analysis/trajectories/figures.h"

enum { KS_MAX = 50 };

struct ks {
    uint32_t v[KS_MAX];
    size_t n;
};

/* 1, 2, 4, … up to what every question has. */
struct ks ks_usual(const struct questions *q);

struct pass_line {
    uint32_t k;
    double at, hat; /* pass@k, pass^k; NAN: k exceeds samples */
    bool at_known, hat_known;
    struct interval at_new, hat_new; /* for new questions of the same kind */
    bool same_known;
    struct same_tasks same; /* pass@k of these questions, answers drawn anew */
    const char *why;        /* an interval for new questions is not known; or NULL */
    const char *same_why;
    size_t used, excluded; /* questions with k trials, and with fewer */
};
struct pass_line pass_line_of(const struct trials *v, size_t n, uint32_t k, struct arena *arena);

/* How many trials are no independent samples, and what that means; NULL: none is known not to be.
 */
const char *dependent_trials(const struct selection *s, struct arena *arena);

/* One scale: easy from 0.7, medium from 0.4, hard below. */
struct difficulty {
    size_t easy, medium, hard;
};
struct difficulty difficulty_of(const struct questions *q);

/* All questions, the smallest share passed first; of equal ones that with more trials. */
const struct question *questions_hardest(const struct questions *q, struct arena *arena);

#endif
