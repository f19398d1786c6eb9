#ifndef CAUSES_H
#define CAUSES_H
/*
 * One finding a cause. What another finding explains is taken back, with the
 * reason: a loss that diverges explains all that is wrong after its onset; a
 * restart the spikes and shifts on its overlap; overfitting a validation plateau, and that
 * the validation loss ends no lower than it began;
 * the end of a schedule, or the plateau of the same loss, a stretch without a new
 * best; a warm-up gradients that move within it. The table of pairs stands in causes.c.
 */

#include "analysis/finding.h"

void causes_apply(struct findings *findings);

/* Value of overfitting's evidence: by what share the last evaluation lies above the lowest. */
#define LAST_OVER_BEST "last_over_best"
/* Value of a loss past its best, where a held-out score goes on rising: its change since then. */
#define SCORE_SINCE_BEST "held_out_score_since_best"
/* From there on it says something (the least rise of val_rising). */
#define PAST_BEST_FROM 0.01

/*
 * The finding that the validation loss ends above its lowest, of evaluations too few to
 * tell overfitting from noise; NULL if none. Such a run is not advised more steps, nor is
 * one that diverges or overfits.
 */
const struct finding *past_its_best(const struct findings *findings);

/* Value of advantage_starvation's evidence: the share of the batch that still teaches. */
#define EFFECTIVE_BATCH "effective_batch"

/* The finding that the validation loss passed its minimum and rises; NULL if none. */
const struct finding *turned(const struct findings *findings);

/* Of such a finding: does a held-out score go on rising (SCORE_SINCE_BEST)? */
bool score_rises(const struct finding *turn);

#endif
