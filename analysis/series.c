#include "analysis/series.h"

#include <math.h>

static void add_finite(struct summary *out, double value, int64_t step)
{
    if (out->finite++ == 0)
        out->first = value;
    out->last = value;
    if (!(value >= out->min)) { /* NAN at first */
        out->min = value;
        out->min_step = step;
    }
    if (!(value <= out->max)) {
        out->max = value;
        out->max_step = step;
    }
}

static void add_other(struct summary *out, double value, int64_t step)
{
    if (out->nan + out->pos_inf + out->neg_inf == 0)
        out->first_non_finite_step = step;
    if (isnan(value))
        out->nan++;
    else if (value > 0)
        out->pos_inf++;
    else
        out->neg_inf++;
}

void series_summary(const struct series *series, struct summary *out)
{
    const double none = NAN;
    size_t n = series->n;

    *out = (struct summary){.n = (int64_t)n,
                            .first = none,
                            .last = none,
                            .min = none,
                            .max = none,
                            .mean_last_tenth = none};
    if (n == 0)
        return;
    out->first_step = series->step[0];
    out->last_step = series->step[n - 1];
    out->ends_non_finite = !isfinite(series->value[n - 1]);
    for (size_t i = 0; i < n; i++) {
        if (isfinite(series->value[i]))
            add_finite(out, series->value[i], series->step[i]);
        else
            add_other(out, series->value[i], series->step[i]);
    }
    if (out->finite == 0)
        return;
    int64_t wanted = (out->finite + 9) / 10;
    double sum = 0;
    for (int64_t left = wanted; left > 0;) {
        double value = series->value[--n];
        if (!isfinite(value))
            continue;
        sum += value;
        left--;
    }
    out->mean_last_tenth = sum / (double)wanted;
}

void series_slice(const struct series *series, int64_t from, int64_t to, struct arena *arena,
                  struct series *out)
{
    size_t n = 0, at = 0;

    for (size_t i = 0; i < series->n; i++)
        n += series->step[i] >= from && series->step[i] <= to;
    int64_t *step = ARENA_ARRAY(arena, n, int64_t);
    double *value = ARENA_ARRAY(arena, n, double);
    double *time = series->time ? ARENA_ARRAY(arena, n, double) : NULL;

    for (size_t i = 0; i < series->n; i++) {
        if (series->step[i] < from || series->step[i] > to)
            continue;
        step[at] = series->step[i];
        value[at] = series->value[i];
        if (time)
            time[at] = series->time[i];
        at++;
    }
    *out = (struct series){arena_str(arena, series->name), n, step, value, time};
}
