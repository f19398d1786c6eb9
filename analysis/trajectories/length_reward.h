#ifndef LENGTH_REWARD_H
#define LENGTH_REWARD_H
/*
 * Are longer episodes rewarded more? Within questions, as hard questions make
 * episodes long and fail. The length is the number of steps; where no question has
 * two different ones, the bytes of the record, if each episode has one of its own.
 */

#include "analysis/stats/stratified.h"
#include "analysis/trajectories/filter.h"

struct length_reward {
    const char *unit;      /* "steps", "bytes of the record"; NULL: not assessed */
    const char *why;       /* it is not */
    size_t n;              /* episodes with a length and a reward */
    size_t questions;      /* whose lengths and rewards both vary */
    double tau;            /* tau-b within questions, by their untied pairs; NAN */
    struct ranksum passed; /* by length; z NAN: no question has both outcomes */
};

struct length_reward length_reward_of(const struct selection *s, struct arena *arena);

/* Longer ones are rewarded: tau above .3, and the interval of the AUC above one half. */
bool length_is_rewarded(const struct length_reward *l);
const char *length_reward_says(const struct length_reward *l, struct arena *arena);

#endif
