#include "analysis/trajectories/enrich.h"

#include <stdlib.h>

#include "analysis/stats/compare.h"
#include "analysis/stats/stratified.h"

enum { EVENTS_MIN = 5, FEATURES_MAX = 300 };

/* A feature is a kind and a number of that kind. */
enum kind { ENDING, TOOL, TOOL_FAILED, RULE, STEPS };
static const char *const kinds[] = {"ending", "tool", "tool_failed", "rule", "steps"};

struct feature {
    enum kind kind;
    uint32_t what; /* the ending, the word, the rule, the number of steps that is exceeded */
};

/* Rows of questions that have both outcomes, with a reward. */
struct material {
    const struct selection *s;
    struct row_group *group;
    size_t groups, rows;
    struct feature feature[FEATURES_MAX];
    size_t features;
};

static bool fails(const struct selection *s, uint32_t row)
{
    return !is_success(s->t->reward[row], s->threshold);
}

static void choose(struct material *m, struct arena *arena)
{
    const struct selection *s = m->s;
    uint32_t *rows = ARENA_ARRAY(arena, s->n + 1, uint32_t);
    size_t n = 0, groups, kept = 0;

    for (size_t i = 0; i < s->n; i++) {
        if (!isnan(s->t->reward[s->rows[i]]))
            rows[n++] = s->rows[i];
    }
    m->group = rows_grouped(s->t, rows, n, BY_QUESTION, arena, &groups);
    for (size_t i = 0; i < groups; i++) {
        size_t failed = 0;
        for (size_t k = 0; k < m->group[i].n; k++)
            failed += fails(s, m->group[i].rows[k]);
        if (failed == 0 || failed == m->group[i].n)
            continue;
        m->group[kept++] = m->group[i];
        m->rows += m->group[i].n;
    }
    m->groups = kept;
}

static bool has_tool(const struct trajectories *t, uint32_t row, uint32_t tool, bool failed)
{
    for (size_t c = 0; c < t->tools_n[row]; c++) {
        const struct tool_calls *calls = &t->tool_calls[t->tools[row] + c];
        if (calls->tool != tool)
            continue;
        for (size_t r = RETURN_NORMAL + 1; r < RETURNS_N && failed; r++) {
            if (r != RETURN_EMPTY && calls->count[r])
                return true;
        }
        return !failed;
    }
    return false;
}

static bool holds(const struct trajectories *t, uint32_t row, const struct feature *f)
{
    switch (f->kind) {
    case ENDING:
        return t->ending[row] == f->what;
    case TOOL:
        return has_tool(t, row, f->what, false);
    case TOOL_FAILED:
        return has_tool(t, row, f->what, true);
    case RULE:
        return t->rules[row] >> f->what & 1;
    case STEPS:
        break;
    }
    return t->steps[row] > f->what;
}

static void add_feature(struct material *m, enum kind kind, uint32_t what)
{
    if (m->features < FEATURES_MAX)
        m->feature[m->features++] = (struct feature){kind, what};
}

static int by_number(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

    return (x > y) - (x < y);
}

static void name_features(struct material *m, struct arena *arena)
{
    const struct trajectories *t = m->s->t;
    bool *seen = ARENA_ARRAY(arena, t->words.n + 1, bool);
    uint32_t *steps = ARENA_ARRAY(arena, m->rows + 1, uint32_t);
    size_t n = 0;

    for (uint32_t e = 0; e < ENDINGS_N; e++)
        add_feature(m, ENDING, e);
    for (uint32_t r = 0; r < failure_rules_n; r++)
        add_feature(m, RULE, r);
    for (size_t i = 0; i < m->groups; i++) {
        for (size_t k = 0; k < m->group[i].n; k++) {
            uint32_t row = m->group[i].rows[k];
            steps[n++] = t->steps[row];
            for (size_t c = 0; c < t->tools_n[row]; c++) {
                uint32_t tool = t->tool_calls[t->tools[row] + c].tool;
                if (seen[tool])
                    continue;
                seen[tool] = true;
                add_feature(m, TOOL, tool);
                add_feature(m, TOOL_FAILED, tool);
            }
        }
    }
    qsort(steps, n, sizeof(*steps), by_number);
    if (n)
        add_feature(m, STEPS, steps[n / 2]);
}

static const char *name_of(const struct trajectories *t, const struct feature *f,
                           struct arena *arena)
{
    switch (f->kind) {
    case ENDING:
        return ending_names[f->what];
    case RULE:
        return failure_rules[f->what].name;
    case STEPS:
        return arena_printf(arena, "more than %u", f->what);
    case TOOL:
    case TOOL_FAILED:
        break;
    }
    return arena_text(arena, dict_text(&t->words, f->what));
}

/* False if too few have it, or lack it. */
static bool test(const struct material *m, const struct feature *f, struct table2 *tables,
                 struct enriched *out)
{
    const struct selection *s = m->s;
    double odds;

    *out = (struct enriched){.low = (double)NAN, .high = (double)NAN};
    for (size_t i = 0; i < m->groups; i++) {
        struct table2 *t = &tables[i];
        *t = (struct table2){0};
        for (size_t k = 0; k < m->group[i].n; k++) {
            uint32_t row = m->group[i].rows[k];
            bool with = holds(s->t, row, f), failed = fails(s, row);
            *(with ? (failed ? &t->a : &t->b) : (failed ? &t->c : &t->d)) += 1;
        }
        out->in_failures += (size_t)t->a;
        out->in_passes += (size_t)t->b;
        out->failures += (size_t)(t->a + t->c);
        out->passes += (size_t)(t->b + t->d);
    }
    size_t with = out->in_failures + out->in_passes;
    if (with < EVENTS_MIN || m->rows - with < EVENTS_MIN)
        return false;
    if (m->groups == 1) {
        out->p = fisher_exact(&tables[0], &odds);
        out->odds = odds;
        return true;
    }
    struct odds mh = mantel_haenszel(tables, m->groups);
    out->odds = mh.ratio;
    out->low = mh.low;
    out->high = mh.high;
    out->p = mh.p;
    return !isnan(mh.p);
}

static int by_q(const void *a, const void *b)
{
    const struct enriched *x = a, *y = b;

    if (x->q != y->q)
        return (x->q > y->q) - (x->q < y->q);
    if (x->odds != y->odds)
        return (x->odds < y->odds) - (x->odds > y->odds);
    return strcmp(x->name, y->name);
}

struct enrichment enrichment_of(const struct selection *s, struct arena *arena)
{
    struct material *m = ARENA_NEW(arena, struct material);
    struct enrichment out = {0};

    m->s = s;
    choose(m, arena);
    name_features(m, arena);
    struct table2 *tables = ARENA_ARRAY(arena, m->groups + 1, struct table2);
    out.v = ARENA_ARRAY(arena, m->features + 1, struct enriched);
    out.questions = m->groups;
    for (size_t i = 0; i < m->features; i++) {
        struct enriched *e = &out.v[out.n];
        if (!test(m, &m->feature[i], tables, e))
            continue;
        e->kind = kinds[m->feature[i].kind];
        e->name = name_of(s->t, &m->feature[i], arena);
        out.n++;
    }
    double *p = ARENA_ARRAY(arena, out.n + 1, double), *q = ARENA_ARRAY(arena, out.n + 1, double);
    for (size_t i = 0; i < out.n; i++)
        p[i] = out.v[i].p;
    bh_adjust(p, out.n, q, arena);
    for (size_t i = 0; i < out.n; i++)
        out.v[i].q = q[i];
    out.tested = out.n;
    qsort(out.v, out.n, sizeof(*out.v), by_q);
    return out;
}
