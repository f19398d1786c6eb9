#ifndef EVALUATIONS_H
#define EVALUATIONS_H
/* How often a run should have been evaluated for what the validation loss would tell. */

#include "analysis/say.h"

/* What an advice of more evaluations has as its key: a setting that changes nothing of the
 * training. */
#define EVALUATIONS_KEY "eval_steps"

/* So many let a plateau of the validation loss be told; overfitting takes two fewer. */
enum { EVALUATIONS_WANTED = 8 };

/*
 * To a finding that could not be made for want of evaluations: how often to evaluate. Nothing if
 * a run that still runs will have enough of them at its end, or its length is not known.
 */
void say_evaluate_more(struct said said, const struct subject *subject,
                       const struct role_series *val);

#endif
