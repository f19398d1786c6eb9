/* What a run of a kind should log, and what it would be called in its log. */
#include "analysis/subject.h"

static bool any_logged(const struct subject *subject, const enum role *roles, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (subject->role[roles[i]].logged)
            return true;
    }
    return false;
}

/*
 * Has this RL run what the series would be of? A log of evaluations alone tells no
 * update, a run without a critic (GRPO and its like) has no value, one that learns
 * values no policy, and where one loss is logged it is the policy's.
 */
static bool would_tell(const struct subject *subject, enum role role)
{
    static const enum role critic[] = {ROLE_VALUE_LOSS, ROLE_EXPLAINED_VARIANCE};
    static const enum role policy[] = {ROLE_POLICY_LOSS,  ROLE_ENTROPY,       ROLE_POLICY_KL,
                                       ROLE_REFERENCE_KL, ROLE_CLIP_FRACTION, ROLE_ZERO_VARIANCE};
    bool has_policy = any_logged(subject, policy, sizeof(policy) / sizeof(policy[0]));
    bool has_critic = any_logged(subject, critic, sizeof(critic) / sizeof(critic[0]));

    if (!subject->experiment || subject->experiment->sources_n == 0)
        return true; /* Tidal's own runs have all of it */
    switch (role) {
    case ROLE_POLICY_LOSS:
        return has_policy && !subject->role[ROLE_TRAIN_LOSS].logged;
    case ROLE_ENTROPY:
        return has_policy;
    case ROLE_VALUE_LOSS:
    case ROLE_EXPLAINED_VARIANCE:
        return has_policy && has_critic;
    default:
        return true;
    }
}

/* Neither logged nor hidden among what is. */
static bool is_absent(const struct subject *subject, enum role role)
{
    return !subject->role[role].logged && !subject->role[role].hinted;
}

/* What programs call a role: where names have a section in front, and where they have none. */
static const struct {
    enum role role;
    const char *plain, *sectioned, *word;
} usual[] = {
    {ROLE_TRAIN_LOSS, "loss", "train/loss", "the training loss"},
    {ROLE_VALIDATION_LOSS, "eval_loss", "val/loss", "the validation loss"},
    {ROLE_LEARNING_RATE, "learning_rate", "train/learning_rate", "the learning rate"},
    {ROLE_GRADIENT_NORM, "grad_norm", "train/grad_norm", "the gradient norm"},
    {ROLE_THROUGHPUT, "tokens_per_second", "train/tokens_per_sec", "the throughput"},
    {ROLE_REWARD, "reward", "train/reward", "the mean reward"},
    {ROLE_POLICY_LOSS, "policy_loss", "losses/policy_loss", "the policy's loss"},
    {ROLE_VALUE_LOSS, "value_loss", "losses/value_loss", "the critic's loss"},
    {ROLE_ENTROPY, "entropy", "train/entropy", "the policy's entropy"},
    {ROLE_EXPLAINED_VARIANCE, "explained_variance", "train/explained_variance",
     "the explained variance of the critic"},
};

const char *subject_usual_name(const struct subject *subject, enum role role)
{
    size_t sectioned = 0, logged = 0;

    if (!subject->experiment || subject->experiment->sources_n == 0)
        return role_usual_name(role);
    for (int r = 0; r < ROLES; r++) {
        struct str name = subject->role[r].name;

        logged += subject->role[r].logged;
        sectioned += subject->role[r].logged && memchr(name.p, '/', name.n) != NULL;
    }
    for (size_t i = 0; i < sizeof(usual) / sizeof(usual[0]); i++) {
        if (usual[i].role == role)
            return 2 * sectioned > logged ? usual[i].sectioned : usual[i].plain;
    }
    return role_usual_name(role);
}

const char *subject_role_word(enum role role)
{
    for (size_t i = 0; i < sizeof(usual) / sizeof(usual[0]); i++) {
        if (usual[i].role == role)
            return usual[i].word;
    }
    return NULL;
}

size_t subject_missing(const struct subject *subject, enum role out[ROLES])
{
    static const enum role lm[] = {ROLE_TRAIN_LOSS, ROLE_VALIDATION_LOSS, ROLE_LEARNING_RATE,
                                   ROLE_GRADIENT_NORM, ROLE_THROUGHPUT};
    static const enum role rl[] = {ROLE_REWARD, ROLE_POLICY_LOSS, ROLE_VALUE_LOSS, ROLE_ENTROPY,
                                   ROLE_EXPLAINED_VARIANCE};
    static const enum role gated[] = {ROLE_GATE,
                                      ROLE_ENTROPY_COEFFICIENT,
                                      ROLE_REWARD_PERPLEXITY,
                                      ROLE_REWARD_DIVERSITY,
                                      ROLE_REWARD_COHERENCE,
                                      ROLE_REWARD_REPETITION,
                                      ROLE_REWARD_SAMPLING};
    bool reinforced = subject_primary(subject) == ROLE_REWARD, has_gate = false;
    size_t n = 0;

    for (size_t i = 0; i < sizeof(gated) / sizeof(gated[0]); i++)
        has_gate |= gated[i] != ROLE_ENTROPY_COEFFICIENT && subject->role[gated[i]].logged;
    for (size_t i = 0; !reinforced && i < sizeof(lm) / sizeof(lm[0]); i++) {
        bool other_way = lm[i] == ROLE_THROUGHPUT && subject->role[ROLE_STEP_TIME].logged;
        if (is_absent(subject, lm[i]) && !other_way)
            out[n++] = lm[i];
    }
    for (size_t i = 0; reinforced && i < sizeof(rl) / sizeof(rl[0]); i++) {
        if (is_absent(subject, rl[i]) && would_tell(subject, rl[i]))
            out[n++] = rl[i];
    }
    for (size_t i = 0; reinforced && has_gate && i < sizeof(gated) / sizeof(gated[0]); i++) {
        if (is_absent(subject, gated[i]))
            out[n++] = gated[i];
    }
    return n;
}
