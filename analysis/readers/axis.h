#ifndef AXIS_H
#define AXIS_H
/*
 * Which column of a log is the step. Names are counted in the first rows; the
 * best known name that at least half as many rows have as any other wins. Steps
 * of the optimizer come before those of an environment, these before
 * iterations, these before epochs.
 */

#include "analysis/readers/reader.h"

enum { AXES_MAX = 64 };

struct axis {
    int64_t rows;              /* looked at */
    int64_t count[AXES_MAX];   /* by rank: rows where it is a whole number */
    struct str name[AXES_MAX]; /* as the file writes it; borrowed from the caller's arena */
};

/* How good a step a column of this name would be: 0 is best; -1 if it is none. */
int axis_rank(struct str name);
/* A row of the sample has that column with that value. The name is copied into the arena. */
void axis_count(struct axis *axis, struct arena *arena, struct str name, double value);
/* The same for who knows the name's rank already. */
void axis_count_ranked(struct axis *axis, struct arena *arena, int rank, struct str name,
                       double value);
/* The rank of the best, -1 if there is none. */
int axis_best(const struct axis *axis);
/* Says to the feed which it is and why; the name, empty if there is none. */
struct str axis_tell(const struct axis *axis, struct feed *feed, struct arena *arena);

/* A column that holds wall time, if its values are such: "timestamp", "_timestamp", "time" … */
bool axis_is_clock(struct str name);
/* Seconds since 1970 out of seconds or milliseconds; false if it is no time of this century. */
bool axis_clock(double value, double *seconds);
/* "9 days, 21:39:23", "1:02:03.5", "00:12" (minutes, seconds) as seconds. */
bool axis_duration(struct str text, double *seconds);

#endif
