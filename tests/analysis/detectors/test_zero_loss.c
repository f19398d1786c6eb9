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
