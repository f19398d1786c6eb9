#include "analysis/detectors/detector.h"
#include "analysis/stats/moments.h"
#include "tests/support/curves.h"
#include "tests/support/made.h"

#include <criterion/criterion.h>

extern const struct detector detector_level_shift;

enum { N = 400 };

static struct made made;
static double x[N];

static void start(void)
{
    made_init(&made, EXPERIMENT_LM);
    curve_loss(x, N, N);
}

static void stop(void)
{
    made_fini(&made);
}

TestSuite(level_shift, .init = start, .fini = stop);

static const struct finding *judged(size_t n)
{
    made_series(&made, ROLE_TRAIN_LOSS, NULL, x, n);
    detector_level_shift.run(&made.subject, &made.found);
    return made_find(&made.found, "level_shift");
}

static void shift(size_t step, double by)
{
    for (size_t i = step; i <= N; i++)
        x[i - 1] *= by;
}

Test(level_shift, up_for_good_and_unexplained_is_high)
{
    shift(251, 1.2);
    const struct finding *f = judged(N);
    double ln[N];

    cr_assert(f->status == FINDING_FOUND);
    cr_expect(f->severity == SEVERITY_HIGH && f->evidence.from == 251 && f->evidence.to == 251);
    cr_expect(strstr(f->sentence, "unexplained"), "%s", f->sentence);
    cr_expect(f->evidence.ci_low < 20 && f->evidence.ci_high > 20 && f->advice);
    for (size_t i = 0; i < N; i++)
        ln[i] = log(x[i]);
    double seen = median_of(ln + 250, 20, &made.arena) - median_of(ln + 230, 20, &made.arena);
    cr_expect(fabs(log1p(f->evidence.effect / 100) - seen) < .02, "%g", f->evidence.effect);
}

Test(level_shift, what_the_run_makes_up_for_is_low)
{
    for (size_t i = 0; i < N; i++)
        x[i] = x[i] * exp(-(double)i / 300);
    shift(151, 1.1);
    const struct finding *f = judged(N);

    cr_assert(f->status == FINDING_FOUND, "%s", f->sentence);
    cr_expect(f->severity == SEVERITY_LOW, "%s", f->sentence);
}

Test(level_shift, down_is_description)
{
    shift(251, .8);
    const struct finding *f = judged(N);

    cr_expect(f->status == FINDING_FOUND && f->severity == SEVERITY_INFO && f->evidence.effect < 0);
}

Test(level_shift, a_jump_of_the_rate_explains_it)
{
    double lr[N];

    for (size_t i = 0; i < N; i++)
        lr[i] = i < 252 ? 1e-3 : 1e-2;
    shift(251, 1.3);
    made_series(&made, ROLE_LEARNING_RATE, NULL, lr, N);
    const struct finding *f = judged(N);
    cr_expect(f->severity == SEVERITY_INFO && strstr(f->sentence, "learning rate 0.001 to 0.01"),
              "%s", f->sentence);
}

Test(level_shift, a_restart_explains_it)
{
    enum { BACK = 10 };
    int64_t step[N + BACK];
    double twice[N + BACK];

    shift(251, 1.3);
    for (size_t i = 0; i < N + BACK; i++) {
        size_t at = i < 255 ? i : i - BACK;

        step[i] = (int64_t)at + 1;
        twice[i] = i < 255 ? x[at] / (at >= 250 ? 1.3 : 1) : x[at] * (at < 250 ? 1.3 : 1);
    }
    made_series(&made, ROLE_TRAIN_LOSS, step, twice, N + BACK);
    detector_level_shift.run(&made.subject, &made.found);
    const struct finding *f = made_find(&made.found, "level_shift");
    cr_expect(f->severity == SEVERITY_INFO && strstr(f->sentence, "restart at step 246"), "%s",
              f->sentence);
}

Test(level_shift, clean_short_constant_and_missing_have_none)
{
    static const struct {
        const char *what;
        size_t n;
        double value; /* NAN: the curve */
        enum finding_status want;
    } rows[] = {{"clean", N, (double)NAN, FINDING_NOT_FOUND},
                {"19 points", 19, (double)NAN, FINDING_INSUFFICIENT_DATA},
                {"one point", 1, 2, FINDING_INSUFFICIENT_DATA},
                {"all infinite", N, (double)INFINITY, FINDING_INSUFFICIENT_DATA},
                {"constant", N, 2, FINDING_NOT_FOUND},
                {"zero", N, 0, FINDING_NOT_APPLICABLE}};

    for (size_t k = 0; k < sizeof(rows) / sizeof(rows[0]); k++) {
        curve_loss(x, N, N);
        for (size_t i = 0; i < N && !isnan(rows[k].value); i++)
            x[i] = rows[k].value;
        made.found.list.n = 0;
        const struct finding *f = judged(rows[k].n);
        cr_expect(f->status == rows[k].want, "%s: %s", rows[k].what, f->sentence);
    }
}

Test(level_shift, what_undoes_the_run_is_critical)
{
    shift(251, 1.6); /* from 2.1 to 3.3, where the first tenth has 3.0 */
    const struct finding *f = judged(N);

    cr_assert(f->status == FINDING_FOUND, "%s", f->sentence);
    cr_expect(f->severity == SEVERITY_CRITICAL && strstr(f->sentence, "less than a tenth"), "%s",
              f->sentence);
}
