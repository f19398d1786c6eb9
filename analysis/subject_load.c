/* A subject from what an experiment logged and is configured with. */
#include "analysis/subject.h"

#include <math.h>

#include "analysis/base/limits.h"
#include "analysis/base/number.h"
#include "analysis/casting.h"
#include "analysis/derived.h"
#include "analysis/layers.h"
#include "analysis/sft.h"
#include "analysis/workload.h"

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

static bool same_steps(const struct series *a, const struct series *b)
{
    return a->n == b->n && (a->n == 0 || memcmp(a->step, b->step, a->n * sizeof(*a->step)) == 0);
}

/* A loss that is logged by its parts: their sum at each step, which all have. */
static bool take_sum(struct subject *subject, enum role role, const struct loss_parts *parts,
                     struct err *err)
{
    struct series sum = {0};
    const char *name = "";
    double *value = NULL;

    for (size_t i = 0; parts && i < parts->n; i++) {
        struct series part = {0};
        if (!experiment_series_like(subject->experiment, parts->name[i], &sum, subject->arena,
                                    &part, err))
            return err_wrap(err, "%.*s", STR_FMT(parts->name[i]));
        if (i == 0) {
            sum = part;
            value = ARENA_ARRAY(subject->arena, part.n, double);
        } else if (!same_steps(&sum, &part)) {
            return true;
        }
        for (size_t k = 0; k < sum.n; k++)
            value[k] = (i ? value[k] : 0) + part.value[k];
        name =
            arena_printf(subject->arena, "%s%s%.*s", name, i ? " + " : "", STR_FMT(parts->name[i]));
    }
    sum.name = str_of(name);
    sum.value = value;
    if (sum.n > 0)
        subject_set(subject, role, &sum);
    return true;
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
        if (series.n > 0 && role == ROLE_PERPLEXITY && !c->name[ROLE_TRAIN_LOSS].p &&
            !casting_parts(c, ROLE_TRAIN_LOSS))
            take_loss_of_perplexity(subject, &series);
    }
    return take_sum(subject, ROLE_TRAIN_LOSS, casting_parts(c, ROLE_TRAIN_LOSS), err) &&
           take_sum(subject, ROLE_VALIDATION_LOSS, casting_parts(c, ROLE_VALIDATION_LOSS), err);
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
    return number_is(text, value);
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

/* Series that no name told of before the log was looked at are read together, too. */
static bool read_unnamed(const struct subject *subject, const struct casting *c, struct strs names,
                         const struct rows_view **rows, struct err *err)
{
    size_t room = names.n + ROLES + 2 * PARTS_MAX, n = 0;
    const char **all = ARENA_ARRAY(subject->arena, room, const char *);

    for (int role = 0; role < ROLES; role++) {
        const struct loss_parts *parts = casting_parts(c, (enum role)role);
        if (c->spelled[role])
            all[n++] = arena_text(subject->arena, c->name[role]);
        for (size_t i = 0; parts && i < parts->n; i++)
            all[n++] = arena_text(subject->arena, parts->name[i]);
    }
    if (n == 0)
        return true;
    for (size_t i = 0; i < names.n; i++)
        all[n++] = names.v[i];
    return experiment_rows(subject->experiment, &(struct strs){all, n}, subject->arena, rows, err);
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
    struct casting c;
    const struct rows_view *rows = NULL;
    const struct history *history = NULL;

    *out = (struct subject){
        .experiment = experiment, .arena = arena, .derived = derived_new(arena), .checks = checks};
    if (!experiment_rows(experiment, &wanted_keys, arena, &rows, err) ||
        !experiment_history(experiment, arena, &history, err) ||
        !cast_roles(checks, rows, history, arena, &c, err) ||
        !read_unnamed(out, &c, wanted_keys, &rows, err) || !load_roles(out, &c, err))
        return false;
    out->cast_notes = casting_say(&c, arena);
    for (int role = 0; role < ROLES; role++)
        out->role[role].hinted = casting_hints(&c, (enum role)role);
    look_for_nulls(out, rows);
    out->evaluation_sets = c.sets;
    if (c.may_score.p && !c.name[ROLE_HELD_OUT_SCORE].p)
        out->may_score = arena_str(arena, c.may_score);
    for (size_t i = 0; coverage && i < out->cast_notes.n; i++)
        coverage_note(coverage, "%s", out->cast_notes.v[i]);
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
