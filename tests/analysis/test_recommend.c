#include "analysis/recommend.h"

#include <criterion/criterion.h>
#include <math.h>

static const struct advice halve = {.key = "learning_rate", .from = "2e-3", .to = "1e-3"};
static const struct advice third = {.key = "learning_rate", .from = "2e-3", .to = "6e-4"};
static const struct advice clip = {.key = "clip", .to = "1.0"};
static const struct advice fewer = {.key = "max_steps", .to = "800"};
static const struct advice data = {.key = "dataset", .to = "more"};

static struct finding *found(struct findings *all, const char *class, enum severity severity,
                             double confidence, const struct advice *advice)
{
    struct finding *f = finding_add(all, class, FINDING_FOUND);

    f->severity = severity;
    f->confidence = confidence;
    f->advice = advice;
    return f;
}

Test(recommend, a_critical_finding_comes_first_and_no_key_is_changed_twice)
{
    struct arena arena;
    struct recommendation out[RECOMMENDATIONS_MAX];

    arena_init(&arena);
    struct findings all = {.arena = &arena};
    found(&all, "divergence", SEVERITY_CRITICAL, .9, &halve);
    found(&all, "spikes", SEVERITY_HIGH, .9, &third); /* the same key */
    found(&all, "grad_clipping", SEVERITY_LOW, .8, &clip);
    found(&all, "overfitting", SEVERITY_MEDIUM, .8, &fewer);
    struct strs none = {0};
    size_t n = recommend(&all, &none, &arena, out);
    cr_assert(n == 3, "%zu", n);
    cr_expect(out[0].rank == RECOMMEND_FIRST && out[0].advice == &halve);
    cr_expect(out[1].rank == RECOMMEND_PRIMARY && out[1].advice == &fewer);
    cr_expect(out[2].rank == RECOMMEND_ALSO && out[2].advice == &clip);
    cr_expect_str_eq(out[0].because, "divergence");
    arena_fini(&arena);
}

Test(recommend, one_setting_by_two_names_is_changed_once)
{
    static const struct {
        const char *first, *second;
        size_t n;
    } rows[] = {
        {"LEARNING_RATE_SCHEDULER.BASE_LR", "peak learning rate", 1},
        {"lr", "learning rate, peak", 1},
        {"the learning rate is not logged", "learning rate", 1},
        {"max_steps", "number of steps", 1},
        {"learning rate", "learning rate of the value function", 2},
        {"learning rate", "MAX_GRAD_NORM", 2},
        {"prompts", "prompts", 1},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct advice a = {.key = rows[i].first, .to = "1"}, b = {rows[i].second, .to = "2"};
        struct recommendation out[RECOMMENDATIONS_MAX];
        struct strs none = {0};
        struct arena arena;

        arena_init(&arena);
        struct findings all = {.arena = &arena};
        found(&all, "divergence", SEVERITY_HIGH, .9, &a);
        found(&all, "spikes", SEVERITY_MEDIUM, .9, &b);
        cr_expect(recommend(&all, &none, &arena, out) == rows[i].n, "%s and %s", rows[i].first,
                  rows[i].second);
        arena_fini(&arena);
    }
}

Test(recommend, harm_times_confidence_decides_and_effort_counts_against)
{
    struct arena arena;
    struct recommendation out[RECOMMENDATIONS_MAX];

    arena_init(&arena);
    struct findings all = {.arena = &arena};
    found(&all, "gap", SEVERITY_HIGH, .5, &data);            /* .6 * .5 * .3 = .09 */
    found(&all, "overfitting", SEVERITY_MEDIUM, .9, &fewer); /* .3 * .9 * .8 = .216 */
    struct strs none = {0};
    cr_assert(recommend(&all, &none, &arena, out) == 2);
    cr_expect(out[0].rank == RECOMMEND_PRIMARY && out[0].advice == &fewer);
    arena_fini(&arena);
}

Test(recommend, what_is_unsure_or_not_found_advises_nothing)
{
    struct arena arena;
    struct recommendation out[RECOMMENDATIONS_MAX];

    arena_init(&arena);
    struct findings all = {.arena = &arena};
    found(&all, "spikes", SEVERITY_HIGH, .49, &clip);
    found(&all, "plateau", SEVERITY_HIGH, .9, &halve)->status = FINDING_INCONCLUSIVE;
    struct strs none = {0};
    cr_expect(recommend(&all, &none, &arena, out) == 0);
    arena_fini(&arena);
}

Test(recommend, too_little_data_asks_for_the_columns_that_would_decide)
{
    static const char *const names[] = {"Learning Rate", "Gradient Norm"};
    struct strs missing = {names, 2};
    struct arena arena;
    struct recommendation out[RECOMMENDATIONS_MAX];

    arena_init(&arena);
    struct findings all = {.arena = &arena};
    finding_add(&all, "divergence", FINDING_INSUFFICIENT_DATA);
    cr_assert(recommend(&all, &missing, &arena, out) == 1);
    cr_expect(out[0].rank == RECOMMEND_LOG);
    cr_expect_str_eq(out[0].advice->to, "'Learning Rate', 'Gradient Norm'");
    cr_expect(isnan(out[0].confidence));
    arena_fini(&arena);
}

Test(recommend, never_more_than_one_first_one_primary_and_two_others)
{
    static const struct advice many[] = {{.key = "a", .to = "1"}, {.key = "b", .to = "1"},
                                         {.key = "c", .to = "1"}, {.key = "d", .to = "1"},
                                         {.key = "e", .to = "1"}, {.key = "f", .to = "1"}};
    struct arena arena;
    struct recommendation out[RECOMMENDATIONS_MAX];

    arena_init(&arena);
    struct findings all = {.arena = &arena};
    for (size_t i = 0; i < 6; i++)
        found(&all, "x", SEVERITY_CRITICAL, .9, &many[i]);
    struct strs none = {0};
    cr_expect(recommend(&all, &none, &arena, out) == RECOMMENDATIONS_MAX);
    arena_fini(&arena);
}

/* It changes nothing of the training: beside a change, but not beside what comes first of all. */
Test(recommend, more_evaluations_stand_beside_a_change)
{
    static const struct advice often = {.key = "eval_steps", .to = "37"};
    static const struct {
        const char *what;
        enum severity severity;
        double confidence; /* 0: nothing else was found */
        size_t n;
    } rows[] = {{"nothing else", SEVERITY_INFO, 0, 1},
                {"a change", SEVERITY_LOW, .9, 2},
                {"a run to be stopped", SEVERITY_CRITICAL, .9, 1}};

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct arena arena;
        struct recommendation out[RECOMMENDATIONS_MAX];
        struct strs none = {0};

        arena_init(&arena);
        struct findings all = {.arena = &arena};
        if (rows[i].confidence > 0)
            found(&all, "spikes", rows[i].severity, rows[i].confidence, &clip);
        finding_add(&all, "overfitting", FINDING_INSUFFICIENT_DATA)->advice = &often;
        size_t n = recommend(&all, &none, &arena, out);
        cr_assert(n == rows[i].n, "%s: %zu", rows[i].what, n);
        bool there = out[n - 1].advice == &often;
        cr_expect(there == (rows[i].severity != SEVERITY_CRITICAL), "%s", rows[i].what);
        cr_expect(!there || (out[n - 1].rank == RECOMMEND_ALSO && isnan(out[n - 1].confidence)),
                  "%s", rows[i].what);
        arena_fini(&arena);
    }
}
