#ifndef EVALUATIONS_H
#define EVALUATIONS_H
/*
 * How often a run should have been evaluated for what the validation loss would tell, and what
 * another score of the same evaluations says beside it.
 */

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

/*
 * To the finding of a validation loss past its best: the score that goes on rising from that
 * step, in the sentence and as SCORE_SINCE_BEST, and to choose by what counts (no shorter run).
 */
void say_score_rises(struct said said, const struct role_series *score,
                     const struct role_series *val, int64_t best);

#endif
