#include "analysis/causes.h"

#include "analysis/base/shape.h"

#include <math.h>

static bool is(const struct finding *f, const char *class, enum finding_status status)
{
    return f->status == status && strcmp(f->class, class) == 0;
}

/* Of two diverging losses the surer is the finding; the other becomes a part of it. */
static struct finding *join_divergences(struct findings *findings)
{
    struct finding *kept = NULL;

    for (size_t i = 0; i < findings->list.n; i++) {
        struct finding *f = &findings->list.v[i];

        if (!is(f, "divergence", FINDING_FOUND))
            continue;
        if (!kept) {
            kept = f;
            continue;
        }
        struct finding *loser = f->confidence > kept->confidence ? kept : f;
        kept = loser == kept ? f : kept;
        finding_caveat(findings, kept, arena_printf(findings->arena, "also: %s", loser->sentence));
        for (size_t c = 0; c < loser->evidence.columns.n; c++)
            VEC_PUSH(findings->arena, &kept->evidence.columns, loser->evidence.columns.v[c]);
        loser->status = FINDING_NOT_APPLICABLE;
        loser->severity = SEVERITY_INFO;
        loser->confidence = 0;
        loser->advice = NULL;
        loser->sentence = arena_printf(findings->arena, "Part of %s.", kept->id);
    }
    return kept;
}

static void take_back(struct findings *findings, struct finding *f, enum finding_status status,
                      const struct finding *because)
{
    f->sentence = arena_printf(findings->arena, "Explained by %s (from step %lld): %s", because->id,
                               (long long)because->evidence.from, f->sentence);
    f->status = status;
    f->severity = SEVERITY_INFO;
    f->confidence = 0;
    f->advice = NULL;
}

static bool is_explained(const struct finding *f, int64_t onset)
{
    return strcmp(f->class, "plateau") == 0 || strcmp(f->class, "schedule_end") == 0 ||
           strcmp(f->class, "no_progress") == 0 || strcmp(f->class, "continued_training") == 0 ||
           strcmp(f->class, "efficiency") == 0 ||
           (strcmp(f->class, "grad_explosion") == 0 && f->evidence.from > onset) ||
           (strcmp(f->class, "grad_inferred") == 0 && f->evidence.from > onset) ||
           (strcmp(f->class, "nonfinite") == 0 && f->evidence.from >= onset);
}

static void suppress(struct findings *findings, const struct finding *cause)
{
    int64_t onset = cause->evidence.from;

    for (size_t i = 0; i < findings->list.n; i++) {
        struct finding *f = &findings->list.v[i];
        bool reaches = f->evidence.to == NOT_GIVEN || f->evidence.to >= onset;
        bool judged = f->status == FINDING_FOUND || f->status == FINDING_INCONCLUSIVE;

        if (f == cause || !judged || !reaches)
            continue;
        if (strcmp(f->class, "val_rising") == 0)
            take_back(findings, f, FINDING_NOT_FOUND, cause);
        else if (is_explained(f, onset))
            take_back(findings, f, FINDING_NOT_APPLICABLE, cause);
    }
}

/* The step at which the warm-up ended, as the schedule's finding has it; NOT_GIVEN if unknown. */
static int64_t warmup_end(const struct finding *schedule)
{
    for (size_t i = 0; i < schedule->evidence.values.n; i++) {
        const struct quantity *q = &schedule->evidence.values.v[i];

        if (strcmp(q->name, "warmup_end") == 0)
            return (int64_t)q->value;
    }
    return NOT_GIVEN;
}

/* While the rate warms up gradients move by themselves. */
static void excuse_warmup(struct findings *findings)
{
    const struct finding *schedule = NULL;

    for (size_t i = 0; i < findings->list.n; i++) {
        if (is(&findings->list.v[i], "lr_schedule", FINDING_FOUND))
            schedule = &findings->list.v[i];
    }
    for (size_t i = 0; schedule && i < findings->list.n; i++) {
        struct finding *f = &findings->list.v[i];

        if ((is(f, "grad_explosion", FINDING_FOUND) || is(f, "grad_vanishing", FINDING_FOUND)) &&
            f->evidence.from < warmup_end(schedule))
            take_back(findings, f, FINDING_NOT_FOUND, schedule);
    }
}

void causes_apply(struct findings *findings)
{
    const struct finding *divergence = join_divergences(findings);

    if (divergence)
        suppress(findings, divergence);
    excuse_warmup(findings);
}
