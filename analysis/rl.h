#ifndef RL_H
#define RL_H
/*
 * What several detectors of reinforcement learning ask: series side by side,
 * where the reward stands, and the laws of the gating trainer with the numbers
 * of the run's own configuration. Where that has none, the trainer's defaults
 * are taken, and the detector says so.
 */

#include "analysis/stats/drift.h"
#include "analysis/stats/homeostasis.h"
#include "analysis/stats/multiplier.h"
#include "analysis/stats/reward.h"
#include "analysis/subject.h"

enum { RL_TOGETHER_MAX = 6 };

/* Several series at the steps that all of them have, in rising order. */
struct together {
    size_t n;
    int64_t *step;
    double *value[RL_TOGETHER_MAX];
    bool *gap; /* steps are missing before this point (the least stride is the usual one) */
};

struct together rl_together(const struct subject *subject, const enum role *roles, size_t count);

/* REWARD_TOO_SHORT where the reward is not logged or too short. */
struct reward rl_reward(const struct subject *subject);
bool rl_is_flat(const struct reward *reward); /* plateau, no progress, or decline */

/* The held-out score from its best mean of three on; hacking and held_out say the same of it. */
struct held_out {
    bool enough; /* of points for a trend; the levels take three */
    size_t peak; /* index of the middle of the best three */
    double best, end;
    bool risen;  /* to the peak */
    bool fallen; /* after it: MK-AR1 from there where it had risen, or a decline as of a reward */
    bool short_of_a_trend; /* too few points for either */
    double mk_from_peak;   /* MK-AR1 z; NAN where too few follow */
};

struct held_out rl_held_out(const struct subject *subject);

/* From there on all completions are cut off at the length limit. */
#define TRUNCATED_ALL 0.9
/* Median of the share cut off over the last quarter (at least 8 points); NAN if it has fewer. */
double rl_truncated_late(const struct subject *subject);

/*
 * The (peak) rate of the policy: RL_LEARNING_RATE, else the highest logged; NAN if neither is
 * known. That of the value function is the same, but where the logged one is named as the actor's.
 */
double rl_rate(const struct subject *subject);
double rl_value_rate(const struct subject *subject);

double rl_setting_or(const struct subject *subject, const char *key, double otherwise);

struct homeostasis rl_entropy_law(const struct subject *subject);
struct homeostasis rl_diversity_law(const struct subject *subject);
struct dual rl_dual(const struct subject *subject);

/* Least differential entropy of a Beta gate whose alpha and beta are capped (-1.7747 at 15). */
double rl_entropy_floor(const struct subject *subject);
double rl_concentration_cap(const struct subject *subject);

/* The parts of a gating run's reward; weights as its trainer uses them. */
enum { REWARD_PARTS = 5 };

struct reward_weights {
    bool known;              /* the configuration has at least one of them */
    bool lagrangian;         /* diversity and repetition are 0, the others sum to 1 */
    double of[REWARD_PARTS]; /* in the order of rl_parts */
    double sum;              /* before any renormalisation */
};

extern const enum role rl_parts[REWARD_PARTS]; /* perplexity, diversity, sampling, … */

struct reward_weights rl_weights(const struct subject *subject);

#endif
