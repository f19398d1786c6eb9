#ifndef ANCHOR_H
#define ANCHOR_H
/*
 * Anchors: the plain rules that other systems and papers apply to training
 * curves, at the settings they state. They are reported beside the findings so
 * that a reader can compare, and are never findings: most of them fire on
 * healthy runs (tests/bench/detection says how often).
 *
 * A rule is one row in anchors.def. It judges what is logged; where it cannot,
 * `applicable` is false and `note` says why. Pure: no clock, no randomness.
 */

#include "analysis/base/vec.h"
#include "analysis/subject.h"

struct anchor {
    const char *name; /* of the rule: "deepfix_gap" */
    const char
        *class; /* of the findings it is comparable with: "overfitting"; "" for a mere figure */
    const char *source; /* whose rule it is */
    bool applicable;
    bool fired;
    double value, threshold; /* fired compares them; threshold is NAN for a mere figure */
    const char *grade; /* what the source calls it: "high", "medium", "low"; NULL: it does not */
    double confidence; /* as the source states it; NAN: it does not */
    const char *note;  /* why it does not apply, or what its source warns of; "" if nothing */
    const int64_t *at; /* the steps where it fired, for rules about single points */
    size_t at_n;
};

struct anchors {
    VEC(struct anchor) list; /* in anchors.def's order, one a rule */
};

void anchors_of(const struct subject *subject, struct arena *arena, struct anchors *out);

/* What the rules are given: finite active points. NULL and 0 where nothing is logged. */
struct curve {
    const int64_t *step;
    const double *value;
    size_t n;
};

struct anchor_input {
    struct curve train, val, gradient;
    const double
        *train_at_val;    /* the last training loss at or before each evaluation; NULL if none is */
    bool non_finite_loss; /* an active training loss is NaN or infinite */
    const struct subject *subject; /* for subject_threshold */
    struct arena *arena;
};

/* A rule fills what it knows of *out, which comes with its row's names, NANs and "". */
struct anchor_rule {
    const char *name, *class, *source;
    void (*run)(const struct anchor_input *in, struct anchor *out);
};

extern const struct anchor_rule *const anchor_rules[]; /* NULL-ended, in anchors.def's order */

/* value against threshold; fired where it is above. */
void anchor_above(struct anchor *out, double value, double threshold);
void anchor_below(struct anchor *out, double value, double threshold);

/* Points had and needed; says so and gives false where they are too few. */
bool anchor_needs(struct anchor *out, struct arena *arena, const struct curve *curve, size_t needs);

#endif
