#include "analysis/detectors/detector.h"
#include "tests/support/made.h"

#include <criterion/criterion.h>

extern const struct detector detector_zero_loss;

/* D-16: a validation loss of exactly 0; beside a low score it is worse. */
Test(zero_loss, D_16_exactly_0_is_found_and_its_harm_goes_by_the_score)
{
    static const struct {
        const char *what;
        double val[3], score;
        size_t n;
        enum finding_status want;
        enum severity severity;
        int64_t from;
    } rows[] = {
        {"F1 .0074", {0}, .0074, 1, FINDING_FOUND, SEVERITY_MEDIUM, 1},
        {"F1 .99", {0}, .99, 1, FINDING_FOUND, SEVERITY_LOW, 1},
        {"no score", {0}, (double)NAN, 1, FINDING_FOUND, SEVERITY_LOW, 1},
        {"once of three", {2, 0, 1}, .4, 3, FINDING_FOUND, SEVERITY_MEDIUM, 2},
        {"nearly", {1e-12, 1, 2}, .0074, 3, FINDING_NOT_FOUND, SEVERITY_INFO, 1},
        {"none", {0}, .5, 0, FINDING_NOT_APPLICABLE, SEVERITY_INFO, NOT_GIVEN},
        {"a NaN", {(double)NAN}, .5, 1, FINDING_INSUFFICIENT_DATA, SEVERITY_INFO, NOT_GIVEN},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct made made;

        made_init(&made, EXPERIMENT_LM);
        made_series(&made, ROLE_VALIDATION_LOSS, NULL, rows[i].val, rows[i].n);
        if (isfinite(rows[i].score))
            made_series(&made, ROLE_VALIDATION_ACCURACY, NULL, &rows[i].score, 1);
        detector_zero_loss.run(&made.subject, &made.found);
        const struct finding *f = made_find(&made.found, "zero_loss");
        cr_expect(f->status == rows[i].want && f->severity == rows[i].severity, "%s: %s",
                  rows[i].what, f->sentence);
        cr_expect(f->evidence.from == rows[i].from && f->confidence <= .6, "%s", rows[i].what);
        made_fini(&made);
    }
}

Test(zero_loss, of_a_run_that_learns_from_rewards_is_not_judged)
{
    static const double zero[] = {0, 0, 0};
    struct made made;

    made_init(&made, EXPERIMENT_RL);
    made_series(&made, ROLE_VALIDATION_LOSS, NULL, zero, 3);
    made_series(&made, ROLE_REWARD, NULL, zero, 3);
    detector_zero_loss.run(&made.subject, &made.found);
    cr_expect(made_find(&made.found, "zero_loss")->status == FINDING_NOT_APPLICABLE);
    made_fini(&made);
}

/* 8 e^(-k/60) to step 200, then exactly 0; rounded: to four decimals, down to nothing. */
Test(zero_loss, a_training_loss_that_is_exactly_0_to_its_end_is_no_progress)
{
    static const struct {
        const char *what;
        double fall; /* steps to fall by e */
        size_t zeros;
        enum finding_status want;
        enum severity severity;
    } rows[] = {
        {"a third of the run", 200, 100, FINDING_FOUND, SEVERITY_HIGH},
        {"three points", 200, 3, FINDING_FOUND, SEVERITY_HIGH},
        {"two points", 200, 2, FINDING_NOT_APPLICABLE, SEVERITY_INFO},
        {"never anything else", 200, 300, FINDING_FOUND, SEVERITY_HIGH},
        {"after it came down to nothing", 25, 10, FINDING_FOUND, SEVERITY_LOW},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        double loss[300];
        struct made made;

        for (size_t k = 0; k < 300; k++)
            loss[k] = k < 300 - rows[i].zeros ? 8 * exp(-(double)k / rows[i].fall) : 0;
        made_init(&made, EXPERIMENT_LM);
        made_series(&made, ROLE_TRAIN_LOSS, NULL, loss, 300);
        detector_zero_loss.run(&made.subject, &made.found);
        const struct finding *f = made_find(&made.found, "zero_loss");
        cr_expect(f->status == rows[i].want && f->severity == rows[i].severity, "%s: %s",
                  rows[i].what, f->sentence);
        if (f->status == FINDING_FOUND)
            cr_expect(f->evidence.from == (int64_t)(301 - rows[i].zeros) &&
                          made_value(f, "zeros_at_end") == (double)rows[i].zeros,
                      "%s", rows[i].what);
        size_t left = rows[i].zeros > 2 && rows[i].zeros < 300 ? 300 - rows[i].zeros : 300;
        cr_expect(made.subject.role[ROLE_TRAIN_LOSS].clean.active.n == left, "%s", rows[i].what);
        made_fini(&made);
    }
}

Test(zero_loss, zeros_of_a_training_loss_explain_gradients_of_0_and_are_no_improvement)
{
    double loss[300], norm[300];
    struct made made;

    for (size_t k = 0; k < 300; k++) {
        loss[k] = k < 200 ? 8 * exp(-(double)k / 200) : 0;
        norm[k] = k < 200 ? 1 : 0;
    }
    made_init(&made, EXPERIMENT_LM);
    made_series(&made, ROLE_TRAIN_LOSS, NULL, loss, 300);
    made_series(&made, ROLE_GRADIENT_NORM, NULL, norm, 300);
    const struct analysis *a = analyze_subject(&made.subject, &made.arena);
    cr_expect_str_eq(a->verdict, "Partially Effective");
    cr_expect(a->risk >= 0.3, "%g", a->risk);
    const struct finding *f = made_find(&a->findings, "grad_vanishing");
    cr_expect(f->status == FINDING_NOT_FOUND && made_value(f, "late") == 0);
    cr_expect_str_eq(f->sentence, "The gradient norm falls from 1 to 0, which is explained: "
                                  "'Losses/Total' is exactly 0 from step 201 on (see zero_loss).");
    f = made_find(&a->findings, "improvement");
    cr_expect(f->evidence.effect < 65, "%s", f->sentence); /* 100 (1 - e^-.95), not 100 */
    f = made_find(&a->findings, "grad_clipping");
    cr_expect(strstr(f->sentence, "stable ones above 0 are at 1"), "%s", f->sentence);
    made_fini(&made);
}
