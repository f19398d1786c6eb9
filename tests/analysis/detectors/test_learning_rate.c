#include "analysis/stats/extrapolate.h"

#include "analysis/detectors/detector.h"
#include "tests/support/curves.h"
#include "tests/support/made.h"

#include <criterion/criterion.h>

extern const struct detector detector_lr_effectiveness, detector_lr_warmup,
    detector_continued_training, detector_no_progress, detector_divergence;

enum { N = 1000 };

static struct made made;
static double loss[N], lr[N];

static void start(void)
{
    made_init(&made, EXPERIMENT_LM);
    curve_loss(loss, N, N);
    for (size_t i = 0; i < N; i++)
        lr[i] = 1e-3;
}

static void stop(void)
{
    made_fini(&made);
}

TestSuite(learning_rate, .init = start, .fini = stop);

static void cosine(size_t warmup, double planned)
{
    for (size_t i = 0; i < N; i++)
        lr[i] =
            i < warmup
                ? 1e-3 * (double)(i + 1) / (double)warmup
                : 5e-4 * (1 + cos(M_PI * (double)(i + 1 - warmup) / (planned - (double)warmup)));
}

static void load(size_t n)
{
    made_series(&made, ROLE_TRAIN_LOSS, NULL, loss, n);
    made_series(&made, ROLE_LEARNING_RATE, NULL, lr, n);
}

static const struct finding *effect(const char *class)
{
    detector_lr_effectiveness.run(&made.subject, &made.found);
    return made_find(&made.found, class);
}

Test(learning_rate, a_cosine_stopped_high_leaves_its_decay)
{
    cosine(100, 2000);
    load(N);
    const struct finding *f = effect("lr_stopped_high");
    cr_assert(f->status == FINDING_FOUND, "%s", f->sentence);
    cr_expect(near_to(made_value(f, "end_over_peak"), lr[N - 1] / 1e-3, 1e-9));
    cr_expect(f->severity <= SEVERITY_LOW && f->confidence <= .6 && f->advice);
}

Test(learning_rate, a_healthy_cosine_has_no_finding_that_matters)
{
    cosine(100, N);
    load(N);
    (void)effect("");
    detector_lr_warmup.run(&made.subject, &made.found);
    detector_continued_training.run(&made.subject, &made.found);
    for (size_t i = 0; i < made.found.list.n; i++) {
        const struct finding *f = &made.found.list.v[i];

        cr_expect(f->status != FINDING_FOUND || f->severity == SEVERITY_INFO, "%s", f->sentence);
    }
    cr_expect(made_find(&made.found, "lr_stopped_high")->status == FINDING_NOT_FOUND);
    cr_expect(made_find(&made.found, "continued_training")->status == FINDING_NOT_APPLICABLE,
              "a rate that moves");
}

/* The loss is 4% lower from the decay on: that is what it brought. */
Test(learning_rate, what_a_decay_brought_is_read_off_the_constant_part)
{
    for (size_t i = 700; i < N; i++) {
        lr[i] = 1e-3 * (double)(N - i) / 300;
        loss[i] *= 1 - .04 * (double)(i - 699) / 300;
    }
    load(N);
    const struct finding *f = effect("lr_decay_gain");
    cr_assert(f->status == FINDING_FOUND, "%s", f->sentence);
    double mean = 0, steps[N];
    for (size_t i = N - 50; i < N; i++)
        mean += loss[i] / 50;
    curve_steps(steps, N);
    struct extrapolation e = extrapolate(steps, loss, 701, N, &made.arena);
    cr_expect(near_to(made_value(f, "last"), mean, 1e-9));
    cr_expect(fabs(made_value(f, "gain") - (e.predicted - mean)) < 2e-3, "%g, not %g",
              made_value(f, "gain"), e.predicted - mean);
    cr_expect(f->severity == SEVERITY_INFO);
}

Test(learning_rate, gain_per_rate_is_a_table)
{
    load(N);
    const struct finding *f = effect("lr_efficiency");
    cr_assert(f->status == FINDING_FOUND && f->severity == SEVERITY_INFO);
    cr_expect(f->evidence.values.n == 12, "%zu", f->evidence.values.n);
    double first = f->evidence.values.v[0].value, last = f->evidence.values.v[11].value;
    cr_expect(first > 5 * fabs(last), "a power law gains most early: %g, %g", first, last);
}

/* ---- too high, too low ---- */

Test(learning_rate, two_of_four_signs_make_a_rate_too_high)
{
    static const struct {
        const char *what;
        double signs;
        enum finding_status want;
        bool spike, clipped, diverges;
    } rows[] = {
        {"none", 0, FINDING_NOT_FOUND, false, false, false},
        {"a spike", 1, FINDING_NOT_FOUND, true, false, false},
        {"clipped", 1, FINDING_NOT_FOUND, false, true, false},
        {"spike and clip", 2, FINDING_FOUND, true, true, false},
        {"clip and divergence", 2, FINDING_FOUND, false, true, true},
    };
    static const struct setting own[] = {{"MAX_GRAD_NORM", 1}};
    double g[N];

    for (size_t k = 0; k < sizeof(rows) / sizeof(rows[0]); k++) {
        stop();
        start();
        cosine(100, N);
        for (size_t i = 0; i < N; i++) {
            g[i] = rows[k].clipped ? 2 + .001 * (double)(i % 7) : .5;
            loss[i] *= rows[k].spike && i >= 150 && i < 156 ? 1.5
                       : rows[k].diverges && i >= 500       ? 1 + (double)(i - 500) / 500
                                                            : 1;
        }
        load(N);
        made_series(&made, ROLE_GRADIENT_NORM, NULL, g, N);
        made_settings(&made, own, 1);
        detector_divergence.run(&made.subject, &made.found);
        const struct finding *f = effect("lr_too_high");
        cr_expect(f->status == rows[k].want, "%s: %s", rows[k].what, f->sentence);
        cr_expect(made_value(f, "signs") == rows[k].signs, "%s: %g", rows[k].what,
                  made_value(f, "signs"));
        cr_expect(f->status != FINDING_FOUND || f->severity == SEVERITY_MEDIUM, "%s", rows[k].what);
    }
}

/* D-21: BASE_LR .2 and a loss that does not fall. */
Test(learning_rate, D_21_a_rate_above_a_tenth_without_progress_may_be_too_high)
{
    static const struct setting own[] = {{"BASE_LR", .2}};

    curve_loss(loss, N, 1);
    made_series(&made, ROLE_TRAIN_LOSS, NULL, loss, N);
    made_settings(&made, own, 1);
    detector_no_progress.run(&made.subject, &made.found);
    const struct finding *f = effect("lr_too_high");
    cr_expect(f->status == FINDING_FOUND && f->confidence <= .5, "%s", f->sentence);
    cr_expect(f->advice && strcmp(f->advice->from, "0.2") == 0);
}

Test(learning_rate, too_low_is_possible_at_most)
{
    static const struct setting own[] = {{"MAX_GRAD_NORM", 1}};
    double g[N];

    for (size_t i = 0; i < N; i++)
        g[i] = .2 + .001 * (double)(i % 7);
    load(N);
    cr_expect(effect("lr_too_low")->status == FINDING_NOT_APPLICABLE, "no gradient norm");
    made.found.list.n = 0;
    made_series(&made, ROLE_GRADIENT_NORM, NULL, g, N);
    made_settings(&made, own, 1);
    const struct finding *f = effect("lr_too_low");
    cr_expect(f->status == FINDING_INCONCLUSIVE && f->confidence <= .4, "%s", f->sentence);
}

/* ---- warm-up ---- */

Test(learning_rate, a_warmup_is_judged_by_its_end_and_its_length)
{
    static const struct {
        const char *what;
        size_t warmup;
        double rise;
        enum finding_status want;
        const char *text;
    } rows[] = {
        {"a tenth", 100, 1, FINDING_NOT_FOUND, "does not rise"},
        {"the loss rises behind it", 100, 1.5, FINDING_FOUND, "the loss rises by"},
        {"a third of the run", 333, 1, FINDING_FOUND, "more than a fifth"},
        {"none", 0, 1, FINDING_NOT_APPLICABLE, "none is seen"},
    };

    for (size_t k = 0; k < sizeof(rows) / sizeof(rows[0]); k++) {
        stop();
        start();
        cosine(rows[k].warmup, N);
        for (size_t i = rows[k].warmup; i < 3 * rows[k].warmup && i < N; i++)
            loss[i] *= rows[k].rise;
        load(N);
        detector_lr_warmup.run(&made.subject, &made.found);
        const struct finding *f = made_find(&made.found, "lr_warmup");
        cr_expect(f->status == rows[k].want && strstr(f->sentence, rows[k].text), "%s: %s",
                  rows[k].what, f->sentence);
        cr_expect(f->severity <= SEVERITY_LOW, "%s", rows[k].what);
    }
}

/* ---- twice the steps ---- */

/* The true curve at 2,000 is 1.8 + 3 * 2000^-.4 = 1.9435. */
Test(learning_rate, twice_the_steps_are_foretold_at_a_constant_rate)
{
    load(N);
    detector_continued_training.run(&made.subject, &made.found);
    const struct finding *f = made_find(&made.found, "continued_training");
    cr_assert(f->status == FINDING_FOUND, "%s", f->sentence);
    double truth = 1.8 + 3 * pow(2000, -.4), steps[N];
    cr_expect(made_value(f, "predicted_low") < truth && truth < made_value(f, "predicted_high"));
    curve_steps(steps, N);
    struct extrapolation e = extrapolate(steps, loss, N, 2 * N, &made.arena);
    cr_expect(near_to(made_value(f, "predicted_at_double"), e.predicted, 1e-12));
    cr_expect(near_to(f->evidence.ci_low, 100 * (1 - e.high / e.now), 1e-9));
    cr_expect(f->severity == SEVERITY_INFO && strcmp(f->advice->to, "2000") == 0);
}

Test(learning_rate, a_flat_loss_is_not_worth_more_steps)
{
    curve_loss(loss, N, 50);
    load(N);
    detector_continued_training.run(&made.subject, &made.found);
    const struct finding *f = made_find(&made.found, "continued_training");
    cr_expect(f->status == FINDING_NOT_FOUND && strstr(f->sentence, "decay now"), "%s",
              f->sentence);
    cr_expect(f->advice && strstr(f->advice->key, "decay"));
}

Test(learning_rate, short_and_unlogged_are_said)
{
    load(60);
    detector_continued_training.run(&made.subject, &made.found);
    const struct finding *f = made_find(&made.found, "continued_training");
    cr_expect(f->status == FINDING_INSUFFICIENT_DATA && strstr(f->sentence, "60"), "%s",
              f->sentence);
    stop();
    start();
    made_series(&made, ROLE_TRAIN_LOSS, NULL, loss, N);
    detector_continued_training.run(&made.subject, &made.found);
    f = made_find(&made.found, "continued_training");
    cr_expect(f->status == FINDING_NOT_APPLICABLE && strstr(f->sentence, "not logged"));
}
