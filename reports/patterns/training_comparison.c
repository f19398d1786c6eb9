#include "reports/rate_chart.h"
#include "reports/trainings.h"
#include "reports/words.h"

/* ---- each ---- */

static void put_training(const struct trainings *t, const struct cohort *c, uint32_t k)
{
    const struct trials *v = trials_of(&c->q, t->arena);
    struct pass_line one = pass_line_of(v, c->q.n, 1, t->arena);
    struct pass_line all = pass_line_of(v, c->q.n, k, t->arena);
    const char *cells[] = {
        c->id,
        arena_printf(t->arena, "%zu", c->s.n),
        arena_printf(t->arena, "%zu", c->q.n),
        c->q.n_min == c->q.n_max ? arena_printf(t->arena, "%u", c->q.n_min)
                                 : arena_printf(t->arena, "%u to %u", c->q.n_min, c->q.n_max),
        bounds_text(t->arena, share_text(t->arena, one.at), one.at_known, one.at_new),
        bounds_text(t->arena, share_text(t->arena, all.at), all.at_known, all.at_new),
        bounds_text(t->arena, share_text(t->arena, all.hat), all.hat_known, all.hat_new),
        share_text(t->arena, best_of_n(v, c->q.n)),
    };

    blocks_table_row(t->out, cells, sizeof(cells) / sizeof(cells[0]));
}

static void draw_each(const struct trainings *t, const struct questions *q)
{
    struct rate_line lines[TRAININGS_MAX];
    const char *why;

    for (size_t i = 0; i < t->n; i++) {
        lines[i] = (struct rate_line){.name = t->v[i].id, .value = pass_rate(&q[i], t->arena)};
        lines[i].known = pass_rate_interval(&q[i], t->arena, &lines[i].interval, &why);
    }
    blocks_rates(t->out, "pass@1", lines, t->n);
}

static void write_each(const struct trainings *t, const struct questions *q)
{
    uint32_t k = common_k(q, t->n);
    const char *unequal = unequal_trials(q, t->n, t->arena);
    const char *const head[] = {"Training",
                                "Trajectories",
                                "Questions",
                                "Trials a question",
                                "pass@1 (95 %)",
                                arena_printf(t->arena, "pass@%u (95 %%)", k),
                                arena_printf(t->arena, "pass^%u (95 %%)", k),
                                "Best of n"};

    blocks_heading(t->out, 2, "Success");
    blocks_table_begin(t->out);
    blocks_table_row(t->out, head, sizeof(head) / sizeof(head[0]));
    for (size_t i = 0; i < t->n; i++)
        put_training(t, &t->v[i], k);
    blocks_table_end(t->out);
    draw_each(t, q);
    blocks_paragraph(
        t->out,
        "Means over each training's own questions, pass@k unbiased (Chen et al. 2021), with 95 %% "
        "for new questions of the same kind (t on the logit over questions; none below 10). Where "
        "the questions differ, so may the figures for that reason alone: only the pairs below "
        "compare.");
    write_mixed(t);
    if (unequal)
        blocks_bold(t->out, "Note: ", "%s.", unequal);
}

/* ---- pairs ---- */

static void put_pair(const struct trainings *t, const struct contrast_pair *p)
{
    const struct contrast *c = &p->c;
    const char *cells[] = {
        arena_printf(t->arena, "%s \xe2\x86\x92 %s", t->v[p->a].id, t->v[p->b].id),
        arena_printf(t->arena, "%zu", c->common),
        difference_text(t->arena, &c->rate, c->known),
        chance_text(t->arena, c->known ? c->rate.p_flip : (double)NAN),
        chance_text(t->arena, p->p_adjusted),
        difference_text(t->arena, &c->reward, c->known),
        arena_printf(t->arena, "%zu / %zu (p %.3g)", c->gained, c->lost, c->p_flips),
        contrast_word(c, p->p_adjusted),
    };

    blocks_table_row(t->out, cells, sizeof(cells) / sizeof(cells[0]));
}

static void say_pair(const struct trainings *t, const struct contrast_pair *p)
{
    const struct contrast *c = &p->c;
    const char *from = t->v[p->a].id, *to = t->v[p->b].id;

    if (!c->known) {
        blocks_bullet(t->out, "'%s' against '%s': cannot tell, %s in common.", to, from,
                      word_count(t->arena, (int64_t)c->common, "question"));
        return;
    }
    blocks_bullet(t->out,
                  "'%s' against '%s': %s. On %s in common pass@1 differs by %+.3f (95 %% %.3f to "
                  "%.3f, q %.3g)%s; %zu questions are only in '%s', %zu only in '%s'.%s",
                  to, from, contrast_word(c, p->p_adjusted),
                  word_count(t->arena, (int64_t)c->common, "question"), c->rate.diff, c->rate.low,
                  c->rate.high, p->p_adjusted,
                  c->common < 10 ? ", fewer than 10 questions carry no verdict" : "", c->only_a,
                  from, c->only_b, to,
                  c->rate.mde > 0
                      ? arena_printf(t->arena,
                                     " A difference of %.3f would be found four times of five.",
                                     c->rate.mde)
                      : "");
}

static void write_pairs(const struct trainings *t, const struct questions *q)
{
    static const char *const head[] = {
        "Pair", "Common questions",   "pass@1 (95 %)",           "p",
        "q",    "Mean reward (95 %)", "Questions gained / lost", "Says"};
    size_t n;
    const struct contrast_pair *pair = contrast_pairs(q, t->n, t->v[0].s.t->words.n, t->arena, &n);

    blocks_heading(t->out, 2, "Pairs on Common Questions");
    blocks_table_begin(t->out);
    blocks_table_row(t->out, head, sizeof(head) / sizeof(head[0]));
    for (size_t i = 0; i < n; i++)
        put_pair(t, &pair[i]);
    blocks_table_end(t->out);
    for (size_t i = 0; i < n; i++)
        say_pair(t, &pair[i]);
    blocks_paragraph(
        t->out,
        "Differences are the second minus the first, means over the questions that both have with "
        "95 %% t intervals; p by sign flips, q by Benjamini and Hochberg over the pairs. Gained: "
        "no "
        "trial of the first passed, some of the second did; lost the other way; their p is "
        "McNemar's exact test. 'cannot tell' stands below 10 common questions and for q of 0.05 or "
        "more. One training is one seed: the intervals are about questions and samples, not about "
        "training it again.");
}

static bool build(const struct pattern_input *in, struct blocks *out, struct err *err)
{
    struct trainings *t;
    struct questions q[TRAININGS_MAX];

    if (!trainings_open(in, out, TRAININGS_MAX, &t, err))
        return false;
    for (size_t i = 0; i < t->n; i++)
        q[i] = t->v[i].q;
    blocks_heading(out, 1, "Comparison of %zu Trainings", t->n);
    write_read(t);
    write_each(t, q);
    write_pairs(t, q);
    write_rewards(t);
    write_endings(t);
    write_returns(t);
    write_difficulty(t);
    return true;
}

const struct pattern pattern_training_comparison = {
    .name = "training-comparison",
    .description = "Trainings of agents side by side (training_ids with commas), each pair on "
                   "common questions.",
    .of_trainings = true,
    .title = "Training Comparison",
    .build = build,
};
