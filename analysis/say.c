#include "analysis/say.h"

#include "analysis/advised.h"
#include "analysis/stats/moments.h"

#define FORMAT_INTO(target)                                                                        \
    do {                                                                                           \
        va_list args;                                                                              \
                                                                                                   \
        va_start(args, format);                                                                    \
        (target) = arena_vprintf(said.findings->arena, format, args);                              \
        va_end(args);                                                                              \
    } while (0)

void say(struct said said, const char *format, ...)
{
    FORMAT_INTO(said.finding->sentence);
    said.finding->not_judged = NULL;
}

void say_not_judged(struct said said, const char *format, ...)
{
    FORMAT_INTO(said.finding->not_judged);
    said.finding->sentence =
        arena_printf(said.findings->arena, "Not judged: %s", said.finding->not_judged);
}

void say_method(struct said said, const char *format, ...)
{
    FORMAT_INTO(said.finding->evidence.method);
}

void say_what_would_change(struct said said, const char *format, ...)
{
    FORMAT_INTO(said.finding->what_would_change_it);
}

void say_caveat(struct said said, const char *format, ...)
{
    const char *text = NULL;

    FORMAT_INTO(text);
    finding_caveat(said.findings, said.finding, text);
}

const char *say_text(struct said said, const char *format, ...)
{
    const char *text = NULL;

    FORMAT_INTO(text);
    return text;
}

void say_value(struct said said, const char *name, double value, const char *unit)
{
    finding_value(said.findings, said.finding, name, value, unit);
}

void say_parameter(struct said said, const char *name, double value, const char *unit)
{
    finding_parameter(said.findings, said.finding, name, value, unit);
}

struct said say_about(struct findings *out, const char *class, enum finding_status status,
                      const struct role_series *series, int64_t from, int64_t to)
{
    struct said said = {out, finding_add(out, class, status)};

    finding_column(out, said.finding, series->name);
    said.finding->evidence.from = from;
    said.finding->evidence.to = to;
    said.finding->evidence.n_used = (int64_t)series->clean.active.n;
    if (series->clean.smoothed)
        say_caveat(said, "the values of '%.*s' look smoothed: noise is not that of a batch",
                   STR_FMT(series->name));
    return said;
}

void say_of_series(struct said said, const struct role_series *series)
{
    said.finding->id = say_text(said, "%s:%.*s", said.finding->class, STR_FMT(series->name));
}

void say_effect(struct said said, double effect, const char *unit, double low, double high,
                double level)
{
    struct evidence *e = &said.finding->evidence;

    e->effect = effect;
    e->effect_unit = arena_text(said.findings->arena, str_of(unit));
    e->ci_low = low;
    e->ci_high = high;
    e->level = level;
}

static const char *copied(struct arena *arena, const char *text)
{
    return text ? arena_text(arena, str_of(text)) : NULL;
}

void say_advice(struct said said, struct advice advice)
{
    struct arena *arena = said.findings->arena;
    struct advice *kept = ARENA_NEW(arena, struct advice);

    if (advised_nothing(&advice))
        return;
    *kept = (struct advice){copied(arena, advice.key), copied(arena, advice.from),
                            copied(arena, advice.to), copied(arena, advice.expected),
                            copied(arena, advice.check)};
    said.finding->advice = kept;
}

void say_harm(struct said said, enum severity severity, double confidence)
{
    said.finding->severity = severity;
    said.finding->confidence = confidence;
}

/* There were enough points: what else do logarithms of values and steps want? */
static void say_unfit(struct said said, const struct role_series *series)
{
    const struct series *s = &series->clean.active;
    size_t below = 0, early = 0;

    for (size_t i = 0; i < s->n; i++) {
        below += !(s->value[i] > 0);
        early += s->step[i] < 1;
    }
    if (below > 0) {
        say_not_judged(said,
                       "%zu of the %zu finite points of '%.*s' are not above 0, and the method "
                       "takes logarithms.",
                       below, s->n, STR_FMT(series->name));
        say_what_would_change(said, "Values that are above 0 throughout.");
    } else if (early > 1) {
        say_not_judged(said,
                       "%zu of the %zu steps of '%.*s' are below 1 (the first is %lld), and the "
                       "method takes logarithms of them.",
                       early, s->n, STR_FMT(series->name), (long long)s->step[0]);
        say_what_would_change(said, "Steps that count from 0 or 1.");
    } else {
        say_not_judged(said, "the method could not be applied to the %zu finite points of '%.*s'.",
                       s->n, STR_FMT(series->name));
        say_what_would_change(said, "Other points of '%.*s'.", STR_FMT(series->name));
    }
    if (below > 0 || early > 1)
        said.finding->status = FINDING_NOT_APPLICABLE;
}

struct said say_too_short(struct findings *out, const char *class, const struct role_series *series,
                          size_t needs)
{
    const struct series *s = &series->clean.active;
    struct said said =
        say_about(out, class, FINDING_INSUFFICIENT_DATA, series, s->n ? s->step[0] : INT64_MIN,
                  s->n ? s->step[s->n - 1] : INT64_MIN);

    if (s->n > 0 && s->n >= needs) {
        say_unfit(said, series);
        return said;
    }
    say_not_judged(said, "'%.*s' had %zu finite point%s, needs %zu%s.", STR_FMT(series->name), s->n,
                   s->n == 1 ? "" : "s", needs,
                   series->clean.smoothed ? " (three times as many, as its values look smoothed)"
                                          : "");
    say_value(said, "points", (double)s->n, "points");
    say_parameter(said, "points_needed", (double)needs, "points");
    say_what_would_change(said, "%zu more finite points of '%.*s'.",
                          needs > s->n ? needs - s->n : 0, STR_FMT(series->name));
    return said;
}

void say_not_positive(struct findings *out, const char *class, const struct role_series *series)
{
    const struct series *s = &series->clean.active;
    size_t below = 0;

    for (size_t i = 0; i < s->n; i++)
        below += !(s->value[i] > 0);
    struct said said =
        say_about(out, class, FINDING_NOT_APPLICABLE, series, s->step[0], s->step[s->n - 1]);
    say_not_judged(said,
                   "%zu of the %zu finite points of '%.*s' are not above 0, and the method "
                   "takes logarithms.",
                   below, s->n, STR_FMT(series->name));
    say_value(said, "not_above_0", (double)below, "points");
    say_what_would_change(said, "A loss that is above 0 throughout.");
}

bool say_within(struct findings *out, const char *class, const struct role_series *series,
                double low, double high)
{
    const struct series *s = &series->clean.active;
    size_t outside = 0;

    for (size_t i = 0; i < s->n; i++)
        outside += s->value[i] < low - 1e-6 || s->value[i] > high + 1e-6;
    if (outside == 0)
        return true;
    struct said said =
        say_about(out, class, FINDING_NOT_APPLICABLE, series, s->step[0], s->step[s->n - 1]);
    say_not_judged(said,
                   "%zu of the %zu finite points of '%.*s' are not %s, so it is not what its "
                   "name says.",
                   outside, s->n, STR_FMT(series->name),
                   isfinite(high) ? say_text(said, "between %g and %g", low, high)
                                  : say_text(said, "%g or above", low));
    say_value(said, "outside", (double)outside, "points");
    say_what_would_change(said, "A series that holds what its name says; checks.roles names it.");
    return false;
}

void say_not_logged(struct findings *out, const char *class, const struct subject *subject,
                    enum role role)
{
    struct said said = {out, finding_add(out, class, FINDING_NOT_APPLICABLE)};

    const char *name = subject_usual_name(subject, role);

    say_not_judged(said, "'%s' is not logged.", name);
    say_what_would_change(said, "Logging '%s'.", name);
}

void say_no_score(struct findings *out, const char *class, const struct subject *subject)
{
    struct str name = subject->may_score;

    if (!name.p) {
        say_not_logged(out, class, subject, ROLE_HELD_OUT_SCORE);
        return;
    }
    struct said said = {out, finding_add(out, class, FINDING_NOT_APPLICABLE)};

    say_not_judged(said,
                   "'%s' is not logged; '%.*s' may be it: give it the role held_out_score with "
                   "checks.",
                   role_usual_name(ROLE_HELD_OUT_SCORE), STR_FMT(name));
    say_what_would_change(said, "checks {\"roles\":{\"held_out_score\":\"%.*s\"}}.", STR_FMT(name));
}

bool say_enough(struct findings *out, const char *class, const struct subject *subject,
                enum role role, size_t needs)
{
    const struct role_series *series = &subject->role[role];

    if (!series->logged)
        say_not_logged(out, class, subject, role);
    else if (series->clean.active.n < needs)
        say_too_short(out, class, series, needs);
    return series->logged && series->clean.active.n >= needs;
}

double capped(double confidence, size_t n, size_t needs)
{
    return clip(confidence, 0, (double)n < 1.5 * (double)needs ? 0.85 : 0.99);
}

enum severity severity_of(double worse, double wasted)
{
    if (worse > 0.10 && wasted > 0.5)
        return SEVERITY_CRITICAL;
    if (worse >= 0.05 || wasted >= 0.30)
        return SEVERITY_HIGH;
    if (worse >= 0.01 || wasted >= 0.10)
        return SEVERITY_MEDIUM;
    return SEVERITY_LOW;
}
