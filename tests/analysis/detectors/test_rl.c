#include "analysis/detectors/detector.h"
#include "tests/support/curves.h"
#include "tests/support/made.h"

#include <criterion/criterion.h>

extern const struct detector detector_reward, detector_explained_variance, detector_gate,
    detector_entropy_control, detector_missing_metrics;

enum { N = 240 };

/* From a to b over the first part, then to c, with noise. */
static void ramp(double *x, size_t n, double a, double b, double c, double scatter)
{
    struct noise noise = NOISE_START;
    size_t half = n / 2;

    for (size_t i = 0; i < n; i++) {
        double t = i < half ? (double)i / (double)half : (double)(i - half) / (double)(n - half);

        x[i] = (i < half ? a + (b - a) * t : b + (c - b) * t) + scatter * noise_next(&noise);
    }
}

Test(reward, its_state_is_one_of_three_findings)
{
    static const struct {
        const char *what;
        double a, b, c;
        size_t n, nan_at;
        enum finding_status no_progress, decline, plateau;
    } rows[] = {
        {"rises", 0, 5, 10, N, N, FINDING_NOT_FOUND, FINDING_NOT_FOUND, FINDING_NOT_FOUND},
        {"a NaN", 0, 5, 10, N, 7, FINDING_NOT_FOUND, FINDING_NOT_FOUND, FINDING_NOT_FOUND},
        {"flat", 1, 1, 1, N, N, FINDING_FOUND, FINDING_NOT_FOUND, FINDING_NOT_FOUND},
        {"falls back", 0, 10, 2, N, N, FINDING_NOT_FOUND, FINDING_FOUND, FINDING_NOT_FOUND},
        {"rises, then flat", 0, 10, 10, N, N, FINDING_NOT_FOUND, FINDING_NOT_FOUND, FINDING_FOUND},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct made made;
        double x[N];

        made_init(&made, EXPERIMENT_RL);
        ramp(x, rows[i].n, rows[i].a, rows[i].b, rows[i].c, 1);
        if (rows[i].nan_at < N)
            x[rows[i].nan_at] = (double)NAN;
        made_series(&made, ROLE_REWARD, NULL, x, rows[i].n);
        detector_reward.run(&made.subject, &made.found);
        cr_assert(made.found.list.n == 3, "%s", rows[i].what);
        cr_expect(made_find(&made.found, "no_progress")->status == rows[i].no_progress, "%s",
                  rows[i].what);
        cr_expect(made_find(&made.found, "reward_decline")->status == rows[i].decline, "%s",
                  rows[i].what);
        cr_expect(made_find(&made.found, "plateau")->status == rows[i].plateau, "%s: %s",
                  rows[i].what, made_find(&made.found, "plateau")->sentence);
        made_fini(&made);
    }
}

/* Up to 10, down to 2, the very last value at -3: the end is that, beside a mean that says so. */
Test(reward, ends_at_its_last_value)
{
    struct made made;
    double x[N], tail = 0;
    char want[80];

    made_init(&made, EXPERIMENT_RL);
    ramp(x, N, 0, 10, 2, 1);
    x[N - 1] = -3;
    made_series(&made, ROLE_REWARD, NULL, x, N);
    detector_reward.run(&made.subject, &made.found);
    const struct finding *f = made_find(&made.found, "reward_decline");
    for (size_t i = N - 30; i < N; i++) /* three of 24 blocks */
        tail += x[i] / 30;
    snprintf(want, sizeof(want), "ends at -3 (mean of its last 30 points: %.4g)", tail);
    cr_expect(strstr(f->sentence, want), "%s, not %s", f->sentence, want);
    cr_expect(made_value(f, "last") == -3);
    cr_assert(f->advice); /* nothing lies in a folder of this run */
    cr_expect(!strstr(f->advice->to, "nearest") && strstr(f->advice->to, "kept"), "%s",
              f->advice->to);
    made_fini(&made);
}

Test(explained_variance, below_zero_is_found)
{
    static const struct {
        const char *what;
        double level;
        size_t n, nan_at;
        enum finding_status want;
        enum severity severity;
    } rows[] = {
        {"good", .8, 40, 40, FINDING_NOT_FOUND, SEVERITY_INFO},
        {"below", -.3, 40, 40, FINDING_FOUND, SEVERITY_MEDIUM},
        {"far below", -.8, 40, 40, FINDING_FOUND, SEVERITY_HIGH},
        {"a NaN", -.3, 40, 39, FINDING_FOUND, SEVERITY_MEDIUM},
        {"eleven points", -.3, 11, 40, FINDING_INSUFFICIENT_DATA, SEVERITY_INFO},
        {"not logged", 0, 0, 40, FINDING_NOT_APPLICABLE, SEVERITY_INFO},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct made made;
        double x[40];
        struct noise noise = NOISE_START;

        made_init(&made, EXPERIMENT_RL);
        for (size_t k = 0; k < 40; k++)
            x[k] = k == rows[i].nan_at ? (double)NAN : rows[i].level + 0.1 * noise_next(&noise);
        made_series(&made, ROLE_EXPLAINED_VARIANCE, NULL, x, rows[i].n);
        detector_explained_variance.run(&made.subject, &made.found);
        const struct finding *f = &made.found.list.v[0];
        cr_expect(f->status == rows[i].want && f->severity == rows[i].severity, "%s: %s",
                  rows[i].what, f->sentence);
        if (f->status == FINDING_FOUND && rows[i].nan_at == 40) {
            double sum = 0; /* the last quarter: ten points in eight blocks, a mean of means */
            for (size_t k = 30; k < 40; k++)
                sum += x[k] / 10;
            cr_expect(fabs(made_value(f, "mean") - sum) < 0.02, "%s", rows[i].what);
        }
        made_fini(&made);
    }
}

Test(gate, collapse_and_standstill_are_found)
{
    static const struct {
        const char *what;
        double level, scatter;
        size_t n, nan_at;
        enum finding_status want;
        enum severity severity;
    } rows[] = {
        {"moves", .5, .4, 60, 60, FINDING_NOT_FOUND, SEVERITY_INFO},
        {"biased but moving", .8, .2, 60, 60, FINDING_NOT_FOUND, SEVERITY_INFO},
        {"at 0", .02, .02, 60, 60, FINDING_FOUND, SEVERITY_HIGH},
        {"at 1", .98, .02, 60, 60, FINDING_FOUND, SEVERITY_HIGH},
        {"stuck", .52, .01, 60, 60, FINDING_FOUND, SEVERITY_MEDIUM},
        {"a NaN", .02, .02, 60, 59, FINDING_FOUND, SEVERITY_HIGH},
        {"eleven points", .02, .02, 11, 60, FINDING_INSUFFICIENT_DATA, SEVERITY_INFO},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct made made;
        double x[60];
        struct noise noise = NOISE_START;

        made_init(&made, EXPERIMENT_RL);
        for (size_t k = 0; k < 60; k++)
            x[k] = k == rows[i].nan_at ? (double)NAN
                                       : rows[i].level + rows[i].scatter * noise_next(&noise);
        made_series(&made, ROLE_GATE, NULL, x, rows[i].n);
        detector_gate.run(&made.subject, &made.found);
        const struct finding *f = made_find(&made.found, "gate");
        cr_expect(f->status == rows[i].want && f->severity == rows[i].severity, "%s: %s",
                  rows[i].what, f->sentence);
        made_fini(&made);
    }
}

/* A Beta with alpha and beta in [1,15] has -1.775 to 0; lower than -1.51 is collapse. */
Test(gate, entropies_no_beta_gate_can_have_are_named)
{
    static const struct {
        const char *what;
        double entropy;
        enum finding_status range, collapse;
    } rows[] = {
        {"healthy", -.3, FINDING_NOT_FOUND, FINDING_NOT_FOUND},
        {"uniform", 0, FINDING_NOT_FOUND, FINDING_NOT_FOUND},
        {"Beta(1,15)", -1.7747, FINDING_NOT_FOUND, FINDING_FOUND},
        {"positive", .1, FINDING_FOUND, FINDING_NOT_FOUND},
        {"too low", -1.78, FINDING_FOUND, FINDING_FOUND},
        {"a NaN", (double)NAN, FINDING_NOT_FOUND, FINDING_NOT_FOUND},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct made made;
        double h[40], g[40];

        made_init(&made, EXPERIMENT_RL);
        for (size_t k = 0; k < 40; k++) {
            h[k] = isfinite(rows[i].entropy) || k == 5 ? rows[i].entropy : -.3;
            g[k] = 0.2 + 0.01 * (double)k;
        }
        made_series(&made, ROLE_GATE, NULL, g, 40);
        made_series(&made, ROLE_ENTROPY, NULL, h, 40);
        detector_gate.run(&made.subject, &made.found);
        cr_expect(made_find(&made.found, "entropy_range")->status == rows[i].range, "%s",
                  rows[i].what);
        const struct finding *f = made_find(&made.found, "entropy_collapse");
        cr_expect(f->status == rows[i].collapse && f->confidence <= 0.97, "%s", rows[i].what);
        made_fini(&made);
    }
}

Test(entropy_control, not_needed_is_no_fault_and_not_connected_is)
{
    static const struct {
        const char *what;
        double entropy, coefficient;
        enum finding_status want;
        const char *says;
    } rows[] = {
        {"above the target", -.2, .01, FINDING_NOT_FOUND, "not needed"},
        {"below, and flat", -.5, .01, FINDING_FOUND, "not connected"},
        {"below, and raised", -.5, .1, FINDING_NOT_FOUND, "acted in 30 of 30"},
        {"at its limit", -.9, .5, FINDING_FOUND, "at its limit"},
        {"a NaN", (double)NAN, .01, FINDING_NOT_FOUND, "not needed"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct made made;
        double h[30], k[30];

        made_init(&made, EXPERIMENT_RL);
        for (size_t j = 0; j < 30; j++) {
            h[j] = isfinite(rows[i].entropy) || j == 5 ? rows[i].entropy : -.2;
            k[j] = rows[i].coefficient;
        }
        made_series(&made, ROLE_ENTROPY, NULL, h, 30);
        made_series(&made, ROLE_ENTROPY_COEFFICIENT, NULL, k, 30);
        detector_entropy_control.run(&made.subject, &made.found);
        const struct finding *f = made_find(&made.found, "entropy_control");
        cr_expect(f->status == rows[i].want && strstr(f->sentence, rows[i].says), "%s: %s",
                  rows[i].what, f->sentence);
        made_fini(&made);
    }
}

Test(missing_metrics, only_what_this_kind_of_run_logs_is_missed)
{
    struct made made;
    static const double x[] = {1, 2, 3};

    made_init(&made, EXPERIMENT_RL);
    made_series(&made, ROLE_VALUE_LOSS, NULL, x, 3);
    detector_missing_metrics.run(&made.subject, &made.found);
    const struct finding *f = made_find(&made.found, "missing_metrics");
    cr_expect(f->status == FINDING_FOUND && f->severity == SEVERITY_INFO);
    cr_expect_str_eq(f->sentence, "Not logged: 'episode_rewards', 'policy_loss', 'entropy', "
                                  "'explained_variance'.");
    cr_expect(made_value(f, "missing") == 4);
    made_fini(&made);
}

/* T-52: an empty list is no multiplier. */
Test(subject, only_a_multiplier_with_values_makes_a_run_lagrangian)
{
    struct made made;
    static const double x[] = {1, 2, 3};

    made_init(&made, EXPERIMENT_RL);
    made_series(&made, ROLE_MULTIPLIER, NULL, x, 0);
    cr_expect(!made.subject.lagrangian && !made.subject.role[ROLE_MULTIPLIER].logged);
    made_series(&made, ROLE_MULTIPLIER, NULL, x, 3);
    cr_expect(made.subject.lagrangian);
    made_fini(&made);
}
