#include "analysis/trajectories/process_reward.h"
#include "reports/rate_chart.h"
#include "reports/trainings.h"
#include "reports/words.h"

enum { TRIES_SHOWN = 40, HARDEST_SHOWN = 10 };

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
