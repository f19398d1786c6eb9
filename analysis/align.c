#include "analysis/align.h"

#include "analysis/derived.h"

struct pairs subject_pairs(const struct subject *subject, enum role a, enum role b)
{
    const struct series *x = &subject->role[a].clean.active, *y = &subject->role[b].clean.active;
    size_t room = x->n < y->n ? x->n : y->n;

    if (x->step == y->step && x->n == y->n) /* they share their steps: nothing to align */
        return (struct pairs){x->n, x->step, x->value, y->value};
    int64_t *step = ARENA_ARRAY(subject->arena, room, int64_t);
    double *of_a = ARENA_ARRAY(subject->arena, room, double);
    double *of_b = ARENA_ARRAY(subject->arena, room, double);
    struct pairs p = {0, step, of_a, of_b};

    for (size_t i = 0, j = 0; i < x->n && j < y->n;) {
        if (x->step[i] < y->step[j]) {
            i++;
        } else if (x->step[i] > y->step[j]) {
            j++;
        } else {
            step[p.n] = x->step[i];
            of_a[p.n] = x->value[i++];
            of_b[p.n++] = y->value[j++];
        }
    }
    return p;
}

struct schedule subject_schedule(const struct subject *subject)
{
    const struct role_series *lr = &subject->role[ROLE_LEARNING_RATE];
    const struct series *s = &lr->clean.active;

    if (!lr->logged || s->n < SCHEDULE_POINTS_MIN)
        return (struct schedule){.kind = SCHEDULE_UNKNOWN};
    return *derived_schedule(subject);
}

struct series positive_points(const struct series *series, int64_t after, struct arena *arena)
{
    size_t passes = 0;

    while (passes < series->n && series->value[passes] > 0 && series->step[passes] > after)
        passes++;
    if (passes == series->n)
        return *series;
    int64_t *step = ARENA_ARRAY(arena, series->n, int64_t);
    double *value = ARENA_ARRAY(arena, series->n, double);
    struct series out = {.name = series->name, .step = step, .value = value};

    for (size_t i = 0; i < series->n; i++) {
        if (!(series->value[i] > 0) || series->step[i] <= after)
            continue;
        step[out.n] = series->step[i];
        value[out.n++] = series->value[i];
    }
    return out;
}

double *steps_of(const struct series *series, struct arena *arena)
{
    double *steps = ARENA_ARRAY(arena, series->n, double);

    for (size_t i = 0; i < series->n; i++)
        steps[i] = (double)series->step[i];
    return steps;
}
