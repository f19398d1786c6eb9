#ifndef PATTERN_H
#define PATTERN_H
/* A way to fill a report with blocks: one file, one row in patterns.def. */

#include "analysis/base/shape.h"
#include "analysis/coverage.h"
#include "reports/build.h"

struct experiment;
struct trajectories;

/* What a pattern that judges found: for whoever asked, beside the report. All NULL if it does not.
 */
struct pattern_summary {
    const char *verdict, *verdict_rule, *risk, *experiment_type;
    struct strs red_flags; /* one sentence each */
    int64_t figures;
};

struct pattern_input {
    const char *experiment_id;
    const struct experiment *experiment;     /* NULL: not found; scaffolds need none */
    const struct trajectories *trajectories; /* for patterns of_trainings; else NULL */
    struct arena *arena;
    int64_t now_ms;
    struct coverage *coverage;       /* may be NULL */
    struct pattern_summary *summary; /* may be NULL */
};

struct pattern {
    const char *name, *description;
    bool of_trainings; /* the id is a training_id, several with commas where it compares */
    const char *title; /* a report's title is "<experiment> <title>"; NULL: "name — id" */
    bool (*build)(const struct pattern_input *in, struct blocks *out, struct err *err);
};

extern const struct pattern *const patterns[]; /* NULL-ended, in list_patterns order */

/* NULL with "Unknown pattern: x" and the nearest or all names. */
const struct pattern *pattern_find(const char *name, struct err *err);

/* Checks the input ("experimentId is required"), begins *out and builds. The caller ends it. */
NODISCARD bool pattern_build(const struct pattern *pattern, const struct pattern_input *in,
                             struct blocks *out, struct err *err);
const char *pattern_title(const struct pattern *pattern, const char *experiment_id,
                          struct arena *arena);

/* The parts of the scaffolds, for the one that holds all of them. */
void scaffold_overview(struct blocks *out, const char *experiment_id);
void scaffold_rl(struct blocks *out, const char *experiment_id);
void scaffold_trajectory(struct blocks *out, const char *experiment_id);

#endif
