#include "analysis/hygiene.h"

#include "analysis/base/shape.h"
#include "analysis/base/vec.h"
#include "analysis/stats/leftover.h"
#include "analysis/stats/moments.h"
#include "analysis/stats/noise.h"

#include <math.h>

/* A point that is kept, or was: in several-a-step logs it stands for `rows` of them. */
struct point {
    int64_t step, rows, bad;
    double value, time;
};

struct kept {
    VEC(struct point) active; /* steps strictly rising */
    VEC(struct point) old;    /* superseded, restart by restart, steps rising in each */
    VEC(struct restart) restarts;
    VEC(size_t) old_from; /* where a restart's superseded points begin in `old` */
    struct arena *arena;
};

static void compare(const struct kept *kept, size_t from, size_t to, struct restart *out)
{
    double sum = 0, squares = 0;
    size_t j = 0;

    for (size_t i = from; i < to; i++) {
        const struct point *old = &kept->old.v[i];

        while (j < kept->active.n && kept->active.v[j].step < old->step)
            j++;
        if (j == kept->active.n)
            break;
        const struct point *now = &kept->active.v[j];
        if (now->step == old->step && isfinite(now->value) && isfinite(old->value) &&
            now->value > 0 && old->value > 0) {
            double d = log(now->value) - log(old->value);

            sum += d;
            squares += d * d;
            out->compared++;
            out->compared_to = old->step;
        }
    }
    if (out->compared > 0) {
        out->log_difference = sum / (double)out->compared;
        out->scatter = sqrt(squares / (double)out->compared);
    }
}

static void go_back(struct kept *kept, int64_t step)
{
    size_t keep = kept->active.n;
    int64_t rows = 0;

    while (keep > 0 && kept->active.v[keep - 1].step >= step)
        keep--;
    VEC_PUSH(kept->arena, &kept->old_from, kept->old.n);
    for (size_t i = keep; i < kept->active.n; i++) {
        rows += kept->active.v[i].rows;
        VEC_PUSH(kept->arena, &kept->old, kept->active.v[i]);
    }
    VEC_PUSH(kept->arena, &kept->restarts,
             (struct restart){.step = step,
                              .previous_step = kept->active.v[kept->active.n - 1].step,
                              .overlap = rows,
                              .compared_to = NOT_GIVEN,
                              .log_difference = (double)NAN,
                              .scatter = (double)NAN});
    kept->active.n = keep;
}

static void keep(struct kept *kept, struct point point)
{
    const struct point *last = kept->active.n > 0 ? &kept->active.v[kept->active.n - 1] : NULL;

    if (last && point.step == last->step && point.value == last->value)
        return; /* said twice: sparse tables repeat the epoch in each row of a step */
    if (last && point.step <= last->step)
        go_back(kept, point.step);
    VEC_PUSH(kept->arena, &kept->active, point);
}

/* The rows [from, to) of one step as one point: the median of the finite ones. */
static struct point merged(const struct series *s, size_t from, size_t to, double *scratch)
{
    struct point point = {.step = s->step[from],
                          .rows = (int64_t)(to - from),
                          .time = s->time ? s->time[to - 1] : (double)NAN};
    size_t n = 0;

    for (size_t i = from; i < to; i++) {
        if (isfinite(s->value[i]))
            scratch[n++] = s->value[i];
    }
    point.bad = (int64_t)(to - from - n);
    point.value = n ? median_select(scratch, n) : s->value[from];
    return point;
}

static void count_non_finite(const struct kept *kept, struct hygiene *out)
{
    int64_t run = 0;

    for (size_t i = 0; i < kept->active.n; i++) {
        const struct point *p = &kept->active.v[i];

        if (p->bad > 0 && out->first_non_finite_step == NOT_GIVEN)
            out->first_non_finite_step = p->step;
        out->non_finite_active += p->bad;
        if (isfinite(p->value)) {
            run = 0;
            out->trailing_step = NOT_GIVEN;
            continue;
        }
        if (run++ == 0)
            out->trailing_step = p->step;
        if (run > out->longest_non_finite_run)
            out->longest_non_finite_run = run;
    }
    out->trailing_non_finite = run;
    for (size_t i = 0; i < kept->old.n; i++) {
        const struct point *p = &kept->old.v[i];

        if (p->bad > 0 && out->first_non_finite_step == NOT_GIVEN)
            out->first_non_finite_step = p->step;
        out->non_finite_superseded += p->bad;
        out->superseded += p->rows;
    }
}

static void take_finite(const struct kept *kept, const struct series *s, struct arena *arena,
                        struct series *active)
{
    int64_t *step = ARENA_ARRAY(arena, kept->active.n, int64_t);
    double *value = ARENA_ARRAY(arena, kept->active.n, double);
    double *time = s->time ? ARENA_ARRAY(arena, kept->active.n, double) : NULL;
    size_t n = 0;

    for (size_t i = 0; i < kept->active.n; i++) {
        if (!isfinite(kept->active.v[i].value))
            continue;
        step[n] = kept->active.v[i].step;
        value[n] = kept->active.v[i].value;
        if (time)
            time[n] = kept->active.v[i].time;
        n++;
    }
    *active = (struct series){.name = s->name, .n = n, .step = step, .value = value, .time = time};
}

static bool has_several_a_step(const struct series *s)
{
    size_t repeats = 0;

    for (size_t i = 1; i < s->n; i++)
        repeats += s->step[i] == s->step[i - 1];
    return s->n > 1 && (double)repeats >= 0.3 * (double)s->n;
}

static bool is_plain(const struct series *s)
{
    for (size_t i = 0; i < s->n; i++) {
        if (!isfinite(s->value[i]) || (i > 0 && s->step[i] <= s->step[i - 1]))
            return false;
    }
    return true;
}

/* A trend makes differences alike as well: where they are, what a cubic leaves is looked at. */
static bool looks_smoothed(const struct series *s, struct arena *scratch)
{
    static const double alike = 0.3;
    size_t half = s->n / 2, n = s->n - half;

    if (s->n < 50 || !(diff_autocorr(s->value + half, n) > alike))
        return false;
    double *left = ARENA_ARRAY(scratch, n, double);
    (void)cubic_leftover_of(s->value + half, n, left, scratch);
    return diff_autocorr(left, n) > alike;
}

static void sort_out(const struct series *s, struct arena *arena, struct hygiene *out)
{
    struct kept kept = {.arena = arena};
    double *scratch = ARENA_ARRAY(arena, s->n, double);

    out->several_a_step = has_several_a_step(s);
    for (size_t i = 0, to; i < s->n; i = to) {
        to = i + 1;
        while (out->several_a_step && to < s->n && s->step[to] == s->step[i])
            to++;
        keep(&kept, merged(s, i, to, scratch));
    }
    count_non_finite(&kept, out);
    for (size_t i = 0; i < kept.restarts.n; i++) {
        size_t to = i + 1 < kept.restarts.n ? kept.old_from.v[i + 1] : kept.old.n;

        compare(&kept, kept.old_from.v[i], to, &kept.restarts.v[i]);
    }
    out->restarts = kept.restarts.v;
    out->restarts_n = kept.restarts.n;
    take_finite(&kept, s, arena, &out->active);
}

void hygiene_clean(const struct series *series, struct arena *arena, struct hygiene *out)
{
    *out = (struct hygiene){.points = (int64_t)series->n,
                            .first_non_finite_step = NOT_GIVEN,
                            .trailing_step = NOT_GIVEN};
    if (is_plain(series)) /* most are: nothing to copy */
        out->active = *series;
    else
        sort_out(series, arena, out);
    out->smoothed = looks_smoothed(&out->active, arena);
}
