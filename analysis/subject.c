#include "analysis/subject.h"

#include <math.h>

/* A trend of the last half takes six blocks of three points (progress.h). */
enum { POINTS_FOR_A_TREND = 35 };

/*
 * A training loss that is exactly 0 to its end was not computed there: the zeros are set aside
 * like values that are not finite, or every check would take them for progress.
 */
static void set_zeros_aside(struct role_series *loss)
{
    struct series *s = &loss->clean.active;
    size_t n = s->n;

    while (n > 0 && s->value[n - 1] == 0)
        n--;
    if (s->n - n < ZEROS_MIN)
        return;
    loss->zeros_at_end = s->n - n;
    loss->zero_from = s->step[n];
    if (n > 0) /* of one that is 0 throughout nothing else is left */
        s->n = n;
}

void subject_set(struct subject *subject, enum role role, const struct series *series)
{
    struct role_series *to = &subject->role[role];

    to->name = series->name;
    to->logged = series->n > 0;
    hygiene_clean(series, subject->arena, &to->clean);
    if (role == ROLE_TRAIN_LOSS)
        set_zeros_aside(to);
    if (role == ROLE_LEARNING_RATE || role == ROLE_ENTROPY_COEFFICIENT ||
        role == ROLE_DIVERSITY_WEIGHT || role == ROLE_MULTIPLIER || role == ROLE_EPOCH)
        to->clean.smoothed = false; /* set by a law, not measured: smooth of itself */
    if (role == ROLE_VALIDATION_LOSS)
        to->clean.smoothed = false; /* neighbours are alike because the held-out set is the same */
    if (role == ROLE_MULTIPLIER)
        subject->lagrangian = to->logged;
}

double subject_setting(const struct subject *subject, const char *key)
{
    for (size_t i = 0; i < subject->settings_n; i++) {
        if (strcmp(subject->settings[i].key, key) == 0)
            return subject->settings[i].value;
    }
    return (double)NAN;
}

double subject_base_rate(const struct subject *subject, const char **key)
{
    static const char *const names[] = {"BASE_LR", "learning_rate", "lr"};
    static const char *const shown[] = {"LEARNING_RATE_SCHEDULER.BASE_LR", "learning_rate", "lr"};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        double rate = subject_setting(subject, names[i]);

        if (key)
            *key = isfinite(rate) ? shown[i] : "learning rate";
        if (isfinite(rate))
            return rate;
    }
    return (double)NAN;
}

double subject_threshold(const struct subject *subject, enum threshold threshold)
{
    const struct checks *checks = subject->checks;

    return checks && isfinite(checks->threshold[threshold]) ? checks->threshold[threshold]
                                                            : threshold_default(threshold);
}

double *subject_steps(const struct subject *subject, enum role role, size_t from)
{
    const struct series *s = &subject->role[role].clean.active;
    double *steps = ARENA_ARRAY(subject->arena, s->n - from, double);

    for (size_t i = from; i < s->n; i++)
        steps[i - from] = (double)s->step[i];
    return steps;
}

size_t subject_needs(const struct role_series *series, size_t points)
{
    return series->clean.smoothed ? 3 * points : points;
}

static bool has_rewards(const struct subject *subject)
{
    return subject->role[ROLE_REWARD].logged || subject->role[ROLE_VALUE_LOSS].logged;
}

static bool is_rl(const struct subject *subject)
{
    enum experiment_type type =
        subject->experiment ? subject->experiment->type : EXPERIMENT_UNKNOWN;

    return type == EXPERIMENT_RL || (type == EXPERIMENT_UNKNOWN && has_rewards(subject));
}

enum role subject_primary(const struct subject *subject)
{
    const struct role_series *val = &subject->role[ROLE_VALIDATION_LOSS];
    const struct role_series *train = &subject->role[ROLE_TRAIN_LOSS];

    if (is_rl(subject))
        return ROLE_REWARD;
    if (val->logged &&
        (val->clean.active.n >= subject_needs(val, POINTS_FOR_A_TREND) || !train->logged))
        return ROLE_VALIDATION_LOSS;
    return ROLE_TRAIN_LOSS;
}

bool subject_is_running(const struct subject *subject)
{
    return subject->assessed && strcmp(subject->assessed->state, "running") == 0;
}
