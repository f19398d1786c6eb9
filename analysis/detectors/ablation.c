/*
 * The ablation study of a gating run: is the learned policy better than a fixed
 * or a random one? Episodes of one trained policy; of training again they say
 * nothing. `fixed` and `neutral_gating` are the same policy: what they differ
 * by is noise.
 */
#include "analysis/detectors/detector.h"
#include "analysis/rl.h"
#include "analysis/say.h"
#include "analysis/stats/compare.h"

static const char class[] = "ablation";

enum { RIVALS_MAX = 20, EPISODES_ASSUMED = 50 };

struct policy {
    const char *name;
    struct sample reward;
    double diversity;
};

struct study {
    size_t n;
    struct policy rivals[RIVALS_MAX], learned;
    bool has_learned;
    double floor, diversity_floor; /* |fixed - neutral_gating|; NAN without both */
    double episodes;
    struct welch w[RIVALS_MAX]; /* learned against each */
    double q[RIVALS_MAX];
    size_t worst; /* the rival the learned policy compares worst with */
};

static double number(const struct json *json, const char *key)
{
    double value = (double)NAN;

    (void)json_number(json_get(json, key), &value);
    return value;
}

static const struct policy *rival(const struct study *s, const char *name)
{
    for (size_t i = 0; i < s->n; i++) {
        if (strcmp(s->rivals[i].name, name) == 0)
            return &s->rivals[i];
    }
    return NULL;
}

static struct study read_study(const struct subject *subject, const struct json *json)
{
    struct study s = {.episodes = rl_setting_or(subject, "RL_EVAL_EPISODES", EPISODES_ASSUMED),
                      .floor = (double)NAN,
                      .diversity_floor = (double)NAN};

    json_each (member, json) {
        struct policy p = {.name = arena_text(subject->arena, member->key),
                           .reward = {number(member, "mean_reward"),
                                      sample_sd(number(member, "std_reward"), s.episodes),
                                      s.episodes},
                           .diversity = number(member, "mean_diversity")};

        if (!isfinite(p.reward.mean))
            continue;
        if (strcmp(p.name, "learned") == 0) {
            s.learned = p;
            s.has_learned = true;
        } else if (s.n < RIVALS_MAX) {
            s.rivals[s.n++] = p;
        }
    }
    const struct policy *fixed = rival(&s, "fixed"), *neutral = rival(&s, "neutral_gating");
    if (fixed && neutral) {
        s.floor = fabs(fixed->reward.mean - neutral->reward.mean);
        s.diversity_floor = fabs(fixed->diversity - neutral->diversity);
    }
    return s;
}

static void measure(struct study *s, struct arena *scratch)
{
    double p[RIVALS_MAX];

    for (size_t i = 0; i < s->n; i++) {
        s->w[i] = welch_of(&s->learned.reward, &s->rivals[i].reward);
        p[i] = s->w[i].p;
        if (s->w[i].difference < s->w[s->worst].difference)
            s->worst = i;
    }
    bh_adjust(p, s->n, s->q, scratch);
}

/* Beyond chance over the family, and beyond what the same policy twice differs by. */
static bool stands_out(const struct study *s, size_t i)
{
    bool above_floor = !(fabs(s->w[i].difference) <= s->floor); /* true without a floor */

    return isfinite(s->w[i].p) && s->q[i] < 0.05 && above_floor;
}

/* What needs no count of episodes: the size of the difference, and how many would show it. */
static void assumed(struct said said, const struct study *s)
{
    int64_t least = welch_least_n(&s->learned.reward, &s->rivals[s->worst].reward);

    say_caveat(said, "RL_EVAL_EPISODES is not known; the trainer's default of %d is assumed",
               EPISODES_ASSUMED);
    if (isfinite(s->w[s->worst].d))
        say_value(said, "difference_in_deviations", s->w[s->worst].d, "");
    if (least != INT64_MIN)
        say_value(said, "episodes_that_would_show_it", (double)least, "a policy");
}

static void figures(struct said said, const struct subject *subject, const struct study *s)
{
    said.finding->evidence.n_used = (int64_t)(s->n + 1);
    said.finding->evidence.p = s->w[s->worst].p;
    said.finding->evidence.q = s->q[s->worst];
    finding_column(said.findings, said.finding, STR("ablation_results.json"));
    say_value(said, "learned_mean_reward", s->learned.reward.mean, "reward a step");
    for (size_t i = 0; i < s->n; i++) {
        const char *name = s->rivals[i].name;

        say_value(said, say_text(said, "learned_minus_%s", name), s->w[i].difference,
                  "reward a step");
        if (isfinite(s->w[i].t)) {
            say_value(said, say_text(said, "welch_t_%s", name), s->w[i].t, "");
            say_value(said, say_text(said, "q_%s", name), s->q[i], "");
        }
    }
    if (isfinite(s->floor))
        say_value(said, "same_policy_twice_differs_by", s->floor, "reward a step");
    if (isfinite(s->diversity_floor))
        say_value(said, "same_policy_twice_diversity_differs_by", s->diversity_floor, "");
    say_parameter(said, "episodes", s->episodes, "a policy");
    say_method(said, "Welch on per-episode means (stored population deviations made those of a "
                     "sample), Benjamini-Hochberg over the rivals; |fixed - neutral_gating| as "
                     "the least difference that counts");
    say_caveat(said, "episodes of one trained policy: nothing about training it again");
    if (subject->lagrangian)
        say_caveat(said,
                   "the study's reward uses the configured weights, diversity among them, which "
                   "a run in Lagrangian mode does not optimise");
    if (!isfinite(subject_setting(subject, "RL_EVAL_EPISODES")))
        assumed(said, s);
}

static void say_worst(struct said said, const struct study *s, size_t better, bool worse)
{
    const struct welch *w = &s->w[s->worst];
    const char *name = s->rivals[s->worst].name;
    const char *floor = isfinite(s->floor)
                            ? say_text(said, "; the same policy twice differs by %.3g", s->floor)
                            : "";

    if (!isfinite(w->p))
        say_not_judged(said,
                       "the learned policy is %+.3g from '%s', but deviations or episodes are "
                       "missing%s.",
                       w->difference, name, floor);
    else
        say(said,
            "The learned policy is %s: %+.3g reward a step from '%s' (Welch t %.3f, p "
            "%.2g%s%s); it is better than %zu of %zu others beyond noise.",
            worse ? "worse than another one" : "not worse than any other", w->difference, name,
            w->t, w->p, floor, worse ? "" : ", its least favourable comparison", better, s->n);
}

static void say_study(const struct subject *subject, const struct study *s, struct findings *out)
{
    size_t better = 0;
    bool worse = stands_out(s, s->worst) && s->w[s->worst].difference < 0;

    for (size_t i = 0; i < s->n; i++)
        better += stands_out(s, i) && s->w[i].difference > 0;
    struct said said = {out,
                        finding_add(out, class,
                                    worse ? FINDING_FOUND
                                    : isfinite(s->w[s->worst].p)
                                        ? better == 0 ? FINDING_INCONCLUSIVE : FINDING_NOT_FOUND
                                        : FINDING_INSUFFICIENT_DATA)};

    figures(said, subject, s);
    say_worst(said, s, better, worse);
    say_value(said, "better_than", (double)better, "policies");
    say_effect(said, s->w[s->worst].difference, "reward a step", (double)NAN, (double)NAN,
               (double)NAN);
    say_what_would_change(said, "More episodes a policy, or several trainings.");
    if (!worse)
        return;
    say_caveat(said, "unvalidated rule");
    say_harm(said, SEVERITY_MEDIUM, 0.6);
    say_advice(said, (struct advice){.key = "policy to use",
                                     .from = "learned",
                                     .to = s->rivals[s->worst].name,
                                     .expected = say_text(said, "%+.3g reward a step",
                                                          -s->w[s->worst].difference),
                                     .check = "the same study on another seed of the training"});
}

static void say_none(struct findings *out, enum finding_status status, const char *why)
{
    struct said said = {out, finding_add(out, class, status)};

    say_not_judged(said, "%s.", why);
    say_what_would_change(said, "A study with a learned policy and at least one other.");
}

static void run(const struct subject *subject, struct findings *out)
{
    struct document document;

    if (!subject->experiment || !subject->experiment->has_ablation) {
        say_none(out, FINDING_NOT_APPLICABLE, "there is no ablation_results.json");
        return;
    }
    experiment_document(subject->experiment, FILE_ABLATION, subject->arena, &document);
    if (!document.json) {
        say_none(out, FINDING_NOT_APPLICABLE,
                 document.why ? document.why : "ablation_results.json cannot be read");
        return;
    }
    struct study s = read_study(subject, document.json);
    if (!s.has_learned || s.n == 0) {
        say_none(out, FINDING_INSUFFICIENT_DATA,
                 s.has_learned ? "the study has no policy beside the learned one (0 of 1)"
                               : "the study has no learned policy (0 of 1)");
        return;
    }
    measure(&s, subject->arena);
    say_study(subject, &s, out);
}

const struct detector detector_ablation = {
    .name = "ablation",
    .what = "whether the learned policy is better or worse than the others, beyond noise",
    .applies = FOR_RL,
    .run = run,
};
