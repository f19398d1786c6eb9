/* Prompts: a skill's instructions, for clients that do not know skills, and the run they are for.
 */
#include "tools/complete.h"
#include "tools/skills.h"

static const struct skill *skill_named(const char *name)
{
    for (size_t i = 0; i < skills_n; i++) {
        if (strcmp(skills[i].name, name) == 0)
            return &skills[i];
    }
    return NULL;
}

/* SKILL.md without its frontmatter, which is for those who choose a skill. */
static struct str body(const struct skill *skill)
{
    const struct str mark = STR("\n---\n");

    for (size_t i = 0; i < skill->files_n; i++) {
        struct str text = skill->files[i].bytes;
        if (strcmp(skill->files[i].path, "SKILL.md") != 0)
            continue;
        const char *end = memmem(text.p, text.n, mark.p, mark.n);
        return str_trim(end ? str_from(text, (size_t)(end - text.p) + mark.n) : text);
    }
    return (struct str){0};
}

static bool put_skill(const char *name, const char *experiment, struct buf *messages,
                      struct err *err)
{
    const struct skill *skill = skill_named(name);
    struct buf text = {0};

    if (!skill)
        return err_set(err, ERR_INTERNAL, "The skill '%s' is not part of this build.", name);
    buf_add(&text, body(skill));
    if (skill->files_n > 1)
        buf_printf(&text,
                   "\n\nThe files named above can be read from this server: "
                   "skill://%s/references/…",
                   name);
    if (experiment && *experiment) {
        buf_puts(&text, "\n\nThe experiment is ");
        json_put_string(&text, str_of(experiment));
        buf_puts(&text, ".");
    }
    buf_byte(&text, '\n');
    prompt_put_text(messages, buf_str(&text));
    buf_fini(&text);
    return true;
}

static const struct prompt_argument of_a_run[] = {
    {.name = "expId",
     .doc = "The experiment; without it the newest finished one is proposed.",
     .complete = complete_experiment},
};

static bool get_report(struct call *call, const char *const *values, struct buf *messages,
                       struct err *err)
{
    (void)call;
    return put_skill("post-training-report", values[0], messages, err);
}

static const struct prompt prompt_post_training_report = {
    .name = "post-training-report",
    .title = "Report on a finished run",
    .doc = "Builds the complete report of a training run, checks it and presents it.",
    .arguments = of_a_run,
    .arguments_n = 1,
    .get = get_report,
};

static bool get_analysis(struct call *call, const char *const *values, struct buf *messages,
                         struct err *err)
{
    (void)call;
    return put_skill("analyze-run", values[0], messages, err);
}

static const struct prompt prompt_analyze_run = {
    .name = "analyze-run",
    .title = "Judge a run step by step",
    .doc = "Judges a training run from its numbers and ends with one concrete next experiment.",
    .arguments = of_a_run,
    .arguments_n = 1,
    .get = get_analysis,
};

static const struct prompt_argument of_runs[] = {
    {.name = "expIds",
     .doc = "The experiments, with commas between them, the baseline first.",
     .complete = complete_experiment},
};

static bool get_comparison(struct call *call, const char *const *values, struct buf *messages,
                           struct err *err)
{
    (void)call;
    return put_skill("compare-experiments", values[0], messages, err);
}

static const struct prompt prompt_compare_experiments = {
    .name = "compare-experiments",
    .title = "Does one run beat another?",
    .doc = "Compares runs, and says no more than their seeds carry.",
    .arguments = of_runs,
    .arguments_n = 1,
    .get = get_comparison,
};

const struct prompt *const prompts[] = {
#define X(name) &prompt_##name,
#include "tools/prompts.def"
#undef X
    NULL};
