#ifndef VERDICT_TEXT_H
#define VERDICT_TEXT_H
/*
 * The two closing sections of a post-training report. Both only join what the
 * figures and findings hold; where that does not carry a statement they say so.
 */

#include "reports/figures.h"

/* "Analysis": trajectory, interactions, constraint mode of RL, comparison with what is expected. */
void analysis_write(const struct account *account);

/* "Outcome and Next Steps": verdict to what was not assessed. */
void outcome_write(const struct account *account);

#endif
