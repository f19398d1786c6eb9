#include "analysis/trajectories/progression.h"
#include "reports/rate_chart.h"
#include "reports/trainings.h"
#include "reports/words.h"

/* ---- each ---- */

static const char not_samples[] = "not assessed";

static void put_training(const struct trainings *t, const struct cohort *c, uint32_t k)
{
    const struct trials *v = trials_of(&c->q, t->arena);
    struct pass_line one = pass_line_of(v, c->q.n, 1, t->arena);
    struct pass_line all = pass_line_of(v, c->q.n, k, t->arena);
    struct solved solved = solved_of(&c->q);
    const char *cells[] = {
        c->id,
        arena_printf(t->arena, "%zu", c->s.n),
        arena_printf(t->arena, "%zu", c->q.n),
        c->q.n_min == c->q.n_max ? arena_printf(t->arena, "%u", c->q.n_min)
                                 : arena_printf(t->arena, "%u to %u", c->q.n_min, c->q.n_max),
        c->why ? not_samples
               : bounds_text(t->arena, share_text(t->arena, one.at), one.at_known, one.at_new),
        c->why ? not_samples
               : bounds_text(t->arena, share_text(t->arena, all.at), all.at_known, all.at_new),
        c->why ? not_samples
               : bounds_text(t->arena, share_text(t->arena, all.hat), all.hat_known, all.hat_new),
        solved_text(t->arena, &solved),
    };

    blocks_table_row(t->out, cells, sizeof(cells) / sizeof(cells[0]));
}

/* pass@1 of those whose trials are samples. */
static void draw_each(const struct trainings *t)
{
    struct rate_line lines[TRAININGS_MAX];
    const char *why;
    size_t n = 0;

    for (size_t i = 0; i < t->n; i++) {
        const struct cohort *c = &t->v[i];
        if (c->why)
            continue;
        lines[n] = (struct rate_line){.name = c->id, .value = pass_rate(&c->q, t->arena)};
        lines[n].known = pass_rate_interval(&c->q, t->arena, &lines[n].interval, &why);
        n++;
    }
    blocks_rates(t->out, "pass@1", lines, n);
}

static void say_not_samples(const struct trainings *t)
{
    for (size_t i = 0; i < t->n; i++) {
        const struct cohort *c = &t->v[i];
        if (c->why)
            blocks_bold(t->out, "Note: ",
                        "of '%s' pass@k and pass^k are not assessed: %s. Its pairs compare the "
                        "share of questions solved in up to %u trials, not pass@1.",
                        c->id, c->why, c->q.n_max);
    }
}

static void write_each(const struct trainings *t, const struct questions *q)
{
    struct questions samples[TRAININGS_MAX];
    size_t n = 0;

    for (size_t i = 0; i < t->n; i++) {
        if (!t->v[i].why)
            samples[n++] = q[i];
    }
    uint32_t k = common_k(samples, n);
    const char *unequal = unequal_trials(q, t->n, t->arena);
    const char *const head[] = {"Training",
                                "Trajectories",
                                "Questions",
                                "Trials a question",
                                "pass@1 (95 %)",
                                arena_printf(t->arena, n ? "pass@%u (95 %%)" : "pass@k", k),
                                arena_printf(t->arena, n ? "pass^%u (95 %%)" : "pass^k", k),
                                "Solved in any trial (95 %)"};

    blocks_heading(t->out, 2, "Success");
    blocks_table_begin(t->out);
    blocks_table_row(t->out, head, sizeof(head) / sizeof(head[0]));
    for (size_t i = 0; i < t->n; i++)
        put_training(t, &t->v[i], k);
    blocks_table_end(t->out);
    draw_each(t);
    blocks_paragraph(
        t->out,
        "Means over each training's own questions, pass@k unbiased (Chen et al. 2021), with 95 %% "
        "for new questions of the same kind (t on the logit over questions; none below 10). Solved "
        "in any trial, the best of n, is a share of questions with Wilson's interval; it grows "
        "with the number of trials and is no pass@k. Where the questions differ, so may the "
        "figures for that reason alone: only the pairs below compare.");
    say_not_samples(t);
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
        p->apart ? not_samples : difference_text(t->arena, &c->rate, c->known),
        chance_text(t->arena, c->known && !p->apart ? c->rate.p_flip : (double)NAN),
        chance_text(t->arena, p->p_adjusted),
        difference_text(t->arena, &c->reward, c->known),
        p->apart ? not_samples
                 : arena_printf(t->arena, "%zu / %zu (p %.3g)", c->gained, c->lost, c->p_flips),
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
    if (p->apart) {
        blocks_bullet(t->out, "'%s' against '%s': cannot tell, for it would be %s.", to, from,
                      p->apart);
        return;
    }
    blocks_bullet(
        t->out,
        "'%s' against '%s': %s. On %s in common %s differs by %+.3f (%s, q %.3g)%s; %zu "
        "questions are only in '%s', %zu only in '%s'.%s",
        to, from, contrast_word(c, p->p_adjusted),
        word_count(t->arena, (int64_t)c->common, "question"),
        p->solved ? "the share of questions solved in any trial" : "pass@1", c->rate.diff,
        c->rate.se > 0 ? arena_printf(t->arena, "95 %% %.3f to %.3f", c->rate.low, c->rate.high)
                       : "in each, so no interval",
        p->p_adjusted, c->common < 10 ? ", fewer than 10 questions carry no verdict" : "",
        c->only_a, from, c->only_b, to,
        c->rate.mde > 0
            ? arena_printf(t->arena, " A difference of %.3f would be found four times of five.",
                           c->rate.mde)
            : "");
}

static void write_pairs(const struct trainings *t, const struct questions *q)
{
    const char *why[TRAININGS_MAX];
    size_t n, solved = 0;

    for (size_t i = 0; i < t->n; i++)
        why[i] = t->v[i].why;
    const struct contrast_pair *pair =
        contrast_pairs(q, why, t->n, t->v[0].s.t->words.n, t->arena, &n);
    for (size_t i = 0; i < n; i++)
        solved += pair[i].solved;
    const char *const head[] = {"Pair",
                                "Common questions",
                                solved == 0  ? "pass@1 (95 %)"
                                : solved < n ? "pass@1, or questions solved (95 %)"
                                             : "Questions solved (95 %)",
                                "p",
                                "q",
                                "Mean reward (95 %)",
                                "Questions gained / lost",
                                "Says"};

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

/* ---- each by itself ---- */

static void put_course(const struct trainings *t, const struct cohort *c,
                       const struct first_last *f)
{
    const char *cells[] = {
        c->id,
        arena_printf(t->arena, "%d \xe2\x86\x92 %d", (int)f->first, (int)f->last),
        arena_printf(t->arena, "%zu", f->c.common),
        f->why ? not_samples : share_text(t->arena, pass_rate(&f->a, t->arena)),
        f->why ? not_samples : share_text(t->arena, pass_rate(&f->b, t->arena)),
        f->why ? not_samples : difference_text(t->arena, &f->c.rate, f->c.known),
        chance_text(t->arena, f->p_adjusted),
        f->why ? not_samples : contrast_word(&f->c, f->p_adjusted),
    };

    blocks_table_row(t->out, cells, sizeof(cells) / sizeof(cells[0]));
}

static void write_courses(const struct trainings *t)
{
    static const char *const head[] = {"Training",
                                       "Epochs",
                                       "Common questions",
                                       "pass@1 at first",
                                       "pass@1 at last",
                                       "Difference (95 %)",
                                       "q",
                                       "Says"};
    struct first_last v[TRAININGS_MAX];
    size_t known = 0;

    for (size_t i = 0; i < t->n; i++) {
        v[i] = first_last_of(&t->v[i].s, t->arena);
        known += v[i].known;
    }
    blocks_heading(t->out, 2, "From First to Last Epoch");
    if (known == 0) {
        blocks_paragraph(t->out, "None has two epochs: not assessed.");
        return;
    }
    first_last_adjust(v, t->n, t->arena);
    blocks_table_begin(t->out);
    blocks_table_row(t->out, head, sizeof(head) / sizeof(head[0]));
    for (size_t i = 0; i < t->n; i++) {
        if (v[i].known)
            put_course(t, &t->v[i], &v[i]);
    }
    blocks_table_end(t->out);
    blocks_paragraph(t->out,
                     "The last minus the first on the questions that both have; q by "
                     "Benjamini and Hochberg over the trainings.%s",
                     known < t->n ? " Those not named have no two epochs." : "");
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
    write_courses(t);
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
