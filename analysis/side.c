#include "analysis/side.h"

#include <string.h>

static const char *const sides[] = {"train", "validation", "valid",      "val",     "dev",
                                    "test",  "eval",       "evaluation", "eval_val"};

enum { SIDES = sizeof(sides) / sizeof(sides[0]) };

bool side_is_name(struct str name)
{
    for (size_t i = 0; i < SIDES; i++) {
        if (str_is(name, sides[i]))
            return true;
    }
    return false;
}

/* "eval_metrics.csv": "eval", and "metrics.csv" behind it; "eval.csv": ".csv". */
static const char *split(const char *name, const char **rest)
{
    for (size_t i = 0; i < SIDES; i++) {
        size_t n = strlen(sides[i]);

        if (strncmp(name, sides[i], n) == 0 && (name[n] == '_' || name[n] == '.')) {
            *rest = name[n] == '_' ? name + n + 1 : name + n;
            return sides[i];
        }
    }
    *rest = name;
    return NULL;
}

const char *side_of_file(const char *name)
{
    const char *rest;

    return split(name, &rest);
}

bool side_joins(const char *a, const char *b)
{
    const char *rest_a, *rest_b, *of_a = split(a, &rest_a), *of_b = split(b, &rest_b);

    return of_a != of_b && strcmp(rest_a, rest_b) == 0;
}
