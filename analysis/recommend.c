#include "analysis/recommend.h"

#include <math.h>

#include "analysis/advised.h"
#include "analysis/evaluations.h"

static const double sure_enough = 0.5;

/* Harm of severity.h's scale; what an advice promises cannot be worth more than it undoes. */
static double harm_of(enum severity severity)
{
    static const double h[] = {0.02, 0.1, 0.3, 0.6, 1};

    return h[severity];
}

static bool is_logging(const struct advice *advice)
{
    return strcmp(advice->key, "log") == 0 || strcmp(advice->key, "logging") == 0;
}

/* How much work a change is, 0 to 1: a number in a file, a new run, other data. */
static double effort_of(const struct advice *advice)
{
    static const struct {
        const char *word;
        double effort;
    } efforts[] = {{"continue", 0.3}, {"max_steps", 0.2},    {"data", 0.7},
                   {"reward", 0.6},   {"architecture", 0.8}, {"model", 0.8}};

    if (is_logging(advice))
        return 0.1;
    if (strcasestr(advice->key, "epochs") && advised_setting(advice->key) == ADVISED_LENGTH)
        return 0.2;
    for (size_t i = 0; i < sizeof(efforts) / sizeof(efforts[0]); i++) {
        if (strstr(advice->key, efforts[i].word))
            return efforts[i].effort;
    }
    return 0.4; /* one key, one new run */
}

static double worth_of(const struct finding *f)
{
    return harm_of(f->severity) * f->confidence * (1 - effort_of(f->advice));
}

static bool is_candidate(const struct finding *f)
{
    return f->advice && f->advice->key && *f->advice->key && f->status == FINDING_FOUND &&
           f->confidence >= sure_enough;
}

void recommend_no_length(struct findings *findings)
{
    for (size_t i = 0; i < findings->list.n; i++) {
        struct finding *f = &findings->list.v[i];

        if (f->advice && f->advice->key && advised_setting(f->advice->key) == ADVISED_LENGTH)
            f->advice = NULL;
    }
}

static bool key_taken(const struct recommendation *out, size_t n, const char *key)
{
    for (size_t i = 0; i < n; i++) {
        if (advised_same(out[i].advice->key, key))
            return true;
    }
    return false;
}

static bool is_evaluating(const struct advice *advice)
{
    return strcmp(advice->key, EVALUATIONS_KEY) == 0;
}

static const char *cost_of(const struct advice *advice)
{
    if (is_evaluating(advice))
        return "nothing but a setting of the trainer, and the time of the evaluations";
    if (is_logging(advice))
        return "nothing but a setting of the logger";
    if (effort_of(advice) >= 0.6)
        return "other data or another set-up, then a new run";
    return "one run with this one change";
}

static void take(struct recommendation *out, size_t *n, const struct finding *f,
                 enum recommendation_rank rank)
{
    out[(*n)++] = (struct recommendation){.rank = rank,
                                          .advice = f->advice,
                                          .because = f->id,
                                          .confidence = f->status == FINDING_FOUND ? f->confidence
                                                                                   : (double)NAN,
                                          .cost = cost_of(f->advice)};
}

/* What was not logged says nothing of the run: it comes behind all that was found. */
static bool is_missing(const struct finding *f)
{
    return strcmp(f->class, "missing_metrics") == 0;
}

/* The most worth of those whose key is free; NULL if there is none. */
static const struct finding *best_of(const struct findings *findings, bool missing,
                                     enum severity least, const struct recommendation *out,
                                     size_t n)
{
    const struct finding *best = NULL;

    for (size_t i = 0; i < findings->list.n; i++) {
        const struct finding *f = &findings->list.v[i];

        if (is_candidate(f) && is_missing(f) == missing && f->severity >= least &&
            !key_taken(out, n, f->advice->key) && (!best || worth_of(f) > worth_of(best)))
            best = f;
    }
    return best;
}

/* What was not judged for want of evaluations; NULL if nothing was. */
static const struct finding *unevaluated(const struct findings *findings)
{
    for (size_t i = 0; i < findings->list.n; i++) {
        const struct finding *f = &findings->list.v[i];

        if (f->status == FINDING_INSUFFICIENT_DATA && f->advice && is_evaluating(f->advice))
            return f;
    }
    return NULL;
}

static bool lacks_data(const struct findings *findings)
{
    for (size_t i = 0; i < findings->list.n; i++) {
        enum finding_status status = findings->list.v[i].status;

        if (status == FINDING_INSUFFICIENT_DATA || status == FINDING_INCONCLUSIVE)
            return true;
    }
    return false;
}

static void ask_to_log(const struct strs *not_logged, struct arena *arena,
                       struct recommendation *out, size_t *n)
{
    struct advice *advice = ARENA_NEW(arena, struct advice);
    struct buf names = {0};

    for (size_t i = 0; i < not_logged->n && i < 4; i++)
        buf_printf(&names, "%s'%s'", i ? ", " : "", not_logged->v[i]);
    *advice = (struct advice){
        .key = "logging",
        .to = arena_text(arena, buf_str(&names)),
        .expected = "the checks that could not be made for lack of these series can be made",
        .check = "they are no longer among notLogged, and no finding says insufficient_data"};
    buf_fini(&names);
    out[(*n)++] = (struct recommendation){.rank = RECOMMEND_LOG,
                                          .advice = advice,
                                          .because = "missing_metrics",
                                          .confidence = (double)NAN,
                                          .cost = "nothing but a setting of the logger"};
}

size_t recommend(const struct findings *findings, const struct strs *not_logged,
                 struct arena *arena, struct recommendation out[RECOMMENDATIONS_MAX])
{
    const struct finding *f = best_of(findings, false, SEVERITY_CRITICAL, out, 0);
    size_t n = 0, also = 0;

    if (f)
        take(out, &n, f, RECOMMEND_FIRST);
    f = best_of(findings, false, SEVERITY_INFO, out, n);
    if (f)
        take(out, &n, f, RECOMMEND_PRIMARY);
    while (n > 0 && also < 2 && n < RECOMMENDATIONS_MAX &&
           (f = best_of(findings, false, SEVERITY_LOW, out, n))) {
        take(out, &n, f, RECOMMEND_ALSO);
        also++;
    }
    bool sound = n == 0 || out[0].rank != RECOMMEND_FIRST;
    bool logging = n == 0;
    if (sound && also < 2 && (f = unevaluated(findings)))
        take(out, &n, f, RECOMMEND_ALSO);
    if (logging && (f = best_of(findings, true, SEVERITY_INFO, out, n)))
        take(out, &n, f, RECOMMEND_ALSO);
    if (n == 0 && not_logged->n > 0 && lacks_data(findings))
        ask_to_log(not_logged, arena, out, &n);
    return n;
}

const char *recommendation_rank_name(enum recommendation_rank rank)
{
    static const char *const names[] = {"first", "primary", "also", "log"};

    return names[rank];
}
