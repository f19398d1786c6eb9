#include "analysis/detectors/detector.h"
#include "tests/support/curves.h"
#include "tests/support/made.h"

#include <criterion/criterion.h>

extern const struct detector detector_restart;

enum { BEFORE = 300, BACK = 50, AFTER = 200, ALL = BEFORE + AFTER };

static struct made made;
static double value[ALL];
static int64_t step[ALL];

/* 300 steps, back by 50, 200 more; the second attempt is `factor` times as high. */
static void run_twice(double factor, double scatter)
{
    struct noise noise = {11};

    made_init(&made, EXPERIMENT_LM);
    curve_loss(value, BEFORE, BEFORE);
    for (size_t i = 0; i < BEFORE; i++)
        step[i] = (int64_t)i + 1;
    for (size_t i = BEFORE; i < ALL; i++) {
        size_t at = i - BACK;

        step[i] = (int64_t)at + 1;
        value[i] = at < BEFORE ? value[at] : value[BEFORE - 1];
        value[i] *= factor * exp(scatter * noise_next(&noise));
    }
}

static const struct finding *judged(size_t n)
{
    made_series(&made, ROLE_TRAIN_LOSS, step, value, n);
    detector_restart.run(&made.subject, &made.found);
    return made_find(&made.found, "restart");
}

Test(restart, is_found_where_the_overlap_differs_in_level)
{
    static const struct {
        const char *what;
        double factor, scatter;
        enum finding_status want;
        enum severity severity;
        const char *says;
    } rows[] = {
        {"the same batches", 1, 0, FINDING_NOT_FOUND, SEVERITY_INFO, "so are single values"},
        {"another order of the data", 1, .02, FINDING_NOT_FOUND, SEVERITY_INFO, "another order"},
        {"four percent higher", 1.04, .02, FINDING_FOUND, SEVERITY_LOW, "does not reproduce"},
        {"a fifth higher", 1.2, .02, FINDING_FOUND, SEVERITY_MEDIUM, "does not reproduce"},
        {"a fifth lower", .8, .02, FINDING_FOUND, SEVERITY_LOW, "does not reproduce"},
    };

    for (size_t k = 0; k < sizeof(rows) / sizeof(rows[0]); k++) {
        run_twice(rows[k].factor, rows[k].scatter);
        const struct finding *f = judged(ALL);
        double sum = 0;

        cr_expect(f->status == rows[k].want && f->severity == rows[k].severity, "%s: %s",
                  rows[k].what, f->sentence);
        cr_expect(strstr(f->sentence, rows[k].says), "%s: %s", rows[k].what, f->sentence);
        for (size_t i = 0; i < BACK; i++)
            sum += log(value[BEFORE + i]) - log(value[BEFORE - BACK + i]);
        cr_expect(near_to(made_value(f, "difference"), sum / BACK, 1e-9), "%s", rows[k].what);
        cr_expect(made_value(f, "compared") == BACK && f->evidence.from == 251 &&
                  f->evidence.to == 300);
        made_fini(&made);
    }
}

Test(restart, without_one_there_is_no_word_and_without_shared_steps_no_verdict)
{
    run_twice(1, 0);
    cr_expect(judged(BEFORE)->id[0] == '\0');
    for (size_t i = BEFORE - BACK; i < BEFORE; i++)
        value[i] = (double)NAN;
    const struct finding *f = judged(ALL);
    cr_expect(f->status == FINDING_INSUFFICIENT_DATA, "%s", f->sentence);
    made_fini(&made);
}
