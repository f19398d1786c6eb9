#ifndef CAUSES_H
#define CAUSES_H
/*
 * One finding a cause. A loss that diverges explains a validation loss that
 * rises, a plateau, the lack of progress and gradients that are not finite after
 * its onset: those are taken back, with the reason, or joined to it. So are a
 * gradient explosion behind that onset, what was said of the value of more steps,
 * and gradients that explode or vanish inside the warm-up.
 */

#include "analysis/finding.h"

void causes_apply(struct findings *findings);

#endif
