#ifndef SOLVED_H
#define SOLVED_H
/*
 * Questions solved, for trials that are no independent samples: retries go on
 * from the ones before, beams and states are parts of one search. Of them pass@k
 * and the share of trials that passed say nothing; the share of questions solved
 * does, with an interval over questions.
 */

#include "analysis/trajectories/figures.h"

/* Why the trials of these rows are no samples; NULL: they are, as far as is known. */
const char *trials_why(const struct trajectories *t, const uint32_t *rows, size_t n);

struct solved {
    int32_t trial; /* the last that counts: its epoch, or its sample where there are no epochs */
    size_t solved, questions;
    struct interval interval; /* Wilson over questions */
};

/* Over all trials; no questions: the interval is [0, 1]. trial is NO_SMALL. */
struct solved solved_of(const struct questions *q);

/* After each trial, cumulatively over the same questions; none for one trial or a search. */
const struct solved *solved_after(const struct selection *s, const uint32_t *rows, size_t n,
                                  struct arena *arena, size_t *trials);

/* One trial a question: solved or not. For comparisons. */
struct questions questions_solved(const struct questions *q, struct arena *arena);

#endif
