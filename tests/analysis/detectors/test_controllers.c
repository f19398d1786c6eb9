#include "analysis/detectors/detector.h"
#include "analysis/stats/homeostasis.h"
#include "analysis/stats/moments.h"
#include "tests/support/curves.h"
#include "tests/support/made.h"

#include <criterion/criterion.h>

extern const struct detector detector_entropy_control, detector_diversity_collapse;

enum { N = 200 };

static const struct homeostasis entropy_law = {-0.35, 0.01, 0.05, 0.95, 0.01, 0.5};
static const struct homeostasis diversity_law = {0.55, 0.15, 0.03, 0.95, 0.15, 0.35};

/* About a level, and the weight that the law makes of it. */
static void follow(const struct homeostasis *law, double level, double scatter, double *x,
                   double *weight)
{
    struct noise noise = NOISE_START;
    double w = law->base;

    for (size_t i = 0; i < N; i++) {
        x[i] = level + scatter * noise_next(&noise);
        weight[i] = w = homeostasis_step(law, w, x[i]);
    }
}

static double parameter(const struct finding *f, const char *name)
{
    for (size_t i = 0; i < f->evidence.parameters.n; i++) {
        if (strcmp(f->evidence.parameters.v[i].name, name) == 0)
            return f->evidence.parameters.v[i].value;
    }
    return (double)NAN;
}

/* T-55 and the four verdicts: not needed or miscalibrated, not wired, off its law, saturated. */
Test(entropy_control, has_its_verdicts)
{
    static const struct setting own[] = {{"RL_POLICY_ENTROPY_TARGET", -.35},
                                         {"RL_ENTROPY_COEF", .01}};
    static const struct setting other[] = {{"RL_POLICY_ENTROPY_TARGET", -.35},
                                           {"RL_ENTROPY_COEF", .01},
                                           {"RL_ENTROPY_HOMEOSTASIS_RELEASE_RATE", .08}};
    static const struct setting old[] = {{"RL_POLICY_ENTROPY_TARGET", -1.8},
                                         {"RL_ENTROPY_COEF", .01}};
    static const struct setting untargeted[] = {{"RL_ENTROPY_COEF", .01}};
    static const struct {
        const char *what, *schedule;
        double entropy;
        bool fixed; /* the coefficient stays at its base */
        const struct setting *settings;
        size_t settings_n;
        enum finding_status want;
        const char *says, *key;
    } rows[] = {
        {"T-55 never below", "homeostasis", -.2, false, own, 2, FINDING_NOT_FOUND, "not needed",
         NULL},
        {"T-55 below, flat", "homeostasis", -.5, true, own, 2, FINDING_FOUND, "not connected",
         "RL_ENTROPY_COEF"},
        {"as its law says", "homeostasis", -.5, false, own, 2, FINDING_NOT_FOUND, "acted", NULL},
        {"another release", "homeostasis", -.5, false, other, 3, FINDING_FOUND, "does not follow",
         "RL_ENTROPY_HOMEOSTASIS_RELEASE_RATE and _DECAY_RATE"},
        {"at its limit", "homeostasis", -1.4, false, own, 2, FINDING_FOUND, "at its limit",
         "RL_ENTROPY_COEF_MAX"},
        {"collapsed, out of reach", "homeostasis", -1.65, true, old, 2, FINDING_FOUND,
         "out of reach", "RL_POLICY_ENTROPY_TARGET"},
        {"linear", "linear", -.5, true, own, 2, FINDING_NOT_APPLICABLE, "'linear'", NULL},
        {"none configured", NULL, -.5, true, untargeted, 1, FINDING_NOT_APPLICABLE,
         "none is configured", NULL},
        {"nothing known", NULL, -.5, false, NULL, 0, FINDING_NOT_FOUND, "acted", NULL},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct made made;
        double h[N], k[N];

        made_init(&made, EXPERIMENT_RL);
        follow(&entropy_law, rows[i].entropy, .1, h, k);
        for (size_t j = 0; rows[i].fixed && j < N; j++)
            k[j] = .01;
        made_series(&made, ROLE_ENTROPY, NULL, h, N);
        made_series(&made, ROLE_ENTROPY_COEFFICIENT, NULL, k, N);
        made_settings(&made, rows[i].settings, rows[i].settings_n);
        made.subject.entropy_schedule = rows[i].schedule;
        detector_entropy_control.run(&made.subject, &made.found);
        const struct finding *f = made_find(&made.found, "entropy_control");
        cr_expect(f->status == rows[i].want && strstr(f->sentence, rows[i].says), "%s: %s",
                  rows[i].what, f->sentence);
        cr_expect(rows[i].key ? f->advice && strcmp(f->advice->key, rows[i].key) == 0 : !f->advice,
                  "%s", rows[i].what);
        made_fini(&made);
    }
}

Test(entropy_control, its_evidence_can_be_recomputed)
{
    static const struct setting own[] = {{"RL_ENTROPY_COEF", .01}};
    struct made made;
    double h[N], k[N], lowest = 0;
    size_t below = 0;

    made_init(&made, EXPERIMENT_RL);
    follow(&entropy_law, -.4, .2, h, k);
    for (size_t i = 0; i < N; i++) {
        below += h[i] < -.35;
        lowest = fmin(lowest, h[i]);
    }
    k[120] *= 1.05; /* one value that no law made */
    made_series(&made, ROLE_ENTROPY, NULL, h, N);
    made_series(&made, ROLE_ENTROPY_COEFFICIENT, NULL, k, N);
    made_settings(&made, own, 1);
    made.subject.entropy_schedule = "homeostasis";
    detector_entropy_control.run(&made.subject, &made.found);
    const struct finding *f = made_find(&made.found, "entropy_control");
    cr_expect(f->status == FINDING_FOUND && strstr(f->sentence, "5.0% at iteration 121"), "%s",
              f->sentence);
    cr_expect(made_value(f, "iterations_below_target") == (double)below &&
              made_value(f, "lowest_entropy") == lowest);
    cr_expect(near_to(made_value(f, "largest_error_of_simulation"), .05, 1e-9));
    made_fini(&made);
}

/* An iteration whose entropy is not finite is a gap, not an error of the law. */
Test(entropy_control, a_gap_is_no_fault)
{
    static const struct setting own[] = {{"RL_ENTROPY_COEF", .01}};
    struct made made;
    double h[N], k[N], w = .01;
    struct noise noise = NOISE_START;

    made_init(&made, EXPERIMENT_RL);
    for (size_t i = 0; i < N; i++) {
        h[i] = i % 40 == 20 ? (double)NAN : -.5 + .1 * noise_next(&noise);
        k[i] = w = homeostasis_step(&entropy_law, w, h[i]); /* NaN < target is false */
    }
    made_series(&made, ROLE_ENTROPY, NULL, h, N);
    made_series(&made, ROLE_ENTROPY_COEFFICIENT, NULL, k, N);
    made_settings(&made, own, 1);
    made.subject.entropy_schedule = "homeostasis";
    detector_entropy_control.run(&made.subject, &made.found);
    const struct finding *f = made_find(&made.found, "entropy_control");
    cr_expect(f->status == FINDING_NOT_FOUND && f->evidence.n_used == N - 5, "%s", f->sentence);
    made_fini(&made);
}

Test(diversity_collapse, despite_the_homeostasis)
{
    static const struct setting own[] = {{"RL_DIVERSITY_HOMEOSTASIS_TARGET", .55},
                                         {"RL_REWARD_DIVERSITY_WEIGHT", .15}};
    static const struct {
        const char *what;
        double level, rise;
        bool fixed;
        enum finding_status collapse, control;
        const char *says;
    } rows[] = {
        {"above", .7, 0, false, FINDING_NOT_FOUND, FINDING_NOT_FOUND, "No collapse"},
        {"below, weight raised", .438, 0, false, FINDING_FOUND, FINDING_NOT_FOUND, "despite"},
        {"below and at the cap", .05, 0, false, FINDING_FOUND, FINDING_FOUND, "weight 0.350"},
        {"below, but rising", .3, .2, false, FINDING_NOT_FOUND, FINDING_NOT_FOUND, "and rising"},
        {"below, weight fixed", .438, 0, true, FINDING_NOT_FOUND, FINDING_FOUND, "not raised"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct noise noise = NOISE_START;
        struct made made;
        double x[N], weight[N], w = .15;

        made_init(&made, EXPERIMENT_RL);
        for (size_t k = 0; k < N; k++) {
            x[k] = rows[i].level + rows[i].rise * (double)k / N + .02 * noise_next(&noise);
            weight[k] = w = rows[i].fixed ? .15 : homeostasis_step(&diversity_law, w, x[k]);
        }
        made_series(&made, ROLE_REWARD_DIVERSITY, NULL, x, N);
        made_series(&made, ROLE_DIVERSITY_WEIGHT, NULL, weight, N);
        made_settings(&made, own, 2);
        detector_diversity_collapse.run(&made.subject, &made.found);
        const struct finding *f = made_find(&made.found, "diversity_collapse");
        cr_expect(f->status == rows[i].collapse && strstr(f->sentence, rows[i].says), "%s: %s",
                  rows[i].what, f->sentence);
        double median = median_of(x + N - N * 3 / 10, N * 3 / 10, &made.arena);
        cr_expect(near_to(made_value(f, "median_diversity_last_30_percent"), median, 1e-12));
        cr_expect(near_to(made_value(f, "gap_to_target"), .55 - median, 1e-9));
        cr_expect(near_to(made_value(f, "weight_settles_at"),
                          homeostasis_limit(&diversity_law, median), 1e-12));
        cr_expect(parameter(f, "limit") == .35);
        f = made_find(&made.found, "diversity_control");
        cr_expect(f->status == rows[i].control, "%s: %s", rows[i].what, f->sentence);
        made_fini(&made);
    }
}

Test(diversity_collapse, in_lagrangian_mode_the_constraint_is_judged_instead)
{
    struct made made;
    double x[N];

    made_init(&made, EXPERIMENT_RL);
    for (size_t i = 0; i < N; i++)
        x[i] = .3;
    made_series(&made, ROLE_REWARD_DIVERSITY, NULL, x, N);
    made_series(&made, ROLE_MULTIPLIER, NULL, x, N);
    detector_diversity_collapse.run(&made.subject, &made.found);
    cr_expect(made.found.list.n == 1 && made.found.list.v[0].status == FINDING_NOT_APPLICABLE);
    made_fini(&made);
}
