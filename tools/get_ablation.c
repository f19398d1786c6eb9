/* The ablation study: the table as written, and what may be said about its differences. */
#include "analysis/base/limits.h"
#include "analysis/stats/compare.h"
#include "tools/small_file.h"

#include <math.h>

enum {
    POLICIES_MAX = 20,
    CLAIMS_MAX = 28, /* all pairs of eight policies; they and the file share an answer */
    NAME_CHARS_MAX = 60,
};

struct args {
    const char *expId;
};

struct claim {
    const char *a, *b, *says;
    double difference, t, df, p, episodes;
};

struct result {
    const char *expId;
    struct str results;
    struct list comparison;
    struct str coverage;
};

struct policy {
    const char *name;
    double mean, sd; /* of the per-episode mean rewards; NAN if not given */
};

static size_t read_policies(const struct json *json, struct arena *arena, struct policy *out)
{
    size_t n = 0;

    json_each (member, json) {
        struct policy p = {.name = clean_text(arena, member->key, NAME_CHARS_MAX),
                           .mean = (double)NAN,
                           .sd = (double)NAN};
        (void)json_number(json_get(member, "mean_reward"), &p.mean);
        (void)json_number(json_get(member, "std_reward"), &p.sd);
        if (n < POLICIES_MAX && isfinite(p.mean))
            out[n++] = p;
    }
    return n;
}

/* The file holds population deviations of n episodes. */
static struct welch compare_means(const struct policy *a, const struct policy *b, double n)
{
    struct sample x = {a->mean, sample_sd(a->sd, n), n}, y = {b->mean, sample_sd(b->sd, n), n};

    return welch_of(&x, &y);
}

static const char *words(const struct claim *c, bool replicate)
{
    if (replicate)
        return "the same policy twice: this difference is noise, and shows how large noise is";
    if (!isfinite(c->p))
        return "cannot tell: no standard deviation or number of episodes";
    if (c->p < .05)
        return "the episodes differ (Welch, p < .05); of one trained policy, so nothing about "
               "training it again";
    return "within noise at 95 %: cannot tell them apart";
}

static bool is_replicate(const char *a, const char *b)
{
    return (strcmp(a, "fixed") == 0 && strcmp(b, "neutral_gating") == 0) ||
           (strcmp(b, "fixed") == 0 && strcmp(a, "neutral_gating") == 0);
}

static bool is_learned(const struct policy *p)
{
    return strcmp(p->name, "learned") == 0;
}

static void claim(const struct policy *a, const struct policy *b, double episodes,
                  struct claim *out)
{
    struct welch w = compare_means(a, b, episodes);

    *out = (struct claim){.a = a->name,
                          .b = b->name,
                          .difference = w.difference,
                          .t = w.t,
                          .df = w.df,
                          .p = w.p,
                          .episodes = episodes};
    out->says = words(out, is_replicate(a->name, b->name));
}

/* The learned policy first: its difference from the others is the question. */
static struct list compare(const struct policy *p, size_t n, double episodes,
                           struct coverage *coverage)
{
    struct claim *claims = ARENA_ARRAY(coverage->arena, CLAIMS_MAX, struct claim);
    size_t made = 0, pairs = n ? n * (n - 1) / 2 : 0, learned = 0;

    while (learned < n && !is_learned(&p[learned]))
        learned++;
    for (size_t j = 0; learned < n && j < n && made < CLAIMS_MAX; j++) {
        if (j != learned)
            claim(&p[learned], &p[j], episodes, &claims[made++]);
    }
    for (size_t i = 0; i < n; i++) {
        for (size_t j = i + 1; j < n && made < CLAIMS_MAX; j++) {
            if (i != learned && j != learned)
                claim(&p[i], &p[j], episodes, &claims[made++]);
        }
    }
    if (made < pairs)
        coverage_note(coverage, "%zu of %zu pairs are compared, those of the learned policy first",
                      made, pairs);
    return (struct list){claims, made};
}

static bool run(struct call *call, const void *in, void *out, struct err *err)
{
    const struct args *args = in;
    struct result *result = out;
    const struct experiment *experiment;
    struct coverage coverage;
    struct document document;
    struct policy policies[POLICIES_MAX];

    coverage_init(&coverage, call->arena);
    if (!open_experiment(call, args->expId, &experiment, err) ||
        !small_file(call, experiment, FILE_ABLATION, ANSWER_CHARS / 2, &coverage, &document,
                    &result->results, err))
        return false;
    result->expId = experiment->id;
    if (document.json) {
        double episodes = experiment_setting(experiment, "RL_EVAL_EPISODES", call->arena);
        if (!(episodes > 1)) {
            episodes = 50;
            coverage_note(&coverage, "RL_EVAL_EPISODES is not in the run's configuration; the "
                                     "trainer's default of 50 episodes is assumed");
        }
        coverage_note(&coverage, "mean_perplexity is the perplexity reward in [-1, 0], higher is "
                                 "better; mean_reward is per step");
        size_t n = read_policies(document.json, call->arena, policies);
        result->comparison = compare(policies, n, episodes, &coverage);
    }
    result->coverage = coverage_json(&coverage, call->arena);
    return true;
}

static const struct field in[] = {F_EXP_ID(struct args)};

static const struct field claim_fields[] = {
    F_STR(struct claim, a, .doc = "", .required = true),
    F_STR(struct claim, b, .doc = "", .required = true),
    F_NUM(struct claim, difference, .doc = "mean_reward of a minus b", .required = true),
    F_NUM(struct claim, t, .doc = "Welch"),
    F_NUM(struct claim, df, .doc = ""),
    F_NUM(struct claim, p, .doc = "Two-sided"),
    F_NUM(struct claim, episodes, .doc = "A policy", .required = true),
    F_STR(struct claim, says, .doc = "What may be said", .required = true),
};
static const struct shape claim_shape = SHAPE(struct claim, claim_fields);

static const struct field out[] = {
    F_STR(struct result, expId, .doc = "", .required = true),
    F_RAW(struct result, results, .doc = "The file: {policy: {mean_reward, std_reward, …}}",
          .type = "object", .nullable = true),
    F_LIST(struct result, comparison, .doc = "Each pair of policies", .of = &claim_shape,
           .required = true),
    F_RAW(struct result, coverage, .doc = "", .type = "object", .required = true),
};

const struct tool tool_get_ablation = {
    .name = "get_ablation",
    .title = "The ablation study of an RL experiment",
    .doc = "Mean reward of each policy (random, fixed, learned …) and, pair by pair, whether the "
           "difference stands out from noise. Call it before claiming that the learned policy "
           "is better; null if no study was run.",
    .flags = TOOL_READ_ONLY | TOOL_QUICK,
    .in = SHAPE(struct args, in),
    .out = SHAPE(struct result, out),
    .run = run,
    .ready = experiment_ready,
    .example = "{\"expId\":\"$RL\"}",
};
