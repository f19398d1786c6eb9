#include "reports/failure_cases.h"

#include "analysis/trajectories/failures.h"
#include "reports/words.h"

enum { OF_A_CLASS = 2, STEP_CHARS = 400, QUESTION_CHARS = 200, STEPS_READ = 4096 };

static void put_part(struct buf *out, const char *name, struct str text, size_t most,
                     struct arena *scratch)
{
    if (text.n)
        buf_printf(out, "%s: %s\n", name, word_quote(scratch, text, most));
}

static void put_step(struct buf *out, const struct episode_step *step, struct arena *scratch)
{
    buf_printf(out, "step %lld", (long long)step->id);
    if (step->tool.n)
        buf_printf(out, ", tool %s", word_quote(scratch, step->tool, QUOTE_CHARS));
    if (step->returned && step->observation.n)
        buf_printf(out, ", returned %s", step->returned);
    buf_byte(out, '\n');
    put_part(out, "thought", step->thought, STEP_CHARS, scratch);
    put_part(out, "action", step->action, STEP_CHARS, scratch);
    put_part(out, "observation", step->observation, STEP_CHARS, scratch);
}

/* The step that shows the first rule that holds; NO_NUMBER if none does. */
static int64_t evidence_of(const struct trajectories *t, size_t row, const struct episode *episode)
{
    size_t class = failure_class_of(t, row);
    int64_t step = NO_NUMBER;

    if (class < failure_rules_n &&
        !failure_rules[class].holds(&episode->watch, t->ending[row], &step))
        return NO_NUMBER;
    return step;
}

/* The evidence, else the last step: NULL if nothing is kept. */
static const struct episode_step *step_shown(const struct episode *episode, int64_t evidence)
{
    for (size_t i = 0; i < episode->n && evidence != NO_NUMBER; i++) {
        if (episode->steps[i].id == evidence)
            return &episode->steps[i];
    }
    return episode->n ? &episode->steps[episode->n - 1] : NULL;
}

static void put_case(const struct trainings *t, const struct selection *s, size_t row,
                     const struct episode *episode, struct arena *scratch)
{
    const struct trajectories *all = s->t;
    int64_t evidence = evidence_of(all, row, episode);
    const struct episode_step *step = step_shown(episode, evidence);
    struct buf out = {0};

    buf_printf(&out, ": %s, question %s", failure_class_name(failure_class_of(all, row)),
               data_text(scratch, dict_text(&all->words, all->question[row])));
    if (all->epoch[row] != NO_SMALL)
        buf_printf(&out, ", epoch %d", all->epoch[row]);
    buf_printf(&out, ", reward %s, ended '%s' after %s.", word_number(scratch, all->reward[row]),
               data_text(scratch, dict_text(&all->words, all->reason[row])),
               word_count(scratch, all->steps[row], "step"));
    if (evidence != NO_NUMBER)
        buf_printf(&out, " Evidence: step %lld.", (long long)evidence);
    blocks_bold(t->out, data_text(scratch, dict_text(&all->ids, all->id[row])), "%s",
                buf_text(&out));
    buf_fini(&out);
    put_part(&out, "question", dict_text(&all->words, all->text[row]), QUESTION_CHARS, scratch);
    if (step)
        put_step(&out, step, scratch);
    if (out.n)
        blocks_code(t->out, "text", str_trim(buf_str(&out)));
    buf_fini(&out);
}

static bool write_case(const struct trainings *t, const struct selection *s, size_t row,
                       struct err *err)
{
    struct arena scratch;
    struct episode episode;
    size_t steps = s->t->steps[row];

    arena_init(&scratch); /* an episode may be large, and there are several */
    bool ok = episode_read(s->t, row, steps > STEPS_READ ? steps - STEPS_READ : 0, STEPS_READ,
                           &scratch, &episode, err);
    if (ok)
        put_case(t, s, row, &episode, &scratch);
    arena_fini(&scratch);
    return ok;
}

bool write_cases(const struct trainings *t, const struct selection *failed, struct err *err)
{
    blocks_heading(t->out, 2, "Cases");
    blocks_paragraph(t->out,
                     "The first %d of each class in the order of the files, with the step that "
                     "shows the rule, else the last; quoted from the data, cut. list_failure_cases "
                     "with reward_max 0 names all %zu, get_trajectory shows one in full.",
                     OF_A_CLASS, failed->n);
    for (size_t class = 0; class <= failure_rules_n; class ++) {
        size_t shown = 0;
        for (size_t i = 0; i < failed->n && shown < OF_A_CLASS; i++) {
            if (failure_class_of(failed->t, failed->rows[i]) != class)
                continue;
            if (!write_case(t, failed, failed->rows[i], err))
                return false;
            shown++;
        }
    }
    return true;
}
