#ifndef HYGIENE_H
#define HYGIENE_H
/*
 * Input hygiene, before any analysis; O(n). Rows stay in file order. A step that
 * is not above the one before is a restart: everything kept with a step >= it
 * is superseded, so that the active series is the latest attempt; only the very
 * same point again is nothing new. If at least
 * 30 % of the points repeat the previous step exactly, the log has several
 * values a step (ranks, micro-batches): the median a step is taken and only
 * strict decreases are restarts. Non-finite values are counted, never dropped
 * in silence; analyses run on the finite active points.
 */

#include "analysis/series.h"

struct restart {
    int64_t step, previous_step; /* where it went back to, and from */
    int64_t overlap;             /* superseded points */
    /* Of ln new - ln old at the steps that both have, finite and above 0: */
    int64_t compared, compared_to;  /* how many, and the last of them (NOT_GIVEN if none) */
    double log_difference, scatter; /* mean and root mean square; NAN if none */
};

struct hygiene {
    struct series active; /* finite points only, steps strictly rising */
    int64_t points;       /* all that were logged */
    int64_t superseded;
    int64_t non_finite_active, non_finite_superseded;
    int64_t first_non_finite_step; /* of the active points, else of all; NOT_GIVEN if none */
    int64_t trailing_step;         /* the first of the trailing ones; NOT_GIVEN if none */
    int64_t longest_non_finite_run, trailing_non_finite; /* of the active points */
    const struct restart *restarts;
    size_t restarts_n;
    bool several_a_step; /* the median a step was taken */
    /*
     * Lag-1 autocorrelation of differences > .3, n >= 50, over the last half: the
     * steep start of a loss makes neighbours alike that nobody has averaged.
     */
    bool smoothed;
};

void hygiene_clean(const struct series *series, struct arena *arena, struct hygiene *out);

#endif
