#include "analysis/trajectories/process_reward.h"

struct process_reward process_reward_of(const struct selection *s, struct arena *arena)
{
    const struct trajectories *t = s->t;
    struct process_reward p = {.row = ARENA_ARRAY(arena, s->n + 1, uint32_t),
                               .x = ARENA_ARRAY(arena, s->n + 1, double),
                               .y = ARENA_ARRAY(arena, s->n + 1, double)};
    uint32_t *question = ARENA_ARRAY(arena, s->n + 1, uint32_t);
    bool *passed = ARENA_ARRAY(arena, s->n + 1, bool);
    size_t groups, tasks;
    const struct row_group *g = rows_grouped(t, s->rows, s->n, BY_QUESTION, arena, &groups);

    p.seen = s->n;
    for (size_t i = 0; i < s->n; i++) {
        p.stepped += !isnan(t->step_reward[s->rows[i]]);
        p.rewarded += !isnan(t->reward[s->rows[i]]);
    }
    for (size_t i = 0; i < groups; i++) {
        for (size_t k = 0; k < g[i].n; k++) {
            uint32_t row = g[i].rows[k];
            if (isnan(t->step_reward[row]) || isnan(t->reward[row]))
                continue;
            p.row[p.n] = row;
            question[p.n] = t->question[row];
            p.x[p.n] = t->step_reward[row];
            p.y[p.n] = t->reward[row];
            passed[p.n++] = is_success(t->reward[row], s->threshold);
        }
    }
    p.pooled = kendall_tau(p.x, p.y, p.n, arena);
    p.within = stratified_ranksum(question, p.x, passed, p.n, arena);
    p.within_tau = within_tau(question, p.x, p.y, p.n, arena, &tasks);
    return p;
}

const char *process_reward_why(const struct process_reward *p, struct arena *arena)
{
    if (p->stepped == 0)
        return arena_printf(arena,
                            "no step rewards are logged: 0 of %zu episodes have any, %zu have a "
                            "final reward",
                            p->seen, p->rewarded);
    if (p->n < 2)
        return arena_printf(arena,
                            "%zu of %zu episodes have step rewards, %zu a final reward, %zu both: "
                            "2 are needed",
                            p->stepped, p->seen, p->rewarded, p->n);
    return isnan(p->pooled.tau) ? "all step rewards or all final rewards are equal" : NULL;
}

const char *process_reward_says(const struct process_reward *p, struct arena *arena)
{
    if (p->n < 2)
        return arena_printf(arena, "not assessed: %s", process_reward_why(p, arena));
    if (isnan(p->within.z))
        return "no question has both outcomes: not assessed";
    if (p->within.auc_low > 0.6)
        return "step rewards tell success within questions: process rewards may help training";
    return p->within.auc_low > 0.5 ? "step rewards tell success a little within questions"
                                   : "not shown within questions";
}

const char *process_reward_name(double tau, struct arena *arena)
{
    double size = fabs(tau);
    const char *strength = size >= 0.7   ? "strong"
                           : size >= 0.3 ? "moderate"
                           : size >= 0.1 ? "weak"
                                         : NULL;

    return strength ? arena_printf(arena, "%s_%s_correlation", strength,
                                   tau > 0 ? "positive" : "negative")
                    : "no_correlation";
}
