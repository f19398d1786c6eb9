#include "analysis/stats/moments.h"

#include "analysis/detectors/detector.h"
#include "tests/support/curves.h"
#include "tests/support/made.h"

#include <criterion/criterion.h>

extern const struct detector detector_divergence, detector_nonfinite, detector_val_rising,
    detector_overfitting, detector_no_progress;

enum { N = 400 };

/* A falling loss, times 1 + rise t for the share t of the way from `at` to the end. */
static void curve(double *x, size_t n, size_t at, double rise)
{
    curve_loss(x, n, n);
    for (size_t i = at; i < n; i++)
        x[i] *= 1 + rise * (double)(i - at) / (double)(n - at);
}

Test(divergence, finds_a_loss_that_turns_and_stays_up)
{
    static const struct {
        const char *what;
        size_t n, at;
        double rise;
        size_t nan_at, nans;
        enum finding_status want;
        enum severity severity;
    } rows[] = {
        {"a healthy curve", N, N, 0, 0, 0, FINDING_NOT_FOUND, SEVERITY_INFO},
        {"times 2.5 from 250", N, 250, 1.5, 0, 0, FINDING_FOUND, SEVERITY_CRITICAL},
        {"eight percent", N, 250, .1, 0, 0, FINDING_FOUND, SEVERITY_HIGH},
        {"two percent", N, 250, .02, 0, 0, FINDING_NOT_FOUND, SEVERITY_INFO},
        {"a NaN", N, N, 0, 100, 1, FINDING_NOT_FOUND, SEVERITY_INFO},
        {"three NaN at the end", N, N, 0, N - 3, 3, FINDING_FOUND, SEVERITY_CRITICAL},
        {"one NaN at the end, no rise", N, N, 0, N - 1, 1, FINDING_NOT_FOUND, SEVERITY_INFO},
        {"24 points", 24, 24, 0, 0, 0, FINDING_INSUFFICIENT_DATA, SEVERITY_INFO},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct made made;
        double x[N];

        made_init(&made, EXPERIMENT_LM);
        curve(x, rows[i].n, rows[i].at, rows[i].rise);
        for (size_t k = 0; k < rows[i].nans; k++)
            x[rows[i].nan_at + k] = (double)NAN;
        made_series(&made, ROLE_TRAIN_LOSS, NULL, x, rows[i].n);
        detector_divergence.run(&made.subject, &made.found);
        const struct finding *f = made_find(&made.found, "divergence");
        cr_assert(f->id[0], "%s", rows[i].what);
        cr_expect(f->status == rows[i].want, "%s: %s", rows[i].what,
                  finding_status_name(f->status));
        cr_expect(f->severity == rows[i].severity, "%s: %s", rows[i].what,
                  severity_name(f->severity));
        cr_expect(f->confidence <= 0.99);
        cr_expect(f->sentence[0] && (f->status != FINDING_FOUND || f->advice), "%s", rows[i].what);
        made_fini(&made);
    }
}

Test(divergence, its_figures_are_those_of_the_series)
{
    struct made made;
    double x[N], y[N], m[40];

    made_init(&made, EXPERIMENT_LM);
    curve(x, N, 250, 1.5);
    made_series(&made, ROLE_TRAIN_LOSS, NULL, x, N);
    made_settings(&made, (const struct setting[]){{"BASE_LR", 1e-3}}, 1);
    detector_divergence.run(&made.subject, &made.found);
    const struct finding *f = made_find(&made.found, "divergence");

    for (size_t i = 0; i < N; i++)
        y[i] = log(x[i]);
    block_medians(y, N, 40, m, &made.arena);
    double low = m[0];
    for (size_t k = 1; k < 40; k++)
        low = fmin(low, m[k]);
    cr_expect(near_to(made_value(f, "rise"), m[39] - low, 1e-12));
    cr_expect(near_to(f->evidence.effect, 100 * expm1(m[39] - low), 1e-12));
    cr_expect(f->evidence.from >= 251 && f->evidence.from <= 290, "%lld",
              (long long)f->evidence.from);
    cr_expect(f->evidence.to == N && f->evidence.n_used == N);
    cr_expect(f->confidence > 0.9 && f->confidence <= 0.99, "%g", f->confidence);
    cr_expect_str_eq(f->advice->from, "0.001");
    cr_expect_str_eq(f->advice->to, "0.0005");
    made_fini(&made);
}

Test(divergence, a_validation_loss_that_rises_alone_is_left_to_overfitting)
{
    static const struct {
        const char *what;
        double train_rise;
        enum finding_status divergence, overfitting, val_rising;
    } rows[] = {
        {"training falls", 0, FINDING_NOT_FOUND, FINDING_FOUND, FINDING_NOT_APPLICABLE},
        {"training rises as much", 1.5, FINDING_FOUND, FINDING_NOT_FOUND, FINDING_FOUND},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct made made;
        double x[N], v[N];

        made_init(&made, EXPERIMENT_LM);
        curve(x, N, 250, rows[i].train_rise);
        curve(v, N, 250, 1.5);
        made_series(&made, ROLE_TRAIN_LOSS, NULL, x, N);
        made_series(&made, ROLE_VALIDATION_LOSS, NULL, v, N);
        detector_divergence.run(&made.subject, &made.found);
        cr_assert(made.found.list.n == 2);
        cr_expect(made.found.list.v[1].status == rows[i].divergence, "%s", rows[i].what);
        detector_overfitting.run(&made.subject, &made.found);
        cr_expect(made_find(&made.found, "overfitting")->status == rows[i].overfitting, "%s",
                  rows[i].what);
        detector_val_rising.run(&made.subject, &made.found);
        cr_expect(made_find(&made.found, "val_rising")->status == rows[i].val_rising, "%s",
                  rows[i].what);
        made_fini(&made);
    }
}

Test(nonfinite, tells_an_end_from_a_run_from_a_single_one)
{
    static const struct {
        const char *what;
        enum role role;
        size_t at, n;
        enum finding_status want;
        enum severity severity;
    } rows[] = {
        {"none", ROLE_VALUE_LOSS, 0, 0, FINDING_NOT_FOUND, SEVERITY_INFO},
        {"a NaN", ROLE_VALUE_LOSS, 50, 1, FINDING_FOUND, SEVERITY_LOW},
        {"four in a row, then finite", ROLE_VALUE_LOSS, 50, 4, FINDING_FOUND, SEVERITY_MEDIUM},
        {"the last one", ROLE_VALUE_LOSS, 99, 1, FINDING_FOUND, SEVERITY_HIGH},
        {"the last three", ROLE_VALUE_LOSS, 97, 3, FINDING_FOUND, SEVERITY_CRITICAL},
        {"the last three rewards", ROLE_REWARD, 97, 3, FINDING_FOUND, SEVERITY_HIGH},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct made made;
        double x[100];

        made_init(&made, EXPERIMENT_RL);
        curve_loss(x, 100, 100);
        for (size_t k = 0; k < rows[i].n; k++)
            x[rows[i].at + k] = (double)NAN;
        made_series(&made, rows[i].role, NULL, x, 100);
        detector_nonfinite.run(&made.subject, &made.found);
        const struct finding *f = made_find(&made.found, "nonfinite");
        cr_assert(f->id[0], "%s", rows[i].what);
        cr_expect(f->status == rows[i].want && f->severity == rows[i].severity, "%s: %s %s",
                  rows[i].what, finding_status_name(f->status), severity_name(f->severity));
        cr_expect(made_value(f, "non_finite") == (double)rows[i].n, "%s", rows[i].what);
        made_fini(&made);
    }
}

Test(no_progress, a_loss_that_does_not_move_is_found)
{
    static const struct {
        const char *what;
        size_t n, flat_from, nan_at;
        enum finding_status want;
    } rows[] = {
        {"a falling loss", N, N, N, FINDING_NOT_FOUND},
        {"a NaN", N, N, 77, FINDING_NOT_FOUND},
        {"flat from the start", N, 1, N, FINDING_FOUND},
        {"flat with a NaN", N, 1, 77, FINDING_FOUND},
        {"19 points", 19, 19, N, FINDING_INSUFFICIENT_DATA},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct made made;
        double x[N];

        made_init(&made, EXPERIMENT_LM);
        curve_loss(x, rows[i].n, rows[i].flat_from);
        if (rows[i].nan_at < rows[i].n)
            x[rows[i].nan_at] = (double)NAN;
        made_series(&made, ROLE_TRAIN_LOSS, NULL, x, rows[i].n);
        detector_no_progress.run(&made.subject, &made.found);
        cr_expect(made_find(&made.found, "no_progress")->status == rows[i].want, "%s: %s",
                  rows[i].what, made_find(&made.found, "no_progress")->sentence);
        made_fini(&made);
    }
}

/* A validation loss without a trend: if training learns, that is no matter of the rate. */
Test(no_progress, a_higher_rate_is_advised_only_where_training_did_not_fall_either)
{
    for (int falls = 0; falls < 2; falls++) {
        struct made made;
        double train[N], val[N];

        made_init(&made, EXPERIMENT_LM);
        curve_loss(train, N, falls ? N : 1);
        curve_loss(val, N, 1);
        made_series(&made, ROLE_TRAIN_LOSS, NULL, train, N);
        made_series(&made, ROLE_VALIDATION_LOSS, NULL, val, N);
        detector_no_progress.run(&made.subject, &made.found);
        const struct finding *f = made_find(&made.found, "no_progress");
        cr_expect(f->status == FINDING_FOUND && f->severity == SEVERITY_HIGH);
        cr_expect((f->advice == NULL) == falls);
        cr_expect((strstr(f->sentence, "while the training loss falls") != NULL) == falls, "%s",
                  f->sentence);
        made_fini(&made);
    }
}

/* Twice the loss from point 151 on, reached over so many points. */
Test(divergence, a_large_rise_that_takes_a_stretch_is_no_change_of_level)
{
    static const struct {
        size_t over;
        enum finding_status want;
    } rows[] = {{0, FINDING_INCONCLUSIVE}, {6, FINDING_FOUND}, {15, FINDING_FOUND}};

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct made made;
        double x[N];

        made_init(&made, EXPERIMENT_LM);
        curve_loss(x, N, N);
        for (size_t k = 150; k < N; k++)
            x[k] *= k - 150 < rows[i].over ? 1 + (double)(k - 150) / (double)rows[i].over : 2;
        made_series(&made, ROLE_TRAIN_LOSS, NULL, x, N);
        detector_divergence.run(&made.subject, &made.found);
        const struct finding *f = made_find(&made.found, "divergence");
        cr_expect(f->status == rows[i].want, "over %zu: %s", rows[i].over, f->sentence);
        cr_expect(f->status != FINDING_FOUND ||
                      (f->severity == SEVERITY_CRITICAL && f->evidence.from <= 160),
                  "over %zu: %lld", rows[i].over, (long long)f->evidence.from);
        made_fini(&made);
    }
}

Test(divergence, begins_with_the_rise_that_came_before_the_nan)
{
    struct made made;
    double x[N];

    made_init(&made, EXPERIMENT_LM);
    curve(x, N, 250, 1.5);
    for (size_t i = 370; i < N; i++)
        x[i] = (double)NAN;
    made_series(&made, ROLE_TRAIN_LOSS, NULL, x, N);
    detector_divergence.run(&made.subject, &made.found);
    const struct finding *f = made_find(&made.found, "divergence");
    cr_assert(f->status == FINDING_FOUND && f->severity == SEVERITY_CRITICAL);
    cr_expect(f->evidence.from >= 251 && f->evidence.from <= 290, "%lld",
              (long long)f->evidence.from);
    cr_expect(made_value(f, "best_stretch_to") <= 260);
    cr_expect(strstr(f->sentence, "not finite from step 371"), "%s", f->sentence);
    made_fini(&made);
}
