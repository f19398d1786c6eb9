#ifndef CAUSES_H
#define CAUSES_H
/*
 * One finding a cause. What another finding explains is taken back, with the
 * reason: a loss that diverges explains all that is wrong after its onset; a
 * restart the spikes and shifts on its overlap; overfitting a validation plateau;
 * the end of a schedule, or the plateau of the same loss, a stretch without a new
 * best; a warm-up gradients that move within it. The table of pairs stands in causes.c.
 */

#include "analysis/finding.h"

void causes_apply(struct findings *findings);

#endif
