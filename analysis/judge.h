#ifndef JUDGE_H
#define JUDGE_H
/*
 * What a judge said of a fine-tuned model against its baseline. The judge writes
 * a metrics.json of its own, {finetuned_wins, baseline_wins, ties, …}, which is
 * not a log of losses although it has the name of one.
 */

#include "analysis/experiment.h"

struct judge {
    const char *source; /* NULL: no judge result was found */
    int64_t wins, losses, ties;
    int64_t confident; /* NOT_GIVEN */
};

/* Is this tree a judge's result? Counts that are no whole numbers >= 0 are none. */
bool judge_read(const struct json *json, struct judge *out);

/* metrics.json, else eval_results/metrics.json. */
void judge_load(const struct experiment *experiment, struct arena *arena, struct coverage *coverage,
                struct judge *out);

#endif
