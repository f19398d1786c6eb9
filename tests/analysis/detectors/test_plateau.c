#include "analysis/stats/progress.h"

#include "analysis/detectors/detector.h"
#include "tests/support/curves.h"
#include "tests/support/made.h"

#include <criterion/criterion.h>

extern const struct detector detector_plateau;

enum { N = 400 };

/* Vectors 60 and 61: the same curve, falling, and flat from step 101. */
Test(plateau, tells_improving_from_stalled_from_ended)
{
    static const struct {
        const char *what;
        size_t n, flat_from, nan_at;
        double lr_end; /* over the peak; NAN: no rate is logged */
        const char *class;
        enum finding_status want;
        double g;
    } rows[] = {
        {"falling", N, N, N, (double)NAN, "plateau", FINDING_NOT_FOUND, 0.040166},
        {"flat", N, 101, N, (double)NAN, "plateau", FINDING_FOUND, -0.00078836},
        {"flat at a high rate", N, 101, N, .5, "plateau", FINDING_FOUND, -0.00078836},
        {"flat at the schedule's end", N, 101, N, .1, "schedule_end", FINDING_FOUND, -0.00078836},
        {"falling at the schedule's end", N, N, N, .1, "schedule_end", FINDING_FOUND, 0.040166},
        {"a NaN", N, N, 300, (double)NAN, "plateau", FINDING_NOT_FOUND, (double)NAN},
        {"34 points", 34, 34, N, (double)NAN, "plateau", FINDING_INSUFFICIENT_DATA, (double)NAN},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct made made;
        double x[N], lr[N];

        made_init(&made, EXPERIMENT_LM);
        curve_loss(x, rows[i].n, rows[i].flat_from);
        for (size_t k = 0; k < rows[i].n; k++)
            lr[k] = 1e-3 * (1 - (1 - rows[i].lr_end) * (double)k / (double)(rows[i].n - 1));
        if (rows[i].nan_at < rows[i].n)
            x[rows[i].nan_at] = (double)NAN;
        made_series(&made, ROLE_TRAIN_LOSS, NULL, x, rows[i].n);
        if (isfinite(rows[i].lr_end))
            made_series(&made, ROLE_LEARNING_RATE, NULL, lr, rows[i].n);
        detector_plateau.run(&made.subject, &made.found);
        const struct finding *f = made_find(&made.found, rows[i].class);
        cr_assert(f->id[0], "%s", rows[i].what);
        cr_expect(f->status == rows[i].want, "%s: %s", rows[i].what, f->sentence);
        if (isfinite(rows[i].g))
            cr_expect(near_to(made_value(f, "improvement_per_doubling"), rows[i].g, 1e-4) &&
                          near_to(f->evidence.effect, -100 * expm1(-rows[i].g), 1e-4),
                      "%s: %g", rows[i].what, made_value(f, "improvement_per_doubling"));
        made_fini(&made);
    }
}

/* ln loss falls by 5 over the run, 2.5 in its last doubling: that is 92%, not 250%. */
Test(plateau, no_loss_gets_better_by_more_than_all_of_it)
{
    struct noise noise = NOISE_START;
    struct made made;
    double x[N];

    made_init(&made, EXPERIMENT_LM);
    for (size_t i = 0; i < N; i++)
        x[i] = exp(-5 * (double)i / N + .02 * noise_next(&noise));
    made_series(&made, ROLE_TRAIN_LOSS, NULL, x, N);
    detector_plateau.run(&made.subject, &made.found);
    const struct finding *f = made_find(&made.found, "plateau");
    double g = made_value(f, "improvement_per_doubling");

    cr_expect(g > 2.2 && g < 2.8, "%g", g);
    cr_expect(near_to(f->evidence.effect, 100 * (1 - exp(-g)), 1e-9), "%g", f->evidence.effect);
    cr_expect(f->evidence.ci_low < f->evidence.effect && f->evidence.ci_high < 100);
    made_fini(&made);
}
