#include "analysis/base/nearest.h"
#include "reports/patterns/pattern.h"

#include <stdio.h>

#define X(name) extern const struct pattern pattern_##name;
#include "reports/patterns/patterns.def"
#undef X

const struct pattern *const patterns[] = {
#define X(name) &pattern_##name,
#include "reports/patterns/patterns.def"
#undef X
    NULL};

const struct pattern *pattern_find(const char *name, struct err *err)
{
    const struct pattern *near = NULL;
    size_t best = SIZE_MAX, n = 0;
    char all[512] = "";

    name = name ? name : "";
    for (size_t i = 0; patterns[i]; i++) {
        if (strcmp(patterns[i]->name, name) == 0)
            return patterns[i];
        size_t d = name_distance(str_of(name), str_of(patterns[i]->name));
        if (d < best) {
            best = d;
            near = patterns[i];
        }
        if (n < sizeof(all))
            n += (size_t)snprintf(all + n, sizeof(all) - n, "%s%s", i ? ", " : "",
                                  patterns[i]->name);
    }
    if (near && *name && name_is_near(str_of(name), str_of(near->name), best))
        err_set(err, ERR_ARGUMENT, "Unknown pattern: %.100s. Did you mean '%s'? Known: %s.", name,
                near->name, all);
    else
        err_set(err, ERR_ARGUMENT, "Unknown pattern: %.100s. Known: %s.", name, all);
    return NULL;
}

bool pattern_build(const struct pattern *pattern, const struct pattern_input *in,
                   struct blocks *out, struct err *err)
{
    blocks_begin(out, in->experiment_id, pattern->name);
    if (!in->experiment_id || !*in->experiment_id)
        return err_set(err, ERR_ARGUMENT,
                       pattern->of_trainings
                           ? "experimentId is required, a training_id: list_trainings names them."
                           : "experimentId is required: list_experiments names all of them.");
    return pattern->build(in, out, err);
}

const char *pattern_title(const struct pattern *pattern, const char *experiment_id,
                          struct arena *arena)
{
    if (pattern->title)
        return arena_printf(arena, "%s %s", experiment_id, pattern->title);
    return arena_printf(arena, "%s \xe2\x80\x94 %s", pattern->name, experiment_id);
}
