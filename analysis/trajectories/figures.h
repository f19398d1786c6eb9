#ifndef TRAJECTORY_FIGURES_H
#define TRAJECTORY_FIGURES_H
/* The numbers of a set of trajectories, as the tools tell them. Pure: rows in, figures out. */

#include "analysis/stats/passk.h"
#include "analysis/trajectories/filter.h"

/* Rewards; those without one are not in n. */
struct reward_figures {
    size_t n, missing;
    size_t perfect, partial, failure; /* r >= 1, between, r <= 0 */
    size_t success;
    double mean, min, max; /* NAN without any */
};
struct reward_figures reward_figures(const struct trajectories *t, const uint32_t *rows, size_t n,
                                     double threshold);

/* That the usual rule, reward > 0, counts partial rewards as success; NULL where it does not. */
const char *fractional_says(const struct reward_figures *f, double threshold, struct arena *arena);

struct ending_figures {
    size_t total, count[ENDINGS_N];
};
struct ending_figures ending_figures(const struct trajectories *t, const uint32_t *rows, size_t n);

struct return_figures {
    size_t total, count[RETURNS_N];
    size_t trajectories; /* that show calls */
};
struct return_figures return_figures(const struct trajectories *t, const uint32_t *rows, size_t n);

/* A question with its trials; repeated samples (same training, epoch, iteration, sample) once. */
struct question {
    uint32_t question; /* in words */
    struct trials trials;
    double reward;  /* mean */
    uint32_t first; /* a row of it */
};

struct questions {
    struct question *v; /* by name */
    size_t n;
    size_t nameless, missing, repeated; /* rows left out: no question, no reward, the same sample */
    size_t trials, passed;
    uint32_t n_min, n_max; /* trials a question */
};
struct questions questions_of(const struct trajectories *t, const uint32_t *rows, size_t n,
                              double threshold, struct arena *arena);

/* Trials only, for the functions of passk.h. */
struct trials *trials_of(const struct questions *q, struct arena *arena);

/* The least number of trials that a question of any of these has; 0: no question at all. */
uint32_t common_k(const struct questions *q, size_t n);

/* pass@1, the mean over questions; NAN without any. Its interval; false with *why. */
double pass_rate(const struct questions *q, struct arena *arena);
bool pass_rate_interval(const struct questions *q, struct arena *arena, struct interval *out,
                        const char **why);

/* An interval of the mean reward, over questions; false for fewer than 2. */
bool reward_interval(const struct questions *q, struct arena *arena, struct interval *out);

#endif
