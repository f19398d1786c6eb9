#include "analysis/detectors/detector.h"
#include "tests/support/curves.h"
#include "tests/support/made.h"

#include <criterion/criterion.h>

extern const struct detector detector_oscillation, detector_volatility;

enum { N = 400 };

static const double two_pi = 6.28318530717958647692;

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

TestSuite(swings, .init = start, .fini = stop);

static const struct finding *judged(const struct detector *detector, const char *class)
{
    int64_t step[N];

    for (size_t i = 0; i < N; i++)
        step[i] = 10 * ((int64_t)i + 1);
    made_series(&made, ROLE_TRAIN_LOSS, step, x, N);
    detector->run(&made.subject, &made.found);
    return made_find(&made.found, class);
}

static void swing(double by, bool growing)
{
    for (size_t i = 0; i < N; i++)
        x[i] *=
            exp(by * (growing ? (double)i / N * (double)i / N : 1) * sin(two_pi * (double)i / 20));
}

Test(swings, a_steady_swing_is_low_and_a_growing_one_medium)
{
    swing(.04, false);
    const struct finding *f = judged(&detector_oscillation, "oscillation");

    cr_assert(f->status == FINDING_FOUND, "%s", f->sentence);
    cr_expect(f->severity == SEVERITY_LOW && near_to(made_value(f, "period"), 200, 1e-9));
    cr_expect(fabs(f->evidence.effect - 4) < .2 && f->evidence.p < 1e-3);
    cr_expect(f->evidence.from == 2010 && f->evidence.to == 4000);
    curve_loss(x, N, N);
    swing(.06, true);
    made.found.list.n = 0;
    f = judged(&detector_oscillation, "oscillation");
    cr_expect(f->status == FINDING_FOUND && f->severity == SEVERITY_MEDIUM && f->advice, "%s",
              f->sentence);
}

Test(swings, with_the_epochs_it_is_the_epoch_cycle)
{
    double epoch[N];
    int64_t step[N];

    for (size_t i = 0; i < N; i++) {
        step[i] = 10 * ((int64_t)i + 1);
        epoch[i] = (double)step[i] / 205; /* the period is 200 steps */
    }
    swing(.04, true);
    made_series(&made, ROLE_EPOCH, step, epoch, N);
    const struct finding *f = judged(&detector_oscillation, "epoch_cycle");
    cr_expect(f->status == FINDING_FOUND && f->severity == SEVERITY_INFO, "%s", f->sentence);
    cr_expect(!made_has(&made.found, "oscillation"));
}

Test(swings, with_the_evaluations_it_is_an_artefact)
{
    double val[N / 20];
    int64_t step[N / 20];

    for (size_t i = 0; i < N / 20; i++) {
        step[i] = 200 * ((int64_t)i + 1);
        val[i] = 2;
    }
    swing(.04, false);
    made_series(&made, ROLE_VALIDATION_LOSS, step, val, N / 20);
    const struct finding *f = judged(&detector_oscillation, "oscillation");
    cr_expect(f->severity == SEVERITY_INFO && strstr(f->sentence, "logging"), "%s", f->sentence);
}

Test(swings, noise_has_none_and_47_points_are_too_few)
{
    cr_expect(judged(&detector_oscillation, "oscillation")->status == FINDING_NOT_FOUND);
    made.found.list.n = 0;
    made_series(&made, ROLE_TRAIN_LOSS, NULL, x, 47);
    detector_oscillation.run(&made.subject, &made.found);
    const struct finding *f = made_find(&made.found, "oscillation");
    cr_expect(f->status == FINDING_INSUFFICIENT_DATA && made_value(f, "points") == 47);
}

Test(swings, a_volatile_stretch_is_low_while_the_loss_falls_and_medium_when_it_stands)
{
    static const struct {
        const char *what;
        size_t flat_from;
        enum severity want;
    } rows[] = {{"falls", N, SEVERITY_LOW}, {"stands", 101, SEVERITY_MEDIUM}};

    for (size_t k = 0; k < 2; k++) {
        struct noise noise = {5};

        curve_loss(x, N, rows[k].flat_from);
        for (size_t i = 96; i < 144; i++)
            x[i] *= exp(.12 * noise_next(&noise));
        made.found.list.n = 0;
        const struct finding *f = judged(&detector_volatility, "volatility");
        cr_assert(f->status == FINDING_FOUND, "%s: %s", rows[k].what, f->sentence);
        cr_expect(f->severity == rows[k].want, "%s: %s", rows[k].what, f->sentence);
        cr_expect(f->evidence.from == 970 && f->evidence.to == 1440, "%lld..%lld",
                  (long long)f->evidence.from, (long long)f->evidence.to);
        cr_expect(near_to(made_value(f, "share_of_points"), 48.0 / 400, 1e-9));
    }
}

Test(swings, even_noise_is_not_volatile_and_399_points_are_too_few)
{
    const struct finding *f = judged(&detector_volatility, "volatility");

    cr_expect(f->status == FINDING_NOT_FOUND);
    double sum = 0, squares = 0; /* of the last half: sd over mean */
    for (size_t i = 200; i < N; i++)
        sum += x[i] / 200;
    for (size_t i = 200; i < N; i++)
        squares += (x[i] - sum) * (x[i] - sum) / 199;
    cr_expect(near_to(made_value(f, "variation_raw"), 100 * sqrt(squares) / sum, 1e-9));
    made.found.list.n = 0;
    made_series(&made, ROLE_TRAIN_LOSS, NULL, x, 399);
    detector_volatility.run(&made.subject, &made.found);
    cr_expect(made_find(&made.found, "volatility")->status == FINDING_INSUFFICIENT_DATA);
}
