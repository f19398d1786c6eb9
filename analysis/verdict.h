#ifndef VERDICT_H
#define VERDICT_H
/*
 * The risk and the verdict, from the findings.
 *
 * Risk = 1 - prod (1 - h(severity) confidence) over what was found, h = 1, .6,
 * .3, .1, 0 from critical to info.
 *
 * Where the run cannot be judged the risk is NAN and its level "not known".
 *
 * Ineffective: a critical finding at confidence .7 or more, or the metric the
 * run is judged by made no progress or declined, or a validation loss that rises was never
 * clearly below its start. Undetermined: that metric is
 * not logged or too short, or a validation loss too short for overfitting ends
 * above its lowest. Effective: it got better and its end is still
 * improving or that of its schedule (or had improved over its last half and
 * levelled off in the last quarter), and nothing high at .5 or more. Partially
 * Effective: the rest.
 */

#include "analysis/analyze.h"

void verdict_give(struct analysis *analysis); /* findings sorted */

struct comparison;

/*
 * The verdict when the run must also beat a baseline: of an effective run that stands no better
 * than the first run of `against` (the baseline; the run is the second) it is Partially Effective.
 * *rule: as in struct analysis.
 */
const char *verdict_against(const struct analysis *analysis, const struct comparison *against,
                            struct arena *arena, const char **rule);

#endif
