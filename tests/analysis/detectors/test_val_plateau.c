#include "analysis/detectors/detector.h"
#include "tests/support/curves.h"
#include "tests/support/made.h"

#include <criterion/criterion.h>

extern const struct detector detector_val_plateau, detector_premature_convergence;

enum { M = 20, N = 600 };

static struct made made;

static void start(void)
{
    made_init(&made, EXPERIMENT_LM);
}

static void stop(void)
{
    made_fini(&made);
}

TestSuite(flats, .init = start, .fini = stop);

/* Evaluations every 100 steps: 2 less .04 each, standing still from `from` to `to`. */
static const struct finding *judged(size_t from, size_t to, double lr_at_flat, double rise)
{
    int64_t step[M];
    double val[M], lr[M];
    struct noise noise = NOISE_START;

    for (size_t i = 0; i < M; i++) {
        size_t fallen = i <= from ? i : i <= to ? from : i - (to - from);

        step[i] = 100 * ((int64_t)i + 1);
        val[i] = (2 - .04 * (double)fallen) * exp(.002 * noise_next(&noise));
        val[i] *= i > from && i <= to ? 1 + rise * (double)(i - from) : 1;
        lr[i] = i >= from ? lr_at_flat : 1;
    }
    made_series(&made, ROLE_VALIDATION_LOSS, step, val, M);
    if (isfinite(lr_at_flat))
        made_series(&made, ROLE_LEARNING_RATE, step, lr, M);
    made.found.list.n = 0;
    detector_val_plateau.run(&made.subject, &made.found);
    return made_find(&made.found, "val_plateau");
}

/* Of a loss that never fell below its first value no step is better to stop at. */
Test(flats, from_the_first_evaluation_on_advise_no_shorter_run)
{
    const struct finding *f = judged(0, M - 1, 1, 0);

    cr_assert(f->status == FINDING_FOUND && f->evidence.from == 100, "%s", f->sentence);
    cr_expect(!f->advice);
    f = judged(11, M - 1, 1, 0);
    cr_expect(f->advice && strcmp(f->advice->key, "max_steps") == 0);
}

Test(flats, are_told_as_temporary_lasting_rising_or_by_schedule)
{
    static const struct {
        const char *what;
        size_t from, to;
        double lr, rise;
        enum finding_status want;
        enum severity severity;
        const char *says;
    } rows[] = {
        {"D-11: five without a gain, then better", 8, 14, 1, 0, FINDING_FOUND, SEVERITY_INFO,
         "temporary plateau"},
        {"flat to the end at a high rate", 11, M - 1, 1, 0, FINDING_FOUND, SEVERITY_LOW,
         "to the end"},
        {"flat to the end, no rate logged", 11, M - 1, (double)NAN, 0, FINDING_FOUND, SEVERITY_LOW,
         "to the end"},
        {"D-12: flat once the rate was at its end", 11, M - 1, .01, 0, FINDING_NOT_FOUND,
         SEVERITY_INFO, "end of the schedule"},
        {"rises to the end", 11, M - 1, 1, .01, FINDING_NOT_FOUND, SEVERITY_INFO, "rises"},
        {"always better", M, M, 1, 0, FINDING_NOT_FOUND, SEVERITY_INFO, "new bests"},
    };

    for (size_t k = 0; k < sizeof(rows) / sizeof(rows[0]); k++) {
        made.subject.role[ROLE_LEARNING_RATE] = (struct role_series){0};
        const struct finding *f = judged(rows[k].from, rows[k].to, rows[k].lr, rows[k].rise);

        cr_expect(f->status == rows[k].want && f->severity == rows[k].severity, "%s: %s",
                  rows[k].what, f->sentence);
        cr_expect(strstr(f->sentence, rows[k].says), "%s: %s", rows[k].what, f->sentence);
        cr_expect(f->confidence <= (f->severity == SEVERITY_INFO ? .6 : .9), "%s", rows[k].what);
        cr_expect(f->severity < SEVERITY_MEDIUM || f->advice, "%s", rows[k].what);
    }
}

Test(flats, seven_evaluations_are_too_few)
{
    static const double val[] = {2, 1.9, 1.8, 1.8, 1.8, 1.8, 1.8};

    made_series(&made, ROLE_VALIDATION_LOSS, NULL, val, 7);
    detector_val_plateau.run(&made.subject, &made.found);
    const struct finding *f = made_find(&made.found, "val_plateau");
    cr_expect(f->status == FINDING_INSUFFICIENT_DATA && made_value(f, "points") == 7);
}

/* x = 1.5 + 5 t^-b up to `until`, then held. */
static const struct finding *converged(size_t until, double b, double rate_end)
{
    static double x[N], lr[N];
    struct noise noise = NOISE_START;

    for (size_t i = 0; i < N; i++) {
        double t = (double)(i < until ? i + 1 : until);

        x[i] = (1.5 + 5 * pow(t, -b)) * exp(.01 * noise_next(&noise));
        lr[i] = i < until ? 1 : rate_end;
    }
    made_series(&made, ROLE_TRAIN_LOSS, NULL, x, N);
    if (isfinite(rate_end))
        made_series(&made, ROLE_LEARNING_RATE, NULL, lr, N);
    made.found.list.n = 0;
    detector_premature_convergence.run(&made.subject, &made.found);
    return made.found.list.n ? &made.found.list.v[0] : NULL;
}

Test(flats, early_is_premature_only_above_the_floor_of_its_power_law)
{
    static const struct {
        const char *what;
        size_t until;
        double b, rate_end;
        const char *class;
        enum finding_status want;
    } rows[] = {
        /* at 150 the law stands at 1.91, its floor is 1.5, the first fifteen points lie about 3.3
         */
        {"above its floor", 150, .5, 1, "premature_convergence", FINDING_FOUND},
        {"at its floor", 250, 1.5, 1, "stalled_early", FINDING_FOUND},
        {"no rate, so no reference", 150, .5, (double)NAN, "stalled_early", FINDING_FOUND},
        {"the schedule had ended", 150, .5, .01, "premature_convergence", FINDING_NOT_FOUND},
        {"still falling", N, .5, 1, "premature_convergence", FINDING_NOT_FOUND},
    };

    for (size_t k = 0; k < sizeof(rows) / sizeof(rows[0]); k++) {
        made.subject.role[ROLE_LEARNING_RATE] = (struct role_series){0};
        const struct finding *f = converged(rows[k].until, rows[k].b, rows[k].rate_end);

        cr_assert(f, "%s", rows[k].what);
        cr_expect_str_eq(f->class, rows[k].class, "%s: %s", rows[k].what, f->sentence);
        cr_expect(f->status == rows[k].want, "%s: %s", rows[k].what, f->sentence);
        if (f->status != FINDING_FOUND || strcmp(f->class, "premature_convergence") != 0)
            continue;
        cr_expect(fabs((double)f->evidence.from - 150) <= 30, "%s", f->sentence);
        cr_expect(fabs(made_value(f, "floor_of_the_power_law") - 1.5) < .15, "%s", f->sentence);
        cr_expect(f->severity == SEVERITY_MEDIUM && f->advice);
    }
}

Test(flats, thirty_four_points_cannot_converge)
{
    static const double x[34] = {2};

    made_series(&made, ROLE_TRAIN_LOSS, NULL, x, 34);
    detector_premature_convergence.run(&made.subject, &made.found);
    cr_expect(made_find(&made.found, "premature_convergence")->status == FINDING_INSUFFICIENT_DATA);
}
