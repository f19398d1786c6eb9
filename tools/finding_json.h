#ifndef FINDING_JSON_H
#define FINDING_JSON_H
/* Findings and what follows from them as JSON, for the tools that answer with them. */

#include "analysis/analyze.h"

/* How much of a finding is written. */
enum finding_detail {
    FINDING_IN_FULL,  /* with parameters, caveats and all values */
    FINDING_IN_BRIEF, /* id, status, severity, confidence, sentence */
    FINDING_BY_NAME,  /* id and status */
};

void put_finding(struct buf *out, const struct finding *finding, enum finding_detail detail);
void put_recommendations(struct buf *out, const struct recommendation *list, size_t n); /* array */
/* {"score":…, "level":…, "terms":[…]}; score null if the run cannot be judged. */
void put_risk(struct buf *out, const struct analysis *analysis);

#endif
