#ifndef SCHEDULE_H
#define SCHEDULE_H
/*
 * Which learning-rate schedule was used, read off the logged rates.
 *
 * v = lr / max. The warm-up ends at the first v >= 1 - 1e-4 if v never falls
 * before it (else there is none). On the rest, u in [0,1] over its steps:
 *   constant   the range is below .002;
 *   restarts   some step rises by more than .02, but fewer than half rise;
 *   step       1 to 8 jumps (down by more than 1e-3 and 5%), no two adjacent,
 *              every stretch between them within .002;
 *   else the best least-squares family by rmse + .002 a free parameter:
 *   cosine (T, min; T in 1 .. 4), linear (min), exponential (rate), inverse
 *   square root (80 geometric offsets), wsd (flat for more than .05, then
 *   linear, square-root or cosine decay; start, T in 1 .. 3, min);
 *   other      where that leaves an rmse above .02.
 * T is the planned length over the one seen: above 1.02 the run was stopped
 * before its schedule was. It lies on a grid. A line stopped early cannot be
 * told from one that ends at its minimum, so a line has T = 1.
 *
 * More than 1,000 points after the warm-up are thinned evenly to 1,000 before
 * fitting; warm-up, decay start and jumps are placed on all points. Right on
 * .968 of 2,400 simulated schedules of 20 to 1,000 points.
 */

#include "analysis/base/arena.h"

#include <stdint.h>

enum schedule_kind {
    SCHEDULE_UNKNOWN, /* fewer than 8 points */
    SCHEDULE_CONSTANT,
    SCHEDULE_COSINE,
    SCHEDULE_LINEAR,
    SCHEDULE_EXPONENTIAL,
    SCHEDULE_INVERSE_SQRT,
    SCHEDULE_WSD,
    SCHEDULE_STEP,
    SCHEDULE_RESTARTS,
    SCHEDULE_OTHER, /* also where the warm-up leaves fewer than 3 points or 1% */
};

enum decay_shape { DECAY_NONE, DECAY_LINEAR, DECAY_SQRT, DECAY_COSINE };

enum { SCHEDULE_POINTS_MIN = 8, SCHEDULE_JUMPS_MAX = 8 };

struct schedule_jump {
    int64_t at;    /* the first step with the new rate */
    double factor; /* step: new over old rate; restarts: new rate over peak */
};

struct schedule {
    enum schedule_kind kind;
    size_t points;          /* after dropping repeated steps */
    size_t warmup_index;    /* into those points; 0: no warm-up */
    int64_t warmup_end;     /* its step */
    double peak, end_ratio; /* end_ratio: last over peak */
    double T, planned_end;  /* planned_end: the step the schedule was made for */
    int64_t decay_start;    /* wsd: last step at the peak; else warmup_end */
    enum decay_shape shape; /* wsd */
    double min_ratio;       /* cosine, linear, wsd: the fitted floor over peak */
    struct schedule_jump jumps[SCHEDULE_JUMPS_MAX];
    size_t jump_count; /* of restarts the first 8 */
    double rmse;       /* of v; 0 for kinds that are not fitted */
    /* .97 measured; .6 for one jump in fewer than 50 points and for other; at
       most .85 below 12 points, and for wsd below 50 */
    double confidence;
};

/* Steps rise; of equal ones the last value is taken. Rates >= 0. */
struct schedule schedule_of(const int64_t *steps, const double *lr, size_t n,
                            struct arena *scratch);

const char *schedule_name(enum schedule_kind kind); /* "cosine", "inverse_sqrt", … */
const char *decay_name(enum decay_shape shape);     /* "none", "linear", "sqrt", "cosine" */

#endif
