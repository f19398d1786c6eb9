/* The tables of trainings.h: rewards, endings, returns, difficulty. */
#include "reports/trainings.h"
#include "reports/words.h"

enum { WORDS_SHOWN = 30 };

/* ---- rewards ---- */

static const char *reward_cell(const struct trainings *t, size_t training, size_t row)
{
    const struct cohort *c = &t->v[training];
    struct reward_figures f = reward_figures(c->s.t, c->s.rows, c->s.n, c->s.threshold);
    struct interval interval = {0};
    bool known;

    switch (row) {
    case 0:
        return count_text(t->arena, f.success, f.n);
    case 1:
        return count_text(t->arena, f.perfect, f.n);
    case 2:
        return count_text(t->arena, f.partial, f.n);
    case 3:
        return count_text(t->arena, f.failure, f.n);
    case 4:
        return f.n ? word_number(t->arena, f.mean) : "none";
    case 5:
        known = reward_interval(&c->q, t->arena, &interval);
        return known        ? arena_printf(t->arena, "%.3f to %.3f", interval.low, interval.high)
               : c->q.n < 2 ? "fewer than 2 questions"
                            : "none: equal in all questions";
    case 6:
        return f.n ? arena_printf(t->arena, "%s to %s", word_number(t->arena, f.min),
                                  word_number(t->arena, f.max))
                   : "none";
    default:
        return arena_printf(t->arena, "%zu", f.missing);
    }
}

void write_rewards(const struct trainings *t)
{
    static const char *const names[] = {"Success",
                                        "Reward 1 or more",
                                        "Between 0 and 1",
                                        "0 or less",
                                        "Mean reward over trajectories",
                                        "95 % of the mean over questions",
                                        "Range",
                                        "Without a reward"};

    blocks_heading(t->out, 2, "Rewards");
    trainings_head(t, "Trajectories (share)");
    trainings_rows(t, names, sizeof(names) / sizeof(names[0]), reward_cell);
    blocks_table_end(t->out);
    blocks_paragraph(t->out, "Shares are of the trajectories with a reward. The interval of the "
                             "mean is t over the means of questions.");
}

/* ---- endings ---- */

static const char *ending_cell(const struct trainings *t, size_t training, size_t row)
{
    const struct cohort *c = &t->v[training];
    struct ending_figures f = ending_figures(c->s.t, c->s.rows, c->s.n);

    if (row < ENDINGS_N)
        return count_text(t->arena, f.count[row], f.total);
    return count_text(t->arena, f.total - f.count[ENDING_ENV_DONE] - f.count[ENDING_FINISH],
                      f.total);
}

/* The words as they were written, beside their classes. */
static void put_words(const struct trainings *t, const struct cohort *c)
{
    static const char *const head[] = {"Reason as written", "Class", "Trajectories (share)"};
    size_t groups;
    const struct trajectories *all = c->s.t;
    const struct row_group *g = rows_grouped(all, c->s.rows, c->s.n, BY_REASON, t->arena, &groups);

    if (groups == 1 && all->reason[g[0].rows[0]] == 0) {
        blocks_paragraph(t->out, "'%s' does not say why its trajectories ended.", c->id);
        return;
    }
    if (t->n > 1)
        blocks_bold(t->out, c->id, ":");
    blocks_table_begin(t->out);
    blocks_table_row(t->out, head, 3);
    for (size_t i = 0; i < groups && i < WORDS_SHOWN; i++) {
        uint32_t row = g[i].rows[0];
        const char *cells[] = {data_text(t->arena, dict_text(&all->words, all->reason[row])),
                               ending_names[all->ending[row]],
                               count_text(t->arena, g[i].n, c->s.n)};
        blocks_table_row(t->out, cells, 3);
    }
    blocks_table_end(t->out);
    if (groups > WORDS_SHOWN)
        blocks_paragraph(t->out, "%zu more words are not shown.", groups - WORDS_SHOWN);
}

void write_endings(const struct trainings *t)
{
    const char *names[ENDINGS_N + 1];

    blocks_heading(t->out, 2, "How They Ended");
    for (size_t i = 0; i < ENDINGS_N; i++)
        names[i] = ending_names[i];
    names[ENDINGS_N] = "all but env_done and finish";
    trainings_head(t, "Trajectories (share)");
    trainings_rows(t, names, ENDINGS_N + 1, ending_cell);
    blocks_table_end(t->out);
    for (size_t i = 0; i < t->n; i++)
        put_words(t, &t->v[i]);
}

/* ---- returns ---- */

static const char *return_cell(const struct trainings *t, size_t training, size_t row)
{
    const struct cohort *c = &t->v[training];
    struct return_figures f = return_figures(c->s.t, c->s.rows, c->s.n);

    if (row < RETURNS_N)
        return count_text(t->arena, f.count[row], f.total);
    return arena_printf(t->arena, "%zu in %zu trajectories", f.total, f.trajectories);
}

void write_returns(const struct trainings *t)
{
    const char *names[RETURNS_N + 1];
    size_t calls = 0;

    for (size_t i = 0; i < t->n; i++)
        calls += return_figures(t->v[i].s.t, t->v[i].s.rows, t->v[i].s.n).total;
    blocks_heading(t->out, 2, "What Tools Returned");
    if (calls == 0) {
        blocks_paragraph(t->out, "No tool call is in the files: not assessed.");
        return;
    }
    for (size_t i = 0; i < RETURNS_N; i++)
        names[i] = return_names[i];
    names[RETURNS_N] = "calls";
    trainings_head(t, "Calls (share)");
    trainings_rows(t, names, RETURNS_N + 1, return_cell);
    blocks_table_end(t->out);
}

/* ---- difficulty ---- */

static const char *difficulty_cell(const struct trainings *t, size_t training, size_t row)
{
    const struct questions *q = &t->v[training].q;
    struct difficulty d = difficulty_of(q);

    return count_text(t->arena, row == 0 ? d.easy : row == 1 ? d.medium : d.hard, q->n);
}

void write_difficulty(const struct trainings *t)
{
    static const char *const names[] = {"easy: 0.7 passed or more", "medium: from 0.4",
                                        "hard: below 0.4"};

    blocks_heading(t->out, 2, "Difficulty of Questions");
    trainings_head(t, "Questions (share)");
    trainings_rows(t, names, 3, difficulty_cell);
    blocks_table_end(t->out);
}
