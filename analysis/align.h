#ifndef ALIGN_H
#define ALIGN_H
/*
 * Two series of a run at the steps that both have, its schedule, and the points
 * of a series that are above 0. Arrays live in the subject's arena.
 */

#include "analysis/stats/schedule.h"
#include "analysis/subject.h"

struct pairs {
    size_t n;
    const int64_t *step;
    const double *a, *b;
};

/* Of the finite active points; where all are at the same steps, the series themselves. */
struct pairs subject_pairs(const struct subject *subject, enum role a, enum role b);

/* SCHEDULE_UNKNOWN where no rate is logged or too few are. */
struct schedule subject_schedule(const struct subject *subject);

/*
 * The points of a series that are above 0, behind `after` (INT64_MIN: all).
 * Norms, losses and times are positive where anything was measured: then it is
 * the series itself.
 */
struct series positive_points(const struct series *series, int64_t after, struct arena *arena);

/* Steps as the analyses want them. */
double *steps_of(const struct series *series, struct arena *arena);

#endif
