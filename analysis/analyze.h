#ifndef ANALYZE_H
#define ANALYZE_H
/*
 * Everything the analyses say about one experiment: findings by severity, the
 * verdict with the rule that gave it, the risk, and what was not assessed. The
 * same input gives the same bytes: no clock, no random number, no thread order.
 */

#include "analysis/finding.h"
#include "analysis/recommend.h"
#include "analysis/subject.h"

struct risk_term {
    const char *finding; /* id */
    double share;        /* h(severity) * confidence */
};

struct analysis {
    const struct subject *subject;
    const char *verdict;      /* Effective, Partially Effective, Ineffective, Undetermined */
    const char *verdict_rule; /* the rule that produced it, with its finding */
    double risk;              /* 0..1 */
    const char *risk_level;   /* low, medium, high, critical */
    struct risk_term risk_terms[3];
    size_t risk_terms_n;
    struct findings findings; /* found ones first, by severity, then confidence, then id */
    struct strs not_assessed; /* classes of finding that no detector here covers yet, one a line */
    struct recommendation recommendations[RECOMMENDATIONS_MAX];
    size_t recommendations_n;
    struct strs limitations; /* what bounds all of it, as sentences */
    struct strs not_logged;  /* usual names of what this kind of run should log and did not */
};

NODISCARD bool analyze(const struct experiment *experiment, struct arena *arena,
                       struct coverage *coverage, const struct analysis **out, struct err *err);

/* The same with roles and thresholds of the user (checks.h); checks may be NULL. */
NODISCARD bool analyze_as(const struct experiment *experiment, const struct checks *checks,
                          struct arena *arena, struct coverage *coverage,
                          const struct analysis **out, struct err *err);

/* The same of a subject that is already there. */
const struct analysis *analyze_subject(const struct subject *subject, struct arena *arena);

/* The finding of that class with the given status, NULL if there is none. */
const struct finding *analysis_find(const struct analysis *analysis, const char *class,
                                    enum finding_status status);

#endif
