#ifndef MADE_H
#define MADE_H
/*
 * Subjects by hand: what a detector sees, without an experiment on disk. Series
 * are copied; steps 1..n unless given.
 */

#include "analysis/analyze.h"

#include <math.h>
#include <string.h>

struct made {
    struct arena arena;
    struct experiment experiment;
    struct subject subject;
    struct findings found;
};

static inline void made_init(struct made *made, enum experiment_type type)
{
    memset(made, 0, sizeof(*made));
    arena_init(&made->arena);
    made->experiment.type = type;
    made->subject.experiment = &made->experiment;
    made->subject.arena = &made->arena;
    made->found.arena = &made->arena;
}

static inline void made_fini(struct made *made)
{
    arena_fini(&made->arena);
}

static inline void made_series(struct made *made, enum role role, const int64_t *steps,
                               const double *values, size_t n)
{
    int64_t *step = ARENA_ARRAY(&made->arena, n, int64_t);
    double *value = ARENA_ARRAY(&made->arena, n, double);

    for (size_t i = 0; i < n; i++) {
        step[i] = steps ? steps[i] : (int64_t)i + 1;
        value[i] = values[i];
    }
    struct series series = {
        .name = str_of(role_usual_name(role)), .n = n, .step = step, .value = value};
    subject_set(&made->subject, role, &series);
}

static inline void made_settings(struct made *made, const struct setting *settings, size_t n)
{
    made->subject.settings = settings;
    made->subject.settings_n = n;
}

static inline bool made_has(const struct findings *found, const char *class)
{
    for (size_t i = 0; i < found->list.n; i++) {
        if (strcmp(found->list.v[i].class, class) == 0)
            return true;
    }
    return false;
}

/* The first finding of that class, whatever its status; an empty one where there is none. */
static inline const struct finding *made_find(const struct findings *found, const char *class)
{
    static const struct finding none = {.id = "",
                                        .class = "",
                                        .sentence = "(no such finding)",
                                        .confidence = 2,
                                        .status = FINDING_NOT_APPLICABLE};

    for (size_t i = 0; i < found->list.n; i++) {
        if (strcmp(found->list.v[i].class, class) == 0)
            return &found->list.v[i];
    }
    return &none;
}

static inline double made_value(const struct finding *finding, const char *name)
{
    for (size_t i = 0; i < finding->evidence.values.n; i++) {
        if (strcmp(finding->evidence.values.v[i].name, name) == 0)
            return finding->evidence.values.v[i].value;
    }
    return (double)NAN;
}

#endif
