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

/* Rows of questions that have both outcomes, with a reward: one question behind the other. */
struct material {
    const struct selection *s;
    struct row_group *group;
    size_t groups, rows;
    uint32_t *row;
    bool *failed;
    uint64_t *has; /* a bit a feature, `words` a row */
    size_t words;
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
    m->row = ARENA_ARRAY(arena, m->rows + 1, uint32_t);
    m->failed = ARENA_ARRAY(arena, m->rows + 1, bool);
    n = 0;
    for (size_t i = 0; i < m->groups; i++) {
        for (size_t k = 0; k < m->group[i].n; k++, n++) {
            m->row[n] = m->group[i].rows[k];
            m->failed[n] = fails(s, m->row[n]);
        }
    }
}

static void add_feature(struct material *m, enum kind kind, uint32_t what)
{
    if (m->features < FEATURES_MAX)
        m->feature[m->features++] = (struct feature){kind, what};
}

/* The number that would stand in the middle, found by its bytes from the highest. */
static uint32_t median_steps(const struct material *m)
{
    uint32_t found = 0, known = 0; /* the bits that are */
    size_t place = m->rows / 2;

    for (unsigned shift = 32; shift > 0;) {
        size_t count[256] = {0}, byte = 0;
        shift -= 8;
        for (size_t i = 0; i < m->rows; i++) {
            uint32_t steps = m->s->t->steps[m->row[i]];
            count[steps >> shift & 0xff] += (steps & known) == found;
        }
        while (place >= count[byte])
            place -= count[byte++];
        found |= (uint32_t)byte << shift;
        known |= (uint32_t)0xff << shift;
    }
    return found;
}

/* Returns where the features of each tool begin, by word, + 1; 0: it has none. */
static const uint32_t *name_features(struct material *m, struct arena *arena)
{
    const struct trajectories *t = m->s->t;
    uint32_t *at = ARENA_ARRAY(arena, t->words.n + 1, uint32_t);

    for (uint32_t e = 0; e < ENDINGS_N; e++)
        add_feature(m, ENDING, e);
    for (uint32_t r = 0; r < failure_rules_n; r++)
        add_feature(m, RULE, r);
    for (size_t i = 0; i < m->rows; i++) {
        const struct tool_calls *calls = t->tool_calls + t->tools[m->row[i]];
        for (size_t c = 0; c < t->tools_n[m->row[i]]; c++) {
            if (at[calls[c].tool] || m->features + 2 > FEATURES_MAX)
                continue;
            at[calls[c].tool] = (uint32_t)m->features + 1;
            add_feature(m, TOOL, calls[c].tool);
            add_feature(m, TOOL_FAILED, calls[c].tool);
        }
    }
    if (m->rows)
        add_feature(m, STEPS, median_steps(m));
    return at;
}

static bool any_failed(const struct tool_calls *calls)
{
    for (size_t r = RETURN_NORMAL + 1; r < RETURNS_N; r++) {
        if (r != RETURN_EMPTY && calls->count[r])
            return true;
    }
    return false;
}

static void note(uint64_t *has, size_t feature, bool holds)
{
    has[feature / 64] |= (uint64_t)holds << feature % 64;
}

/* What each row has is found out once; the features stand in the order of name_features. */
static void note_features(struct material *m, const uint32_t *tool_at, struct arena *arena)
{
    const struct trajectories *t = m->s->t;
    const struct feature *last = &m->feature[m->features - (m->features > 0)];

    m->words = (m->features + 63) / 64;
    m->has = ARENA_ARRAY(arena, m->rows * m->words + 1, uint64_t);
    for (size_t i = 0; i < m->rows; i++) {
        uint32_t row = m->row[i];
        uint64_t *has = m->has + i * m->words;
        const struct tool_calls *calls = t->tool_calls + t->tools[row];
        note(has, t->ending[row], true);
        for (size_t r = 0; r < failure_rules_n; r++)
            note(has, ENDINGS_N + r, t->rules[row] >> r & 1);
        for (size_t c = 0; c < t->tools_n[row]; c++) {
            uint32_t at = tool_at[calls[c].tool];
            if (at == 0)
                continue;
            note(has, at - 1, true);
            note(has, at, any_failed(&calls[c]));
        }
        if (last->kind == STEPS)
            note(has, m->features - 1, t->steps[row] > last->what);
    }
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
static bool test(const struct material *m, size_t feature, struct table2 *tables,
                 struct enriched *out)
{
    const uint64_t *has = m->has + feature / 64;
    double odds;
    size_t at = 0;

    *out = (struct enriched){.low = (double)NAN, .high = (double)NAN};
    for (size_t i = 0; i < m->groups; i++) {
        size_t n = m->group[i].n, with = 0, failed = 0, both = 0;
        for (size_t k = 0; k < n; k++, at++) {
            uint64_t has_it = has[at * m->words] >> feature % 64 & 1, fails_here = m->failed[at];
            with += has_it;
            failed += fails_here;
            both += has_it & fails_here;
        }
        tables[i] = (struct table2){.a = (double)both,
                                    .b = (double)(with - both),
                                    .c = (double)(failed - both),
                                    .d = (double)(n - with - (failed - both))};
        out->in_failures += both;
        out->in_passes += with - both;
        out->failures += failed;
        out->passes += n - failed;
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
    const uint32_t *tool_at = name_features(m, arena);
    note_features(m, tool_at, arena);
    struct table2 *tables = ARENA_ARRAY(arena, m->groups + 1, struct table2);
    out.v = ARENA_ARRAY(arena, m->features + 1, struct enriched);
    out.questions = m->groups;
    for (size_t i = 0; i < m->features; i++) {
        struct enriched *e = &out.v[out.n];
        if (!test(m, i, tables, e))
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

bool enriched_stands_out(const struct enriched *e)
{
    return e->q < 0.10 && e->odds > 1;
}
