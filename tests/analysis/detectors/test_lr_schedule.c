#include "analysis/stats/schedule.h"

#include "analysis/detectors/detector.h"
#include "tests/support/curves.h"
#include "tests/support/made.h"

#include <criterion/criterion.h>

extern const struct detector detector_lr_schedule;

/* The trainer's law with T = 1000, ratio .1, 1e-3 to 1e-6; past T it rises again. */
static double law(double s)
{
    return s < 100 ? 1e-3 * s / 100
                   : 1e-6 + (1e-3 - 1e-6) * 0.5 * (1 + cos(M_PI * (s - 100) / 900));
}

static const struct setting own[] = {{"BASE_LR", 1e-3}, {"MIN_LR", 1e-6}, {"WARMUP_RATIO", 0.1}};

static void rates(struct made *made, size_t n, double times)
{
    double lr[1200];

    made_init(made, EXPERIMENT_LM);
    made_settings(made, own, 3);
    for (size_t i = 0; i < n; i++)
        lr[i] = times * law((double)(i + 1));
    made_series(made, ROLE_LEARNING_RATE, NULL, lr, n);
    detector_lr_schedule.run(&made->subject, &made->found);
}

Test(lr_schedule, the_configured_law_is_followed)
{
    struct made made;

    rates(&made, 1000, 1);
    const struct finding *f = made_find(&made.found, "lr_schedule");
    cr_assert(f->status == FINDING_FOUND && f->severity == SEVERITY_INFO);
    cr_expect(strstr(f->sentence, "'cosine': warm-up to step 100, peak 0.001"), "%s", f->sentence);
    cr_expect(near_to(made_value(f, "end_over_peak"), 1e-3, 1e-6));
    cr_expect(made_find(&made.found, "lr_config")->status == FINDING_NOT_FOUND, "%s",
              made_find(&made.found, "lr_config")->sentence);
    cr_expect(!made_has(&made.found, "lr_past_end"));
    made_fini(&made);
}

Test(lr_schedule, a_run_stopped_early_is_told_how_far_it_came)
{
    struct made made;

    rates(&made, 600, 1);
    const struct finding *f = made_find(&made.found, "lr_schedule");
    cr_assert(f->severity == SEVERITY_LOW && f->advice);
    cr_expect(strstr(f->sentence, "was stopped at about"), "%s", f->sentence);
    cr_expect(made_value(f, "planned_over_seen") > 1.5, "%g", made_value(f, "planned_over_seen"));
    made_fini(&made);
}

/* s = 1100 gives 3.11e-5, more than at 1000. */
Test(lr_schedule, T_46_a_rate_that_rises_past_its_end_is_an_anomaly)
{
    struct made made;

    rates(&made, 1100, 1);
    const struct finding *f = made_find(&made.found, "lr_past_end");
    cr_assert(f->status == FINDING_FOUND && f->severity == SEVERITY_MEDIUM);
    cr_expect(f->evidence.from == 1000 && f->evidence.to == 1100);
    cr_expect(near_to(made_value(f, "lowest"), 1e-6, 1e-9));
    cr_expect(near_to(made_value(f, "last"), 3.11e-5, 1e-2), "%g", made_value(f, "last"));
    made_fini(&made);
}

Test(lr_schedule, a_single_odd_rate_is_no_end_that_was_passed)
{
    static const size_t at[] = {5, 150, 297, 298};

    for (size_t i = 0; i < sizeof(at) / sizeof(at[0]); i++) {
        double lr[300];
        struct made made;

        for (size_t k = 0; k < 300; k++)
            lr[k] = k == at[i] ? 0 : 1e-3;
        made_init(&made, EXPERIMENT_LM);
        made_series(&made, ROLE_LEARNING_RATE, NULL, lr, 300);
        detector_lr_schedule.run(&made.subject, &made.found);
        cr_expect(made_has(&made.found, "lr_schedule") && !made_has(&made.found, "lr_past_end"),
                  "at %zu", at[i]);
        made_fini(&made);
    }
}

Test(lr_schedule, rates_that_are_not_the_configured_ones_are_found)
{
    struct made made;

    rates(&made, 1000, 0.5);
    const struct finding *f = made_find(&made.found, "lr_config");
    cr_assert(f->status == FINDING_FOUND && f->confidence == 0.6);
    cr_expect(near_to(made_value(f, "peak_off"), 0.5, 1e-9));
    made_fini(&made);
}

Test(lr_schedule, too_little_or_nothing_is_said_to_be)
{
    static const struct {
        const char *what;
        double lr[9];
        size_t n;
        enum finding_status want;
    } rows[] = {
        {"nothing", {0}, 0, FINDING_NOT_APPLICABLE},
        {"seven rates", {1, 1, 1, 1, 1, 1, 1}, 7, FINDING_INSUFFICIENT_DATA},
        {"eight and a NaN", {1, 1, 1, (double)NAN, 1, 1, 1, 1, 1}, 9, FINDING_FOUND},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct made made;

        made_init(&made, EXPERIMENT_LM);
        made_series(&made, ROLE_LEARNING_RATE, NULL, rows[i].lr, rows[i].n);
        detector_lr_schedule.run(&made.subject, &made.found);
        cr_expect(made_has(&made.found, "lr_schedule") &&
                      made_find(&made.found, "lr_schedule")->status == rows[i].want,
                  "%s", rows[i].what);
        made_fini(&made);
    }
}
