#include "analysis/anchors/anchor.h"

#include <math.h>

#define X(name) extern const struct anchor_rule anchor_##name;
#include "analysis/anchors/anchors.def"
#undef X

const struct anchor_rule *const anchor_rules[] = {
#define X(name) &anchor_##name,
#include "analysis/anchors/anchors.def"
#undef X
    NULL};

void anchor_above(struct anchor *out, double value, double threshold)
{
    out->applicable = true;
    out->value = value;
    out->threshold = threshold;
    out->fired = value > threshold;
}

void anchor_below(struct anchor *out, double value, double threshold)
{
    anchor_above(out, value, threshold);
    out->fired = value < threshold;
}

bool anchor_needs(struct anchor *out, struct arena *arena, const struct curve *curve, size_t needs)
{
    if (curve->n >= needs)
        return true;
    out->note = curve->n == 0 ? "the series is not logged"
                              : arena_printf(arena, "%zu point%s, at least %zu are needed",
                                             curve->n, curve->n == 1 ? "" : "s", needs);
    return false;
}

static struct curve curve_of(const struct subject *subject, enum role role)
{
    const struct role_series *s = &subject->role[role];

    if (!s->logged)
        return (struct curve){0};
    return (struct curve){s->clean.active.step, s->clean.active.value, s->clean.active.n};
}

/* Evaluations before the first training loss get that first one. */
static const double *at_evaluations(const struct curve *train, const struct curve *val,
                                    struct arena *arena)
{
    double *at = ARENA_ARRAY(arena, val->n, double);
    size_t k = 0;

    if (train->n == 0 || val->n == 0)
        return NULL;
    for (size_t i = 0; i < val->n; i++) {
        while (k + 1 < train->n && train->step[k + 1] <= val->step[i])
            k++;
        at[i] = train->value[k];
    }
    return at;
}

void anchors_of(const struct subject *subject, struct arena *arena, struct anchors *out)
{
    struct anchor_input in = {
        .train = curve_of(subject, ROLE_TRAIN_LOSS),
        .val = curve_of(subject, ROLE_VALIDATION_LOSS),
        .gradient = curve_of(subject, ROLE_GRADIENT_NORM),
        .non_finite_loss = subject->role[ROLE_TRAIN_LOSS].clean.non_finite_active > 0,
        .subject = subject,
        .arena = arena,
    };

    in.train_at_val = at_evaluations(&in.train, &in.val, arena);
    *out = (struct anchors){0};
    for (size_t i = 0; anchor_rules[i]; i++) {
        const struct anchor_rule *rule = anchor_rules[i];
        struct anchor a = {.name = rule->name,
                           .class = rule->class,
                           .source = rule->source,
                           .value = (double)NAN,
                           .threshold = (double)NAN,
                           .confidence = (double)NAN,
                           .note = ""};

        rule->run(&in, &a);
        VEC_PUSH(arena, &out->list, a);
    }
}
