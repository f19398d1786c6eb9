#include "analysis/elapsed.h"

#include <math.h>

/* Seconds by the programs that write them; a name that others use for something else falls. */
static const char *const names[] = {"time/time_elapsed", "_runtime", "Relative Time (Process)",
                                    "time_elapsed",      "time",     NULL};

static bool only_rises(const struct series *s)
{
    bool rises = s->n > 1 && s->value[0] >= 0 && s->value[s->n - 1] > s->value[0];

    for (size_t i = 1; i < s->n && rises; i++)
        rises = s->value[i] >= s->value[i - 1] && s->step[i] >= s->step[i - 1];
    return rises;
}

static double *at_steps_of(const struct series *series, const struct series *elapsed,
                           struct arena *arena)
{
    double *time = ARENA_ARRAY(arena, series->n, double);
    size_t k = 0;

    for (size_t i = 0; i < series->n; i++) {
        if (i > 0 && series->step[i] < series->step[i - 1])
            k = 0;
        while (k < elapsed->n && elapsed->step[k] < series->step[i])
            k++;
        bool there = k < elapsed->n && elapsed->step[k] == series->step[i];
        time[i] = there ? elapsed->value[k] : (double)NAN;
    }
    return time;
}

bool elapsed_fill(const struct experiment *experiment, struct arena *arena, struct series *series,
                  const char **name, struct err *err)
{
    *name = NULL;
    for (size_t i = 0; names[i] && !series->time; i++) {
        struct series elapsed = {0};
        if (!experiment_series(experiment, str_of(names[i]), arena, &elapsed, err))
            return false;
        if (!only_rises(&elapsed))
            continue;
        series->time = at_steps_of(series, &elapsed, arena);
        *name = names[i];
    }
    return true;
}
