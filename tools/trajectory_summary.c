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

void put_solved(struct buf *out, const struct solved *solved)
{
    size_t n = solved->questions;

    put_count(out, "count", solved->solved);
    put_count(out, "questions", n);
    put_figure(out, "ratio", n ? (double)solved->solved / (double)n : (double)NAN);
    put_bounds(out, "ci95", n > 0, solved->interval);
}

/* Trials that are no samples: the questions solved, and why there is no pass@k. */
static void put_no_passes(struct buf *out, const struct questions *q, const char *why,
                          const struct summary_parts *parts)
{
    struct solved solved = solved_of(q);

    if (parts->pass_at_1)
        buf_puts(out, ",\"pass_at_1\":null,\"pass_at_1_ci95\":null");
    if (parts->pass_at_k)
        buf_puts(out, ",\"pass_at_k\":null");
    if (!parts->pass_at_1 && !parts->pass_at_k)
        return;
    put_word(out, "pass_why", str_of(why));
    json_put_key(out, "solved");
    buf_byte(out, '{');
    put_solved(out, &solved);
    buf_byte(out, '}');
}

static void put_passes(struct buf *out, const struct questions *q, uint32_t k,
                       const struct summary_parts *parts, struct arena *scratch)
{
    const struct trials *v = trials_of(q, scratch);
    struct interval interval = {0};
    const char *why;
    size_t used;

    if (parts->pass_at_1) {
        put_figure(out, "pass_at_1", pass_rate(q, scratch));
        bool known = pass_rate_interval(q, scratch, &interval, &why);
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
    const char *why = trials_why(s->t, group->rows, group->n);
    if (why)
        put_no_passes(out, q, why, parts);
    else
        put_passes(out, q, k, parts, &scratch);
    if (parts->avg_reward) {
        put_figure(out, "avg_reward", f.mean);
        bool known = reward_interval(q, &scratch, &interval);
        put_bounds(out, "question_mean_ci95", known, interval);
        put_figure(out, "success_rate", f.n ? (double)f.success / (double)f.n : (double)NAN);
    }
    if (parts->termination_stats) {
        put_ending_classes(out, "termination_stats", &e);
    }
    if (parts->reward_distribution) {
        put_reward_classes(out, "reward_distribution", &f);
    }
    if (f.missing)
        put_count(out, "without_reward", f.missing);
    arena_fini(&scratch);
}

static void put_difference(struct buf *out, const struct contrast *c, double q, const char *what)
{
    put_count(out, "common_questions", c->common);
    if (!c->known) {
        buf_puts(out, ",\"says\":\"cannot tell\",\"reason\":\"fewer than 2 questions in common\"");
        return;
    }
    bool varies = c->rate.se > 0;
    put_figure(out, what, c->rate.diff);
    put_bounds(out, "ci95", varies, (struct interval){c->rate.low, c->rate.high});
    put_figure(out, "p_sign_flip", c->rate.p_flip);
    put_figure(out, "q", q);
    put_figure(out, "avg_reward", c->reward.diff);
    put_figure(out, "smallest_that_shows", varies ? c->rate.mde : (double)NAN);
    put_count(out, "gained", c->gained);
    put_count(out, "lost", c->lost);
    json_put_key(out, "says");
    json_put_string(out, str_of(contrast_word(c, q)));
    if (!varies)
        buf_puts(out, ",\"interval_why\":\"the difference is the same in every question\"");
    if (c->common < 10)
        buf_puts(out, ",\"reason\":\"fewer than 10 questions in common\"");
}

void put_contrast(struct buf *out, const struct contrast *c, double q)
{
    put_difference(out, c, q, "pass_at_1");
}

void put_pair(struct buf *out, const struct contrast_pair *pair)
{
    if (!pair->apart) {
        put_difference(out, &pair->c, pair->p_adjusted, pair->solved ? "solved" : "pass_at_1");
        return;
    }
    put_count(out, "common_questions", pair->c.common);
    buf_puts(out, ",\"says\":\"cannot tell\"");
    put_word(out, "reason", str_of(pair->apart));
}

void put_first_last(struct buf *out, const struct first_last *f)
{
    buf_printf(out, "\"epochs\":[%d,%d]", (int)f->first, (int)f->last);
    put_figure(out, "delta_avg_reward", f->reward_b - f->reward_a);
    if (!f->why) {
        put_contrast(out, &f->c, f->p_adjusted);
        return;
    }
    put_count(out, "common_questions", f->c.common);
    put_count(out, "gained", f->c.gained);
    put_count(out, "lost", f->c.lost);
    put_word(out, "reason", str_of(f->why));
}

static void put_epochs(struct buf *out, const struct selection *s, struct arena *arena)
{
    struct progression p = progression_of(s, BY_EPOCH, arena);
    int32_t low, high;

    json_put_key(out, "epochs");
    if (!epochs_between(s->t, s->rows, s->n, &low, &high)) {
        buf_puts(out, "null");
        return;
    }
    buf_printf(out, "{\"epoch_range\":[%d,%d]", low, high);
    put_count(out, "count", p.n);
    put_word(out, "says", str_of(progression_says(&p, arena)));
    buf_byte(out, '}');
}

struct str training_json(struct call *call, const char *id, struct err *err)
{
    const struct summary_parts all = {true, true, true, true, true};
    struct trajectory_args args = {.f = trajectory_filter_none()};
    struct trajectory_common common;
    struct selection s;
    struct buf out = {0};

    args.f.training_id = id;
    if (!trajectories_open(call, &args, &s, &common, err))
        return (struct str){0};
    struct questions q = questions_of(s.t, s.rows, s.n, s.threshold, call->arena);
    const struct row_group group = {s.rows, s.n};
    buf_byte(&out, '{');
    put_word(&out, "training_id", dict_text(&s.t->words, s.t->training[s.rows[0]]));
    put_word(&out, "agent_name", dict_text(&s.t->words, s.t->agent[s.rows[0]]));
    put_word(&out, "format", str_of(s.t->files[s.t->file[s.rows[0]]].reader->name));
    put_epochs(&out, &s, call->arena);
    put_summary_of(&out, &s, &group, &q, common_k(&q, 1), &all);
    put_count(&out, "samples_min", q.n_min);
    put_count(&out, "samples_max", q.n_max);
    put_word(&out, "success_rule", str_of(common.success_rule));
    json_put_key(&out, "coverage");
    buf_add(&out, common.coverage);
    buf_byte(&out, '}');
    return finish(&out, call->arena);
}

bool training_names(struct call *call, struct strs *out, struct err *err)
{
    const struct trajectory_filter none = trajectory_filter_none();
    const struct trajectories *t;
    struct selection s;
    size_t n;

    if (!library_look(call->desk->library, call->cancelled, call->arena, &t, NULL, err) ||
        !trajectories_select(t, &none, call->cancelled, call->arena, &s, err))
        return false;
    const struct row_group *g = rows_grouped(t, s.rows, s.n, BY_TRAINING, call->arena, &n);
    const char **v = ARENA_ARRAY(call->arena, n + 1, const char *);
    for (size_t i = 0; i < n; i++)
        v[i] = arena_text(call->arena, dict_text(&t->words, t->training[g[i].rows[0]]));
    *out = (struct strs){v, n};
    return true;
}
