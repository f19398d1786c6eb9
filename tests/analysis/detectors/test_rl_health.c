/* Runs that are well, and series that are hardly any: no detector may claim a fault of either. */
#include "analysis/catalog.h"
#include "analysis/detectors/detector.h"
#include "analysis/stats/homeostasis.h"
#include "analysis/stats/multiplier.h"
#include "tests/support/curves.h"
#include "tests/support/made.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <unistd.h>

enum { N = 300 };

static void expect_no_flag(const char *what, const struct findings *found)
{
    for (size_t i = 0; i < found->list.n; i++) {
        const struct finding *f = &found->list.v[i];

        cr_expect(f->status != FINDING_FOUND || f->severity < SEVERITY_MEDIUM, "%s: %s: %s", what,
                  f->id, f->sentence);
    }
}

static void run_all(struct made *made)
{
    for (size_t i = 0; detectors[i]; i++) {
        if (detectors[i]->applies & FOR_RL)
            detectors[i]->run(&made->subject, &made->found);
    }
}

static double level_of(enum role role, double u)
{
    switch (role) {
    case ROLE_REWARD:
        return -2 + 8 * u;
    case ROLE_VALUE_LOSS:
        return 2 - 1.5 * u;
    case ROLE_ENTROPY:
        return -.1 - .15 * u;
    case ROLE_GATE:
        return .4 + .2 * u;
    case ROLE_EXPLAINED_VARIANCE:
        return .1 + .7 * u;
    case ROLE_REWARD_PERPLEXITY:
        return -.5 + .2 * u;
    case ROLE_REWARD_REPETITION:
        return -.01;
    case ROLE_POLICY_KL:
        return .01;
    case ROLE_CLIP_FRACTION:
        return .15;
    case ROLE_POLICY_LOSS:
        return 0;
    default:
        return .6 + .1 * u; /* the parts of the reward */
    }
}

static const struct setting settings[] = {{"RL_ENTROPY_COEF", .01},
                                          {"RL_POLICY_ENTROPY_TARGET", -.35},
                                          {"RL_REWARD_DIVERSITY_WEIGHT", .1875},
                                          {"RL_REWARD_PERPLEXITY_WEIGHT", .4375},
                                          {"RL_REWARD_SAMPLING_WEIGHT", .1875},
                                          {"RL_REWARD_COHERENCE_WEIGHT", .1875},
                                          {"RL_REWARD_REPETITION_WEIGHT", 0},
                                          {"RL_DIVERSITY_HOMEOSTASIS_TARGET", .55},
                                          {"RL_DIVERSITY_CONSTRAINT_THRESHOLD", .4}};

static const struct homeostasis entropy_law = {-.35, .01, .05, .95, .01, .5};
static const struct homeostasis diversity_law = {.55, .1875, .03, .95, .15, .35};
static const struct dual dual = {1, .05, .01};

static void put_controllers(struct made *made, bool lagrangian)
{
    const double *h = made->subject.role[ROLE_ENTROPY].clean.active.value;
    const double *d = made->subject.role[ROLE_REWARD_DIVERSITY].clean.active.value;
    double k[N], w[N], cost[N], lambda[N];

    for (size_t i = 0; i < N; i++) {
        k[i] = homeostasis_step(&entropy_law, i ? k[i - 1] : entropy_law.base, h[i]);
        w[i] = homeostasis_step(&diversity_law, i ? w[i - 1] : diversity_law.base, d[i]);
        cost[i] = fmax(0, .4 - d[i]);
    }
    multiplier_run(&dual, cost, N, lambda);
    made_series(made, ROLE_ENTROPY_COEFFICIENT, NULL, k, N);
    if (!lagrangian) {
        made_series(made, ROLE_DIVERSITY_WEIGHT, NULL, w, N);
        return;
    }
    made_series(made, ROLE_MULTIPLIER, NULL, lambda, N);
    made_series(made, ROLE_COST, NULL, cost, N);
}

/* Both modes, each with a configuration of its own and controllers that follow their laws. */
Test(rl_health, a_healthy_gating_run_has_no_flag)
{
    static const enum role roles[] = {ROLE_REWARD,
                                      ROLE_VALUE_LOSS,
                                      ROLE_POLICY_LOSS,
                                      ROLE_ENTROPY,
                                      ROLE_GATE,
                                      ROLE_EXPLAINED_VARIANCE,
                                      ROLE_REWARD_PERPLEXITY,
                                      ROLE_REWARD_DIVERSITY,
                                      ROLE_REWARD_COHERENCE,
                                      ROLE_REWARD_SAMPLING,
                                      ROLE_REWARD_REPETITION,
                                      ROLE_POLICY_KL,
                                      ROLE_CLIP_FRACTION};

    for (int lagrangian = 0; lagrangian < 2; lagrangian++) {
        struct made made;

        made_init(&made, EXPERIMENT_RL);
        for (size_t k = 0; k < sizeof(roles) / sizeof(roles[0]); k++) {
            struct noise noise = {roles[k] + 1};
            double x[N], scatter = roles[k] == ROLE_REWARD ? 1 : .005;

            for (size_t i = 0; i < N; i++)
                x[i] = level_of(roles[k], (double)i / N) + scatter * noise_next(&noise);
            if (roles[k] == ROLE_GATE)
                for (size_t i = 0; i < N; i++)
                    x[i] += .3 * noise_next(&noise);
            made_series(&made, roles[k], NULL, x, N);
        }
        put_controllers(&made, lagrangian);
        made_settings(&made, settings, sizeof(settings) / sizeof(settings[0]));
        made.subject.entropy_schedule = "homeostasis";
        made.subject.constraint_mode = lagrangian ? "lagrangian" : "weighted";
        run_all(&made);
        expect_no_flag(lagrangian ? "lagrangian" : "weighted", &made.found);
        cr_expect(made.found.list.n > 15);
        made_fini(&made);
    }
}

/* Every series the same: none, one point, all NaN, constant, two points, infinities among zeros. */
Test(rl_health, hardly_any_data_is_no_fault_and_no_crash)
{
    static const struct {
        const char *what;
        size_t n;
        double value, every_third;
        bool may_find; /* a constant reward has made no progress, and that is so */
    } rows[] = {
        {"none", 0, 0, 0, false},
        {"one point", 1, .5, .5, false},
        {"two points", 2, .5, .5, false},
        {"all NaN", 100, (double)NAN, (double)NAN, false},
        {"two thirds NaN", 12, (double)NAN, .5, false},
        {"constant", 100, .5, .5, true},
        {"zeros", 100, 0, 0, true},
        {"infinities among zeros", 100, (double)INFINITY, 0, true},
        {"huge", 100, 1e308, -1e308, true},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct made made;
        double x[100];

        for (size_t k = 0; k < 100; k++)
            x[k] = k % 3 == 0 ? rows[i].every_third : rows[i].value;
        made_init(&made, EXPERIMENT_RL);
        for (int role = 0; role < ROLES; role++)
            made_series(&made, (enum role)role, NULL, x, rows[i].n);
        run_all(&made);
        cr_expect(made.found.list.n > 5, "%s", rows[i].what);
        for (size_t k = 0; k < made.found.list.n; k++) {
            const struct finding *f = &made.found.list.v[k];

            if (strcmp(f->class, "nonfinite") == 0 || strcmp(f->class, "divergence") == 0 ||
                strcmp(f->class, "entropy_range") == 0)
                continue; /* one value is enough for what they say */
            cr_expect(rows[i].may_find || f->status != FINDING_FOUND ||
                          f->severity == SEVERITY_INFO,
                      "%s: %s: %s", rows[i].what, f->id, f->sentence);
            cr_expect(f->sentence[0] && f->confidence >= 0 && f->confidence <= .99, "%s: %s",
                      rows[i].what, f->id);
        }
        made_fini(&made);
    }
}

/* Two healthy runs and one whose reward is not logged (labels: healthy, healthy, no learning). */
Test(rl_health, real_runs_have_no_flag)
{
    static const char *const runs[] = {"20191201-000000-commit_nogit-rl_7abba88389",
                                       "20230723-013750-commit_nogit-rl_41a602ea12",
                                       "20230808-073216-commit_nogit-rl_4f856376c1"};
    const char *source = getenv("POSTRUN_SOURCE");
    struct arena arena;

    arena_init(&arena);
    const char *root = arena_printf(&arena, "%s/tests/runs/experiments", source ? source : ".");
    struct catalog *catalog = catalog_open(&(const struct strs){&root, 1});
    for (size_t i = 0; i < 3; i++) {
        const struct experiment *experiment = NULL;
        const struct analysis *analysis = NULL;
        struct err err;

        cr_assert(catalog_find(catalog, runs[i], &arena, &experiment, &err), "%s", err.msg);
        cr_assert(analyze(experiment, &arena, NULL, &analysis, &err), "%s", err.msg);
        expect_no_flag(runs[i], &analysis->findings);
        cr_expect(!analysis_find(analysis, "reward_decline", FINDING_FOUND));
    }
    arena_fini(&arena);
    catalog_close(catalog);
}
