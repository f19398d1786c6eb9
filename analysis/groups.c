/* Which runs of a comparison are alike, of one task, or seeds of one another. */
#include <math.h>

#include "analysis/claims.h"
#include "analysis/stats/across.h"
#include "analysis/stats/moments.h"

static bool makes_condition(const struct differing_key *d)
{
    return !d->seed && !d->label;
}

bool same_condition(const struct comparison *c, size_t a, size_t b)
{
    if (c->run[a].settings.n == 0 || c->run[b].settings.n == 0)
        return false; /* unknown is not equal */
    for (size_t k = 0; k < c->differs_n; k++) {
        const struct differing_key *d = &c->differs[k];
        if (makes_condition(d) && !str_eq(d->value[a], d->value[b]))
            return false;
    }
    return true;
}

bool seeds_of_one(const struct comparison *c, size_t a, size_t b)
{
    const char *x = c->run[a].commit, *y = c->run[b].commit;

    return same_condition(c, a, b) && !(x && y && strcmp(x, y) != 0);
}

const char *condition_text(const struct comparison *c, size_t run, struct arena *arena)
{
    enum { KEYS_SHOWN = 3, VALUE_SHOWN = 40 };
    const char *text = NULL;
    size_t shown = 0;

    for (size_t k = 0; k < c->differs_n && c->run[run].settings.n; k++) {
        const struct differing_key *d = &c->differs[k];
        struct str value = d->value[run].n ? d->value[run] : STR("(not set)");
        if (!makes_condition(d) || shown++ >= KEYS_SHOWN)
            continue;
        text = arena_printf(arena, "%s%s%s=%.*s", text ? text : "", text ? ", " : "", d->key,
                            STR_FMT(str_cut(value, VALUE_SHOWN)));
    }
    if (shown > KEYS_SHOWN)
        text = arena_printf(arena, "%s and %zu more", text, shown - KEYS_SHOWN);
    return text ? text : c->run[run].experiment->id;
}

static bool same_seed(const struct comparison *c, size_t a, size_t b)
{
    for (size_t k = 0; k < c->differs_n; k++) {
        const struct differing_key *d = &c->differs[k];
        if (d->seed && !str_eq(d->value[a], d->value[b]))
            return false;
    }
    return true;
}

/*
 * Was a resumed as b? Nothing but labels tells them apart, b begins well within a's steps or right
 * behind them and ends later, and it begins nearer to where a was by then than to where a began.
 */
static bool resumed_as(const struct comparison *c, size_t a, size_t b)
{
    const struct compared_run *x = &c->run[a], *y = &c->run[b];

    if (x->n < 2 || y->n < 1 || !seeds_of_one(c, a, b) || !same_seed(c, a, b))
        return false;
    int64_t begins = y->clean.active.step[0], first = x->clean.active.step[0];
    double length = (double)(x->last_step - first), apart = length / (double)(x->n - 1);
    double there = run_value_at(x, begins);
    return (double)(begins - first) >= 0.1 * length &&
           (double)(begins - x->last_step) <= 2 * apart && y->last_step > x->last_step &&
           fabs(y->first - there) < 0.25 * fabs(x->first - there);
}

static void find_parts(struct comparison *c)
{
    for (size_t a = 0; a < c->runs_n; a++) {
        for (size_t b = 0; b < c->runs_n && !c->run[a].part_of; b++) {
            if (a != b && resumed_as(c, a, b))
                c->run[a].part_of = &c->run[b];
        }
    }
}

static void put_in(struct comparison *c, size_t run, size_t group)
{
    struct run_group *g = &c->group[group];

    c->run[run].group = group;
    if (run_counts(&c->run[run]))
        g->run[g->n++] = run;
}

static void find_outliers(const struct comparison *c, struct run_group *g, const double *finals,
                          struct arena *arena)
{
    enum { RUNS_FOR_OUTLIERS = 5, ROBUST_SDS = 3 };
    double middle = median_of(finals, g->n, arena);
    double far = ROBUST_SDS * MAD_TO_SD * mad_of(finals, g->n, arena);

    for (size_t k = 0; k < g->n && g->n >= RUNS_FOR_OUTLIERS && far > 0; k++) {
        if (same_condition(c, g->first, g->run[k]) && fabs(finals[k] - middle) > far)
            g->outlier[g->outliers_n++] = g->run[k];
    }
}

/* Nothing but seeds and labels tells these runs from the others: what their ids share. */
static void name_seeds(const struct comparison *c, struct run_group *g, struct arena *arena)
{
    const char *id = c->run[g->first].experiment->id;
    size_t same = strlen(id);

    if (g->n < 2 || g->label != id)
        return;
    for (size_t k = 0; k < g->n; k++) {
        const char *other = c->run[g->run[k]].experiment->id;
        size_t n = 0;
        while (n < same && other[n] == id[n])
            n++;
        same = n;
    }
    while (same > 0 && strchr("-_./", id[same - 1]))
        same--;
    g->label = same ? arena_printf(arena, "%zu seeds of %.*s", g->n, (int)same, id)
                    : arena_printf(arena, "%zu seeds of one configuration", g->n);
}

static void summarise(struct comparison *c, struct arena *arena)
{
    for (size_t i = 0; i < c->groups_n; i++) {
        struct run_group *g = &c->group[i];
        double *finals = ARENA_ARRAY(arena, g->n + 1, double);

        for (size_t k = 0; k < g->n; k++)
            finals[k] = c->run[g->run[k]].final;
        g->mean = g->n ? mean_of(finals, g->n) : (double)NAN;
        g->sd = g->n > 1 ? sd_of(finals, g->n) : (double)NAN;
        g->iqm = g->n >= 4 ? iqm_of(finals, g->n, arena) : (double)NAN;
        name_seeds(c, g, arena);
        find_outliers(c, g, finals, arena);
    }
}

/* Runs with one value of the key are a group. */
static bool group_by_key(struct comparison *c, const char *key, struct arena *arena,
                         struct err *err)
{
    bool known = false;

    for (size_t i = 0; i < c->runs_n; i++) {
        struct str value = settings_get(&c->run[i].settings, key);
        size_t g = 0;

        known |= value.n > 0;
        while (g < c->groups_n &&
               !str_eq(settings_get(&c->run[c->group[g].first].settings, key), value))
            g++;
        if (g == c->groups_n) {
            c->group[c->groups_n++] = (struct run_group){
                .first = i,
                .label = arena_printf(arena, "%s=%.*s", key,
                                      STR_FMT(str_cut(value.n ? value : STR("(not set)"), 80)))};
        }
        put_in(c, i, g);
    }
    return known || err_set(err, ERR_ARGUMENT,
                            "groupBy: no run's configuration has '%s'; differs lists the keys "
                            "that tell the runs apart",
                            key);
}

bool group_runs(struct comparison *c, const char *group_by, struct arena *arena, struct err *err)
{
    bool alone = group_by && strcmp(group_by, "none") == 0;

    find_parts(c);
    c->group = ARENA_ARRAY(arena, c->runs_n, struct run_group);
    if (group_by && !alone) {
        c->grouped_by = group_by;
        if (!group_by_key(c, group_by, arena, err))
            return false;
        summarise(c, arena);
        return true;
    }
    c->grouped_by = alone ? "none" : "configuration (seeds and labels aside)";
    for (size_t i = 0; i < c->runs_n; i++) {
        size_t g = 0;
        while (g < c->groups_n && (alone || !same_condition(c, c->group[g].first, i)))
            g++;
        if (g == c->groups_n) {
            c->group[c->groups_n++] = (struct run_group){
                .first = i,
                .label = alone ? c->run[i].experiment->id : condition_text(c, i, arena)};
        }
        put_in(c, i, g);
    }
    summarise(c, arena);
    return true;
}

/* ---- tasks ---- */

const struct differing_key *other_task(const struct comparison *c, size_t a, size_t b)
{
    for (size_t k = 0; k < c->differs_n; k++) {
        const struct differing_key *d = &c->differs[k];
        if (d->problem && d->value[a].n && d->value[b].n && !str_eq(d->value[a], d->value[b]))
            return d;
    }
    return NULL;
}

/* What is not set is not known to be another. */
static size_t values_among(const struct differing_key *d, const size_t *runs, size_t n)
{
    size_t values = 0;

    for (size_t i = 0; i < n; i++) {
        size_t same = 0;
        while (same < i && !str_eq(d->value[runs[same]], d->value[runs[i]]))
            same++;
        values += same == i && d->value[runs[i]].n > 0;
    }
    return values;
}

size_t tasks_among(const struct comparison *c, const size_t *runs, size_t n,
                   const struct differing_key **key)
{
    size_t most = 1;

    for (size_t k = 0; k < c->differs_n; k++) {
        size_t values = c->differs[k].problem ? values_among(&c->differs[k], runs, n) : 0;
        if (values > most) {
            most = values;
            if (key)
                *key = &c->differs[k];
        }
    }
    return most;
}

void note_pooled_tasks(const struct comparison *c, struct coverage *coverage)
{
    for (size_t i = 0; i < c->groups_n; i++) {
        const struct differing_key *key = NULL;
        size_t tasks = tasks_among(c, c->group[i].run, c->group[i].n, &key);

        if (key)
            coverage_note(coverage, "group %s pools runs of %zu tasks (%s): its mean says nothing",
                          c->group[i].label, tasks, key->key);
    }
}
