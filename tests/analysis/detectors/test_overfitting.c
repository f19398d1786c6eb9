#include "analysis/detectors/detector.h"
#include "tests/support/curves.h"
#include "tests/support/made.h"

#include <criterion/criterion.h>

extern const struct detector detector_overfitting, detector_val_rising;

enum { M = 16, LONG = 60 };

static const double risen[M] = {2,   1.6,  1.4,  1.3,  1.25, 1.22, 1.2,  1.19,
                                1.2, 1.21, 1.23, 1.25, 1.28, 1.3,  1.33, 1.37}; /* vector 69 */

/* Training from 1.9 to .4 at the same steps, plus `gain` times what validation gains. */
static void both(struct made *made, const double *val, size_t m, double gain)
{
    int64_t step[LONG];
    double train[LONG];

    made_init(made, EXPERIMENT_LM);
    for (size_t i = 0; i < m; i++) {
        step[i] = 100 * ((int64_t)i + 1);
        train[i] = gain > 0 ? gain * val[i] - .1 : 1.9 - 1.5 * (double)i / (double)(m - 1);
    }
    made_series(made, ROLE_VALIDATION_LOSS, step, val, m);
    made_series(made, ROLE_TRAIN_LOSS, step, train, m);
}

static void judge(struct made *made)
{
    detector_overfitting.run(&made->subject, &made->found);
    detector_val_rising.run(&made->subject, &made->found);
}

Test(overfitting, its_figures_are_those_of_the_stored_vector)
{
    struct made made;

    both(&made, risen, M, 0);
    judge(&made);
    const struct finding *f = made_find(&made.found, "overfitting");
    cr_assert(f->status == FINDING_FOUND, "%s", f->sentence);
    cr_expect(near_to(made_value(f, "probability"), 0.997279, 1e-5));
    cr_expect(near_to(made_value(f, "rise"), 0.0851853, 1e-5));
    cr_expect(near_to(made_value(f, "training_change"), -1.06708, 1e-5));
    cr_expect(f->evidence.from == 800 && f->evidence.to == 1600);
    cr_expect(near_to(made_value(f, "share_of_run_after_best"), 800.0 / 1600, 1e-12));
    /* 1.96 sigma sqrt(1/k + 1/n_lo): k = 4, n_lo = 5 */
    double half = 1.96 * 0.00491964 * sqrt(1.0 / 4 + 1.0 / 5);
    cr_expect(near_to(f->evidence.ci_low, 100 * expm1(0.0851853 - half), 1e-4));
    cr_expect(near_to(f->evidence.ci_high, 100 * expm1(0.0851853 + half), 1e-4));
    cr_expect(near_to(made_value(f, "gap_at_end"), 1.37 - .4, 1e-9));
    cr_expect(f->severity == SEVERITY_HIGH);
    /* the logit moved from a share of 1246/2603 to one of .2 */
    double at = 5.90420 - log(1246.0 / 1357) + log(.2 / .8);
    cr_expect(near_to(f->confidence, fmin(.99, 1 / (1 + exp(-at))), 1e-5), "%g", f->confidence);
    cr_expect_str_eq(f->advice->key, "max_steps");
    cr_expect_str_eq(f->advice->to, "800");
    cr_expect(made_find(&made.found, "val_rising")->status == FINDING_NOT_APPLICABLE,
              "one cause, one finding");
    made_fini(&made);
}

Test(overfitting, is_found_only_where_training_goes_on_falling)
{
    static const struct {
        const char *what;
        double v[8];
        size_t n;
        double gain;
        enum finding_status want;
    } rows[] = {
        {"vector 68: .8 of a chance",
         {2, 1.6, 1.4, 1.3, 1.28, 1.31, 1.36, 1.42},
         8,
         0,
         FINDING_FOUND},
        {"falls to the end", {2, 1.6, 1.4, 1.3, 1.25, 1.22, 1.2, 1.19}, 8, 0, FINDING_NOT_FOUND},
        {"vector 15: a noisy flat tail",
         {2, 1.5, 1.3, 1.25, 1.248, 1.251, 1.249, 1.252},
         8,
         0,
         FINDING_NOT_FOUND},
        {"both rise", {1.3, 1.2, 1.25, 1.3, 1.35, 1.4, 1.45, 1.5}, 8, 1, FINDING_NOT_FOUND},
        {"comes back", {2, 1.4, 1.2, 1.3, 1.4, 1.3, 1.2, 1.1}, 8, 0, FINDING_NOT_FOUND},
        {"a NaN", {1.3, 1.2, 1.25, (double)NAN, 1.35, 1.4, 1.45, 1.5}, 8, 0, FINDING_FOUND},
        {"all NaN",
         {(double)NAN, (double)NAN, (double)NAN, (double)NAN, (double)NAN, (double)NAN},
         6,
         0,
         FINDING_INSUFFICIENT_DATA},
        {"constant", {2, 2, 2, 2, 2, 2, 2, 2}, 8, 0, FINDING_NOT_FOUND},
        {"two values", {2, 1, 2, 1, 2, 1, 2, 1}, 8, 0, FINDING_NOT_FOUND},
        {"five evaluations", {1.3, 1.2, 1.3, 1.4, 1.5}, 5, 0, FINDING_INSUFFICIENT_DATA},
        {"one evaluation", {1.3}, 1, 1, FINDING_INSUFFICIENT_DATA},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct made made;

        both(&made, rows[i].v, rows[i].n, rows[i].gain);
        judge(&made);
        const struct finding *f = made_find(&made.found, "overfitting");
        cr_assert(f->id[0], "%s", rows[i].what);
        cr_expect(f->status == rows[i].want, "%s: %s", rows[i].what, f->sentence);
        cr_expect(f->confidence <= 0.85, "%s: fewer than ten evaluations", rows[i].what);
        made_fini(&made);
    }
}

Test(overfitting, without_one_of_the_losses_says_which)
{
    struct made made;

    made_init(&made, EXPERIMENT_LM);
    made_series(&made, ROLE_VALIDATION_LOSS, NULL, risen, M);
    judge(&made);
    const struct finding *f = made_find(&made.found, "overfitting");
    cr_expect(f->status == FINDING_NOT_APPLICABLE && strstr(f->sentence, "Losses/Total"));
    cr_expect(made_find(&made.found, "val_rising")->status == FINDING_FOUND);
    made_fini(&made);
}

Test(overfitting, a_training_loss_that_is_logged_elsewhere_is_no_companion)
{
    static const double train[] = {3, 2.9, 2.8, 2.7, 2.6, 2.5, 2.4};
    struct made made;
    int64_t step[M];

    made_init(&made, EXPERIMENT_LM);
    for (size_t i = 0; i < M; i++)
        step[i] = 100 * ((int64_t)i + 1);
    made_series(&made, ROLE_VALIDATION_LOSS, step, risen, M);
    made_series(&made, ROLE_TRAIN_LOSS, NULL, train, 7); /* steps 1..7 */
    judge(&made);
    cr_expect(made_find(&made.found, "overfitting")->status == FINDING_INSUFFICIENT_DATA);
    cr_expect(made_find(&made.found, "val_rising")->status == FINDING_FOUND);
    made_fini(&made);
}

Test(overfitting, an_accuracy_that_still_rises_makes_it_low)
{
    struct made made;
    int64_t step[M];
    double accuracy[M];

    both(&made, risen, M, 0);
    for (size_t i = 0; i < M; i++) {
        step[i] = 100 * ((int64_t)i + 1);
        accuracy[i] = .5 + .02 * (double)i;
    }
    made_series(&made, ROLE_VALIDATION_ACCURACY, step, accuracy, M);
    judge(&made);
    const struct finding *f = made_find(&made.found, "overfitting");
    cr_expect(f->status == FINDING_FOUND && f->severity == SEVERITY_LOW);
    made_fini(&made);
}

/* Forty evaluations that level off; the last fifteen are on another set. */
Test(overfitting, one_jump_of_validation_alone_is_a_changed_evaluation_set)
{
    struct noise noise = NOISE_START;
    struct made made;
    double val[LONG];

    for (size_t i = 0; i < LONG; i++)
        val[i] =
            (1.2 + .8 * exp(-(double)i / 6)) * (i < 40 ? 1 : 1.2) * exp(.01 * noise_next(&noise));
    both(&made, val, LONG, 0);
    judge(&made);
    const struct finding *f = made_find(&made.found, "eval_shift");
    cr_assert(f->status == FINDING_FOUND, "%s", made_find(&made.found, "overfitting")->sentence);
    cr_expect(f->evidence.from == 4100 && fabs(made_value(f, "jump") - log(1.2)) < .02);
    cr_expect(made_find(&made.found, "overfitting")->status == FINDING_NOT_FOUND);
    made_fini(&made);
}

Test(overfitting, epochs_that_begin_with_a_drop_are_evidence)
{
    enum { STEPS = 600, EVALS = 12 };
    struct noise noise = NOISE_START;
    struct made made;
    double train[STEPS], epoch[STEPS], val[EVALS];
    int64_t step[EVALS];

    made_init(&made, EXPERIMENT_LM);
    for (size_t i = 0; i < STEPS; i++) {
        epoch[i] = (double)(i + 1) / 200;
        train[i] = (2 - .5 * floor(epoch[i])) * exp(.02 * noise_next(&noise));
    }
    for (size_t i = 0; i < EVALS; i++) {
        step[i] = 50 * ((int64_t)i + 1);
        val[i] = i < 4 ? 2 - .1 * (double)i : 1.7 + .05 * (double)(i - 3);
    }
    made_series(&made, ROLE_TRAIN_LOSS, NULL, train, STEPS);
    made_series(&made, ROLE_EPOCH, NULL, epoch, STEPS);
    made_series(&made, ROLE_VALIDATION_LOSS, step, val, EVALS);
    judge(&made);
    const struct finding *f = made_find(&made.found, "overfitting");
    cr_assert(f->status == FINDING_FOUND, "%s", f->sentence);
    cr_expect(made_value(f, "epochs_that_begin_with_a_drop") == 2);
    cr_expect_str_eq(f->advice->key, "num_epochs");
    cr_expect_str_eq(f->advice->to, "1", "%s", f->advice->to); /* best at 200 of 200 an epoch */
    made_fini(&made);
}

/* Six evaluations in six epochs of 300 steps, the best at 600: a run counts from step 0. */
Test(overfitting, the_run_counts_from_its_begin_not_from_the_first_evaluation)
{
    enum { LOGGED = 180, EVALS = 6 };
    static const double val[EVALS] = {1.15, 1.08, 1.1, 1.2, 1.35, 1.5};
    struct noise noise = NOISE_START;
    struct made made;
    double train[LOGGED], epoch[LOGGED];
    int64_t step[LOGGED], at[EVALS];

    made_init(&made, EXPERIMENT_LM);
    for (size_t i = 0; i < LOGGED; i++) {
        step[i] = 10 * ((int64_t)i + 1);
        epoch[i] = (double)step[i] / 300;
        train[i] = 1.8 * exp(-.015 * (double)i + .02 * noise_next(&noise));
    }
    for (size_t i = 0; i < EVALS; i++)
        at[i] = 300 * ((int64_t)i + 1);
    made_series(&made, ROLE_TRAIN_LOSS, step, train, LOGGED);
    made_series(&made, ROLE_EPOCH, step, epoch, LOGGED);
    made_series(&made, ROLE_VALIDATION_LOSS, at, val, EVALS);
    judge(&made);
    const struct finding *f = made_find(&made.found, "overfitting");
    cr_assert(f->status == FINDING_FOUND, "%s", f->sentence);
    cr_expect(near_to(made_value(f, "share_of_run_after_best"), 1200.0 / 1800, 1e-12));
    cr_expect_str_eq(f->advice->key, "num_epochs");
    cr_expect_str_eq(f->advice->from, "6");
    cr_expect_str_eq(f->advice->to, "2");
    cr_expect(strstr(f->advice->expected, "67% of the compute"), "%s", f->advice->expected);
    cr_expect(strstr(f->sentence, "(step 1800): +38.9% (+"), "1.5 / 1.08, first: %s", f->sentence);
    made_fini(&made);
}

/* Two epochs of 900 steps with the best at 1,050: two epochs are what was run. */
Test(overfitting, a_best_step_in_the_last_epoch_is_told_in_steps)
{
    enum { LOGGED = 180, EVALS = 12 };
    struct noise noise = NOISE_START;
    struct made made;
    double train[LOGGED], epoch[LOGGED], val[EVALS];
    int64_t step[LOGGED], at[EVALS];

    made_init(&made, EXPERIMENT_LM);
    for (size_t i = 0; i < LOGGED; i++) {
        step[i] = 10 * ((int64_t)i + 1);
        epoch[i] = (double)step[i] / 900;
        train[i] = 1.8 * exp(-.015 * (double)i + .02 * noise_next(&noise));
    }
    for (size_t i = 0; i < EVALS; i++) {
        at[i] = 150 * ((int64_t)i + 1);
        val[i] = i < 7 ? 1.5 - .07 * (double)i : 1.08 + .1 * (double)(i - 6);
    }
    made_series(&made, ROLE_TRAIN_LOSS, step, train, LOGGED);
    made_series(&made, ROLE_EPOCH, step, epoch, LOGGED);
    made_series(&made, ROLE_VALIDATION_LOSS, at, val, EVALS);
    judge(&made);
    const struct finding *f = made_find(&made.found, "overfitting");
    cr_assert(f->status == FINDING_FOUND, "%s", f->sentence);
    cr_assert(f->advice);
    cr_expect_str_eq(f->advice->key, "max_steps");
    cr_expect_str_eq(f->advice->from, "1800");
    cr_expect_str_eq(f->advice->to, "1050");
    made_fini(&made);
}

Test(overfitting, too_few_evaluations_still_say_where_the_best_lies)
{
    static const double val[] = {1.15, 1.12, 1.22};
    struct made made;

    both(&made, val, 3, 0);
    judge(&made);
    const struct finding *f = made_find(&made.found, "overfitting");
    cr_expect(f->status == FINDING_INSUFFICIENT_DATA);
    cr_expect(near_to(made_value(f, "last_over_best"), 1.22 / 1.12 - 1, 1e-12));
    cr_expect(strstr(f->sentence, "ends 8.9% above its lowest, 1.12 at step 200"), "%s",
              f->sentence);
    made_fini(&made);
}

/* 100 steps apart: three end at step 300, an eighth of which is 37; six are enough to judge by. */
Test(overfitting, too_few_evaluations_say_how_often_to_evaluate)
{
    static const double v[] = {1.6, 1.4, 1.3, 1.25, 1.22, 1.2};
    static const struct {
        size_t n;
        const char *from, *to;
    } rows[] = {{2, "100", "25"}, {3, "100", "37"}, {5, "100", "62"}, {6, NULL, NULL}};

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct made made;

        both(&made, v, rows[i].n, 0);
        judge(&made);
        const struct finding *f = made_find(&made.found, "overfitting");
        cr_expect(!f->advice == !rows[i].to, "%zu evaluations", rows[i].n);
        if (f->advice && rows[i].to) {
            cr_expect(f->status == FINDING_INSUFFICIENT_DATA);
            cr_expect_str_eq(f->advice->key, "eval_steps");
            cr_expect_str_eq(f->advice->from, rows[i].from);
            cr_expect_str_eq(f->advice->to, rows[i].to);
        }
        made_fini(&made);
    }
}
