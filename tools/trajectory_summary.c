#include "tools/trajectory_summary.h"

bool summary_parts_of(struct str metrics, struct arena *arena, struct summary_parts *out,
                      struct err *err)
{
    const struct {
        const char *name;
        bool *part;
    } names[] = {{"pass_at_1", &out->pass_at_1},
                 {"pass_at_k", &out->pass_at_k},
                 {"avg_reward", &out->avg_reward},
                 {"termination_stats", &out->termination_stats},
                 {"reward_distribution", &out->reward_distribution}};
    struct strs given;

    if (!texts_of(metrics, "metrics", arena, &given, err))
        return false;
    for (size_t k = 0; k < 5; k++)
        *names[k].part = given.n == 0;
    for (size_t i = 0; i < given.n; i++) {
        size_t k = 0;
        while (k < 5 && strcmp(given.v[i], names[k].name) != 0)
            k++;
        if (k == 5)
            return err_set(err, ERR_ARGUMENT,
                           "'metrics' must name some of pass_at_1, pass_at_k, avg_reward, "
                           "termination_stats, reward_distribution, not '%.60s'.",
                           given.v[i]);
        *names[k].part = true;
    }
    return true;
}

uint32_t common_k(const struct questions *q, size_t n)
{
    uint32_t k = 0;

    for (size_t i = 0; i < n; i++) {
        if (q[i].n > 0 && (k == 0 || q[i].n_min < k))
            k = q[i].n_min;
    }
    return k;
}

static void put_passes(struct buf *out, const struct questions *q, uint32_t k,
                       const struct summary_parts *parts, struct arena *scratch)
{
    const struct trials *v = trials_of(q, scratch);
    double *rate = ARENA_ARRAY(scratch, q->n + 1, double);
    struct interval interval = {0};
    const char *why;
    size_t used;

    for (size_t i = 0; i < q->n; i++)
        rate[i] = (double)v[i].c / v[i].n;
    if (parts->pass_at_1) {
        put_figure(out, "pass_at_1", pass_mean(pass_at_k, v, q->n, 1, &used));
        bool known = interval_new_tasks(rate, q->n, &interval, &why);
        put_bounds(out, "pass_at_1_ci95", known, interval);
    }
    if (parts->pass_at_k) {
        put_figure(out, "pass_at_k", pass_mean(pass_at_k, v, q->n, k, &used));
        put_count(out, "k", k);
    }
}

void put_summary_of(struct buf *out, const struct selection *s, const struct row_group *group,
                    const struct questions *q, uint32_t k, const struct summary_parts *parts)
{
    struct reward_figures f = reward_figures(s->t, group->rows, group->n, s->threshold);
    struct ending_figures e = ending_figures(s->t, group->rows, group->n);
    struct interval interval = {0};
    struct arena scratch;

    arena_init(&scratch);
    put_count(out, "trajectory_count", group->n);
    put_count(out, "questions", q->n);
    put_passes(out, q, k, parts, &scratch);
    if (parts->avg_reward) {
        put_figure(out, "avg_reward", f.mean);
        bool known = reward_interval(q, &scratch, &interval);
        put_bounds(out, "question_mean_ci95", known, interval);
        put_figure(out, "success_rate", f.n ? (double)f.success / (double)f.n : (double)NAN);
    }
    if (parts->termination_stats) {
        json_put_key(out, "termination_stats");
        buf_byte(out, '{');
        for (size_t i = 0; i < ENDINGS_N; i++)
            put_rate(out, ending_names[i], e.count[i], e.total);
        buf_byte(out, '}');
    }
    if (parts->reward_distribution) {
        json_put_key(out, "reward_distribution");
        buf_byte(out, '{');
        put_rate(out, "perfect_score", f.perfect, f.n);
        put_rate(out, "partial_success", f.partial, f.n);
        put_rate(out, "complete_failure", f.failure, f.n);
        buf_byte(out, '}');
    }
    if (f.missing)
        put_count(out, "without_reward", f.missing);
    arena_fini(&scratch);
}

void put_contrast(struct buf *out, const struct contrast *c, double q)
{
    put_count(out, "common_questions", c->common);
    if (!c->known) {
        buf_puts(out, ",\"says\":\"cannot tell\",\"reason\":\"fewer than 2 questions in common\"");
        return;
    }
    put_figure(out, "pass_at_1", c->rate.diff);
    put_bounds(out, "ci95", true, (struct interval){c->rate.low, c->rate.high});
    put_figure(out, "p_sign_flip", c->rate.p_flip);
    put_figure(out, "q", q);
    put_figure(out, "avg_reward", c->reward.diff);
    put_figure(out, "smallest_that_shows", c->rate.mde);
    put_count(out, "gained", c->gained);
    put_count(out, "lost", c->lost);
    json_put_key(out, "says");
    json_put_string(out, str_of(contrast_word(c, q)));
    if (c->common < 10)
        buf_puts(out, ",\"reason\":\"fewer than 10 questions in common\"");
}
