#ifndef SETTINGS_H
#define SETTINGS_H
/*
 * A run's own configuration as a flat list: keys of sections joined by ".", all
 * configuration files of the run, main one first (a key stands once). Values
 * are JSON text. Lists are values, not sections.
 */

#include "analysis/experiment.h"

struct setting_value {
    const char *key;
    struct str json;
    const char *file; /* the configuration it stands in */
};

struct settings {
    const struct setting_value *v; /* by key */
    size_t n;
};

void settings_load(const struct experiment *experiment, struct arena *arena, struct settings *out);

/* Empty if the run has no such key. */
struct str settings_get(const struct settings *settings, const char *key);

/* A number, also one written as text; NAN otherwise. */
double setting_number(struct str json);

/* Does the key only name a run (its seed, its name, its place) and change nothing of its method? */
bool setting_is_seed(const char *key);
bool setting_is_label(const char *key);

/* Does it say what is learned (task, environment, data set)? Values of the metric of two such
 * are not to be compared. */
bool setting_is_problem(const char *key);

/* Is it the learning rate; or any rate of its schedule (the peak, the least, the last)? */
bool setting_is_rate(const char *key);
bool setting_is_of_rates(const char *key);

#endif
