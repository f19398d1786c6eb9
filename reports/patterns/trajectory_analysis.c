#include "analysis/trajectories/process_reward.h"
#include "analysis/trajectories/progression.h"
#include "reports/rate_chart.h"
#include "reports/trainings.h"
#include "reports/words.h"

enum { EPOCHS_SHOWN = 40, TRIES_SHOWN = 40, HARDEST_SHOWN = 10 };

/* ---- success ---- */

static const char *same_cell(struct arena *arena, const struct pass_line *line)
{
    if (!line->same_known)
        return "not known";
    return arena_printf(arena, "%.3f to %.3f%s", line->same.interval.low, line->same.interval.high,
                        line->same.approximate ? " (approximate)" : "");
}

static void put_line(const struct trainings *t, const struct pass_line *line)
{
    const char *cells[] = {
        arena_printf(t->arena, "%u", line->k),
        bounds_text(t->arena, share_text(t->arena, line->at), line->at_known, line->at_new),
        same_cell(t->arena, line),
        bounds_text(t->arena, share_text(t->arena, line->hat), line->hat_known, line->hat_new),
        arena_printf(t->arena, "%zu", line->used),
    };

    blocks_table_row(t->out, cells, sizeof(cells) / sizeof(cells[0]));
}

static void about_intervals(const struct trainings *t, const struct pass_line *first)
{
    const struct cohort *c = &t->v[0];

    blocks_paragraph(
        t->out,
        "pass@k: at least one of k samples of a question passes (unbiased, Chen et al. 2021); "
        "pass^k: all k pass. Both are means over %s. In brackets 95 %% for new questions of the "
        "same kind (t on the logit over questions, Wilson where all are equal)%s%s; for these "
        "questions with answers drawn anew the interval is that of a beta-binomial empirical "
        "Bayes model%s%s.",
        word_count(t->arena, (int64_t)c->q.n, "question"), first->why ? ": not given, " : "",
        first->why ? first->why : "", first->same_why ? ": not given, " : "",
        first->same_why ? first->same_why : "");
    blocks_paragraph(
        t->out,
        "Over trajectories %zu of %zu passed (%s). Best of n, the share of questions with any "
        "success, is %s; it grows with the number of trials and is no pass@k.",
        c->q.passed, c->q.trials, share_text(t->arena, (double)c->q.passed / (double)c->q.trials),
        share_text(t->arena, best_of_n(trials_of(&c->q, t->arena), c->q.n)));
}

/* After each try, all before it counted: every one of them, or every 2nd, 4th … and the last. */
static void put_tries(const struct trainings *t)
{
    static const char *const head[] = {"After trial", "Questions solved (95 %)"};
    const struct cohort *c = &t->v[0];
    struct rate_line lines[TRIES_SHOWN + 2];
    size_t n, shown = 0, stride = 1;
    const struct solved *after = solved_after(&c->s, c->s.rows, c->s.n, t->arena, &n);

    if (n == 0 || after[0].questions == 0)
        return;
    while (n / stride > TRIES_SHOWN)
        stride *= 2;
    blocks_table_begin(t->out);
    blocks_table_row(t->out, head, 2);
    for (size_t i = 0; i < n; i++) {
        if (i % stride != 0 && i != n - 1)
            continue;
        const char *name = arena_printf(t->arena, "%d", (int)after[i].trial);
        blocks_table_row(t->out, (const char *[]){name, solved_text(t->arena, &after[i])}, 2);
        lines[shown++] =
            (struct rate_line){.name = name,
                               .value = (double)after[i].solved / (double)after[i].questions,
                               .known = true,
                               .interval = after[i].interval};
    }
    blocks_table_end(t->out);
    blocks_rates(t->out, "solved", lines, shown);
}

/* Trials that are no samples: what was solved, and no pass@k. */
static void write_solved(const struct trainings *t)
{
    const struct cohort *c = &t->v[0];
    struct solved all = solved_of(&c->q);

    blocks_paragraph(t->out, "pass@k and pass^k are not assessed: %s.", c->why);
    blocks_paragraph(
        t->out,
        "Best of n: %zu of %s (%.3f; 95 %% %.3f to %.3f, Wilson over questions) are solved in any "
        "of up to %u trials. It grows with the number of trials and is no pass@k.",
        all.solved, word_count(t->arena, (int64_t)all.questions, "question"),
        (double)all.solved / (double)all.questions, all.interval.low, all.interval.high,
        c->q.n_max);
    put_tries(t);
}

static void write_success(const struct trainings *t)
{
    static const char *const head[] = {"k", "pass@k (new questions)", "These questions",
                                       "pass^k (new questions)", "Questions"};
    const struct questions *q = &t->v[0].q;
    const struct trials *v = trials_of(q, t->arena);
    struct ks ks = ks_usual(q);

    blocks_heading(t->out, 2, "Success");
    if (q->n == 0) {
        blocks_paragraph(t->out, "No trajectory has both a question and a reward: not assessed.");
        return;
    }
    if (t->v[0].why) {
        write_solved(t);
        return;
    }
    blocks_table_begin(t->out);
    blocks_table_row(t->out, head, sizeof(head) / sizeof(head[0]));
    for (size_t i = 0; i < ks.n; i++) {
        struct pass_line line = pass_line_of(v, q->n, ks.v[i], t->arena);
        put_line(t, &line);
    }
    blocks_table_end(t->out);
    struct pass_line one = pass_line_of(v, q->n, 1, t->arena);
    about_intervals(t, &one);
    write_mixed(t);
    if (q->n_min != q->n_max)
        blocks_paragraph(t->out,
                         "Questions have from %u to %u trials: k stops at %u, which all have.",
                         q->n_min, q->n_max, q->n_min);
}

/* ---- epochs ---- */

/* Of trials that are no samples, in the same columns: what may be said. */
static void put_epoch_of_tries(const struct trainings *t, const struct progression *p, size_t i,
                               const char *name)
{
    const struct selection *s = &t->v[0].s;
    const struct row_group *g = &p->group[i];
    struct reward_figures f = reward_figures(s->t, g->rows, g->n, s->threshold);
    struct solved solved = solved_of(&p->q[i]);
    const char *cells[] = {
        name,
        arena_printf(t->arena, "%zu", g->n),
        arena_printf(t->arena, "%zu", p->q[i].n),
        solved_text(t->arena, &solved),
        f.n ? word_number(t->arena, f.mean) : "none",
        i ? arena_printf(t->arena, "%zu / %zu", p->c[i].gained, p->c[i].lost) : "-",
    };

    blocks_table_row(t->out, cells, sizeof(cells) / sizeof(cells[0]));
}

static void put_epoch(const struct trainings *t, const struct progression *p, size_t i,
                      bool by_epoch)
{
    const struct selection *s = &t->v[0].s;
    const struct row_group *g = &p->group[i];
    const struct questions *q = &p->q[i];
    const struct contrast *c = &p->c[i];
    struct reward_figures f = reward_figures(s->t, g->rows, g->n, s->threshold);
    struct interval rate = {0};
    const char *why;
    size_t used;
    const char *name =
        arena_printf(t->arena, "%d", (by_epoch ? s->t->epoch : s->t->iteration)[g->rows[0]]);

    if (p->why) {
        put_epoch_of_tries(t, p, i, name);
        return;
    }
    bool known = pass_rate_interval(q, t->arena, &rate, &why);
    const char *cells[] = {
        name,
        arena_printf(t->arena, "%zu", g->n),
        arena_printf(t->arena, "%zu", q->n),
        bounds_text(t->arena, share_text(t->arena, pass_rate(q, t->arena)), known, rate),
        share_text(t->arena, pass_mean(pass_at_k, trials_of(q, t->arena), q->n, p->k, &used)),
        f.n ? word_number(t->arena, f.mean) : "none",
        i ? difference_text(t->arena, &c->rate, c->known) : "the first",
        i ? chance_text(t->arena, p->p_adjusted[i]) : "-",
        i ? arena_printf(t->arena, "%zu / %zu", c->gained, c->lost) : "-",
        i ? contrast_word(c, p->p_adjusted[i]) : "-",
    };

    blocks_table_row(t->out, cells, sizeof(cells) / sizeof(cells[0]));
}

/* pass@1 and its interval for new questions, those of the table. */
static void draw_epochs(const struct trainings *t, const struct progression *p, size_t stride,
                        bool by_epoch)
{
    const struct trajectories *all = t->v[0].s.t;
    struct rate_line *lines = ARENA_ARRAY(t->arena, p->n + 1, struct rate_line);
    const char *why;
    size_t n = 0;

    for (size_t i = 0; i < p->n; i++) {
        uint32_t row = p->group[i].rows[0];
        struct rate_line *line = &lines[n];
        if (i % stride != 0 && i != p->n - 1)
            continue;
        n++;
        line->name = arena_printf(t->arena, "%d", by_epoch ? all->epoch[row] : all->iteration[row]);
        line->value = pass_rate(&p->q[i], t->arena);
        line->known = pass_rate_interval(&p->q[i], t->arena, &line->interval, &why);
    }
    blocks_rates(t->out, "pass@1", lines, n);
}

static void put_epochs(const struct trainings *t, const struct progression *p, bool by_epoch)
{
    const char *const head[] = {by_epoch ? "Epoch" : "Iteration",
                                "Trajectories",
                                "Questions",
                                "pass@1 (new questions)",
                                arena_printf(t->arena, "pass@%u", p->k),
                                "Mean reward",
                                "pass@1 against the first",
                                "q",
                                "Questions gained / lost",
                                "Says"};
    const char *const of_tries[] = {head[0], head[1], head[2], "Questions solved in it (95 %)",
                                    head[5], head[8]};
    size_t stride = 1;

    while (p->n / stride > EPOCHS_SHOWN)
        stride *= 2;
    blocks_table_begin(t->out);
    if (p->why)
        blocks_table_row(t->out, of_tries, sizeof(of_tries) / sizeof(of_tries[0]));
    else
        blocks_table_row(t->out, head, sizeof(head) / sizeof(head[0]));
    for (size_t i = 0; i < p->n; i++) {
        if (i % stride == 0 || i == p->n - 1)
            put_epoch(t, p, i, by_epoch);
    }
    blocks_table_end(t->out);
    if (p->n > 1 && !p->why)
        draw_epochs(t, p, stride, by_epoch);
    if (stride > 1)
        blocks_paragraph(t->out, "Of %zu every %zu. and the last are shown; q is over all of them.",
                         p->n, stride);
}

static void write_epochs(const struct trainings *t)
{
    struct progression p = progression_of(&t->v[0].s, BY_EPOCH, t->arena);
    bool by_epoch = true;

    if (p.n < 2) {
        struct progression finer = progression_of(&t->v[0].s, BY_ITERATION, t->arena);
        by_epoch = finer.n < 2;
        p = by_epoch ? p : finer;
    }
    blocks_heading(t->out, 2, by_epoch ? "From Epoch to Epoch" : "From Iteration to Iteration");
    if (p.n == 0) {
        blocks_paragraph(t->out, "Its trajectories name no epochs: not assessed.");
        return;
    }
    put_epochs(t, &p, by_epoch);
    blocks_bold(t->out, "Result: ", "%s.", progression_says(&p, t->arena));
    if (p.n < 2)
        return;
    if (p.why) {
        blocks_paragraph(t->out, "No difference is tested: tries go on from one another. Gained: "
                                 "not solved in the first, but in this one; lost the other way.");
        return;
    }
    const struct contrast *last = &p.c[p.n - 1];
    blocks_paragraph(
        t->out,
        "Each is compared with the first on the questions that both have: mean difference with its "
        "95 %% t interval over questions, p by sign flips, q by Benjamini and Hochberg over all of "
        "them. Below 10 common questions, or with q of 0.05 or more, the word is 'cannot tell'. "
        "Gained: no trial passed at first, some do now; lost the other way.");
    if (last->known && isfinite(last->rate.mde))
        blocks_paragraph(t->out,
                         "With these questions a difference of %.3f would be found four times of "
                         "five; smaller ones may hide.",
                         last->rate.mde);
    if (last->only_a || last->only_b)
        blocks_paragraph(t->out,
                         "The questions change: %zu are in the first and the last, %zu only in the "
                         "first, %zu only in the last.",
                         last->common, last->only_a, last->only_b);
}

/* ---- questions and step rewards ---- */

static void write_hardest(const struct trainings *t)
{
    static const char *const head[] = {"Question", "In words", "Passed", "Mean reward"};
    const struct cohort *c = &t->v[0];
    const struct trajectories *all = c->s.t;
    const struct question *v = questions_hardest(&c->q, t->arena);

    if (c->q.n == 0)
        return;
    write_difficulty(t);
    if (c->why)
        blocks_paragraph(t->out,
                         "The share of trials that passed is here a matter of how early a "
                         "question was solved, for %s.",
                         c->why);
    blocks_bold(t->out, "The hardest questions", ", the smallest share passed first.");
    blocks_table_begin(t->out);
    blocks_table_row(t->out, head, 4);
    for (size_t i = 0; i < c->q.n && i < HARDEST_SHOWN; i++) {
        const char *cells[] = {
            data_text(t->arena, dict_text(&all->words, v[i].question)),
            data_text(t->arena, dict_text(&all->words, all->text[v[i].first])),
            arena_printf(t->arena, "%u of %u", v[i].trials.c, v[i].trials.n),
            word_number(t->arena, v[i].reward),
        };
        blocks_table_row(t->out, cells, 4);
    }
    blocks_table_end(t->out);
}

static void write_step_rewards(const struct trainings *t)
{
    struct process_reward p = process_reward_of(&t->v[0].s, t->arena);
    const char *why = process_reward_why(&p, t->arena);

    blocks_heading(t->out, 2, "Step Rewards and Final Rewards");
    if (t->v[0].why && !why)
        why = t->v[0].why;
    if (why) {
        blocks_paragraph(t->out, "Not assessed: %s.", why);
        return;
    }
    blocks_paragraph(
        t->out,
        "Over %zu trajectories with both, Kendall's tau-b is %.3f (%s); it mixes easy and hard "
        "questions.",
        p.n, p.pooled.tau, process_reward_name(p.pooled.tau, t->arena));
    if (isnan(p.within.z))
        blocks_paragraph(t->out, "Within questions: %s.", process_reward_says(&p, t->arena));
    else
        blocks_paragraph(
            t->out,
            "Within %s with both outcomes a passing trajectory has the higher step rewards with "
            "probability %.3f (95 %% %.3f to %.3f; stratified rank sum with unit weights, p %.3g): "
            "%s.",
            word_count(t->arena, (int64_t)p.within.tasks, "question"), p.within.auc,
            p.within.auc_low, p.within.auc_high, p.within.p, process_reward_says(&p, t->arena));
}

static bool build(const struct pattern_input *in, struct blocks *out, struct err *err)
{
    struct trainings *t;

    if (!trainings_open(in, out, 1, &t, err))
        return false;
    blocks_heading(out, 1, "%s Trajectory Analysis", t->v[0].id);
    write_read(t);
    write_success(t);
    write_epochs(t);
    write_rewards(t);
    write_endings(t);
    write_returns(t);
    write_hardest(t);
    write_step_rewards(t);
    return true;
}

const struct pattern pattern_trajectory_analysis = {
    .name = "trajectory-analysis",
    .description = "A training of agents (training_id): success, epochs, rewards, endings, tools, "
                   "hard questions.",
    .of_trainings = true,
    .title = "Trajectory Analysis",
    .build = build,
};
