#include "analysis/causes.h"

#include "analysis/advised.h"
#include "analysis/base/shape.h"

#include <math.h>

static bool is(const struct finding *f, const char *class, enum finding_status status)
{
    return f->status == status && strcmp(f->class, class) == 0;
}

/* Of two diverging losses the surer is the finding; the other becomes a part of it. */
static void join_divergences(struct findings *findings)
{
    struct finding *kept = NULL;

    for (size_t i = 0; i < findings->list.n; i++) {
        struct finding *f = &findings->list.v[i];

        if (!is(f, "divergence", FINDING_FOUND))
            continue;
        if (!kept) {
            kept = f;
            continue;
        }
        struct finding *loser = f->confidence > kept->confidence ? kept : f;
        kept = loser == kept ? f : kept;
        finding_caveat(findings, kept, arena_printf(findings->arena, "also: %s", loser->sentence));
        for (size_t c = 0; c < loser->evidence.columns.n; c++)
            VEC_PUSH(findings->arena, &kept->evidence.columns, loser->evidence.columns.v[c]);
        loser->status = FINDING_NOT_APPLICABLE;
        loser->severity = SEVERITY_INFO;
        loser->confidence = 0;
        loser->advice = NULL;
        loser->sentence = arena_printf(findings->arena, "Part of %s.", kept->id);
    }
}

static void take_back(struct findings *findings, struct finding *f, enum finding_status status,
                      const struct finding *because)
{
    f->explained_by = arena_printf(findings->arena, "%s (from step %lld)", because->id,
                                   (long long)because->evidence.from);
    f->sentence =
        arena_printf(findings->arena, "Explained by %s: %s", f->explained_by, f->sentence);
    f->status = status;
    f->severity = SEVERITY_INFO;
    f->confidence = 0;
    f->advice = NULL;
}

/* Where a finding has to stand so that another explains it. */
enum where {
    REACHES,     /* it ends at or after the onset of the other, or says no place */
    AFTER,       /* it begins after it, or reaches it from behind the last sound step */
    SAME_SERIES, /* it is about the same series */
    TO_ITS_END,  /* that, and it lasts at least as long */
    INSIDE,      /* it lies within the steps of the other */
    DAMAGED,     /* the other is of high severity, and it reaches it */
    SCORE_RISES, /* the other is a loss past its best while a held-out score goes on rising */
    IN_WARMUP,   /* it begins before the warm-up that the other found has ended */
};

/* One row a pair of classes: the cause, what it explains, and what becomes of that. */
static const struct rule {
    const char *cause, *effect;
    enum where where;
    enum finding_status becomes;
} rules[] = {
    {"divergence", "overfitting", REACHES, FINDING_NOT_FOUND},
    {"divergence", "val_rising", REACHES, FINDING_NOT_FOUND},
    {"divergence", "plateau", REACHES, FINDING_NOT_APPLICABLE},
    {"divergence", "val_plateau", REACHES, FINDING_NOT_APPLICABLE},
    {"divergence", "schedule_end", REACHES, FINDING_NOT_APPLICABLE},
    {"divergence", "no_progress", REACHES, FINDING_NOT_APPLICABLE},
    {"divergence", "premature_convergence", REACHES, FINDING_NOT_APPLICABLE},
    {"divergence", "stalled_early", REACHES, FINDING_NOT_APPLICABLE},
    {"divergence", "oscillation", REACHES, FINDING_NOT_APPLICABLE},
    {"divergence", "epoch_cycle", REACHES, FINDING_NOT_APPLICABLE},
    {"divergence", "continued_training", REACHES, FINDING_NOT_APPLICABLE},
    {"divergence", "efficiency", REACHES, FINDING_NOT_APPLICABLE},
    {"divergence", "acceleration", REACHES, FINDING_NOT_APPLICABLE},
    {"divergence", "grad_explosion", AFTER, FINDING_NOT_APPLICABLE},
    {"divergence", "grad_layer_explosion", AFTER, FINDING_NOT_APPLICABLE},
    {"divergence", "grad_inferred", AFTER, FINDING_NOT_APPLICABLE},
    {"divergence", "nonfinite", AFTER, FINDING_NOT_APPLICABLE},
    {"divergence", "spikes", AFTER, FINDING_NOT_APPLICABLE},
    {"divergence", "level_shift", AFTER, FINDING_NOT_APPLICABLE},
    {"divergence", "volatility", AFTER, FINDING_NOT_APPLICABLE},
    {"restart", "spikes", INSIDE, FINDING_NOT_APPLICABLE},
    {"restart", "level_shift", INSIDE, FINDING_NOT_APPLICABLE},
    {"level_shift", "efficiency", DAMAGED, FINDING_NOT_APPLICABLE},
    {"level_shift", "acceleration", DAMAGED, FINDING_NOT_APPLICABLE},
    {"overfitting", "plateau", SAME_SERIES, FINDING_NOT_APPLICABLE},
    {"overfitting", "val_plateau", SAME_SERIES, FINDING_NOT_APPLICABLE},
    {"overfitting", "premature_convergence", SAME_SERIES, FINDING_NOT_APPLICABLE},
    {"overfitting", "stalled_early", SAME_SERIES, FINDING_NOT_APPLICABLE},
    {"overfitting", "no_progress", SAME_SERIES, FINDING_NOT_APPLICABLE},
    {"val_rising", "no_progress", SAME_SERIES, FINDING_NOT_APPLICABLE},
    {"overfitting", "efficiency", SCORE_RISES, FINDING_NOT_APPLICABLE},
    {"overfitting", "acceleration", SCORE_RISES, FINDING_NOT_APPLICABLE},
    {"val_rising", "efficiency", SCORE_RISES, FINDING_NOT_APPLICABLE},
    {"val_rising", "acceleration", SCORE_RISES, FINDING_NOT_APPLICABLE},
    {"schedule_end", "val_plateau", TO_ITS_END, FINDING_NOT_APPLICABLE},
    {"no_progress", "plateau", REACHES, FINDING_NOT_APPLICABLE},
    {"no_progress", "val_plateau", REACHES, FINDING_NOT_APPLICABLE},
    {"no_progress", "premature_convergence", SAME_SERIES, FINDING_NOT_APPLICABLE},
    {"no_progress", "stalled_early", SAME_SERIES, FINDING_NOT_APPLICABLE},
    {"plateau", "val_plateau", TO_ITS_END, FINDING_NOT_APPLICABLE},
    {"lr_schedule", "grad_explosion", IN_WARMUP, FINDING_NOT_FOUND},
    {"lr_schedule", "grad_vanishing", IN_WARMUP, FINDING_NOT_FOUND},
};

static bool same_series(const struct finding *a, const struct finding *b)
{
    return a->evidence.columns.n > 0 && b->evidence.columns.n > 0 &&
           strcmp(a->evidence.columns.v[0], b->evidence.columns.v[0]) == 0;
}

/* No group has two rewards: no gradient is left. */
static bool teaches_nothing(const struct finding *f)
{
    static const double nothing = 0.05;

    for (size_t i = 0; i < f->evidence.values.n; i++) {
        if (strcmp(f->evidence.values.v[i].name, EFFECTIVE_BATCH) == 0)
            return f->evidence.values.v[i].value < nothing;
    }
    return false;
}

/* A run that was lost, teaches nothing, or is past its best, gains nothing from more of the same.
 */
static void withhold_more_steps(struct findings *findings)
{
    const struct finding *cause = past_its_best(findings);

    for (size_t i = 0; i < findings->list.n && !cause; i++) {
        const struct finding *f = &findings->list.v[i];

        if (is(f, "divergence", FINDING_FOUND) || is(f, "overfitting", FINDING_FOUND) ||
            is(f, "val_rising", FINDING_FOUND) ||
            (is(f, "advantage_starvation", FINDING_FOUND) && teaches_nothing(f)))
            cause = f;
    }
    for (size_t i = 0; cause && i < findings->list.n; i++) {
        struct finding *f = &findings->list.v[i];

        if (!f->advice || f == cause || !advised_more(f->advice))
            continue;
        f->advice = NULL;
        finding_caveat(
            findings, f,
            arena_printf(findings->arena, "more steps are not advised: see %s", cause->id));
    }
}

/* A loss past its best does not want a higher rate; nor, while a score rises, a shorter run. */
static void withhold_against_turn(struct findings *findings)
{
    const struct finding *turn = turned(findings);

    for (size_t i = 0; turn && i < findings->list.n; i++) {
        struct finding *f = &findings->list.v[i];
        bool higher = f->advice && advised_higher_rate(f->advice);

        if (!higher && !(f->advice && score_rises(turn) && advised_less(f->advice)))
            continue;
        f->advice = NULL;
        finding_caveat(findings, f,
                       arena_printf(findings->arena, "%s not advised: see %s",
                                    higher ? "a higher learning rate is" : "fewer steps are",
                                    turn->id));
    }
}

/*
 * Updates of the policy that are too large, as it is advised; a higher rate for the value
 * function would, where both have one, make them larger.
 */
static const struct finding *policy_too_fast(const struct findings *findings)
{
    for (size_t i = 0; i < findings->list.n; i++) {
        const struct finding *f = &findings->list.v[i];

        if (is(f, "policy_kl", FINDING_FOUND) && f->advice)
            return f;
        if (is(f, "clip_fraction", FINDING_FOUND) && f->advice &&
            strcmp(f->advice->key, POLICY_RATE_KEY) != 0) /* "epochs, or the rate": halved */
            return f;
    }
    return NULL;
}

static void keep_to_one_rate(struct findings *findings)
{
    const struct finding *fast = policy_too_fast(findings);

    for (size_t i = 0; fast && i < findings->list.n; i++) {
        struct finding *f = &findings->list.v[i];

        if (!f->advice || strcmp(f->advice->key, VALUE_RATE_KEY) != 0)
            continue;
        f->advice = NULL;
        finding_caveat(findings, f,
                       arena_printf(findings->arena,
                                    "a higher rate of the value function is not advised: where "
                                    "the policy has the same, its updates are too large as it is "
                                    "(see %s)",
                                    fast->id));
    }
}

const struct finding *turned(const struct findings *findings)
{
    for (size_t i = 0; i < findings->list.n; i++) {
        const struct finding *f = &findings->list.v[i];

        if (is(f, "overfitting", FINDING_FOUND) || is(f, "val_rising", FINDING_FOUND))
            return f;
    }
    return NULL;
}

bool score_rises(const struct finding *turn)
{
    for (size_t i = 0; i < turn->evidence.values.n; i++) {
        if (strcmp(turn->evidence.values.v[i].name, SCORE_SINCE_BEST) == 0)
            return true;
    }
    return false;
}

const struct finding *past_its_best(const struct findings *findings)
{
    for (size_t i = 0; i < findings->list.n; i++) {
        const struct finding *f = &findings->list.v[i];

        if (!is(f, "overfitting", FINDING_INSUFFICIENT_DATA))
            continue;
        for (size_t k = 0; k < f->evidence.values.n; k++) {
            if (strcmp(f->evidence.values.v[k].name, LAST_OVER_BEST) == 0 &&
                f->evidence.values.v[k].value > PAST_BEST_FROM)
                return f;
        }
    }
    return NULL;
}

/* A step among the evidence's values. */
static int64_t step_of_value(const struct finding *f, const char *name, int64_t otherwise)
{
    for (size_t i = 0; i < f->evidence.values.n; i++) {
        if (strcmp(f->evidence.values.v[i].name, name) == 0)
            return (int64_t)f->evidence.values.v[i].value;
    }
    return otherwise;
}

/* The last sound step before it; a rise is only seen some way up. */
static int64_t begin_of(const struct finding *cause)
{
    return step_of_value(cause, "best_stretch_to", cause->evidence.from);
}

static bool stands(const struct finding *f, const struct finding *cause, enum where where)
{
    const struct evidence *e = &f->evidence, *c = &cause->evidence;

    switch (where) {
    case REACHES:
        return e->to == NOT_GIVEN || e->to >= c->from;
    case DAMAGED:
        return cause->severity >= SEVERITY_HIGH && (e->to == NOT_GIVEN || e->to >= c->from);
    case AFTER:
        return e->from >= c->from || (e->to >= c->from && e->from >= begin_of(cause));
    case SAME_SERIES:
        return same_series(f, cause);
    case TO_ITS_END:
        return same_series(f, cause) && e->to >= c->to;
    case INSIDE:
        return e->from >= c->from && e->to <= c->to;
    case SCORE_RISES:
        return score_rises(cause);
    case IN_WARMUP: /* while the rate warms up gradients move by themselves */
        return e->from < step_of_value(cause, "warmup_end", INT64_MIN);
    }
    return false;
}

static void apply(struct findings *findings, const struct rule *rule, const struct finding *cause)
{
    for (size_t i = 0; i < findings->list.n; i++) {
        struct finding *f = &findings->list.v[i];
        bool judged = f->status == FINDING_FOUND || f->status == FINDING_INCONCLUSIVE;

        if (f == cause || !judged || strcmp(f->class, rule->effect) != 0)
            continue;
        if (stands(f, cause, rule->where))
            take_back(findings, f, rule->becomes, cause);
        else if (rule->where == AFTER && f->evidence.to >= cause->evidence.from)
            finding_caveat(findings, f,
                           arena_printf(findings->arena, "what lies after step %lld belongs to %s",
                                        (long long)cause->evidence.from, cause->id));
    }
}

/* Row by row: what one rule took back explains nothing any more. */
void causes_apply(struct findings *findings)
{
    join_divergences(findings);

    for (size_t r = 0; r < sizeof(rules) / sizeof(rules[0]); r++) {
        for (size_t i = 0; i < findings->list.n; i++) {
            const struct finding *f = &findings->list.v[i];

            if (is(f, rules[r].cause, FINDING_FOUND))
                apply(findings, &rules[r], f);
        }
    }
    withhold_more_steps(findings);
    withhold_against_turn(findings);
    keep_to_one_rate(findings);
}
