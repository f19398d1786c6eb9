#include "analysis/stats/spikes.h"

#include <criterion/criterion.h>

#include "analysis/stats/moments.h"
#include "analysis/stats/special.h"
#include "tests/support/curves.h"

enum { N = 400, LONG = 5000 };

static struct arena arena;
static double x[LONG];

static void start(void)
{
    arena_init(&arena);
    curve_loss(x, N, N);
}

static void stop(void)
{
    arena_fini(&arena);
}

TestSuite(spikes, .init = start, .fini = stop);

static void one_spike_in_sixty(void)
{
    for (size_t i = 0; i < 60; i++)
        x[i] = 2 + 0.01 * ((double)(7 * i % 5) - 2);
    x[40] = 3;
}

Test(spikes, vector_16_olmo_score_counts_seven_sds)
{
    one_spike_in_sixty();
    struct spike_score score = olmo_spike_score(x, 60);

    cr_expect(score.hits == 1);
    cr_expect(near_to(score.percent, 1.66667, 1e-5));
}

Test(spikes, olmo_score_of_a_long_series_is_that_of_its_windows)
{
    size_t hits = 0;

    curve_loss(x, LONG, LONG);
    for (size_t i = 37; i < LONG; i += 61)
        x[i] *= 1 + (double)(i % 13) / 20;
    for (size_t i = 20; i < LONG; i++) {
        size_t m = i < 1000 ? i : 1000;

        hits += x[i] >= mean_of(x + i - m, m) + 7 * sd_of(x + i - m, m);
    }
    cr_expect(hits > 0 && olmo_spike_score(x, LONG).hits == hits, "%zu, not %zu",
              olmo_spike_score(x, LONG).hits, hits);
    for (size_t i = 0; i < 100; i++)
        x[i] = 2;
    cr_expect(olmo_spike_score(x, 100).hits == 0, "a constant has no spikes");
}

Test(spikes, vector_17_one_point_half_as_high_again)
{
    one_spike_in_sixty();
    struct spikes s = spikes_of(x, 60, &arena);

    cr_assert(s.enough && s.count == 1);
    cr_expect(s.events[0].first == 40 && s.events[0].last == 40 && s.events[0].peak == 40);
    cr_expect(s.events[0].label == SPIKE_PASSED && s.nu == 10);
    cr_expect(near_to(s.events[0].base, 2, 1e-9) && s.events[0].height == 3);
}

Test(spikes, vector_56_a_clean_curve_has_none)
{
    struct spikes s = spikes_of(x, N, &arena);

    cr_expect(s.enough && s.count == 0);
}

Test(spikes, vector_57_six_steps_of_40_percent_are_one_spike)
{
    for (size_t i = 251; i <= 256; i++)
        x[i - 1] *= 1.4;
    struct spikes s = spikes_of(x, N, &arena);

    cr_assert(s.count == 1);
    cr_expect(s.events[0].first + 1 == 251 && s.events[0].last + 1 == 256);
    cr_expect(s.events[0].label == SPIKE_PASSED);
    cr_expect(near_to(s.threshold, 6, 1e-12), "%g", s.threshold);
    cr_expect(near_to(s.nu, 207.66, 3e-5), "%.8g", s.nu);
    cr_expect(near_to(s.events[0].z, 53.413, 1e-5), "%.8g", s.events[0].z);
}

Test(spikes, vector_58_a_level_that_stays_is_a_shift)
{
    for (size_t i = 251; i <= N; i++)
        x[i - 1] *= 1.3;
    struct spikes s = spikes_of(x, N, &arena);

    cr_assert(s.count == 1);
    cr_expect(s.events[0].first + 1 == 251 && s.events[0].last + 1 == 256, "%zu..%zu",
              s.events[0].first + 1, s.events[0].last + 1);
    cr_expect(s.events[0].label == SPIKE_SHIFT && s.events[0].kept > 0.8);
}

/* Of ln 1.6, 1.35 keeps .64 and 1.15 keeps .3: .4 is the bound. */
Test(spikes, what_keeps_more_than_two_fifths_of_its_rise_is_a_shift)
{
    static const struct {
        double after;
        enum spike_label want;
    } rows[] = {{1.35, SPIKE_SHIFT}, {1.15, SPIKE_PASSED}};

    for (size_t k = 0; k < 2; k++) {
        curve_loss(x, N, N);
        for (size_t i = 250; i < N; i++)
            x[i] *= i < 256 ? 1.6 : rows[k].after;
        struct spikes s = spikes_of(x, N, &arena);
        cr_assert(s.count == 1, "%g: %zu", rows[k].after, s.count);
        cr_expect(s.events[0].label == rows[k].want, "%g: %g kept", rows[k].after,
                  s.events[0].kept);
    }
}

/* Where the tail is heavy neither end of 6 to 30 decides. */
Test(spikes, the_threshold_follows_the_tail)
{
    struct noise noise = NOISE_START;

    for (size_t i = 0; i < LONG; i++) {
        x[i] = 2 * exp(.02 * tan(2.6 * noise_next(&noise)));
    }
    struct spikes s = spikes_of(x, LONG, &arena);
    double want = student_t_quantile(1 - .05 / LONG, s.nu) * .6745 / student_t_quantile(.75, s.nu);
    cr_expect(want > 6 && want < 30 && near_to(s.threshold, want, 1e-12), "%g, not %g (nu %g)",
              s.threshold, want, s.nu);
}

Test(spikes, a_rise_at_the_very_end_is_unresolved)
{
    x[N - 2] *= 1.5;
    struct spikes s = spikes_of(x, N, &arena);

    cr_assert(s.count == 1);
    cr_expect(s.events[0].label == SPIKE_UNRESOLVED && s.events[0].kept == 0);
}

/* AR(1), phi .6: two and four neighbours scatter together, which is no event. */
Test(spikes, noise_that_remembers_has_none)
{
    for (uint32_t seed = 1; seed <= 5; seed++) {
        struct noise noise = {seed};
        double e = 0;

        for (size_t i = 0; i < LONG; i++) {
            e = 0.6 * e + noise_next(&noise) + noise_next(&noise) + noise_next(&noise);
            x[i] = 2 * exp(0.05 * e);
        }
        cr_expect(spikes_of(x, LONG, &arena).count == 0, "seed %u", seed);
    }
}

/* Behind a trailing median the steep start is scatter, and hides what stands out later. */
Test(spikes, a_steep_start_hides_no_spike)
{
    struct noise noise = {3};

    for (size_t i = 0; i < 200; i++)
        x[i] = (2 + 8 / sqrt(1 + (double)i)) * exp(0.004 * noise_next(&noise));
    for (size_t i = 60; i < 64; i++)
        x[i] *= 1.08;
    struct spikes s = spikes_of(x, 200, &arena);

    cr_assert(s.count == 1, "%zu", s.count);
    cr_expect(s.events[0].first == 60 && s.events[0].label == SPIKE_PASSED, "%zu",
              s.events[0].first);
}

Test(spikes, a_step_down_is_no_spike)
{
    for (size_t i = 250; i < N; i++)
        x[i] *= 0.7;
    cr_expect(spikes_of(x, N, &arena).count == 0);
}

Test(spikes, too_few_or_impossible_values_give_no_verdict)
{
    cr_expect(!spikes_of(x, 24, &arena).enough && spikes_of(x, 25, &arena).enough);
    x[10] = -1;
    cr_expect(!spikes_of(x, N, &arena).enough);
}
