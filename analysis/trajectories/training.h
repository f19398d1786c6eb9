#ifndef TRAINING_H
#define TRAINING_H
/* One training among the trajectories found. */

#include "analysis/trajectories/filter.h"

/* Its number in words; ERR_NOT_FOUND with the nearest one. */
NODISCARD bool training_find(const struct trajectories *t, const char *id, uint32_t *out,
                             struct err *err);

/* Those of the selection that are of that training, as a selection of their own. */
struct selection training_select(const struct selection *s, uint32_t training, struct arena *arena);

/* The lowest and highest epoch of rows; false if none has one. */
bool epochs_between(const struct trajectories *t, const uint32_t *rows, size_t n, int32_t *low,
                    int32_t *high);

#endif
