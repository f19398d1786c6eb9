#include "analysis/planned.h"

#include <math.h>
#include <stdlib.h>
#include <strings.h>

#include "analysis/open.h"
#include "analysis/readers/feed.h"
#include "analysis/readers/weave.h"
#include "analysis/settings.h"

/* What trainers call it, the surest first. */
static const char *const lengths[] = {
    "total_training_steps", "max_train_steps", "num_training_steps", "num_train_steps",
    "train_iters",          "max_iters",       "num_iterations",     "total_iterations",
    "max_iterations",       "max_steps",       "total_steps"};

enum { OF_TRAINING_ALONE = 9 }; /* those before this one; of RL the others may be an episode's */

/* Does the section hold what the trainer does, and not an environment or a schedule? */
static bool is_of_the_trainer(const char *key, const char *last)
{
    static const char *const sections[] = {"train", "training", "trainer", "training_args",
                                           "args",  "config",   "hparams"};
    size_t n = (size_t)(last - key);

    for (size_t i = 0; n > 0 && i < sizeof(sections) / sizeof(sections[0]); i++) {
        if (n == strlen(sections[i]) + 1 && strncasecmp(key, sections[i], n - 1) == 0)
            return true;
    }
    return n == 0;
}

static double configured(const struct settings *settings, const char *name,
                         const struct setting_value **which)
{
    for (size_t i = 0; i < settings->n; i++) {
        const char *dot = strrchr(settings->v[i].key, '.');
        const char *last = dot ? dot + 1 : settings->v[i].key;
        double value = NAN;

        if (strcasecmp(last, name) == 0 && is_of_the_trainer(settings->v[i].key, last))
            value = setting_number(settings->v[i].json);
        if (value >= 1 && isfinite(value)) {
            *which = &settings->v[i];
            return value;
        }
    }
    return 0;
}

static bool is_epochs(const char *axis)
{
    return axis && strcasestr(axis, "epoch");
}

static bool is_of_others(const char *axis)
{
    return axis && ((!strcasestr(axis, "step") && !strcasestr(axis, "iter")) ||
                    strcasestr(axis, "timestep") || strcasestr(axis, "env"));
}

/* Of the sources that have rows: those whose steps are so, and all. */
static size_t sources_whose(const struct experiment *e, bool (*are)(const char *axis), size_t *all,
                            struct arena *arena)
{
    const struct woven *w;
    struct err err;
    size_t n = 0;

    *all = 0;
    if (!experiment_woven(e, arena, &w, &err) || !w)
        return 0;
    for (size_t i = 0; i < w->sources_n; i++) {
        bool rows = w->sources[i].tally.rows > 0;

        *all += rows;
        n += rows && are(w->sources[i].axis);
    }
    return n;
}

bool experiment_counts_steps(const struct experiment *e, struct arena *arena)
{
    const struct woven *w;
    struct err err;
    size_t all;

    return experiment_woven(e, arena, &w, &err) && w &&
           sources_whose(e, is_of_others, &all, arena) == 0;
}

bool experiment_counts_epochs(const struct experiment *e, struct arena *arena)
{
    size_t all;

    return e && e->held && e->sources_n > 0 && sources_whose(e, is_epochs, &all, arena) == all &&
           all > 0;
}

const char *experiment_epochs_key(const struct experiment *e, struct arena *arena)
{
    static const char *const names[] = {"num_train_epochs", "num_epochs",   "max_epochs",
                                        "total_epochs",     "train_epochs", "n_epochs",
                                        "nb_epochs",        "epochs"};
    struct settings settings = {0};

    if (e && e->held)
        settings_load(e, arena, &settings);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        const struct setting_value *which = NULL;

        if (configured(&settings, names[i], &which) > 0 && which)
            return which->key;
    }
    return "num_epochs";
}

static bool by_log(const struct experiment *e, struct arena *arena, struct planned *out)
{
    const struct run_fact *facts = NULL;
    size_t n = 0;

    experiment_facts(e, arena, &facts, &n);
    for (size_t i = 0; i < n; i++) {
        double steps = strtod(facts[i].value, NULL);

        if (strcmp(facts[i].name, fact_name(FACT_TOTAL_STEPS)) == 0 && steps > 0) {
            *out = (struct planned){.steps = steps, .from = facts[i].from};
            return true;
        }
    }
    return false;
}

bool planned_is_cut(const struct planned *planned, double last)
{
    static const double whole = 0.99;

    return planned->steps > 0 && last < whole * planned->steps;
}

struct planned experiment_planned(const struct experiment *e, double last, struct arena *arena)
{
    size_t n = e->type == EXPERIMENT_LM ? sizeof(lengths) / sizeof(lengths[0]) : OF_TRAINING_ALONE;
    struct planned out = {.from = ""};
    struct settings settings;

    if (!e->held || by_log(e, arena, &out) || e->sources_n == 0 ||
        !experiment_counts_steps(e, arena))
        return out;
    settings_load(e, arena, &settings);
    for (size_t i = 0; i < n; i++) {
        const struct setting_value *which = NULL;
        double steps = configured(&settings, lengths[i], &which);

        if (!which || !(steps > 0) || steps < last)
            continue;
        out =
            (struct planned){steps, arena_printf(arena, "%s in %s", which->key, which->file), true};
        break;
    }
    return out;
}
