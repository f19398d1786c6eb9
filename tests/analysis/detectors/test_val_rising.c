#include "analysis/detectors/detector.h"
#include "analysis/stats/moments.h"
#include "analysis/stats/noise.h"
#include "tests/support/curves.h"
#include "tests/support/made.h"

#include <criterion/criterion.h>

extern const struct detector detector_val_rising;

static const double risen[] = {2,   1.6,  1.4,  1.3,  1.25, 1.22, 1.2,  1.19,
                               1.2, 1.21, 1.23, 1.25, 1.28, 1.3,  1.33, 1.37}; /* vector 69 */

static void evaluate(struct made *made, const double *v, size_t n)
{
    int64_t step[32];

    made_init(made, EXPERIMENT_LM);
    for (size_t i = 0; i < n; i++)
        step[i] = 100 * ((int64_t)i + 1);
    made_series(made, ROLE_VALIDATION_LOSS, step, v, n);
    detector_val_rising.run(&made->subject, &made->found);
}

Test(val_rising, is_found_only_where_the_rise_lasts)
{
    static const struct {
        const char *what;
        double v[8];
        size_t n;
        enum finding_status want;
    } rows[] = {
        {"falls to the end", {2, 1.6, 1.4, 1.3, 1.25, 1.22, 1.2, 1.19}, 8, FINDING_NOT_FOUND},
        {"a noisy flat tail",
         {2, 1.5, 1.3, 1.25, 1.248, 1.251, 1.249, 1.252},
         8,
         FINDING_NOT_FOUND},
        {"clean and long", {1.3, 1.2, 1.25, 1.3, 1.35, 1.4, 1.45, 1.5}, 8, FINDING_FOUND},
        {"a NaN", {1.3, 1.2, 1.25, (double)NAN, 1.35, 1.4, 1.45, 1.5}, 8, FINDING_FOUND},
        {"five evaluations", {1.3, 1.2, 1.3, 1.4, 1.5}, 5, FINDING_INSUFFICIENT_DATA},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct made made;

        evaluate(&made, rows[i].v, rows[i].n);
        const struct finding *f = made_find(&made.found, "val_rising");
        cr_assert(f->id[0]);
        cr_expect(f->status == rows[i].want, "%s: %s", rows[i].what, f->sentence);
        cr_expect(f->confidence <= 0.85, "%s", rows[i].what);
        made_fini(&made);
    }
}

/* Vector 69: onset 800, rise .0851853, sigma .00491964, z 24.6348, mk 3.68191. */
Test(val_rising, its_figures_are_those_of_the_stored_vector)
{
    struct made made;

    evaluate(&made, risen, 16);
    const struct finding *f = made_find(&made.found, "val_rising");

    cr_assert(f->status == FINDING_FOUND);
    cr_expect(near_to(made_value(f, "rise"), 0.0851853, 1e-5));
    cr_expect(near_to(made_value(f, "noise"), 0.00491964, 1e-5));
    cr_expect(near_to(made_value(f, "z"), 24.6348, 1e-5));
    cr_expect(near_to(made_value(f, "mann_kendall"), 3.68191, 1e-5));
    cr_expect(made_value(f, "best_step") == 800 && f->evidence.from == 800 &&
              f->evidence.to == 1600);
    cr_expect(near_to(made_value(f, "share_of_run_after_best"), 800.0 / 1600, 1e-12));
    cr_expect(f->confidence == 0.85 && f->severity == SEVERITY_HIGH);
    cr_expect_str_eq(f->advice->key, "max_steps");
    cr_expect_str_eq(f->advice->from, "1600");
    cr_expect_str_eq(f->advice->to, "800");
    cr_expect(strstr(f->sentence, "overfit") == NULL);
    made_fini(&made);
}

Test(val_rising, without_a_validation_loss_says_so)
{
    struct made made;

    made_init(&made, EXPERIMENT_LM);
    detector_val_rising.run(&made.subject, &made.found);
    cr_expect(made.found.list.n == 1 && made.found.list.v[0].status == FINDING_NOT_APPLICABLE);
    made_fini(&made);
}
