#include "analysis/trajectories/length_reward.h"

#include <math.h>

#include "analysis/trajectories/solved.h"

static const double tau_from = 0.3;

/* By question, with rewards. */
struct columns {
    uint32_t *row, *question;
    double *length, *reward;
    bool *passed;
    size_t n;
};

static struct columns columns_of(const struct selection *s, struct arena *arena)
{
    struct columns c = {.row = ARENA_ARRAY(arena, s->n + 1, uint32_t),
                        .question = ARENA_ARRAY(arena, s->n + 1, uint32_t),
                        .length = ARENA_ARRAY(arena, s->n + 1, double),
                        .reward = ARENA_ARRAY(arena, s->n + 1, double),
                        .passed = ARENA_ARRAY(arena, s->n + 1, bool)};
    size_t groups;
    const struct row_group *g = rows_grouped(s->t, s->rows, s->n, BY_QUESTION, arena, &groups);

    for (size_t i = 0; i < groups; i++) {
        for (size_t k = 0; k < g[i].n; k++) {
            uint32_t row = g[i].rows[k];
            if (isnan(s->t->reward[row]))
                continue;
            c.row[c.n] = row;
            c.question[c.n] = s->t->question[row];
            c.reward[c.n] = s->t->reward[row];
            c.passed[c.n++] = is_success(s->t->reward[row], s->threshold);
        }
    }
    return c;
}

/* Two episodes of one question of different length. */
static bool varies(const struct columns *c)
{
    for (size_t i = 1; i < c->n; i++) {
        if (c->question[i] == c->question[i - 1] && c->length[i] != c->length[i - 1])
            return true;
    }
    return false;
}

static bool by_steps(const struct trajectories *t, struct columns *c)
{
    for (size_t i = 0; i < c->n; i++) {
        if (!t->seen_steps[c->row[i]])
            return false;
        c->length[i] = t->steps[c->row[i]];
    }
    return varies(c);
}

/* A record that holds several episodes would give all of them one length. */
static bool by_bytes(const struct trajectories *t, struct columns *c)
{
    for (size_t i = 0; i < c->n; i++) {
        if (t->ordinal[c->row[i]] != 0 || t->length[c->row[i]] == 0)
            return false;
        c->length[i] = t->length[c->row[i]];
    }
    return varies(c);
}

struct length_reward length_reward_of(const struct selection *s, struct arena *arena)
{
    struct columns c = columns_of(s, arena);
    struct length_reward l = {.n = c.n, .tau = NAN, .passed = {.z = NAN, .auc = NAN}};

    l.why = trials_why(s->t, s->rows, s->n);
    if (l.why)
        return l;
    l.unit = by_steps(s->t, &c) ? "steps" : by_bytes(s->t, &c) ? "bytes of the record" : NULL;
    if (!l.unit) {
        l.why = "no question has two episodes with a reward and of different length";
        return l;
    }
    l.tau = within_tau(c.question, c.length, c.reward, c.n, arena, &l.questions);
    l.passed = stratified_ranksum(c.question, c.length, c.passed, c.n, arena);
    return l;
}

bool length_is_rewarded(const struct length_reward *l)
{
    return l->unit && l->tau > tau_from && l->passed.auc_low > 0.5;
}

const char *length_reward_says(const struct length_reward *l, struct arena *arena)
{
    if (!l->unit)
        return arena_printf(arena, "not assessed: %s", l->why);
    if (isnan(l->tau))
        return "not assessed: no question has two different rewards";
    if (length_is_rewarded(l))
        return arena_printf(arena,
                            "longer episodes of a question are rewarded more (tau above %.1f): a "
                            "policy can gain by length; look at a held-out score at equal length",
                            tau_from);
    if (!isnan(l->passed.z) && l->passed.auc_high < 0.5)
        return "longer episodes of a question succeed less";
    if (!isnan(l->passed.z) && l->passed.auc_low > 0.5)
        return arena_printf(arena,
                            "longer episodes of a question succeed more, but their rewards do not "
                            "go with length as much (tau %.2f, not above %.1f)",
                            l->tau, tau_from);
    return "not shown that length goes with success within questions";
}
