/*
 * A gating run beside the runs that its trainer's decision records (ADR 0001 to 0006) report:
 * a description. Their configurations were other ones, so nothing is judged by it.
 */
#include "analysis/base/buf.h"
#include "analysis/detectors/detector.h"
#include "analysis/say.h"
#include "analysis/stats/moments.h"

static const char class[] = "reference_values";

enum { POINTS_MIN = 20 }; /* so that a tenth of them is two */

enum what { LOWEST, LARGEST, LAST_TENTH };

/* What is measured, and what the records say: of which run in which record. */
static const struct row {
    enum role role;
    enum what what;
    const char *name, *reference;
    double value;
} rows[] = {
    {ROLE_GATE, LAST_TENTH, "gate", "collapsed gates stood at 0.48 and 0.52, ADR 0001", 0.5},
    {ROLE_ENTROPY, LOWEST, "lowest_entropy", "-0.678, ADR 0003", -0.678},
    {ROLE_ENTROPY_COEFFICIENT, LARGEST, "largest_entropy_coef", "0.044 with three gates, ADR 0003",
     0.044},
    {ROLE_REWARD_DIVERSITY, LAST_TENTH, "reward_diversity",
     "0.438 learned and collapsed, ADR 0005; 0.470 with homeostasis, ADR 0006", 0.438},
    {ROLE_REWARD_REPETITION, LAST_TENTH, "reward_repetition", "-0.0002, ADR 0006", -0.0002},
};

/* Mean reward a step and mean diversity of policies, in the order of the records. */
static const struct policy_row {
    const char *policy, *adr;
    double reward, diversity;
} policies[] = {
    {"fixed", "ADR 0003", 0.197, 0.734},   {"neutral_gating", "ADR 0003", 0.197, 0.719},
    {"learned", "ADR 0003", 0.182, 0.677}, {"learned", "ADR 0005", 0.198, 0.438},
    {"random", "ADR 0005", 0.146, 0.551},
};
enum { POLICIES = sizeof(policies) / sizeof(policies[0]) };

static double measured(const struct series *s, enum what what)
{
    size_t tenth = (s->n + 9) / 10;
    double value = s->value[0];

    if (what == LAST_TENTH)
        return mean_of(s->value + s->n - tenth, tenth);
    for (size_t i = 1; i < s->n; i++)
        value = what == LOWEST ? fmin(value, s->value[i]) : fmax(value, s->value[i]);
    return value;
}

static void say_series(struct said said, const struct subject *subject, struct buf *text)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct role_series *r = &subject->role[rows[i].role];
        if (!r->logged || r->clean.active.n < POINTS_MIN)
            continue;
        double value = measured(&r->clean.active, rows[i].what);
        buf_printf(text, "%s%s %.3g (%s)", text->n ? "; " : "", rows[i].name, value,
                   rows[i].reference);
        finding_column(said.findings, said.finding, r->name);
        say_value(said, rows[i].name, value, "");
        say_parameter(said, say_text(said, "reference_%s", rows[i].name), rows[i].value, "");
    }
}

/* What a study found of a policy; false: nothing to set beside the records. */
static bool studied(const struct json *study, const char *policy, double *reward, double *diversity)
{
    const struct json *here = study ? json_get(study, policy) : NULL;

    return here && json_number(json_get(here, "mean_reward"), reward) &&
           json_number(json_get(here, "mean_diversity"), diversity);
}

static void say_policies(struct said said, const struct json *study, struct buf *text)
{
    for (size_t i = 0; i < POLICIES; i++) {
        const struct policy_row *p = &policies[i];
        double reward, diversity;

        if (!studied(study, p->policy, &reward, &diversity))
            continue;
        buf_printf(text, "%s%s reward %.3g and diversity %.3g (%.3g and %.3g, %s)",
                   text->n ? "; " : "", p->policy, reward, diversity, p->reward, p->diversity,
                   p->adr);
        say_value(said, say_text(said, "%s_reward_minus_%s", p->policy, p->adr), reward - p->reward,
                  "reward a step");
        say_value(said, say_text(said, "%s_diversity_minus_%s", p->policy, p->adr),
                  diversity - p->diversity, "");
    }
}

/* Of at least one policy of the records; NULL: none, or of something else. */
static const struct json *study_of(const struct subject *subject)
{
    struct document document = {0};
    double reward, diversity;

    if (subject->experiment && subject->experiment->has_ablation)
        experiment_document(subject->experiment, FILE_ABLATION, subject->arena, &document);
    if (!document.json || document.json->kind != JSON_OBJECT)
        return NULL;
    for (size_t i = 0; i < POLICIES; i++) {
        if (studied(document.json, policies[i].policy, &reward, &diversity))
            return document.json;
    }
    return NULL;
}

static void run(const struct subject *subject, struct findings *out)
{
    const struct json *study = study_of(subject);
    const struct role_series *gate = &subject->role[ROLE_GATE];
    struct buf text = {0};

    if (!gate->logged && !study)
        return; /* no gating run: there is nothing to set it beside */
    if (gate->clean.active.n < POINTS_MIN && !study) {
        (void)say_too_short(out, class, gate, POINTS_MIN);
        return;
    }
    struct said said = {out, finding_add(out, class, FINDING_FOUND)};
    say_series(said, subject, &text);
    if (study) {
        finding_column(out, said.finding, STR("ablation_results.json"));
        say_policies(said, study, &text);
    }
    say(said, "Beside the runs of the trainer's decision records: %s.", buf_text(&text));
    say_method(said, "lowest, largest, or mean of the last tenth; differences from the figures "
                     "the records report");
    say_what_would_change(said, "Nothing: this is a description.");
    say_caveat(said, "the recorded runs had other configurations; between the same policy twice "
                     "they differ by 0.015 in diversity (fixed and neutral_gating, ADR 0003)");
    say_harm(said, SEVERITY_INFO, 0.99);
    buf_fini(&text);
}

const struct detector detector_reference_values = {
    .name = "reference_values",
    .what = "a gating run beside the figures of its trainer's decision records",
    .applies = FOR_RL,
    .run = run,
};
