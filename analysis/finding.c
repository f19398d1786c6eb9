#include "analysis/finding.h"

#include <math.h>

struct finding *finding_add(struct findings *findings, const char *class,
                            enum finding_status status)
{
    struct finding fresh = {
        .id = class,
        .class = class,
        .status = status,
        .severity = SEVERITY_INFO,
        .sentence = "",
        .evidence = {.from = INT64_MIN,
                     .to = INT64_MIN,
                     .effect = (double)NAN,
                     .effect_unit = "",
                     .ci_low = (double)NAN,
                     .ci_high = (double)NAN,
                     .level = (double)NAN,
                     .p = (double)NAN,
                     .q = (double)NAN,
                     .method = ""},
        .what_would_change_it = "",
    };

    VEC_PUSH(findings->arena, &findings->list, fresh);
    return &findings->list.v[findings->list.n - 1];
}

static struct quantity quantity(struct arena *arena, const char *name, double value,
                                const char *unit)
{
    return (struct quantity){arena_text(arena, str_of(name)), value,
                             arena_text(arena, str_of(unit))};
}

void finding_value(struct findings *findings, struct finding *finding, const char *name,
                   double value, const char *unit)
{
    VEC_PUSH(findings->arena, &finding->evidence.values,
             quantity(findings->arena, name, value, unit));
}

void finding_parameter(struct findings *findings, struct finding *finding, const char *name,
                       double value, const char *unit)
{
    VEC_PUSH(findings->arena, &finding->evidence.parameters,
             quantity(findings->arena, name, value, unit));
}

void finding_column(struct findings *findings, struct finding *finding, struct str name)
{
    VEC_PUSH(findings->arena, &finding->evidence.columns,
             (const char *)arena_text(findings->arena, name));
}

void finding_caveat(struct findings *findings, struct finding *finding, const char *caveat)
{
    VEC_PUSH(findings->arena, &finding->caveats,
             (const char *)arena_text(findings->arena, str_of(caveat)));
}

const char *severity_name(enum severity severity)
{
    static const char *const names[] = {"info", "low", "medium", "high", "critical"};

    return names[severity];
}

const char *finding_status_name(enum finding_status status)
{
    static const char *const names[] = {"found", "not_found", "inconclusive", "insufficient_data",
                                        "not_applicable"};

    return names[status];
}
