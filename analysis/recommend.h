#ifndef RECOMMEND_H
#define RECOMMEND_H
/*
 * What to change next, from the advice of findings: stop or resume first if
 * something critical was found, then one primary change (the most harm times
 * confidence for the least effort), then at most two more. Never two changes to
 * one key. More evaluations, where they were too few to judge by, change nothing
 * of the training and stand beside any of these but the first kind. If nothing can
 * be advised because too little was logged, what to log so that it can.
 */

#include "analysis/base/shape.h"
#include "analysis/finding.h"

enum { RECOMMENDATIONS_MAX = 4 };

enum recommendation_rank { RECOMMEND_FIRST, RECOMMEND_PRIMARY, RECOMMEND_ALSO, RECOMMEND_LOG };

struct recommendation {
    enum recommendation_rank rank;
    const struct advice *advice;
    const char *because; /* the finding's id */
    double confidence;   /* of that finding */
    const char *cost;    /* "one new run", "nothing but a setting of the logger" … */
};

/* Of a run that still runs: takes back what is advised of how long it should be. */
void recommend_no_length(struct findings *findings);

/* Those of the findings (sorted as analyze.h says); returns how many, at most RECOMMENDATIONS_MAX.
 */
size_t recommend(const struct findings *findings, const struct strs *not_logged,
                 struct arena *arena, struct recommendation out[RECOMMENDATIONS_MAX]);

const char *recommendation_rank_name(enum recommendation_rank rank); /* "first", "primary" … */

#endif
