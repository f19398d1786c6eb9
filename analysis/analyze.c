#include "analysis/analyze.h"

#include "analysis/causes.h"
#include "analysis/detectors/detector.h"
#include "analysis/limitations.h"
#include "analysis/verdict.h"

#include <stdlib.h>
#include <time.h>

/* Of the published classes those no detector here speaks of: silence about them is no health. */
static const char *const not_assessed[] = {
    "length against reward within a task (of trajectories get_reward_stats says it)",
};

static int rank_of(enum finding_status status)
{
    static const int ranks[] = {[FINDING_FOUND] = 0,
                                [FINDING_INCONCLUSIVE] = 1,
                                [FINDING_INSUFFICIENT_DATA] = 2,
                                [FINDING_NOT_FOUND] = 3,
                                [FINDING_NOT_APPLICABLE] = 4};

    return ranks[status];
}

static int by_weight(const void *a, const void *b)
{
    const struct finding *x = a, *y = b;

    if (x->status != y->status)
        return rank_of(x->status) - rank_of(y->status);
    if (x->severity != y->severity)
        return (int)y->severity - (int)x->severity;
    if (x->confidence != y->confidence)
        return x->confidence < y->confidence ? 1 : -1;
    return strcmp(x->id, y->id);
}

static unsigned kind_of(const struct subject *subject)
{
    switch (subject->experiment ? subject->experiment->type : EXPERIMENT_UNKNOWN) {
    case EXPERIMENT_LM:
        return FOR_LM;
    case EXPERIMENT_RL:
        return FOR_RL;
    default:
        return FOR_ANY;
    }
}

static struct strs missing_names(const struct subject *subject, struct arena *arena)
{
    enum role missing[ROLES];
    size_t n = subject_missing(subject, missing);
    const char **names = ARENA_ARRAY(arena, n, const char *);

    for (size_t i = 0; i < n; i++)
        names[i] = subject_usual_name(subject, missing[i]);
    return (struct strs){names, n};
}

const struct analysis *analyze_subject(const struct subject *subject, struct arena *arena)
{
    struct analysis *a = ARENA_NEW(arena, struct analysis);
    unsigned kind = kind_of(subject);
    struct subject seen = *subject;
    struct arena stock;

    arena_init(&stock);
    arena_keep_stock(&stock);
    seen.arena = &stock; /* each detector has an arena of its own beside it */
    a->subject = subject;
    a->findings.arena = arena;
    for (size_t i = 0; detectors[i]; i++) {
        if (detectors[i]->applies & kind)
            detector_run(detectors[i], &seen, &a->findings);
    }
    arena_fini(&stock);
    causes_apply(&a->findings);
    if (a->findings.list.n > 1)
        qsort(a->findings.list.v, a->findings.list.n, sizeof(*a->findings.list.v), by_weight);
    verdict_give(a);
    a->not_assessed = (struct strs){not_assessed, sizeof(not_assessed) / sizeof(not_assessed[0])};
    a->not_logged = missing_names(subject, arena);
    if (subject_is_running(subject))
        recommend_no_length(&a->findings);
    a->recommendations_n = recommend(&a->findings, &a->not_logged, arena, a->recommendations);
    a->limitations = limitations_of(subject, &a->findings, arena);
    return a;
}

bool analyze(const struct experiment *experiment, struct arena *arena, struct coverage *coverage,
             const struct analysis **out, struct err *err)
{
    return analyze_as(experiment, NULL, arena, coverage, out, err);
}

static void assess(const struct experiment *experiment, struct arena *arena,
                   struct subject *subject)
{
    struct assessed *state = ARENA_NEW(arena, struct assessed);
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    experiment_assess(experiment, (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000, arena, state);
    subject->assessed = state;
}

bool analyze_as(const struct experiment *experiment, const struct checks *checks,
                struct arena *arena, struct coverage *coverage, const struct analysis **out,
                struct err *err)
{
    struct subject *subject = ARENA_NEW(arena, struct subject);

    if (!subject_load_as(experiment, checks, arena, coverage, subject, err))
        return false;
    assess(experiment, arena, subject);
    *out = analyze_subject(subject, arena);
    for (size_t i = 0; coverage && i < (*out)->not_logged.n; i++)
        coverage_not_logged(coverage, (*out)->not_logged.v[i]);
    return true;
}

const struct finding *analysis_find(const struct analysis *analysis, const char *class,
                                    enum finding_status status)
{
    for (size_t i = 0; i < analysis->findings.list.n; i++) {
        const struct finding *f = &analysis->findings.list.v[i];

        if (f->status == status && strcmp(f->class, class) == 0)
            return f;
    }
    return NULL;
}
