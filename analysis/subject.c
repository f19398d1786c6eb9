#include "analysis/subject.h"

#include "analysis/base/limits.h"
#include "analysis/base/number.h"
#include "analysis/derived.h"
#include "analysis/layers.h"
#include "analysis/sft.h"
#include "analysis/workload.h"

#include <math.h>

/* A trend of the last half takes six blocks of three points (progress.h). */
enum { POINTS_FOR_A_TREND = 35 };

/* The numbers of the run's own configuration that detectors ask for. */
static const char *const wanted[] = {
    "BASE_LR",
    "MIN_LR",
    "WARMUP_RATIO",
    "MAX_GRAD_NORM",
    "RL_LEARNING_RATE",
    "RL_ENTROPY_COEF",
    "RL_ENTROPY_COEF_MAX",
    "RL_POLICY_ENTROPY_TARGET",
    "RL_BETA_CONCENTRATION_MAX",
    "RL_BETA_CONCENTRATION_CAP",
    "RL_ENTROPY_COEF_MIN",
    "RL_ENTROPY_HOMEOSTASIS_RELEASE_RATE",
    "RL_ENTROPY_HOMEOSTASIS_DECAY_RATE",
    "RL_REWARD_PERPLEXITY_WEIGHT",
    "RL_REWARD_DIVERSITY_WEIGHT",
    "RL_REWARD_SAMPLING_WEIGHT",
    "RL_REWARD_REPETITION_WEIGHT",
    "RL_REWARD_COHERENCE_WEIGHT",
    "RL_DIVERSITY_HOMEOSTASIS_TARGET",
    "RL_DIVERSITY_HOMEOSTASIS_RELEASE_RATE",
    "RL_DIVERSITY_HOMEOSTASIS_DECAY_RATE",
    "RL_DIVERSITY_WEIGHT_MIN",
    "RL_DIVERSITY_WEIGHT_MAX",
    "RL_DIVERSITY_CONSTRAINT_THRESHOLD",
    "RL_LAGRANGE_MULTIPLIER_INIT",
    "RL_LAGRANGE_MULTIPLIER_LR",
    "RL_LAGRANGE_MULTIPLIER_WEIGHT_DECAY",
    "RL_EVAL_EPISODES",
    "num_generations",
    "learning_rate",
    "lr",
};

enum { WANTED = sizeof(wanted) / sizeof(wanted[0]) };

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
    bool reinforced = is_rl(subject), has_gate = false;
    size_t n = 0;

    for (size_t i = 0; i < sizeof(gated) / sizeof(gated[0]); i++)
        has_gate |= gated[i] != ROLE_ENTROPY_COEFFICIENT && subject->role[gated[i]].logged;
    for (size_t i = 0; !reinforced && i < sizeof(lm) / sizeof(lm[0]); i++) {
        bool other_way = lm[i] == ROLE_THROUGHPUT && subject->role[ROLE_STEP_TIME].logged;
        if (!subject->role[lm[i]].logged && !other_way)
            out[n++] = lm[i];
    }
    for (size_t i = 0; reinforced && i < sizeof(rl) / sizeof(rl[0]); i++) {
        if (!subject->role[rl[i]].logged && would_tell(subject, rl[i]))
            out[n++] = rl[i];
    }
    for (size_t i = 0; reinforced && has_gate && i < sizeof(gated) / sizeof(gated[0]); i++) {
        if (!subject->role[gated[i]].logged)
            out[n++] = gated[i];
    }
    return n;
}

/* ---- loading ---- */

/*
 * Which series plays a role: the user's, else of its aliases the one that stands first, unless
 * another has four times the points. One point is no curve: the Trainer's last row has the mean of
 * all losses as train_loss, and `loss` is the curve; an evaluation on training data is fifty
 * points of train/loss beside a thousand of loss.
 */
enum { CURVE_MIN = 20 }; /* points that a check of a reward needs */

struct casting {
    const struct checks *checks;
    struct str set; /* the first of `sets` losses of evaluation sets */
    size_t sets;
    struct str may_score; /* of the names without a role that look like it, the longest series */
    size_t may_score_points;
    struct str name[ROLES]; /* .p NULL: none */
    size_t rank[ROLES];
    size_t points[ROLES];
};

static bool clearly_more(size_t a, size_t b)
{
    return a >= 4 * b || (a > 1 && b == 1);
}

static bool plays_better(const struct casting *c, enum role role, size_t rank, size_t points)
{
    if (!c->name[role].p || clearly_more(points, c->points[role]))
        return true;
    return rank < c->rank[role] && !clearly_more(c->points[role], points);
}

/* The Trainer's name for the loss on one of several evaluation sets: eval_NAME_loss. */
static bool is_of_a_set(struct str name)
{
    return str_starts(name, STR("eval_")) && str_ends(name, STR("_loss")) &&
           name.n > sizeof("eval__loss") - 1;
}

static void cast(struct casting *c, struct str name, size_t points)
{
    enum role role = role_of(name);

    if (role == ROLES && points > 1 && is_of_a_set(name) && c->sets++ == 0)
        c->set = name;

    if (role == ROLES && points > c->may_score_points && role_may_score(name)) {
        c->may_score = name;
        c->may_score_points = points;
    }
    for (int i = 0; c->checks && i < ROLES; i++) {
        if (c->checks->role[i] && str_is(name, c->checks->role[i]))
            c->name[i] = name;
    }
    if (role == ROLES || (c->checks && c->checks->role[role]) ||
        !plays_better(c, role, role_rank(name), points))
        return;
    c->name[role] = name;
    c->rank[role] = role_rank(name);
    c->points[role] = points;
}

static bool cast_all(struct casting *c, const struct rows_view *rows, const struct history *history,
                     struct arena *arena, struct err *err)
{
    for (size_t i = 0; rows && i < rows_keys(rows); i++) {
        if (rows_points(rows, i) > 0)
            cast(c, rows_key(rows, i), rows_points(rows, i));
    }
    for (size_t i = 0; history && i < history->keys_n; i++) {
        if (history->keys[i].n > 0)
            cast(c, history->keys[i].name, history->keys[i].n);
    }
    if (!c->name[ROLE_VALIDATION_LOSS].p)
        c->name[ROLE_VALIDATION_LOSS] = c->set;
    else
        c->sets = 0; /* there is one for all */
    /* where a reward is trained on, an accuracy on held-out data is the score beside it */
    if (!c->name[ROLE_HELD_OUT_SCORE].p && c->name[ROLE_REWARD].p)
        c->name[ROLE_HELD_OUT_SCORE] = c->name[ROLE_VALIDATION_ACCURACY];
    if (!(c->checks && c->checks->role[ROLE_REWARD]) && c->points[ROLE_REWARD] < CURVE_MIN &&
        c->points[ROLE_EPISODE_REWARD] > c->points[ROLE_REWARD]) {
        c->name[ROLE_REWARD] = c->name[ROLE_EPISODE_REWARD];
        c->points[ROLE_REWARD] = c->points[ROLE_EPISODE_REWARD];
    }
    for (int i = 0; c->checks && i < ROLES; i++) {
        if (c->checks->role[i] && !c->name[i].p)
            return err_set(err, ERR_ARGUMENT,
                           "checks.roles.%s: '%s' is not logged; describe_experiment lists what is",
                           role_name((enum role)i, arena), c->checks->role[i]);
    }
    return true;
}

/* A loss that is only told as exp of it: where all values may be that, they are taken back. */
static void take_loss_of_perplexity(struct subject *subject, const struct series *ppl)
{
    double *loss = ARENA_ARRAY(subject->arena, ppl->n, double);
    struct series series = *ppl;

    for (size_t i = 0; i < ppl->n; i++) {
        if (isfinite(ppl->value[i]) && !(ppl->value[i] > 1))
            return;
        loss[i] = log(ppl->value[i]);
    }
    series.name = str_of(arena_printf(subject->arena, "ln(%.*s)", STR_FMT(ppl->name)));
    series.value = loss;
    subject_set(subject, ROLE_TRAIN_LOSS, &series);
    subject->loss_of_perplexity = true;
}

static bool load_roles(struct subject *subject, const struct casting *c, struct err *err)
{
    struct series longest = {0}; /* most have a point in every row: one set of steps for all */

    for (int role = 0; role < ROLES; role++) {
        struct series series = {0};

        if (!c->name[role].p)
            continue;
        if (!experiment_series_like(subject->experiment, c->name[role], &longest, subject->arena,
                                    &series, err))
            return err_wrap(err, "%.*s", STR_FMT(c->name[role]));
        series.name = arena_str(subject->arena, c->name[role]);
        if (series.n > longest.n)
            longest = series;
        if (series.n > 0)
            subject_set(subject, (enum role)role, &series);
        if (series.n > 0 && role == ROLE_PERPLEXITY && !c->name[ROLE_TRAIN_LOSS].p)
            take_loss_of_perplexity(subject, &series);
    }
    return true;
}

static void look_for_nulls(struct subject *subject, const struct rows_view *rows)
{
    for (int i = 0; rows && i < ROLES; i++) {
        struct role_series *role = &subject->role[i];
        size_t key = role->logged ? rows_find(rows, role->name) : SIZE_MAX;

        if (key != SIZE_MAX)
            role->nulls_at_end = rows_nulls_at_end(rows, key, &role->null_from);
    }
}

/* Some programs write every setting as a text: '0.2' is a number, 'fast' and '' are none. */
static bool read_number(const struct json *v, struct arena *arena, double *value)
{
    if (!v || v->kind != JSON_STRING)
        return json_number(v, value);
    struct str text = str_trim(json_text(arena, v));
    return text.n > 0 && number_read(text, value) == text.n;
}

/* At the top, or in a section of the configuration (LEARNING_RATE_SCHEDULER). */
static double number_of(const struct json *config, const char *key, struct arena *arena)
{
    double value = (double)NAN;

    if (read_number(json_get(config, key), arena, &value))
        return value;
    json_each (section, config) {
        if (read_number(json_get(section, key), arena, &value))
            return value;
    }
    return (double)NAN;
}

/* A configuration that cannot be read tells nothing: detectors then say so in their own words. */
static const struct json *config_of(const struct experiment *experiment, const char *filename,
                                    struct arena *arena)
{
    struct str text, json;
    const char *found;
    struct err err;

    if (!experiment_config(experiment, filename, arena, &found, &text, &err) ||
        !config_to_json(text, arena, &json, &err))
        return NULL;
    const struct json *config = json_parse(arena, json, JSON_DATA, DATA_DEPTH_MAX + 1, &err);
    return config && config->kind == JSON_OBJECT ? config : NULL;
}

static void load_settings(struct subject *subject)
{
    struct setting *settings = ARENA_ARRAY(subject->arena, WANTED, struct setting);
    struct strs files;

    subject->settings = settings;
    experiment_configs(subject->experiment, subject->arena, &files);
    subject->unconfigured = files.n == 0;
    for (size_t f = 0; f < files.n; f++) {
        const struct json *config = config_of(subject->experiment, files.v[f], subject->arena);

        for (size_t i = 0; config && i < WANTED; i++) {
            double value = number_of(config, wanted[i], subject->arena);

            if (isfinite(value) && !isfinite(subject_setting(subject, wanted[i])))
                settings[subject->settings_n++] = (struct setting){wanted[i], value};
        }
    }
    subject->entropy_schedule =
        experiment_setting_text(subject->experiment, "RL_ENTROPY_SCHEDULE", subject->arena);
    subject->constraint_mode =
        experiment_setting_text(subject->experiment, "RL_CONSTRAINT_MODE", subject->arena);
}

/* All names that may play a role: asked for together, they cost one pass over the log. */
static struct strs names_wanted(const struct checks *checks, struct arena *arena)
{
    struct strs work = workload_names(arena);
    const char **names = ARENA_ARRAY(arena, role_names_n() + ROLES + 1 + work.n, const char *);
    size_t n = role_names_n();

    for (size_t i = 0; i < n; i++)
        names[i] = role_name_at(i);
    names[n++] = "timestamp";
    for (size_t i = 0; i < work.n; i++)
        names[n++] = work.v[i];
    for (int role = 0; checks && role < ROLES; role++) {
        if (checks->role[role])
            names[n++] = checks->role[role];
    }
    return (struct strs){names, n};
}

static bool load_workload(struct subject *subject, struct err *err)
{
    const struct role_series *loss = &subject->role[subject_primary(subject)];
    const struct series *s = &loss->clean.active;
    struct workload_span span = {.first_time = NAN, .last_time = NAN};
    struct workload *w = ARENA_NEW(subject->arena, struct workload);

    if (s->n > 0) {
        span.first_step = s->step[0];
        span.last_step = s->step[s->n - 1];
        span.first_time = s->time ? s->time[0] : (double)NAN;
        span.last_time = s->time ? s->time[s->n - 1] : (double)NAN;
    }
    subject->workload = w;
    return workload_load(subject->experiment, &span, subject->arena, w, err);
}

bool subject_load_as(const struct experiment *experiment, const struct checks *checks,
                     struct arena *arena, struct coverage *coverage, struct subject *out,
                     struct err *err)
{
    struct strs wanted_keys = names_wanted(checks, arena);
    struct casting c = {.checks = checks};
    const struct rows_view *rows = NULL;
    const struct history *history = NULL;

    *out = (struct subject){
        .experiment = experiment, .arena = arena, .derived = derived_new(arena), .checks = checks};
    if (!experiment_rows(experiment, &wanted_keys, arena, &rows, err) ||
        !experiment_history(experiment, arena, &history, err) ||
        !cast_all(&c, rows, history, arena, err) || !load_roles(out, &c, err))
        return false;
    look_for_nulls(out, rows);
    out->evaluation_sets = c.sets;
    if (c.may_score.p && !c.name[ROLE_HELD_OUT_SCORE].p)
        out->may_score = arena_str(arena, c.may_score);
    if (coverage && rows)
        rows_cover(rows, coverage);
    else if (coverage)
        experiment_cover_rowless(experiment, arena, coverage);
    if (coverage && history)
        history_cover(history, coverage);
    load_settings(out);
    struct layers *layers = ARENA_NEW(arena, struct layers);
    out->layers = layers;
    if (!load_workload(out, err) || !layers_load(experiment, rows, arena, layers, err))
        return false;
    struct sft *sft = ARENA_NEW(arena, struct sft);
    out->sft = sft;
    return sft_load(experiment, arena, coverage, sft, err);
}

bool subject_load(const struct experiment *experiment, struct arena *arena,
                  struct coverage *coverage, struct subject *out, struct err *err)
{
    return subject_load_as(experiment, NULL, arena, coverage, out, err);
}
