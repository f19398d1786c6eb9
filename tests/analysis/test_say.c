/* What all detectors share: severity from harm, the caps of confidence, words for too little. */
#include "analysis/limitations.h"
#include "analysis/say.h"
#include "tests/support/made.h"

#include <criterion/criterion.h>

Test(say, severity_is_that_of_the_harm)
{
    static const struct {
        double worse, wasted;
        enum severity want;
    } rows[] = {
        {.151, .51, SEVERITY_CRITICAL}, {.10, .51, SEVERITY_HIGH}, {.151, .50, SEVERITY_HIGH},
        {.05, 0, SEVERITY_HIGH},        {0, .30, SEVERITY_HIGH},   {.0499, .2999, SEVERITY_MEDIUM},
        {.01, 0, SEVERITY_MEDIUM},      {0, .10, SEVERITY_MEDIUM}, {.0099, .0999, SEVERITY_LOW},
        {0, 0, SEVERITY_LOW},           {-.5, 0, SEVERITY_LOW},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        cr_expect(severity_of(rows[i].worse, rows[i].wasted) == rows[i].want, "%g worse, %g wasted",
                  rows[i].worse, rows[i].wasted);
}

Test(say, confidence_is_capped_near_the_least_length_and_always)
{
    cr_expect(capped(.97, 37, 25) == .85 && capped(.97, 38, 25) == .97, "1.5 times 25 is 37.5");
    cr_expect(capped(1, 1000, 25) == .99 && capped(.3, 25, 25) == .3 && capped(-1, 99, 1) == 0);
}

Test(say, smoothed_values_need_three_times_the_points)
{
    struct role_series series = {0};

    cr_expect(subject_needs(&series, 25) == 25);
    series.clean.smoothed = true;
    cr_expect(subject_needs(&series, 25) == 75);
}

Test(say, too_little_names_what_there_is_and_what_is_needed)
{
    static const double x[] = {3, (double)NAN, 2};
    struct made made;

    made_init(&made, EXPERIMENT_LM);
    made_series(&made, ROLE_TRAIN_LOSS, NULL, x, 3);
    say_too_short(&made.found, "class", &made.subject.role[ROLE_TRAIN_LOSS], 25);
    const struct finding *f = made_find(&made.found, "class");
    cr_expect(f->status == FINDING_INSUFFICIENT_DATA && f->confidence == 0);
    cr_expect_str_eq(f->sentence, "Not judged: 'Losses/Total' had 2 finite points, needs 25.");
    cr_expect_str_eq(f->not_judged, "'Losses/Total' had 2 finite points, needs 25.");
    cr_expect(made_value(f, "points") == 2 && f->evidence.n_used == 2);
    cr_expect_str_eq(f->what_would_change_it, "23 more finite points of 'Losses/Total'.");
    made_fini(&made);
}

Test(say, a_reason_stands_until_something_else_is_said)
{
    struct made made;

    made_init(&made, EXPERIMENT_LM);
    struct said said = {&made.found, finding_add(&made.found, "class", FINDING_NOT_APPLICABLE)};
    cr_expect(said.finding->not_judged == NULL && said.finding->explained_by == NULL);
    say_not_judged(said, "%d of %d.", 1, 2);
    cr_expect_str_eq(said.finding->sentence, "Not judged: 1 of 2.");
    cr_expect_str_eq(said.finding->not_judged, "1 of 2.");
    say(said, "It fell.");
    cr_expect_str_eq(said.finding->sentence, "It fell.");
    cr_expect(said.finding->not_judged == NULL);
    made_fini(&made);
}

/* As many points as are needed, and yet not judged: the reason is another one. */
Test(say, enough_points_that_do_not_fit_are_not_said_to_be_too_few)
{
    static const struct {
        int64_t first;
        double value;
        const char *want;
    } rows[] = {
        {-150, 2,
         "Not judged: 151 of the 300 steps of 'Losses/Total' are below 1 (the first is -150), and "
         "the method takes logarithms of them."},
        {1, -2,
         "Not judged: 300 of the 300 finite points of 'Losses/Total' are not above 0, and the "
         "method takes logarithms."},
    };

    for (size_t i = 0; i < 2; i++) {
        int64_t steps[300];
        double values[300];
        struct made made;

        for (int k = 0; k < 300; k++) {
            steps[k] = rows[i].first + k;
            values[k] = rows[i].value;
        }
        made_init(&made, EXPERIMENT_LM);
        made_series(&made, ROLE_TRAIN_LOSS, steps, values, 300);
        say_too_short(&made.found, "class", &made.subject.role[ROLE_TRAIN_LOSS], 35);
        cr_expect_str_eq(made_find(&made.found, "class")->sentence, rows[i].want);
        cr_expect(made_find(&made.found, "class")->status == FINDING_NOT_APPLICABLE);
        made_fini(&made);
    }
}

/* .1 + .4 + .02, rounded; what is mere description does not count. */
Test(say, the_expected_number_of_false_findings_is_the_sum_of_doubts)
{
    static const double confidences[] = {.9, .6, .98, .5};
    struct made made;
    bool said = false;

    made_init(&made, EXPERIMENT_LM);
    for (size_t i = 0; i < 4; i++) {
        struct finding *f = finding_add(&made.found, "class", FINDING_FOUND);

        f->confidence = confidences[i];
        f->severity = i < 3 ? SEVERITY_LOW : SEVERITY_INFO;
    }
    struct strs list = limitations_of(&made.subject, &made.found, &made.arena);
    for (size_t i = 0; i < list.n; i++)
        said |= strcmp(list.v[i], "of the 3 findings of low severity or more, 0.5 is expected to "
                                  "be false") == 0;
    cr_expect(said);
    made_fini(&made);
}
