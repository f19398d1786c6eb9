#ifndef HOMEOSTASIS_H
#define HOMEOSTASIS_H
/*
 * A controller that raises a weight while a level is below its target, and lets
 * it fall back to its base otherwise. One step, in this order:
 *
 *     if level < target: weight += release (target - level)
 *     weight = decay weight + (1 - decay) base
 *     weight clamped to [least, most]
 *
 * For a constant deficit d = target - level the weight settles at
 * base + release decay / (1 - decay) d: base + .95 d for release .05 and decay .95.
 */

#include <stdbool.h>
#include <stddef.h>

struct homeostasis {
    double target, base, release, decay, least, most;
};

double homeostasis_step(const struct homeostasis *law, double weight, double level);
/* Where the weight settles at a constant level, after the clamp. */
double homeostasis_limit(const struct homeostasis *law, double level);

/*
 * A logged weight against its law. The simulation starts at the base; after a
 * gap (gap[i]: iterations before point i are missing) it starts again from the
 * logged weight. gap = NULL: none.
 */
struct watched {
    size_t n, below, moved, pinned; /* iterations: level < target, weight off base, at most */
    double lowest, last;            /* level; weight */
    double error;                   /* largest |logged - simulated| / simulated */
    size_t error_at;
};

struct watched homeostasis_watch(const struct homeostasis *law, const double *level,
                                 const double *weight, const bool *gap, size_t n);

#endif
