#include "tests/bench/detection/run.h"

#include <assert.h>
#include <math.h>

#define NAMES(...)                                                                                 \
    {                                                                                              \
        __VA_ARGS__                                                                                \
    }

const struct class_row class_rows[CLASSES] = {
#define X(id, text, kind_, names_, role_, needs_, share_)                                          \
    [CLASS_##id] = {.shown = (text),                                                               \
                    .kind = (kind_),                                                               \
                    .names = names_,                                                               \
                    .role = (role_),                                                               \
                    .needs = (needs_),                                                             \
                    .share = (share_)},
#include "tests/bench/detection/classes.def"
#undef X
};

void run_init(struct run *run, unsigned kind, struct arena *arena)
{
    *run = (struct run){
        .kind = kind, .arena = arena, .at_double = (double)NAN, .steps_per_epoch = (double)NAN};
    for (size_t c = 0; c < CLASSES; c++) {
        run->label[c] = (struct label){.onset = (double)NAN};
        run->number[c] = (double)NAN;
        run->label[c].truth = class_rows[c].kind == kind ? TRUTH_NO : TRUTH_SKIP;
    }
}

void run_log(struct run *run, const char *name, const int64_t *steps, const double *values,
             size_t n)
{
    enum role role = role_of(str_of(name));

    if (role == ROLES)
        return;
    assert(run->series_n < RUN_SERIES_MAX);
    run->roles[run->series_n] = role;
    run->series[run->series_n++] =
        (struct series){.name = str_of(name), .n = n, .step = steps, .value = values};
    run->rows = n > run->rows ? n : run->rows;
}

void run_set(struct run *run, const char *key, double value)
{
    assert(run->settings_n < RUN_SETTINGS_MAX);
    run->settings[run->settings_n++] = (struct setting){key, value};
}

void run_label(struct run *run, enum class_id class, double effect, double threshold, double onset)
{
    struct label *l = &run->label[class];

    l->truth = effect >= threshold          ? TRUTH_YES
               : effect >= 0.25 * threshold ? TRUTH_UNCLEAR
                                            : TRUTH_NO;
    l->effect = effect;
    l->onset = onset;
}

void run_skip(struct run *run, enum class_id class)
{
    run->label[class].truth = TRUTH_SKIP;
}

const struct subject *run_subject(const struct run *run)
{
    struct subject *subject = ARENA_NEW(run->arena, struct subject);
    struct experiment *experiment = ARENA_NEW(run->arena, struct experiment);

    experiment->type = run->kind == FOR_RL ? EXPERIMENT_RL : EXPERIMENT_LM;
    subject->experiment = experiment;
    subject->arena = run->arena;
    subject->settings = run->settings;
    subject->settings_n = run->settings_n;
    subject->entropy_schedule = run->entropy_schedule;
    for (size_t i = 0; i < run->series_n; i++)
        subject_set(subject, run->roles[i], &run->series[i]);
    return subject;
}

size_t run_points(const struct run *run, enum role role)
{
    size_t most = 0;

    if (role == ROLES && run->kind == FOR_LM) { /* of the loss it is judged by */
        most = run_points(run, ROLE_TRAIN_LOSS);
        return most ? most : run_points(run, ROLE_VALIDATION_LOSS);
    }
    for (size_t i = 0; i < run->series_n; i++) {
        if ((role == ROLES || run->roles[i] == role) && run->series[i].n > most)
            most = run->series[i].n;
    }
    return most;
}

const struct series *run_series(const struct run *run, enum role role)
{
    for (size_t i = 0; i < run->series_n; i++) {
        if (run->roles[i] == role)
            return &run->series[i];
    }
    return NULL;
}
