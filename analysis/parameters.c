/* Which settings went with the metric over the runs of a comparison. */
#include <math.h>

#include "analysis/claims.h"
#include "analysis/stats/compare.h"
#include "analysis/stats/correlation.h"

enum { RUNS_FOR_RHO = 5, RUNS_FOR_MORE = 10, PARAMETERS_MAX = 40 };

static const double confounded = 0.8, discovery_rate = 0.10;

struct table {
    const struct differing_key *key[PARAMETERS_MAX];
    double *x[PARAMETERS_MAX]; /* numbers, or the number of the value's group */
    size_t *group[PARAMETERS_MAX], groups[PARAMETERS_MAX];
    double *y;
    size_t *run, n;
};

/* Value by value: the same text is the same group. */
static size_t number_groups(const struct differing_key *d, const struct table *t, size_t *group)
{
    size_t groups = 0;

    for (size_t i = 0; i < t->n; i++) {
        size_t same = 0;
        while (same < i && !str_eq(d->value[t->run[same]], d->value[t->run[i]]))
            same++;
        group[i] = same < i ? group[same] : groups++;
    }
    return groups;
}

static void add_parameter(struct comparison *c, struct table *t, const struct differing_key *d,
                          struct arena *arena)
{
    struct parameter *p = &c->parameter[c->parameters_n];
    size_t at = c->parameters_n;

    *p = (struct parameter){.key = d->key, .numeric = true, .n = t->n, .rho = NAN, .q = NAN};
    t->key[at] = d;
    t->x[at] = ARENA_ARRAY(arena, t->n, double);
    t->group[at] = ARENA_ARRAY(arena, t->n, size_t);
    t->groups[at] = number_groups(d, t, t->group[at]);
    for (size_t i = 0; i < t->n; i++) {
        t->x[at][i] = setting_number(d->value[t->run[i]]);
        p->numeric &= isfinite(t->x[at][i]);
    }
    if (t->groups[at] < 2)
        return; /* only runs without the metric differ */
    for (size_t i = 0; i < t->n && !p->numeric; i++)
        t->x[at][i] = (double)t->group[at][i];
    if (p->numeric) {
        struct spearman s = spearman_of(t->x[at], t->y, t->n, arena);
        p->rho = s.rho;
        p->p = s.p;
        p->exact = s.exact;
    } else {
        struct kruskal k = kruskal_of(t->group[at], t->y, t->n, t->groups[at], arena);
        p->p = k.p;
        p->exact = k.exact;
    }
    c->parameters_n++;
}

static bool move_together(const struct table *t, size_t a, size_t b, struct arena *arena)
{
    double *ra = ARENA_ARRAY(arena, t->n, double), *rb = ARENA_ARRAY(arena, t->n, double);
    double ma = ((double)t->n + 1) / 2, xy = 0, xx = 0, yy = 0;

    ranks_of(t->x[a], t->n, ra, arena);
    ranks_of(t->x[b], t->n, rb, arena);
    for (size_t i = 0; i < t->n; i++) {
        xy += (ra[i] - ma) * (rb[i] - ma);
        xx += (ra[i] - ma) * (ra[i] - ma);
        yy += (rb[i] - ma) * (rb[i] - ma);
    }
    return xx > 0 && yy > 0 && fabs(xy) > confounded * sqrt(xx * yy);
}

static void find_confounded(struct comparison *c, const struct table *t, struct arena *arena)
{
    for (size_t a = 0; a < c->parameters_n; a++) {
        const char *with = NULL;
        for (size_t b = 0; b < c->parameters_n; b++) {
            if (a != b && move_together(t, a, b, arena))
                with = with ? arena_printf(arena, "%s, %s", with, c->parameter[b].key)
                            : c->parameter[b].key;
        }
        c->parameter[a].confounded_with = with;
    }
}

static const struct parameter *surest(const struct comparison *c, bool confounded_ones)
{
    const struct parameter *best = NULL;

    for (size_t i = 0; i < c->parameters_n; i++) {
        const struct parameter *p = &c->parameter[i];
        if ((p->confounded_with != NULL) == confounded_ones && p->q <= discovery_rate &&
            (!best || p->p < best->p))
            best = p;
    }
    return best;
}

/* The value whose runs have the best mean; -1 if which way is better is not known. */
static int64_t best_value(const struct comparison *c, const struct table *t, size_t at)
{
    double sign = c->direction == DIRECTION_HIGHER_IS_BETTER ? 1 : -1, best_mean = 0;
    int64_t best = -1;

    for (size_t g = 0; g < t->groups[at] && c->direction != DIRECTION_UNKNOWN; g++) {
        double sum = 0, n = 0;
        size_t of = 0;
        for (size_t i = 0; i < t->n; i++) {
            if (t->group[at][i] == g) {
                sum += t->y[i];
                n++;
                of = t->run[i];
            }
        }
        if (n > 0 && (best < 0 || sign * (sum / n - best_mean) > 0)) {
            best = (int64_t)of;
            best_mean = sum / n;
        }
    }
    return best;
}

/* "beyond" has a meaning for numbers only. */
static const char *alone_text(const struct comparison *c, const struct table *t,
                              const struct parameter *p, struct arena *arena)
{
    enum { VALUE_SHOWN = 40 };
    size_t at = (size_t)(p - c->parameter);
    int64_t run = best_value(c, t, at);

    if (run < 0)
        return arena_printf(arena, "repeat with more seeds at each value of %s", p->key);
    if (p->numeric)
        return arena_printf(arena, "change %s alone, beyond the best value so far", p->key);
    struct str value = t->key[at]->value[run];
    return arena_printf(arena, "repeat with more seeds at the best value so far (%s=%.*s)", p->key,
                        STR_FMT(str_cut(value.n ? value : STR("(not set)"), VALUE_SHOWN)));
}

/* The setting that goes with the metric most surely and with no other: change it alone. */
static void suggest(struct comparison *c, const struct table *t, struct arena *arena)
{
    const struct parameter *alone = surest(c, false), *tied = surest(c, true);

    if (c->next_run && (!alone || strcmp(alone->key, c->sweep->key) == 0))
        return; /* a sweep of that setting says which value */
    if (alone && (!tied || alone->p <= tied->p))
        c->next_run = arena_printf(
            arena, "%s: it goes with the metric (p = %.2g, q = %.2g) and with no other setting",
            alone_text(c, t, alone, arena), alone->p, alone->q);
    else if (tied)
        c->next_run = arena_printf(
            arena, "one run that changes %s and keeps %s: as it is, nobody can tell them apart",
            tied->key, tied->confounded_with);
}

static bool one_task(const struct comparison *c, size_t a, size_t b)
{
    for (size_t k = 0; k < c->differs_n; k++) {
        const struct differing_key *d = &c->differs[k];
        if (d->problem && !str_eq(d->value[a], d->value[b]))
            return false; /* here what is not set counts as another: pooling needs to be sure */
    }
    return true;
}

/* The runs with the metric; where they are of several tasks, those of the commonest. */
static void take_runs(const struct comparison *c, struct table *t)
{
    size_t best = c->runs_n, most = 0;

    for (size_t i = 0; i < c->runs_n; i++) {
        size_t alike = 0;
        for (size_t k = 0; k < c->runs_n; k++)
            alike += run_counts(&c->run[k]) && one_task(c, i, k);
        if (run_counts(&c->run[i]) && alike > most) {
            most = alike;
            best = i;
        }
    }
    for (size_t i = 0; i < c->runs_n; i++) {
        if (run_counts(&c->run[i]) && one_task(c, best, i)) {
            t->y[t->n] = c->run[i].final;
            t->run[t->n++] = i;
        }
    }
}

void correlate_parameters(struct comparison *c, struct arena *arena)
{
    struct table t = {.y = ARENA_ARRAY(arena, c->runs_n, double),
                      .run = ARENA_ARRAY(arena, c->runs_n, size_t)};
    double p[PARAMETERS_MAX], q[PARAMETERS_MAX];

    take_runs(c, &t);
    if (t.n < RUNS_FOR_RHO) {
        c->parameters_note =
            arena_printf(arena, "settings against the metric: %zu runs of one task, needs %d", t.n,
                         RUNS_FOR_RHO);
        return;
    }
    c->parameter = ARENA_ARRAY(arena, PARAMETERS_MAX, struct parameter);
    for (size_t k = 0; k < c->differs_n && c->parameters_n < PARAMETERS_MAX; k++) {
        const struct differing_key *d = &c->differs[k];
        if (!d->seed && !d->label && !d->problem)
            add_parameter(c, &t, d, arena);
    }
    for (size_t i = 0; i < c->parameters_n; i++)
        p[i] = c->parameter[i].p;
    bh_adjust(p, c->parameters_n, q, arena);
    for (size_t i = 0; i < c->parameters_n; i++)
        c->parameter[i].q = q[i];
    find_confounded(c, &t, arena);
    suggest(c, &t, arena);
    if (t.n < RUNS_FOR_MORE)
        c->parameters_note = arena_printf(
            arena, "exploratory: %zu runs; below %d a strong correlation is often chance", t.n,
            RUNS_FOR_MORE);
}
