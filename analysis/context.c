#include "analysis/context.h"

#include "analysis/derived.h"
#include "analysis/stats/divergence.h"
#include "analysis/stats/moments.h"
#include "analysis/stats/trend.h"

#include <math.h>

static const struct series *rates(const struct subject *subject)
{
    return &subject->role[ROLE_LEARNING_RATE].clean.active;
}

/* How many have a step of at most that. */
static size_t points_up_to(const struct series *s, int64_t step)
{
    size_t lo = 0, hi = s->n; /* the first point behind `step` lies in [lo, hi] */

    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;

        if (s->step[mid] <= step)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

double rate_at(const struct subject *subject, int64_t step)
{
    const struct series *lr = rates(subject);
    size_t n = points_up_to(lr, step);

    return n > 0 ? lr->value[n - 1] : (double)NAN;
}

double rate_peak(const struct subject *subject)
{
    const struct series *lr = rates(subject);
    double peak = 0;

    for (size_t i = 0; i < lr->n; i++)
        peak = lr->value[i] > peak ? lr->value[i] : peak;
    return peak > 0 ? peak : (double)NAN;
}

double rate_end_over_peak(const struct subject *subject)
{
    const struct series *lr = rates(subject);

    return lr->n > 0 ? lr->value[lr->n - 1] / rate_peak(subject) : (double)NAN;
}

int64_t rate_jump_in(const struct subject *subject, int64_t from, int64_t to)
{
    const struct series *lr = rates(subject);

    if (lr->n < 3)
        return NOT_GIVEN;
    double bar = derived_rate_bar(subject);
    size_t first = from > INT64_MIN ? points_up_to(lr, from - 1) : 0;
    for (size_t i = first > 1 ? first : 1; i < lr->n && lr->step[i] <= to; i++) {
        if (fabs(lr->value[i] - lr->value[i - 1]) > bar)
            return lr->step[i];
    }
    return NOT_GIVEN;
}

const struct restart *restart_in(const struct role_series *series, int64_t from, int64_t to)
{
    for (size_t i = 0; i < series->clean.restarts_n; i++) {
        const struct restart *r = &series->clean.restarts[i];

        if (r->step >= from && r->step <= to)
            return r;
    }
    return NULL;
}

double steps_per_epoch(const struct subject *subject)
{
    const struct series *s = &subject->role[ROLE_EPOCH].clean.active;

    if (s->n < 2)
        return (double)NAN;
    double epochs = s->value[s->n - 1] - s->value[0];
    return epochs > 0 ? (double)(s->step[s->n - 1] - s->step[0]) / epochs : (double)NAN;
}

double usual_spacing(const struct series *series, struct arena *scratch)
{
    if (series->n < 2)
        return 1;
    double *d = ARENA_ARRAY(scratch, series->n - 1, double);
    for (size_t i = 1; i < series->n; i++)
        d[i - 1] = (double)(series->step[i] - series->step[i - 1]);
    return median_select(d, series->n - 1);
}

int64_t run_begin(const struct subject *subject)
{
    static const enum role losses[] = {ROLE_TRAIN_LOSS, ROLE_VALIDATION_LOSS};
    double begin = (double)INFINITY;

    for (size_t i = 0; i < 2; i++) {
        const struct series *s = &subject->role[losses[i]].clean.active;

        if (s->n > 0)
            begin = fmin(begin, (double)s->step[0] - usual_spacing(s, subject->arena));
    }
    return isfinite(begin) && begin > 0 ? (int64_t)begin : 0;
}

struct overfit overfit_of_subject(const struct subject *subject)
{
    const struct series *v = &subject->role[ROLE_VALIDATION_LOSS].clean.active;
    const struct series *t = &subject->role[ROLE_TRAIN_LOSS].clean.active;

    if (v->n == 0)
        return (struct overfit){0};
    struct overfit o = *derived_overfit(subject);
    if (!o.has_train)
        return o;
    int64_t best = v->step[o.val.onset];
    bool behind = o.val.after < OVERFIT_AFTER_MIN || t->step[t->n - 1] > best;
    if (t->n < OVERFIT_EVALS_MIN || t->step[0] > best || !behind)
        o.has_train = o.guarded = false;
    return o;
}

bool ln_of_series(const struct subject *subject, enum role role, const double **out)
{
    bool is_ln;

    *out = derived_relative(subject, role, &is_ln);
    return is_ln;
}

const struct role_series *score_rising_from(const struct subject *subject, int64_t step)
{
    const struct role_series *score = &subject->role[ROLE_VALIDATION_ACCURACY];
    const struct series *s = &score->clean.active;
    size_t from = step > INT64_MIN ? points_up_to(s, step - 1) : 0;

    if (s->n - from < 4 || !(mann_kendall(s->value + from, s->n - from, subject->arena).z > 1.64))
        return NULL;
    return score;
}

bool training_fell(const struct subject *subject)
{
    const struct series *s = &subject->role[ROLE_TRAIN_LOSS].clean.active;
    struct no_progress p = no_progress_of(s->value, s->n, subject->arena);

    return p.enough && !p.none && p.change < -0.05;
}

bool has_checkpoints(const struct subject *subject)
{
    const struct checkpoint *c = NULL;
    size_t n = 0;

    experiment_checkpoints(subject->experiment, subject->arena, &c, &n);
    return n > 0;
}

struct advice advice_of_checkpoint(const struct subject *subject, const struct findings *out,
                                   int64_t step, const char *expected, const char *check)
{
    if (has_checkpoints(subject))
        return (struct advice){
            .key = "checkpoint",
            .from = "the last",
            .to = arena_printf(out->arena, "the one nearest step %lld", (long long)step),
            .expected = expected,
            .check = check};
    return (struct advice){
        .key = "checkpoint",
        .to = arena_printf(out->arena, "one kept whenever the score is best (here step %lld)",
                           (long long)step),
        .expected = expected,
        .check =
            "none was found in the run's folder: if none is kept elsewhere, that takes a rerun"};
}
