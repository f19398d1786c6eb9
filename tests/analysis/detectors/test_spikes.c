#include "analysis/stats/spikes.h"

#include "analysis/detectors/detector.h"
#include "analysis/stats/moments.h"
#include "tests/support/curves.h"
#include "tests/support/made.h"

#include <criterion/criterion.h>

extern const struct detector detector_spikes;

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

TestSuite(spikes_found, .init = start, .fini = stop);

static const struct finding *judged(size_t n)
{
    made_series(&made, ROLE_TRAIN_LOSS, NULL, x, n);
    detector_spikes.run(&made.subject, &made.found);
    return made_find(&made.found, "spikes");
}

static void raise(size_t from, size_t to, double by) /* steps, both inside */
{
    for (size_t i = from; i <= to; i++)
        x[i - 1] *= by;
}

Test(spikes_found, a_clean_curve_has_none)
{
    const struct finding *f = judged(N);

    cr_expect(f->status == FINDING_NOT_FOUND && made_value(f, "events") == 0);
    cr_expect(near_to(made_value(f, "olmo_spike_score_loss"), olmo_spike_score(x, N).percent, 0.1));
}

/* Vector 57. */
Test(spikes_found, what_comes_back_is_low_and_measured_on_the_series)
{
    raise(251, 256, 1.4);
    const struct finding *f = judged(N);
    size_t peak = 250;

    for (size_t i = 250; i < 256; i++)
        peak = x[i] > x[peak] ? i : peak;
    double base = median_of(x + 230, 20, &made.arena), area = 0;
    for (size_t i = 250; i < 256; i++)
        area += log(x[i]) - log(base);
    cr_assert(f->status == FINDING_FOUND, "%s", f->sentence);
    cr_expect(f->severity == SEVERITY_LOW && f->evidence.from == 251 && f->evidence.to == 256);
    cr_expect(near_to(f->evidence.effect, 100 * (x[peak] / base - 1), 1e-9));
    cr_expect(near_to(made_value(f, arena_printf(&made.arena, "peak_at_step_%zu", peak + 1)),
                      f->evidence.effect, 1e-9));
    cr_expect(made_value(f, "worst_duration") == 6 && made_value(f, "worst_recovery") >= 1);
    cr_expect(near_to(made_value(f, "worst_area"), area, 1e-3), "%g, not %g",
              made_value(f, "worst_area"), area);
}

Test(spikes_found, single_points_without_trace_are_no_more_than_info)
{
    for (size_t i = 60; i < N; i += 30)
        raise(i, i, 1.3); /* more than five a thousand steps */
    const struct finding *f = judged(N);

    cr_assert(f->status == FINDING_FOUND);
    cr_expect(f->severity == SEVERITY_INFO, "%s", f->sentence);
    cr_expect(made_value(f, "events") == 12 && made_value(f, "single_points_without_trace") == 12);
    size_t listed = 0;
    for (size_t i = 0; i < f->evidence.values.n; i++)
        listed += strncmp(f->evidence.values.v[i].name, "peak_at_step_", 13) == 0;
    cr_expect(listed == 8 && strstr(f->sentence, "and 8 more"));
}

Test(spikes_found, a_level_that_is_higher_after_it_is_damage)
{
    raise(251, 256, 1.6);
    raise(257, N, 1.1); /* a sixth of the rise stays */
    const struct finding *f = judged(N);

    cr_assert(f->status == FINDING_FOUND);
    cr_expect(f->severity == SEVERITY_MEDIUM && made_value(f, "with_lasting_damage") == 1, "%s",
              f->sentence);
    cr_expect(f->advice != NULL);
}

Test(spikes_found, a_level_that_stays_is_left_to_level_shift)
{
    raise(251, N, 1.3); /* vector 58 */
    const struct finding *f = judged(N);

    cr_expect(f->status == FINDING_NOT_FOUND && f->caveats.n > 0 &&
                  strstr(f->caveats.v[f->caveats.n - 1], "level_shift"),
              "%s", f->sentence);
}

Test(spikes_found, a_gradient_spike_within_two_steps_is_its_second_evidence)
{
    static const struct {
        const char *what;
        size_t at;
        double with;
    } rows[] = {{"the same step", 251, 1},
                {"two before", 249, 1},
                {"two behind its end", 258, 1},
                {"far off", 180, 0}};

    raise(251, 256, 1.4);
    for (size_t k = 0; k < sizeof(rows) / sizeof(rows[0]); k++) {
        struct noise noise = {99};
        double g[N];

        for (size_t i = 0; i < N; i++)
            g[i] = exp(.2 * noise_next(&noise)) * (i + 1 == rows[k].at ? 20 : 1);
        made.found.list.n = 0;
        made_series(&made, ROLE_GRADIENT_NORM, NULL, g, N);
        const struct finding *f = judged(N);
        cr_assert(f->status == FINDING_FOUND, "%s", rows[k].what);
        cr_expect(made_value(f, "with_gradient_spike") == rows[k].with, "%s: %s", rows[k].what,
                  f->sentence);
        cr_expect(f->evidence.columns.n == (rows[k].with > 0 ? 2 : 1), "%s", rows[k].what);
        if (rows[k].with > 0) {
            double ln[N / 2];

            for (size_t i = 0; i < N / 2; i++)
                ln[i] = log(g[N / 2 + i]);
            double clip_at = exp(median_of(ln, N / 2, &made.arena) +
                                 2.5 * 1.4826 * mad_of(ln, N / 2, &made.arena));
            cr_expect_str_eq(f->advice->key, "MAX_GRAD_NORM");
            cr_expect(near_to(strtod(f->advice->to, NULL), clip_at, 1e-3), "%s", f->advice->to);
        }
    }
}

Test(spikes_found, a_rise_at_the_very_end_is_left_open)
{
    raise(N - 1, N, 2);
    const struct finding *f = judged(N);

    cr_expect(f->status == FINDING_FOUND && f->severity == SEVERITY_LOW &&
              strstr(f->sentence, "too close to the end"));
}

Test(spikes_found, bad_input_is_named_with_its_counts)
{
    static const double nan = (double)NAN;
    static const struct {
        const char *what;
        size_t n;
        double value;
        enum finding_status want;
    } rows[] = {{"one point", 1, 2, FINDING_INSUFFICIENT_DATA},
                {"24 points", 24, 2, FINDING_INSUFFICIENT_DATA},
                {"all NaN", N, nan, FINDING_INSUFFICIENT_DATA},
                {"constant", N, 2, FINDING_NOT_FOUND},
                {"negative", N, -2, FINDING_NOT_APPLICABLE}};

    for (size_t k = 0; k < sizeof(rows) / sizeof(rows[0]); k++) {
        for (size_t i = 0; i < N; i++)
            x[i] = rows[k].value;
        made.found.list.n = 0;
        const struct finding *f = judged(rows[k].n);
        cr_expect(f->status == rows[k].want, "%s: %s", rows[k].what, f->sentence);
    }
    made.found.list.n = 0;
    made.subject.role[ROLE_TRAIN_LOSS].logged = false;
    detector_spikes.run(&made.subject, &made.found);
    cr_expect(made_find(&made.found, "spikes")->status == FINDING_NOT_APPLICABLE);
}

Test(spikes_found, a_nan_in_between_changes_nothing_else)
{
    raise(251, 256, 1.4);
    x[100] = x[200] = (double)NAN;
    const struct finding *f = judged(N);

    cr_expect(f->status == FINDING_FOUND && f->evidence.from == 251 && f->evidence.n_used == N - 2);
}
