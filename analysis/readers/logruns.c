#include "analysis/readers/logruns.h"

#include <math.h>

/* How near to its first value a metric must be, as a share of the way that it went. */
static const double back_within = 0.25;

/* How far the metric must have gone, in steps from row to row. */
static const double far = 8;

/* The lower median of the last few; 0 where they are too few to tell. */
static double usual_move(const struct log_runs *runs)
{
    for (size_t i = 0; i < LOG_MOVES && runs->moves >= LOG_MOVES; i++) {
        size_t below = 0, same = 0;
        for (size_t k = 0; k < LOG_MOVES; k++) {
            below += runs->moved[k] < runs->moved[i];
            same += runs->moved[k] == runs->moved[i];
        }
        if (below <= (LOG_MOVES - 1) / 2 && below + same > (LOG_MOVES - 1) / 2)
            return runs->moved[i];
    }
    return 0;
}

static bool back_at_first(const struct log_runs *runs, const struct log_mark *mark)
{
    double way = fabs(runs->last - runs->first);

    return way > far * usual_move(runs) && fabs(mark->metric - runs->first) <= back_within * way;
}

static bool begins_anew(const struct log_runs *runs, const struct log_mark *mark)
{
    bool has_step = mark->line->has_step;
    bool planned = runs->total > 0 && runs->last_step == runs->total;

    if (!runs->begun || isnan(mark->metric))
        return false;
    if (runs->told_end && (runs->total == 0 || planned))
        return has_step ? mark->step < runs->last_step : mark->epoch < runs->last_epoch;
    return planned && has_step && (mark->line->total == 0 || mark->line->total == runs->total) &&
           mark->step < runs->last_step && mark->step <= runs->first_step && !runs->epochs &&
           !(mark->epoch > runs->first_epoch) && back_at_first(runs, mark);
}

static void begin(struct log_runs *runs)
{
    runs->begun = runs->told_end = false;
    runs->total = 0;
    runs->moves = 0;
    runs->first = runs->last = runs->first_epoch = runs->last_epoch = (double)NAN;
}

bool logruns_row(struct log_runs *runs, const struct log_mark *mark)
{
    bool anew = begins_anew(runs, mark);

    if (anew || !runs->begun)
        begin(runs);
    runs->before += anew;
    if (runs->begun &&
        (mark->line->has_step ? mark->step > runs->last_step : mark->epoch > runs->last_epoch))
        runs->told_end = false; /* it was said on the way */
    if (mark->line->has_step) {
        runs->first_step = runs->begun ? runs->first_step : mark->step;
        runs->last_step = mark->step;
        runs->total = mark->line->total ? mark->line->total : runs->total;
    }
    if (!isnan(mark->epoch)) {
        runs->first_epoch = isnan(runs->first_epoch) ? mark->epoch : runs->first_epoch;
        runs->last_epoch = mark->epoch;
    }
    if (isfinite(mark->metric)) {
        if (isfinite(runs->last))
            runs->moved[runs->moves++ % LOG_MOVES] = fabs(mark->metric - runs->last);
        runs->first = isnan(runs->first) ? mark->metric : runs->first;
        runs->last = mark->metric;
    }
    runs->begun = true;
    return anew;
}

void logruns_other(struct log_runs *runs, struct str line)
{
    const char *at = runs->epochs || line.n < 6 ? NULL : memmem(line.p, line.n, "poch", 4);

    if (!at)
        return;
    struct str rest = str_from(line, (size_t)(at - line.p) + 4);
    while (rest.n > 0 && *rest.p != '\0' && strchr(" :[#", *rest.p))
        rest = str_from(rest, 1);
    runs->epochs = rest.n > 0 && (unsigned char)(*rest.p - '0') < 10;
}
