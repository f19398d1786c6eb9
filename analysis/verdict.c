#include "analysis/verdict.h"

#include <math.h>

#include "analysis/causes.h"
#include "analysis/comparison.h"
#include "analysis/rl.h"

static double harm_of(enum severity severity)
{
    static const double h[] = {0, 0.1, 0.3, 0.6, 1};

    return h[severity];
}

static const char *level_of(double risk)
{
    return risk < 0.25 ? "low" : risk < 0.5 ? "medium" : risk < 0.8 ? "high" : "critical";
}

static void keep_largest(struct analysis *a, struct risk_term term)
{
    enum { SHOWN = sizeof(a->risk_terms) / sizeof(a->risk_terms[0]) };
    size_t at = a->risk_terms_n;

    while (at > 0 && a->risk_terms[at - 1].share < term.share)
        at--;
    if (at == SHOWN)
        return;
    if (a->risk_terms_n < SHOWN)
        a->risk_terms_n++;
    for (size_t i = a->risk_terms_n - 1; i > at; i--)
        a->risk_terms[i] = a->risk_terms[i - 1];
    a->risk_terms[at] = term;
}

static void weigh(struct analysis *a)
{
    double safe = 1;

    for (size_t i = 0; i < a->findings.list.n; i++) {
        const struct finding *f = &a->findings.list.v[i];
        double share = harm_of(f->severity) * f->confidence;

        if (f->status != FINDING_FOUND || share <= 0)
            continue;
        safe *= 1 - share;
        keep_largest(a, (struct risk_term){f->id, share});
    }
    a->risk = 1 - safe;
    a->risk_level = level_of(a->risk);
}

static const struct finding *found_at(const struct analysis *a, enum severity least, double sure)
{
    for (size_t i = 0; i < a->findings.list.n; i++) {
        const struct finding *f = &a->findings.list.v[i];

        if (f->status == FINDING_FOUND && f->severity >= least && f->confidence >= sure)
            return f;
    }
    return NULL;
}

/* What is said of the end of the primary series; NULL if nothing could be. */
static const struct finding *end_of(const struct analysis *a, enum finding_status status,
                                    const char *class)
{
    const struct subject *subject = a->subject;
    struct str name = subject->role[subject_primary(subject)].name;

    for (size_t i = 0; i < a->findings.list.n; i++) {
        const struct finding *f = &a->findings.list.v[i];

        if (f->status == status && strcmp(f->class, class) == 0 && f->evidence.columns.n > 0 &&
            str_is(name, f->evidence.columns.v[0]))
            return f;
    }
    return NULL;
}

static void give(struct analysis *a, const char *verdict, const char *rule, const char *by)
{
    a->verdict = verdict;
    a->verdict_rule = arena_printf(a->findings.arena, "%s: %s", rule, by);
}

/*
 * A reward that gained far beyond its noise and holds its best level did what it was
 * trained for, whether the gain came in the first tenth or in the last third.
 */
static const struct finding *held_at_its_end(const struct analysis *a)
{
    if (subject_primary(a->subject) != ROLE_REWARD || !rl_reward(a->subject).held)
        return NULL;
    const struct finding *f = end_of(a, FINDING_FOUND, "plateau");

    return f ? f : end_of(a, FINDING_INCONCLUSIVE, "plateau");
}

static bool give_held(struct analysis *a)
{
    const struct finding *held = held_at_its_end(a);

    if (!held)
        return false;
    a->verdict = "Effective";
    a->verdict_rule =
        arena_printf(a->findings.arena,
                     "it got better and %s, at its best level, and nothing of high "
                     "severity was found (evidence: %s)",
                     rl_reward(a->subject).slowing ? "is slowing" : "has levelled off", held->id);
    return true;
}

/* The evidence is a check that found nothing, or a schedule: worded as what it showed. */
static bool give_effective(struct analysis *a)
{
    const struct finding *still = end_of(a, FINDING_NOT_FOUND, "plateau");
    const struct finding *ended = still ? NULL : end_of(a, FINDING_FOUND, "schedule_end");
    bool rises = still && still->evidence.ci_low > 0;
    bool cut = ended && analysis_find(a, "stopped_early", FINDING_FOUND);

    if (!still && !ended)
        return false;
    a->verdict = "Effective";
    a->verdict_rule =
        arena_printf(a->findings.arena,
                     "it got better%s, and nothing of high severity was found (evidence: %s%s)",
                     cut     ? ", as far as its log goes, which ends before the planned steps"
                     : ended ? ", to the end of its schedule"
                     : rises ? ", improved to its end"
                             : ", and had levelled off by its end",
                     ended   ? ""
                     : rises ? "still improving by the check "
                             : "no gain over the last quarter in the check ",
                     ended ? ended->id : still->id);
    return true;
}

/* No check could tell whether the run got better: by what it would have been judged, and what
 * failed. */
static void give_undetermined(struct analysis *a)
{
    enum role primary = subject_primary(a->subject);
    const struct role_series *its = &a->subject->role[primary];
    const struct finding *short_of = analysis_find(a, "no_progress", FINDING_INSUFFICIENT_DATA);

    a->verdict = "Undetermined";
    if (analysis_find(a, "no_progress", FINDING_INCONCLUSIVE))
        give(a, "Undetermined", "the change of the metric to judge the run by is within its noise",
             its->logged ? arena_text(a->findings.arena, its->name)
                         : subject_usual_name(a->subject, primary));
    else if (its->logged && short_of)
        give(a, "Undetermined", "too little to judge the run by",
             short_of->not_judged ? short_of->not_judged : short_of->sentence);
    else
        give(a, "Undetermined", "no metric to judge the run by is logged",
             subject_usual_name(a->subject, primary));
    a->risk_level = "not known"; /* what was not judged is not safe */
    a->risk = (double)NAN;
}

/* A training loss that fell says nothing of a validation loss that ends above its lowest. */
static bool give_past_its_best(struct analysis *a)
{
    const struct finding *f = past_its_best(&a->findings);

    if (!f || subject_primary(a->subject) != ROLE_TRAIN_LOSS)
        return false;
    a->verdict = "Undetermined";
    a->verdict_rule =
        arena_printf(a->findings.arena,
                     "the training loss got better, but not the validation loss: %s", f->sentence);
    a->risk_level = "not known";
    a->risk = (double)NAN;
    return true;
}

/* Its lowest evaluation against its first: did it get better before it turned? */
static bool fell_before(const struct analysis *a, const struct finding *turn)
{
    static const double clearly = 0.95;
    const struct series *s = &a->subject->role[ROLE_VALIDATION_LOSS].clean.active;

    for (size_t i = 0; s->n > 0 && i < turn->evidence.values.n; i++) {
        if (strcmp(turn->evidence.values.v[i].name, "best") == 0)
            return turn->evidence.values.v[i].value < clearly * s->value[0];
    }
    return false;
}

/*
 * A validation loss that passed its best: what is wrong with the run, whatever it is judged by.
 * `ended_no_better`: than it began.
 */
static void give_turned(struct analysis *a, const struct finding *turn, bool ended_no_better)
{
    if (score_rises(turn))
        give(a, "Partially Effective",
             "the validation loss got worse after its best, a held-out score did not", turn->id);
    else if (!ended_no_better || fell_before(a, turn))
        give(a, "Partially Effective", "the validation loss got better, then worse again",
             turn->id);
    else
        give(a, "Ineffective",
             "the validation loss got worse, and was never clearly below its start", turn->id);
}

static void judge(struct analysis *a)
{
    const struct finding *f = NULL;

    weigh(a);
    f = found_at(a, SEVERITY_CRITICAL, 0.7);
    if (f) {
        give(a, "Ineffective", "a critical finding at confidence .7 or more", f->id);
        return;
    }
    f = analysis_find(a, "no_progress", FINDING_FOUND);
    f = f ? f : analysis_find(a, "reward_decline", FINDING_FOUND);
    if (f) {
        give(a, "Ineffective", "the metric the run is judged by did not get better", f->id);
        return;
    }
    const struct finding *turn = turned(&a->findings);
    if (!analysis_find(a, "no_progress", FINDING_NOT_FOUND)) {
        if (turn && subject_primary(a->subject) == ROLE_VALIDATION_LOSS)
            give_turned(a, turn, true);
        else
            give_undetermined(a);
        return;
    }
    f = analysis_find(a, "reward_hacking", FINDING_FOUND);
    if (f) { /* the reward is then no measure of it */
        give(a, "Partially Effective",
             "the reward rose while the held-out score fell from its best", f->id);
        return;
    }
    f = found_at(a, SEVERITY_HIGH, 0.5);
    if (f) {
        give(a, "Partially Effective", "it got better, with a finding of high severity", f->id);
        return;
    }
    if (turn) {
        give_turned(a, turn, false);
        return;
    }
    if (give_past_its_best(a) || give_effective(a) || give_held(a))
        return;
    f = end_of(a, FINDING_FOUND, "plateau");
    f = f ? f : end_of(a, FINDING_INCONCLUSIVE, "plateau");
    give(a, "Partially Effective", "it got better, but is not shown to improve at its end",
         f ? f->id : "plateau");
}

void verdict_give(struct analysis *a)
{
    judge(a);
    if (subject_is_running(a->subject))
        a->verdict_rule = arena_printf(a->findings.arena,
                                       "so far, for the run is still running: %s", a->verdict_rule);
}

const char *verdict_against(const struct analysis *a, const struct comparison *against,
                            struct arena *arena, const char **rule)
{
    const struct claim *claim = against->claims_n ? &against->claim[0] : NULL;
    const char *baseline = against->run[0].experiment->id;
    bool better =
        claim && (against->direction == DIRECTION_LOWER_IS_BETTER ? claim->difference < 0
                                                                  : claim->difference > 0);

    *rule = a->verdict_rule;
    if (strcmp(a->verdict, "Effective") != 0)
        return a->verdict;
    if (!claim || isnan(claim->difference) || against->direction == DIRECTION_UNKNOWN) {
        *rule = arena_printf(arena, "%s; it could not be set against its baseline %s",
                             a->verdict_rule, baseline);
        return a->verdict;
    }
    *rule =
        arena_printf(arena, "%s; at step %lld '%s' is %.6g against %.6g of its baseline %s%s",
                     a->verdict_rule, (long long)claim->at_step, against->metric, claim->value_b,
                     claim->value_a, baseline, better ? "" : ", so it does not beat it");
    return better ? a->verdict : "Partially Effective";
}
