#ifndef ROLES_H
#define ROLES_H
/*
 * Which logged names mean what. A role is what a detector asks for; roles.def
 * has one row an alias (exact name), and says which way is better.
 */

#include "analysis/base/arena.h"

enum role {
    ROLE_TRAIN_LOSS,
    ROLE_VALIDATION_LOSS,
    ROLE_LEARNING_RATE,
    ROLE_GRADIENT_NORM,
    ROLE_THROUGHPUT,
    ROLE_PERPLEXITY,
    ROLE_REWARD, /* the return an RL run maximises */
    ROLE_POLICY_LOSS,
    ROLE_VALUE_LOSS,
    ROLE_ENTROPY,
    ROLE_ENTROPY_COEFFICIENT,
    ROLE_GATE,
    ROLE_EXPLAINED_VARIANCE,
    ROLE_REWARD_PERPLEXITY,
    ROLE_REWARD_DIVERSITY,
    ROLE_REWARD_COHERENCE,
    ROLE_REWARD_REPETITION,
    ROLE_REWARD_SAMPLING,
    ROLE_DIVERSITY_WEIGHT,
    ROLE_MULTIPLIER,
    ROLE_COST,
    ROLE_COST_VALUE_LOSS,
    ROLE_EPOCH, /* passes over the data so far, with fractions */
    ROLE_VALIDATION_ACCURACY,
    ROLE_POLICY_KL,       /* of the updated policy to the one before */
    ROLE_SAMPLER_KL,      /* of the sampler's probabilities to the trainer's, same weights */
    ROLE_REFERENCE_KL,    /* to the policy that training started from */
    ROLE_CLIP_FRACTION,   /* share of the batch whose ratio was clipped */
    ROLE_RESPONSE_LENGTH, /* tokens */
    ROLE_TRUNCATED_SHARE, /* of the responses */
    ROLE_ZERO_VARIANCE,   /* share of groups whose rewards are all alike */
    ROLE_MIXED_SHARE,     /* of the groups: the rest of it */
    ROLE_HELD_OUT_SCORE,  /* higher is better; not trained on */
    ROLE_STEP_TIME,       /* seconds, or any unit that stays the same */
    ROLE_GPU_UTILISATION,
    ROLE_GPU_MEMORY,     /* in use, percent or a share */
    ROLE_UPDATE_RATIO,   /* norm of an update over the norm of the weights */
    ROLE_EPISODE_REWARD, /* of single episodes: plays the reward where no mean is a curve */
    ROLES,               /* how many; also "no role" */
};

enum direction { DIRECTION_UNKNOWN, DIRECTION_LOWER_IS_BETTER, DIRECTION_HIGHER_IS_BETTER };

enum role role_of(struct str name); /* ROLES if the name has none */
/*
 * The second look at a name: its role, else that of the first alias it is but for case, blanks,
 * '_', '.', '-' and '/' ("Val Loss" and "valLoss" are "val_loss"). An alias of fewer than four
 * letters, or with a word of one ("Loss/v"), is too little to go by. *alias (may be NULL): that
 * alias; NULL where the name has its role as it stands, or none.
 */
enum role role_like(struct str name, const char **alias);
/*
 * Does a name without a role look like an evaluation's score ("eval/math500/accuracy")? A word
 * of each kind, at any case; only to name it to the user, who knows.
 */
bool role_may_score(struct str name);
/* Where the alias stands in roles.def: of two names of one role the lower is taken. */
size_t role_rank(struct str name);
/* The first alias of the role: the name the reports use for a series that is not logged. */
const char *role_usual_name(enum role role);
enum direction role_direction(enum role role);
/* All aliases, in the order of roles.def. */
size_t role_names_n(void);
const char *role_name_at(size_t i);
/* The role's own word, as a user names it: "train_loss". */
const char *role_name(enum role role, struct arena *arena);

#endif
