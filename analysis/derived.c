#include "analysis/derived.h"

#include "analysis/align.h"
#include "analysis/context.h"
#include "analysis/stats/moments.h"

#include <math.h>

struct of_role {
    const double *relative;
    bool is_ln;
    const struct spikes *spikes;
    const struct shifts *shifts;
    const struct progress *progress;
    const double *steps;
};

struct derived {
    struct arena *arena; /* of what is kept; the subject's may be a detector's */
    struct of_role role[ROLES];
    const struct schedule *schedule;
    const struct overfit *overfit;
    double rate_bar; /* NAN: not yet */
};

struct derived *derived_new(struct arena *arena)
{
    struct derived *d = ARENA_NEW(arena, struct derived);

    d->arena = arena;
    d->rate_bar = NAN;
    return d;
}

static struct derived *of(const struct subject *subject)
{
    return subject->derived ? subject->derived : derived_new(subject->arena);
}

static const struct series *series_of(const struct subject *subject, enum role role)
{
    return &subject->role[role].clean.active;
}

/* What a detector's arena holds ends with the detector. */
static void *copied(struct arena *arena, const void *bytes, size_t n)
{
    void *copy = arena_alloc(arena, n);

    if (n)
        memcpy(copy, bytes, n);
    return copy;
}

const double *derived_relative(const struct subject *subject, enum role role, bool *is_ln)
{
    const struct series *s = series_of(subject, role);
    struct derived *d = of(subject);
    struct of_role *kept = &d->role[role];

    if (!kept->relative) {
        double *y = ARENA_ARRAY(d->arena, s->n, double);

        kept->is_ln = relative_of(s->value, s->n, y, subject->arena) && s->n > 0;
        kept->relative = y;
    }
    *is_ln = kept->is_ln;
    return kept->relative;
}

const struct spikes *derived_spikes(const struct subject *subject, enum role role)
{
    const struct series *s = series_of(subject, role);
    struct derived *d = of(subject);

    if (!d->role[role].spikes) {
        struct spikes *spikes = ARENA_NEW(d->arena, struct spikes);

        *spikes = spikes_of(s->value, s->n, subject->arena);
        spikes->events = copied(d->arena, spikes->events, spikes->count * sizeof(*spikes->events));
        d->role[role].spikes = spikes;
    }
    return d->role[role].spikes;
}

const struct shifts *derived_shifts(const struct subject *subject, enum role role)
{
    struct derived *d = of(subject);
    bool is_ln;

    if (!d->role[role].shifts) {
        const double *y = derived_relative(subject, role, &is_ln);
        struct shifts *shifts = ARENA_NEW(d->arena, struct shifts);

        *shifts = shifts_of(y, series_of(subject, role)->n, subject->arena);
        shifts->v = copied(d->arena, shifts->v, shifts->n * sizeof(*shifts->v));
        d->role[role].shifts = shifts;
    }
    return d->role[role].shifts;
}

const struct progress *derived_progress(const struct subject *subject, enum role role)
{
    const struct series *s = series_of(subject, role);
    struct derived *d = of(subject);

    if (!d->role[role].progress) {
        struct progress *progress = ARENA_NEW(d->arena, struct progress);

        *progress = progress_of_loss(derived_steps(subject, role), s->value, s->n,
                                     subject_threshold(subject, THRESHOLD_STALL), subject->arena);
        d->role[role].progress = progress;
    }
    return d->role[role].progress;
}

const double *derived_steps(const struct subject *subject, enum role role)
{
    struct derived *d = of(subject);

    if (!d->role[role].steps)
        d->role[role].steps = steps_of(series_of(subject, role), d->arena);
    return d->role[role].steps;
}

const struct overfit *derived_overfit(const struct subject *subject)
{
    const struct series *v = series_of(subject, ROLE_VALIDATION_LOSS);
    const struct series *t = series_of(subject, ROLE_TRAIN_LOSS);
    struct derived *d = of(subject);

    if (!d->overfit) {
        struct overfit *overfit = ARENA_NEW(d->arena, struct overfit);

        if (v->n > 0)
            *overfit =
                overfit_of(derived_steps(subject, ROLE_VALIDATION_LOSS), v->value, v->n,
                           derived_steps(subject, ROLE_TRAIN_LOSS), t->value, t->n, subject->arena);
        d->overfit = overfit;
    }
    return d->overfit;
}

const struct schedule *derived_schedule(const struct subject *subject)
{
    const struct series *s = series_of(subject, ROLE_LEARNING_RATE);
    struct derived *d = of(subject);

    if (!d->schedule) {
        struct schedule *schedule = ARENA_NEW(d->arena, struct schedule);

        *schedule = schedule_of(s->step, s->value, s->n, subject->arena);
        d->schedule = schedule;
    }
    return d->schedule;
}

double derived_rate_bar(const struct subject *subject)
{
    const struct series *lr = series_of(subject, ROLE_LEARNING_RATE);
    struct derived *d = of(subject);

    if (isnan(d->rate_bar) && lr->n < 3)
        d->rate_bar = 0;
    if (isnan(d->rate_bar)) {
        double *moves = ARENA_ARRAY(subject->arena, lr->n - 1, double);

        for (size_t i = 1; i < lr->n; i++)
            moves[i - 1] = fabs(lr->value[i] - lr->value[i - 1]);
        d->rate_bar = fmax(0.05 * rate_peak(subject), 5 * median_select(moves, lr->n - 1));
    }
    return d->rate_bar;
}
