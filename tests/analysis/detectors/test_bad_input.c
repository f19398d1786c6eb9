/* Whatever is logged, a check ends with an answer, and little or nothing is no finding. */
#include "analysis/detectors/detector.h"

#include "tests/support/made.h"

#include <criterion/criterion.h>

extern const struct detector detector_grad_explosion, detector_grad_vanishing,
    detector_grad_clipping, detector_grad_distribution, detector_grad_inferred, detector_lr_warmup,
    detector_lr_effectiveness, detector_continued_training, detector_throughput,
    detector_efficiency;

static const struct detector *const checked[] = {
    &detector_grad_explosion,    &detector_grad_vanishing,     &detector_grad_clipping,
    &detector_grad_distribution, &detector_grad_inferred,      &detector_lr_warmup,
    &detector_lr_effectiveness,  &detector_continued_training, &detector_throughput,
    &detector_efficiency};

enum { CHECKED = sizeof(checked) / sizeof(checked[0]), N = 300 };

static const enum role roles[] = {ROLE_TRAIN_LOSS,    ROLE_VALIDATION_LOSS, ROLE_LEARNING_RATE,
                                  ROLE_GRADIENT_NORM, ROLE_THROUGHPUT,      ROLE_UPDATE_RATIO,
                                  ROLE_STEP_TIME,     ROLE_GPU_UTILISATION};

static double one_value(size_t i)
{
    (void)i;
    return 2;
}

static double nothing(size_t i)
{
    (void)i;
    return (double)NAN;
}

static double zero(size_t i)
{
    (void)i;
    return 0;
}

static double negative(size_t i)
{
    return -1 - (double)(i % 5);
}

static double two_values(size_t i)
{
    return i % 2 ? 1 : 2;
}

static double infinite(size_t i)
{
    return i % 3 ? 1 : (double)INFINITY;
}

static double huge(size_t i)
{
    return i % 2 ? 1e300 : 1e-300;
}

Test(bad_input, gives_an_answer_and_no_finding_that_matters)
{
    static const struct {
        const char *what;
        double (*value)(size_t i);
        size_t n;
        bool short_of_data; /* every answer: insufficient, or does not apply */
    } rows[] = {
        {"empty", one_value, 0, true},       {"one point", one_value, 1, true},
        {"two points", two_values, 2, true}, {"all NaN", nothing, N, true},
        {"constant", one_value, N, false},   {"two values", two_values, N, false},
        {"zeros", zero, N, false},           {"negative", negative, N, false},
        {"infinite", infinite, N, false},    {"huge and tiny", huge, N, false},
    };

    for (size_t k = 0; k < sizeof(rows) / sizeof(rows[0]); k++) {
        for (size_t d = 0; d < CHECKED; d++) {
            struct made made;
            double values[N];

            made_init(&made, EXPERIMENT_LM);
            for (size_t i = 0; i < rows[k].n; i++)
                values[i] = rows[k].value(i);
            for (size_t r = 0; r < sizeof(roles) / sizeof(roles[0]); r++)
                made_series(&made, roles[r], NULL, values, rows[k].n);
            checked[d]->run(&made.subject, &made.found);
            cr_expect(made.found.list.n > 0, "%s, %s: silence", checked[d]->name, rows[k].what);
            for (size_t i = 0; i < made.found.list.n; i++) {
                const struct finding *f = &made.found.list.v[i];
                bool none =
                    f->status == FINDING_INSUFFICIENT_DATA || f->status == FINDING_NOT_APPLICABLE;

                cr_expect(none || !rows[k].short_of_data, "%s, %s: %s", checked[d]->name,
                          rows[k].what, f->sentence);
                cr_expect(f->sentence && f->what_would_change_it && f->confidence <= .99,
                          "%s, %s: %s", checked[d]->name, rows[k].what, f->id);
                cr_expect(f->status != FINDING_INSUFFICIENT_DATA || strstr(f->sentence, "needs"),
                          "%s, %s: %s", checked[d]->name, rows[k].what, f->sentence);
                bool small = strcmp(f->class, "grad_vanishing") == 0; /* zeros are */
                cr_expect(f->severity <= SEVERITY_LOW || f->status != FINDING_FOUND || small,
                          "%s, %s: %s", checked[d]->name, rows[k].what, f->sentence);
            }
            made_fini(&made);
        }
    }
}
