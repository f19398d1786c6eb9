/* The shapes of series that no detector words, and the ablation table. */
#include "reports/figures.h"

#include "analysis/base/shape.h"
#include "analysis/stats/moments.h"
#include "analysis/stats/trend.h"
#include "reports/words.h"

#include <math.h>

enum { POINTS_FOR_A_SHAPE = 20, POLICIES_MAX = 20 };

static const double trend_z = 1.96; /* two-sided 5 % */

/* Does it go up or down over the last half, beyond noise that remembers? */
static const char *half_trend(const struct account *a, const struct series *s)
{
    size_t from = s->n / 2, n = s->n - from;

    if (s->n < POINTS_FOR_A_SHAPE)
        return arena_printf(a->arena, "No trend is given: %zu finite points, needs %d. ", s->n,
                            POINTS_FOR_A_SHAPE);
    struct mk_ar1 mk = mk_ar1(s->value + from, n, a->arena);
    return arena_printf(a->arena, "Over the last half it %s (Mann-Kendall with AR(1), z %s). ",
                        mk.z > trend_z    ? "rises"
                        : mk.z < -trend_z ? "falls"
                                          : "has no trend that stands out of its noise",
                        word_number(a->arena, mk.z));
}

static const char *spread(const struct account *a, const struct series *s)
{
    if (s->n < POINTS_FOR_A_SHAPE)
        return "";
    return arena_printf(a->arena, "Median %s, 5 %% of the points below %s, 5 %% above %s. ",
                        word_number(a->arena, median_of(s->value, s->n, a->arena)),
                        word_number(a->arena, quantile_of(s->value, s->n, 0.05, a->arena)),
                        word_number(a->arena, quantile_of(s->value, s->n, 0.95, a->arena)));
}

/* The share of norms above the configured clip. */
static const char *clipping(const struct account *a, const struct series *s)
{
    double clip_at = subject_setting(a->analysis->subject, "MAX_GRAD_NORM");
    size_t above = 0;

    if (!(clip_at > 0))
        return "The clipping threshold is not known from the run's configuration. ";
    for (size_t i = 0; i < s->n; i++)
        above += s->value[i] > clip_at;
    return arena_printf(a->arena, "%zu of %zu finite norms are above MAX_GRAD_NORM %s. ", above,
                        s->n, word_number(a->arena, clip_at));
}

const char *figure_shape(const struct account *a, const struct figure *f)
{
    const struct series *s = &a->analysis->subject->role[f->role].clean.active;

    switch (f->role) {
    case ROLE_TRAIN_LOSS:
    case ROLE_VALIDATION_LOSS:
    case ROLE_LEARNING_RATE: /* the findings word these */
    case ROLE_REWARD:
    case ROLE_PERPLEXITY:
        return "";
    case ROLE_GRADIENT_NORM:
        return arena_printf(a->arena, "%s%s%s", spread(a, s), clipping(a, s), half_trend(a, s));
    case ROLE_THROUGHPUT:
        return arena_printf(a->arena, "%s%s", spread(a, s), half_trend(a, s));
    case ROLE_REWARD_DIVERSITY:
        return arena_printf(a->arena,
                            "%sA low value alone does not say whether the logits' entropy is too "
                            "low or too high. ",
                            half_trend(a, s));
    case ROLE_POLICY_LOSS:
        return arena_printf(a->arena,
                            "%sThe clipped surrogate moves about 0 by construction; its level says "
                            "little about the policy. ",
                            half_trend(a, s));
    default:
        return half_trend(a, s);
    }
}

/* ---- the ablation ---- */

static double member(const struct json *policy, const char *name)
{
    double value = (double)NAN;

    (void)json_number(json_get(policy, name), &value);
    return value;
}

static void put_policy(struct buf *out, const struct account *a, const struct json *policy)
{
    static const struct {
        const char *member, *word;
    } rows[] = {{"mean_reward", "mean reward"},
                {"std_reward", "standard deviation over episodes"},
                {"mean_diversity", "mean diversity"},
                {"mean_perplexity", "perplexity reward"}};

    buf_printf(out, "%s:", word_quote(a->arena, policy->key, 60));
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        double value = member(policy, rows[i].member);
        if (isfinite(value))
            buf_printf(out, "%s %s %s", i ? "," : "", rows[i].word, word_number(a->arena, value));
        else
            buf_printf(out, "%s %s not given", i ? "," : "", rows[i].word);
    }
    buf_puts(out, ". ");
}

/* Two policies' difference beside that of a policy with itself, where the study has one. */
static void put_differences(struct buf *out, const struct account *a, const struct json *json)
{
    double learned = member(json_get(json, "learned"), "mean_reward");
    double fixed = member(json_get(json, "fixed"), "mean_reward");
    double again = member(json_get(json, "neutral_gating"), "mean_reward");

    if (isfinite(learned) && isfinite(fixed))
        buf_printf(out, "Learned minus fixed: %s. ", word_number(a->arena, learned - fixed));
    else
        buf_puts(out, "The study has no learned and fixed policy to set side by side. ");
    if (isfinite(again) && isfinite(fixed))
        buf_printf(out,
                   "Fixed and neutral_gating are one policy run twice: their difference of %s is "
                   "what noise alone does. ",
                   word_number(a->arena, fixed - again));
    buf_puts(out, "Not assessed here: whether a difference is significant (get_ablation compares "
                  "them pair by pair). mean_reward is a step, so it is on another scale than the "
                  "episode rewards.");
}

const char *ablation_text(const struct account *a)
{
    struct document document = {0};
    struct buf out = {0};
    int n = 0;

    experiment_document(a->experiment, FILE_ABLATION, a->arena, &document);
    if (!document.json || document.json->kind != JSON_OBJECT)
        return arena_printf(a->arena, "The ablation study could not be read: %s",
                            document.why ? document.why : "it is not an object of policies.");
    json_each (policy, document.json) {
        if (policy->kind == JSON_OBJECT && n++ < POLICIES_MAX)
            put_policy(&out, a, policy);
    }
    put_differences(&out, a, document.json);
    const char *text = arena_text(a->arena, buf_str(&out));
    buf_fini(&out);
    return text;
}
