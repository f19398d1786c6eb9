#include "reports/verdict_text.h"

#include "analysis/base/shape.h"
#include "analysis/evaluations.h"
#include "reports/words.h"

#include <math.h>

enum { KEY_FINDINGS = 3, SAMPLES_SHOWN = 3, SAMPLE_CHARACTERS = 200 };

static const struct finding *finding_at(const struct account *a, size_t i)
{
    return &a->analysis->findings.list.v[i];
}

/* ---- verdict and key findings ---- */

static void verdict(const struct account *a)
{
    const struct analysis *x = a->analysis;
    struct buf terms = {0};

    for (size_t i = 0; i < x->risk_terms_n; i++)
        buf_printf(&terms, "%s %s %.2f", i ? "," : " Largest terms:", x->risk_terms[i].finding,
                   x->risk_terms[i].share);
    blocks_bold(a->out, arena_printf(a->arena, "Verdict: %s", x->verdict),
                " \xe2\x80\x94 %.*s. Risk: %s (%s).%s%s", STR_FMT(word_clause(x->verdict_rule)),
                x->risk_level,
                isnan(x->risk) ? "the run cannot be judged"
                               : arena_printf(a->arena, "%.2f of 1", x->risk),
                terms.n ? buf_text(&terms) : "", terms.n ? "." : "");
    buf_fini(&terms);
}

static void key_finding(const struct account *a, const struct finding *f)
{
    const char *method = f->evidence.method ? f->evidence.method : "not stated";
    const char *change = f->what_would_change_it;
    const char *points =
        f->evidence.n_used > 0
            ? arena_printf(a->arena, "%s; ", word_count(a->arena, f->evidence.n_used, "point"))
            : "";

    if (f->status == FINDING_FOUND)
        blocks_bullet(a->out, "%s (%s; method: %s.)%s%s", f->sentence, word_weight(a->arena, f),
                      method, change ? " What would change it: " : "", change ? change : "");
    else
        blocks_bullet(a->out, "%s (%s; %smethod: %s.)", f->sentence,
                      f->status == FINDING_INCONCLUSIVE ? "cannot tell" : "no problem found",
                      points, method);
}

/*
 * In this order: what was found above description; where the metric the run is
 * judged by stands at its end; what else is known of it; the rest that is known.
 */
enum { PASSES = 4 };

static int pass_of(const struct account *a, const struct finding *f)
{
    const struct subject *subject = a->analysis->subject;
    struct str primary = subject->role[subject_primary(subject)].name;
    bool of_primary = f->evidence.columns.n > 0 && str_is(primary, f->evidence.columns.v[0]);
    bool told = f->status == FINDING_FOUND || f->status == FINDING_INCONCLUSIVE ||
                f->status == FINDING_NOT_FOUND;
    bool end = strcmp(f->class, "plateau") == 0 || strcmp(f->class, "schedule_end") == 0;

    if (!told || f->explained_by || strcmp(f->class, "missing_metrics") == 0)
        return PASSES;
    /* what a run had gained before it was lost is no comfort */
    if (f->status == FINDING_NOT_FOUND && strcmp(f->class, "no_progress") == 0 &&
        analysis_find(a->analysis, "divergence", FINDING_FOUND))
        return PASSES;
    if (f->status == FINDING_NOT_FOUND && strcmp(f->class, "acceleration") == 0)
        return PASSES; /* that nothing was to be saved says nothing of the run */
    if (f->status == FINDING_FOUND && f->severity > SEVERITY_INFO)
        return 0;
    return of_primary ? (end ? 1 : 2) : 3;
}

static void key_findings(const struct account *a)
{
    size_t said = 0;

    blocks_bold(a->out, "Key Findings", "%s", "");
    for (int pass = 0; pass < PASSES; pass++) {
        for (size_t i = 0; i < a->analysis->findings.list.n && said < KEY_FINDINGS; i++) {
            if (pass_of(a, finding_at(a, i)) != pass)
                continue;
            key_finding(a, finding_at(a, i));
            said++;
        }
    }
    if (said == 0)
        blocks_bullet(a->out, "Nothing was found and nothing could be ruled out: the data did not "
                              "carry any analysis.");
}

static void mode_assessment(const struct account *a)
{
    static const char label[] = "Constraint Mode Assessment:";
    const struct figure *cost = figure_of(a, ROLE_COST);
    const struct figure *diversity = figure_of(a, ROLE_REWARD_DIVERSITY);

    if (a->analysis->subject->lagrangian && cost && cost->summary.finite > 0)
        blocks_bold(a->out, label,
                    " Lagrangian. The mean cost of the last 10 %% is %s, where 0 means that the "
                    "constraint holds at every step: it is %s at the end. Whether another mode "
                    "would do better takes a run of each.",
                    word_number(a->arena, cost->summary.mean_last_tenth),
                    cost->summary.mean_last_tenth > 0 ? "still violated" : "met");
    else if (a->analysis->subject->lagrangian)
        blocks_bold(a->out, label,
                    " Lagrangian. No cost is logged, so whether the constraint holds cannot be "
                    "said.");
    else if (diversity && diversity->summary.finite > 0)
        blocks_bold(
            a->out, label,
            " weighted. Diversity averages %s over the last 10 %% after a first value of %s; "
            "nothing enforces a floor in this mode. Whether the Lagrangian mode would do "
            "better takes a run of each.",
            word_number(a->arena, diversity->summary.mean_last_tenth),
            word_number(a->arena, diversity->summary.first));
    else
        blocks_bold(
            a->out, label,
            " weighted, by rule (no multiplier is logged). No diversity is logged either, so "
            "whether the mode suits this run cannot be judged.");
}

/* ---- the next experiment ---- */

/* The first recommendation that rests on something of at least that severity. */
static const struct finding *best_advice(const struct account *a, enum severity least)
{
    const struct analysis *x = a->analysis;

    for (size_t r = 0; r < x->recommendations_n; r++) {
        for (size_t i = 0; i < x->findings.list.n; i++) {
            const struct finding *f = finding_at(a, i);
            if (f->advice == x->recommendations[r].advice && f->severity >= least)
                return f;
        }
    }
    return NULL;
}

static void say_advice_as(const struct account *a, const struct advice *advice, const char *because,
                          const char *as)
{
    struct buf out = {0};

    buf_printf(&out, " %s", advice->key);
    if (advice->from && advice->to)
        buf_printf(&out, ": from %s to %s", advice->from, advice->to);
    else if (advice->to)
        buf_printf(&out, ": %s", advice->to);
    buf_printf(&out, ". Because of %s.", because);
    if (advice->expected)
        buf_printf(&out, " Expected: %.*s.", STR_FMT(word_clause(advice->expected)));
    if (advice->check)
        buf_printf(&out, " Check: %.*s.", STR_FMT(word_clause(advice->check)));
    blocks_bold(a->out, as, "%s", buf_text(&out));
    buf_fini(&out);
}

static void say_advice_of(const struct account *a, const struct finding *f)
{
    say_advice_as(a, f->advice, f->id, "Next Experiment Suggestion:");
}

/* More evaluations change nothing of the training: they go with whatever the next run changes. */
static void evaluate_more(const struct account *a)
{
    const struct analysis *x = a->analysis;

    for (size_t i = 0; i < x->recommendations_n; i++) {
        const struct recommendation *r = &x->recommendations[i];
        if (strcmp(r->advice->key, EVALUATIONS_KEY) == 0)
            say_advice_as(a, r->advice, r->because, "With it:");
    }
}

/* Where a rate that falls on a line reaches 0, if that lies ahead; NAN if it does not fall so. */
static double line_end(const struct account *a, int64_t last)
{
    const struct finding *f = analysis_find(a->analysis, "lr_schedule", FINDING_FOUND);

    for (size_t i = 0; f && i < f->evidence.values.n; i++) {
        const struct quantity *q = &f->evidence.values.v[i];

        if (strcmp(q->name, "line_reaches_zero") == 0 && q->value > 1.02 * (double)last)
            return round(q->value);
    }
    return (double)NAN;
}

static void suggest_new_schedule(const struct account *a, const struct figure *f,
                                 const struct finding *by)
{
    blocks_bold(a->out, "Next Experiment Suggestion:",
                " number of steps, with a schedule made for it: from %lld to %lld. Because of %s: "
                "nothing was found to repair, and a decayed rate cannot be continued. Expected: "
                "lower '%s'; by how much cannot be read off a decayed run. Check: the mean of its "
                "last 10 %% is below %s.",
                (long long)f->summary.last_step, 2 * (long long)f->summary.last_step, by->id,
                f->key, word_number(a->arena, f->summary.mean_last_tenth));
}

static void suggest_more_steps(const struct account *a, const struct figure *f,
                               const struct finding *by)
{
    const struct summary *s = &f->summary;
    double line = line_end(a, s->last_step);
    const char *to =
        isfinite(line) ? word_number(a->arena, line) : word_step(a->arena, 2 * s->last_step);
    const char *why =
        isfinite(line) ? " The logged rate falls on a line that reaches 0 there: if that was the "
                         "plan, the run was stopped early."
        : figure_of(a, ROLE_LEARNING_RATE) ? ""
                                           : " No learning rate is logged: if its schedule had "
                                             "ended, plan one for the new length.";

    blocks_bold(
        a->out, "Next Experiment Suggestion:",
        " number of steps: from %lld to %s.%s By the check %s nothing was found to repair and "
        "'%s' still improves. Expected, if that goes on: %s %s (90 %% interval %s to %s). "
        "Check: the mean of the last 10 %% is below %s.",
        (long long)s->last_step, to, why, by->id, f->key,
        word_number(a->arena, by->evidence.effect), by->evidence.effect_unit,
        word_number(a->arena, by->evidence.ci_low), word_number(a->arena, by->evidence.ci_high),
        word_number(a->arena, s->mean_last_tenth));
}

static void suggest_more_iterations(const struct account *a, const struct figure *f,
                                    const struct finding *by)
{
    const struct summary *s = &f->summary;

    blocks_bold(
        a->out, "Next Experiment Suggestion:",
        " number of iterations: from %lld to %lld. By the check %s nothing was found to "
        "repair and '%s' still improves. Expected, if that goes on: for each further half "
        "of this run a gain of %s (90 %% interval %s to %s). Check: "
        "the mean of the last 10 %% is above %s.",
        (long long)s->n, 2 * (long long)s->n, by->id, f->key,
        word_number(a->arena, by->evidence.effect), word_number(a->arena, by->evidence.ci_low),
        word_number(a->arena, by->evidence.ci_high), word_number(a->arena, s->mean_last_tenth));
}

/* Nothing is wrong and the metric improves to its end: the next question is how far it goes. */
static bool suggest_longer(const struct account *a)
{
    const struct finding *improving = primary_finding(a, "plateau", FINDING_NOT_FOUND);
    const struct finding *ended = primary_finding(a, "schedule_end", FINDING_FOUND);
    const struct figure *f = figure_of(a, subject_primary(a->analysis->subject));

    if (!f || f->summary.last_step <= 0 || (improving && !(improving->evidence.ci_low > 0)))
        return false;
    if (improving && a->rl)
        suggest_more_iterations(a, f, improving);
    else if (improving)
        suggest_more_steps(a, f, improving);
    else if (ended)
        suggest_new_schedule(a, f, ended);
    return improving || ended;
}

static void suggest_logging(const struct account *a)
{
    const struct strs *missing = &a->analysis->not_logged;
    const struct finding *open = NULL;
    struct buf out = {0};

    for (size_t i = 0; i < a->analysis->findings.list.n && !open; i++) {
        const struct finding *f = finding_at(a, i);

        if ((f->status == FINDING_INCONCLUSIVE || f->status == FINDING_INSUFFICIENT_DATA) &&
            f->what_would_change_it)
            open = f;
    }
    buf_puts(&out, " no change of the configuration follows from what was found.");
    if (missing->n > 0) {
        buf_puts(&out, " Log what would decide:");
        for (size_t i = 0; i < missing->n; i++)
            buf_printf(&out, "%s '%s'", i ? "," : "", missing->v[i]);
        buf_byte(&out, '.');
    }
    if (open)
        buf_printf(&out, " Open is %s; it would be decided by: %s", open->id,
                   open->what_would_change_it);
    if (missing->n == 0 && !open)
        buf_puts(&out, " Everything usual is logged and no question is open: repeat the run with "
                       "another seed to learn how large its noise is.");
    blocks_bold(a->out, "Next Experiment Suggestion:", "%s", buf_text(&out));
    buf_fini(&out);
}

/* Trouble first; then how far a sound run goes; then what is only a little wrong. */
static void suggestion(const struct account *a)
{
    const struct finding *grave = best_advice(a, SEVERITY_MEDIUM);
    const struct finding *slight = best_advice(a, SEVERITY_LOW);
    bool trouble = analysis_find(a->analysis, "no_progress", FINDING_FOUND) != NULL;

    if (grave)
        say_advice_of(a, grave);
    else if (!trouble && suggest_longer(a))
        return;
    else if (slight)
        say_advice_of(a, slight);
    else
        suggest_logging(a);
}

/* ---- the evaluation ---- */

static void quote_sample(const struct account *a, const struct json *sample, size_t at)
{
    const char *prompt =
        word_quote(a->arena, json_text(a->arena, json_get(sample, "prompt")), SAMPLE_CHARACTERS);
    const char *text = word_quote(
        a->arena,
        json_text(a->arena, sample->kind == JSON_STRING ? sample : json_get(sample, "generated")),
        SAMPLE_CHARACTERS);

    blocks_paragraph(a->out,
                     "Sample %zu, as data (prompt, then text; cut to %d characters each):", at,
                     (int)SAMPLE_CHARACTERS);
    blocks_code(a->out, "text", str_of(arena_printf(a->arena, "%s\n%s", prompt, text)));
}

static void evaluation(const struct account *a)
{
    struct document document = {0};
    const struct figure *val = figure_of(a, ROLE_VALIDATION_LOSS);
    double perplexity = (double)NAN;
    size_t at = 0;

    experiment_document(a->experiment, FILE_EVALUATION, a->arena, &document);
    if (!document.exists)
        return;
    if (!document.json) {
        blocks_bold(a->out, "Evaluation Summary:", " %s is there but cannot be used: %s",
                    document.path, document.why ? document.why : "no reason known.");
        return;
    }
    const struct json *samples = json_get(document.json, "samples");
    bool known = json_number(json_get(document.json, "perplexity"), &perplexity);
    bool listed = samples && samples->kind == JSON_ARRAY;
    blocks_bold(a->out, "Evaluation Summary:", " final perplexity %s (%s); %s.%s",
                known ? word_number(a->arena, perplexity) : "not given", document.path,
                listed ? word_count(a->arena, samples->count, "generated sample")
                       : "no list of samples",
                val && val->summary.finite > 0
                    ? arena_printf(a->arena, " exp of the last finite validation loss is %s.",
                                   word_number(a->arena, exp(val->summary.last)))
                    : "");
    for (const struct json *s = listed ? samples->first : NULL; s && at < SAMPLES_SHOWN;
         s = s->next)
        quote_sample(a, s, ++at);
    if (at > 0)
        blocks_paragraph(a->out,
                         "Not assessed: whether the samples are good; they are shown to be read. "
                         "Empty, repetitive and broken ones are counted (sample_quality).");
}

/* ---- what is missing ---- */

/* Logged and shown, but no finding has it among its evidence. */
static bool is_unjudged(const struct account *a, const struct figure *f)
{
    if (f->role == ROLES || f->derived || f->series.n == 0)
        return false;
    for (size_t i = 0; i < a->analysis->findings.list.n; i++) {
        const struct finding *x = finding_at(a, i);

        if (strcmp(x->class, "missing_metrics") == 0)
            continue;
        for (size_t c = 0; c < x->evidence.columns.n; c++) {
            if (strcmp(x->evidence.columns.v[c], f->key) == 0)
                return false;
        }
    }
    return true;
}

static void gaps(const struct account *a)
{
    const struct analysis *x = a->analysis;
    struct buf out = {0};

    for (size_t i = 0; i < x->not_assessed.n; i++)
        buf_printf(&out, "%s%s", i ? "; " : " ", x->not_assessed.v[i]);
    for (size_t i = 0; i < a->figures_n; i++) {
        if (is_unjudged(a, &a->figures[i]))
            buf_printf(&out, "; the series '%s'", a->figures[i].key);
    }
    blocks_bold(a->out, "Not assessed", " by this version, whatever the data:%s.",
                out.n ? buf_text(&out) : " nothing known");
    buf_fini(&out);
    for (size_t i = 0; i < x->not_logged.n; i++)
        buf_printf(&out, "%s'%s'", i ? ", " : " ", x->not_logged.v[i]);
    blocks_bold(a->out, "Not logged:", "%s.",
                x->not_logged.n ? buf_text(&out) : " nothing that runs of this kind usually log");
    buf_fini(&out);
}

void outcome_write(const struct account *a)
{
    blocks_heading(a->out, 2, "Outcome and Next Steps");
    verdict(a);
    key_findings(a);
    if (a->rl)
        mode_assessment(a);
    suggestion(a);
    evaluate_more(a);
    evaluation(a);
    gaps(a);
}
