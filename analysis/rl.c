#include "analysis/rl.h"

#include <math.h>

#include "analysis/context.h"
#include "analysis/stats/moments.h"
#include "analysis/stats/special.h"

const enum role rl_parts[REWARD_PARTS] = {
    ROLE_REWARD_PERPLEXITY, ROLE_REWARD_DIVERSITY, ROLE_REWARD_SAMPLING,
    ROLE_REWARD_REPETITION, ROLE_REWARD_COHERENCE,
};

/* Moves each cursor to its first step >= step; false where a series ends before. */
static bool seek(const struct series *const *s, size_t count, size_t *at, int64_t step)
{
    for (size_t k = 0; k < count; k++) {
        while (at[k] < s[k]->n && s[k]->step[at[k]] < step)
            at[k]++;
        if (at[k] == s[k]->n)
            return false;
    }
    return true;
}

static int64_t furthest(const struct series *const *s, size_t count, const size_t *at)
{
    int64_t step = INT64_MIN;

    for (size_t k = 0; k < count; k++)
        step = s[k]->step[at[k]] > step ? s[k]->step[at[k]] : step;
    return step;
}

static void find_gaps(struct together *t)
{
    int64_t stride = INT64_MAX; /* the least: iterations are written one by one or every k-th */

    for (size_t i = 1; i < t->n; i++)
        stride = t->step[i] - t->step[i - 1] < stride ? t->step[i] - t->step[i - 1] : stride;
    for (size_t i = 0; i < t->n; i++)
        t->gap[i] = i > 0 && t->step[i] - t->step[i - 1] > stride;
}

struct together rl_together(const struct subject *subject, const enum role *roles, size_t count)
{
    const struct series *s[RL_TOGETHER_MAX];
    size_t at[RL_TOGETHER_MAX] = {0}, room = subject->role[roles[0]].clean.active.n;
    struct together t = {.step = ARENA_ARRAY(subject->arena, room, int64_t),
                         .gap = ARENA_ARRAY(subject->arena, room, bool)};

    for (size_t k = 0; k < count; k++) {
        s[k] = &subject->role[roles[k]].clean.active;
        t.value[k] = ARENA_ARRAY(subject->arena, room, double);
    }
    for (int64_t step = INT64_MIN; seek(s, count, at, step);) {
        int64_t want = furthest(s, count, at);

        if (want > step) {
            step = want;
            continue; /* look again: some may stand before it */
        }
        t.step[t.n] = step;
        for (size_t k = 0; k < count; k++)
            t.value[k][t.n] = s[k]->value[at[k]++];
        t.n++;
    }
    find_gaps(&t);
    return t;
}

struct reward rl_reward(const struct subject *subject)
{
    const struct role_series *s = &subject->role[ROLE_REWARD];

    if (!s->logged || s->clean.active.n < subject_needs(s, REWARD_POINTS_MIN))
        return (struct reward){.state = REWARD_TOO_SHORT};
    return reward_of(s->clean.active.value, s->clean.active.n, (double)NAN, subject->arena);
}

struct held_out rl_held_out(const struct subject *subject)
{
    const struct role_series *score = &subject->role[ROLE_HELD_OUT_SCORE];
    const struct series *s = &score->clean.active;
    struct held_out h = {.peak = 1, .mk_from_peak = (double)NAN};

    if (!score->logged || s->n < 3)
        return h;
    /* at full windows only; values beside it are its level */
    for (size_t i = 1; i + 1 < s->n; i++) {
        double level = mean_of(s->value + i - 1, 3);

        if (i == 1 || level > h.best) {
            h.best = level;
            h.peak = i;
        }
    }
    h.end = mean_of(s->value + s->n - 3, 3);
    struct drift before = drift_of(s->value, h.peak + 2, subject->arena);
    struct drift after = drift_of(s->value + h.peak, s->n - h.peak, subject->arena);
    struct reward r = reward_of(s->value, s->n, (double)NAN, subject->arena);
    h.enough = s->n >= subject_needs(score, DRIFT_POINTS_MIN);
    h.risen = before.enough ? before.rises : h.best > mean_of(s->value, 2);
    h.fallen = (h.enough && h.risen && after.falls) || r.state == REWARD_DECLINE;
    h.short_of_a_trend = r.state == REWARD_TOO_SHORT && !after.enough;
    if (after.enough)
        h.mk_from_peak = after.z;
    return h;
}

bool rl_is_flat(const struct reward *reward)
{
    return reward->state == REWARD_PLATEAU || reward->state == REWARD_CONVERGED ||
           reward->state == REWARD_NO_PROGRESS || reward->state == REWARD_DECLINE;
}

double rl_truncated_late(const struct subject *subject)
{
    enum { LEAST = 8 };
    const struct series *s = &subject->role[ROLE_TRUNCATED_SHARE].clean.active;
    size_t quarter = s->n / 4 > LEAST ? s->n / 4 : LEAST;

    return s->n < LEAST ? (double)NAN
                        : median_of(s->value + s->n - quarter, quarter, subject->arena);
}

double rl_rate(const struct subject *subject)
{
    double rate = subject_setting(subject, "RL_LEARNING_RATE");

    return isfinite(rate) ? rate : rate_peak(subject);
}

double rl_value_rate(const struct subject *subject)
{
    struct str name = subject->role[ROLE_LEARNING_RATE].name;
    bool actors = str_has(name, STR("actor")) || str_has(name, STR("policy"));

    return actors ? subject_setting(subject, "RL_LEARNING_RATE") : rl_rate(subject);
}

double rl_setting_or(const struct subject *subject, const char *key, double otherwise)
{
    double value = subject_setting(subject, key);

    return isfinite(value) ? value : otherwise;
}

struct homeostasis rl_entropy_law(const struct subject *subject)
{
    return (struct homeostasis){
        .target = rl_setting_or(subject, "RL_POLICY_ENTROPY_TARGET", -0.35),
        .base = rl_setting_or(subject, "RL_ENTROPY_COEF", 0.01),
        .release = rl_setting_or(subject, "RL_ENTROPY_HOMEOSTASIS_RELEASE_RATE", 0.05),
        .decay = rl_setting_or(subject, "RL_ENTROPY_HOMEOSTASIS_DECAY_RATE", 0.95),
        .least = rl_setting_or(subject, "RL_ENTROPY_COEF_MIN", 0.01),
        .most = rl_setting_or(subject, "RL_ENTROPY_COEF_MAX", 0.5),
    };
}

struct homeostasis rl_diversity_law(const struct subject *subject)
{
    return (struct homeostasis){
        .target = rl_setting_or(subject, "RL_DIVERSITY_HOMEOSTASIS_TARGET", 0.55),
        .base = rl_setting_or(subject, "RL_REWARD_DIVERSITY_WEIGHT", 0.15),
        .release = rl_setting_or(subject, "RL_DIVERSITY_HOMEOSTASIS_RELEASE_RATE", 0.03),
        .decay = rl_setting_or(subject, "RL_DIVERSITY_HOMEOSTASIS_DECAY_RATE", 0.95),
        .least = rl_setting_or(subject, "RL_DIVERSITY_WEIGHT_MIN", 0.15),
        .most = rl_setting_or(subject, "RL_DIVERSITY_WEIGHT_MAX", 0.35),
    };
}

struct dual rl_dual(const struct subject *subject)
{
    return (struct dual){
        .init = rl_setting_or(subject, "RL_LAGRANGE_MULTIPLIER_INIT", 1),
        .rate = rl_setting_or(subject, "RL_LAGRANGE_MULTIPLIER_LR", 0.05),
        .decay = rl_setting_or(subject, "RL_LAGRANGE_MULTIPLIER_WEIGHT_DECAY", 0.01),
    };
}

double rl_concentration_cap(const struct subject *subject)
{
    double cap = rl_setting_or(subject, "RL_BETA_CONCENTRATION_MAX",
                               subject_setting(subject, "RL_BETA_CONCENTRATION_CAP"));

    return cap > 1 ? cap : 15;
}

double rl_entropy_floor(const struct subject *subject)
{
    return beta_entropy(1, rl_concentration_cap(subject));
}

struct reward_weights rl_weights(const struct subject *subject)
{
    static const struct {
        const char *key;
        double otherwise; /* the trainer's, where some key is missing */
        bool primary;     /* stays in Lagrangian mode */
    } rows[REWARD_PARTS] = {
        {"RL_REWARD_PERPLEXITY_WEIGHT", 0.35, true}, {"RL_REWARD_DIVERSITY_WEIGHT", 0.15, false},
        {"RL_REWARD_SAMPLING_WEIGHT", 0.15, true},   {"RL_REWARD_REPETITION_WEIGHT", 0.20, false},
        {"RL_REWARD_COHERENCE_WEIGHT", 0.15, true},
    };
    struct reward_weights w = {.lagrangian = subject->lagrangian};
    double remaining = 0;

    for (size_t i = 0; i < REWARD_PARTS; i++) {
        w.known |= isfinite(subject_setting(subject, rows[i].key));
        w.of[i] = rl_setting_or(subject, rows[i].key, rows[i].otherwise);
        w.sum += w.of[i];
        remaining += rows[i].primary ? w.of[i] : 0;
    }
    for (size_t i = 0; w.lagrangian && i < REWARD_PARTS; i++) {
        if (!rows[i].primary)
            w.of[i] = 0;
        else if (remaining > 0)
            w.of[i] /= remaining;
    }
    return w;
}
