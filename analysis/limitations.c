#include "analysis/limitations.h"

#include <math.h>

#include "analysis/open.h"

struct saying {
    struct arena *arena;
    VEC(const char *) list;
};

static void add(struct saying *s, const char *format, ...) PRINTF(2, 3);
static void add(struct saying *s, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    VEC_PUSH(s->arena, &s->list, (const char *)arena_vprintf(s->arena, format, args));
    va_end(args);
}

static void of_checks(struct saying *s, const struct checks *checks)
{
    const char *said[ROLES + THRESHOLDS];
    size_t n = checks_say(checks, s->arena, said);

    for (size_t i = 0; i < n; i++)
        VEC_PUSH(s->arena, &s->list, said[i]);
}

static void of_series(struct saying *s, const struct role_series *r)
{
    const struct hygiene *h = &r->clean;
    int64_t non_finite = h->non_finite_active + h->non_finite_superseded;

    if (!r->logged)
        return;
    if (non_finite > 0)
        add(s, "'%.*s': %lld of %lld points are not finite; analyses run on the others",
            STR_FMT(r->name), (long long)non_finite, (long long)h->points);
    if (r->nulls_at_end > 0)
        add(s,
            "'%.*s' is null in the last %zu rows, from step %lld on (many loggers write NaN so); "
            "what is said of it holds up to there",
            STR_FMT(r->name), r->nulls_at_end, (long long)r->null_from);
    if (r->zeros_at_end > 0 && h->active.n > 0 && h->active.value[h->active.n - 1] != 0)
        add(s,
            "'%.*s' is exactly 0 at its last %zu points, from step %lld on; analyses run on those "
            "before",
            STR_FMT(r->name), r->zeros_at_end, (long long)r->zero_from);
    if (h->superseded > 0)
        add(s, "'%.*s': %lld points were superseded by %zu restart%s; the latest attempt is judged",
            STR_FMT(r->name), (long long)h->superseded, h->restarts_n,
            h->restarts_n == 1 ? "" : "s");
    if (h->several_a_step)
        add(s, "'%.*s' has several values a step; their median is judged", STR_FMT(r->name));
    if (h->smoothed)
        add(s, "'%.*s' looks smoothed by the logger: least lengths are three times as long",
            STR_FMT(r->name));
}

static void of_missing(struct saying *s, const struct subject *subject)
{
    enum role missing[ROLES];
    size_t n = subject_missing(subject, missing);
    struct buf names = {0};

    for (size_t i = 0; i < n; i++)
        buf_printf(&names, "%s%s", i ? ", " : "", subject_usual_name(subject, missing[i]));
    if (n > 0)
        add(s, "not logged: %s; nothing is said of what only they would show", buf_text(&names));
    buf_fini(&names);
}

static void of_configuration(struct saying *s, const struct subject *subject)
{
    if (subject->unconfigured)
        add(s, "no configuration lies with the run: what was set is not known, so advice names no "
               "value to start from unless it was logged");
}

/* A metric that two files of the run tell differently may have been judged by the wrong one. */
static void of_conflicts(struct saying *s, const struct subject *subject)
{
    for (int role = 0; subject->experiment && role < ROLES; role++) {
        const struct role_series *r = &subject->role[role];
        const char *told =
            r->logged ? sources_conflict(subject->experiment, r->name, s->arena) : NULL;

        if (told)
            VEC_PUSH(s->arena, &s->list, told);
    }
}

static void of_state(struct saying *s, const struct subject *subject)
{
    if (subject_is_running(subject))
        add(s, "the run is still running: all that is said is of what it logged so far");
}

static void of_sets(struct saying *s, const struct subject *subject)
{
    if (subject->evaluation_sets > 1)
        add(s,
            "%zu evaluation sets are logged; '%.*s', the first, is judged as validation loss; "
            "checks.roles can name another",
            subject->evaluation_sets, STR_FMT(subject->role[ROLE_VALIDATION_LOSS].name));
}

static void of_short(struct saying *s, const struct findings *findings)
{
    struct buf names = {0};
    size_t n = 0;

    for (size_t i = 0; i < findings->list.n; i++) {
        const struct finding *f = &findings->list.v[i];
        if (f->status == FINDING_INSUFFICIENT_DATA)
            buf_printf(&names, "%s%s", n++ ? ", " : "", f->id);
    }
    if (n > 0)
        add(s, "%zu check%s had too few points: %s", n, n == 1 ? "" : "s", buf_text(&names));
    buf_fini(&names);
}

/* The sum of 1 - confidence over what was found: of how many findings we must expect to be wrong.
 */
static void of_expected_errors(struct saying *s, const struct findings *findings)
{
    double wrong = 0;
    size_t n = 0;

    for (size_t i = 0; i < findings->list.n; i++) {
        const struct finding *f = &findings->list.v[i];
        if (f->status == FINDING_FOUND && f->severity >= SEVERITY_LOW) {
            wrong += 1 - f->confidence;
            n++;
        }
    }
    if (n > 0)
        add(s, "of the %zu finding%s of low severity or more, %s%.1f %s expected to be false", n,
            n == 1 ? "" : "s", wrong < 0.1 ? "less than " : "", fmax(wrong, 0.1),
            wrong < 1.05 ? "is" : "are");
}

struct strs limitations_of(const struct subject *subject, const struct findings *findings,
                           struct arena *arena)
{
    struct saying s = {.arena = arena};

    of_state(&s, subject);
    of_checks(&s, subject->checks);
    for (int role = 0; role < ROLES; role++)
        of_series(&s, &subject->role[role]);
    of_conflicts(&s, subject);
    of_sets(&s, subject);
    if (subject->loss_of_perplexity)
        add(&s, "no training loss is logged: '%.*s' is judged as one",
            STR_FMT(subject->role[ROLE_TRAIN_LOSS].name));
    for (size_t i = 0; i < subject->cast_notes.n; i++)
        VEC_PUSH(arena, &s.list, subject->cast_notes.v[i]);
    of_missing(&s, subject);
    of_configuration(&s, subject);
    of_short(&s, findings);
    of_expected_errors(&s, findings);
    add(&s, "one run: what is said holds for it, not for its method; a run with another seed "
            "differs");
    return (struct strs){s.list.v, s.list.n};
}
