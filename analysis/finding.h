#ifndef FINDING_H
#define FINDING_H
/*
 * One thing an analysis says about an experiment, with everything needed to
 * check it: which series, which steps, which numbers, by which method, from how
 * many points, and what would change it. One finding a cause, not one a
 * detector. Findings and all they point to live in the arena of the analysis.
 *
 * Confidence is the probability that the class is truly present; severity comes
 * from harm, never from confidence. `insufficient_data` names the count there
 * was and the count needed. Nothing is ever a guess.
 */

#include "analysis/base/vec.h"

#include <stdint.h>

enum severity { SEVERITY_INFO, SEVERITY_LOW, SEVERITY_MEDIUM, SEVERITY_HIGH, SEVERITY_CRITICAL };

enum finding_status {
    FINDING_FOUND,
    FINDING_NOT_FOUND,
    FINDING_INCONCLUSIVE,
    FINDING_INSUFFICIENT_DATA,
    FINDING_NOT_APPLICABLE,
};

/* A number of the evidence or a parameter of the method: {"rise", 0.151, "nats"}. */
struct quantity {
    const char *name;
    double value;
    const char *unit; /* "" when it has none */
};

struct evidence {
    int64_t from, to; /* steps (iterations for RL); NOT_GIVEN (INT64_MIN) when not about a place */
    VEC(struct quantity) values;
    VEC(struct quantity) parameters;
    VEC(const char *) columns; /* the series used, by their names in the log */
    double effect;             /* NAN if none */
    const char *effect_unit;
    double ci_low, ci_high, level; /* NAN if none; level .9 is a 90 % interval */
    double p, q;                   /* NAN if no test was made */
    int64_t n_used;
    const char *method; /* one line a reader can look up */
};

struct advice {
    const char *key;       /* a configuration key, or what to do when there is none */
    const char *from, *to; /* NULL when unknown: then "set to" */
    const char *expected, *check;
};

struct finding {
    const char *id;    /* class, or class:series: stable for the same input */
    const char *class; /* the detector's name of what it found: "divergence" … */
    enum finding_status status;
    enum severity severity;
    double confidence;      /* 0 … .99 */
    const char *sentence;   /* what is the case, in one sentence with its numbers */
    const char *not_judged; /* NULL; or the reason alone, of what was not judged (say.h) */
    const char
        *explained_by; /* NULL; or what explains it (causes.h): "divergence (from step 20)" */
    struct evidence evidence;
    const char *what_would_change_it;
    const struct advice *advice; /* NULL: none */
    VEC(const char *) caveats;
};

struct findings {
    struct arena *arena;
    VEC(struct finding) list;
};

/*
 * Adds one with empty evidence (NANs, NOT_GIVEN) and returns it; valid until the next is added.
 * The others copy the texts they are given; the class is a literal.
 */
struct finding *finding_add(struct findings *findings, const char *class,
                            enum finding_status status);
void finding_value(struct findings *findings, struct finding *finding, const char *name,
                   double value, const char *unit);
void finding_parameter(struct findings *findings, struct finding *finding, const char *name,
                       double value, const char *unit);
void finding_column(struct findings *findings, struct finding *finding, struct str name);
void finding_caveat(struct findings *findings, struct finding *finding, const char *caveat);

const char *severity_name(enum severity severity);           /* "info" … "critical" */
const char *finding_status_name(enum finding_status status); /* "found" … "not_applicable" */

#endif
