#ifndef AXIS_H
#define AXIS_H
/*
 * Which column of a log is the step. Names are counted in the first rows; the
 * best known name that at least half as many rows have as any other wins. Steps
 * of the optimizer come before those of an environment, these before
 * iterations, these before epochs. Where no row has a whole number for any of
 * them, numbers that are none decide in the same way: rows then have a step,
 * though none that could be counted with.
 */

#include "analysis/readers/reader.h"

enum { AXES_MAX = 64 };

struct axis {
    int64_t rows;              /* looked at */
    int64_t count[AXES_MAX];   /* by rank: rows where it is a whole number */
    int64_t odd[AXES_MAX];     /* where it is another one */
    struct str name[AXES_MAX]; /* as the file writes it; borrowed from the caller's arena */
};

/* How good a step a column of this name would be: 0 is best; -1 if it is none. */
int axis_rank(struct str name);
/* A row of the sample has that column with that value. The name is copied into the arena. */
void axis_count(struct axis *axis, struct arena *arena, struct str name, double value);
/* The same for who knows the name's rank already. */
void axis_count_ranked(struct axis *axis, struct arena *arena, int rank, struct str name,
                       double value);
/* The rank of the best with whole numbers, -1 if there is none. */
int axis_best(const struct axis *axis);
/* Is there one at all, be it of numbers that are no whole ones? */
bool axis_any(const struct axis *axis);

/* What was chosen. */
struct axis_name {
    struct str name; /* empty: none */
    bool odd;        /* at least half of its numbers are no whole ones */
};

/* Says to the feed which it is and why. */
struct axis_name axis_tell(const struct axis *axis, struct feed *feed, struct arena *arena);
/* Is it a series as well? Where rows are counted, but for "step", which is each row's own key. */
bool axis_keeps(const struct axis_name *axis);

/* A column that holds wall time, if its values are such: "timestamp", "_timestamp", "time" … */
bool axis_is_clock(struct str name);
/* Seconds since 1970 out of seconds or milliseconds; false if it is no time of this century. */
bool axis_clock(double value, double *seconds);
/* "9 days, 21:39:23", "1:02:03.5", "00:12" (minutes, seconds) as seconds. */
bool axis_duration(struct str text, double *seconds);

#endif
