#include "analysis/anchors/peaks.h"

#include "analysis/stats/spikes.h"
#include "tests/support/curves.h"

#include <criterion/criterion.h>

enum { N = 3000 };

static struct arena arena;
static double x[N];
static size_t at[N];

static void start(void)
{
    arena_init(&arena);
    curve_loss(x, N, N);
}

static void stop(void)
{
    arena_fini(&arena);
}

TestSuite(peaks, .init = start, .fini = stop);

static void one_in_sixty(void)
{
    for (size_t i = 0; i < 60; i++)
        x[i] = 2 + 0.01 * ((double)(7 * i % 5) - 2);
    x[40] = 3;
}

Test(peaks, every_rule_sees_a_value_half_above_the_rest)
{
    one_in_sixty();
    cr_expect(olmo_peaks(x, 60, at) == 1 && at[0] == 40);
    cr_expect(zclip_peaks(x, 60, 5, at) == 1 && at[0] == 40);
    cr_expect(hampel_peaks(x, 60, at) == 1 && at[0] == 40);
    cr_expect(mean_of_ten_peaks(x, 60, at) == 1 && at[0] == 40);
}

Test(peaks, olmo_counts_what_the_spike_score_counts)
{
    for (size_t i = 37; i < N; i += 61)
        x[i] *= 1 + (double)(i % 13) / 20;
    size_t hits = olmo_peaks(x, N, at);

    cr_expect(hits > 0 && hits == olmo_spike_score(x, N).hits, "%zu, not %zu", hits,
              olmo_spike_score(x, N).hits);
    for (size_t i = 0; i < 100; i++)
        x[i] = 2;
    cr_expect(olmo_peaks(x, 100, at) == 0, "a constant has none");
    cr_expect(hampel_peaks(x, 100, at) == 0);
}

Test(peaks, a_clipped_value_does_not_raise_the_bar)
{
    for (size_t i = 0; i < 200; i++)
        x[i] = 1 + 0.1 * (double)(i % 3);
    for (size_t i = 100; i < 104; i++)
        x[i] = 50;
    cr_expect(zclip_peaks(x, 200, 2.5, at) == 4, "each of four in a row is seen");
    cr_expect(zclip_peaks(x, 25, 2.5, at) == 0, "nothing before the averages are there");
}

Test(peaks, the_mean_of_ten_needs_a_fifth_more)
{
    for (size_t i = 0; i < 20; i++)
        x[i] = 1;
    x[12] = 1.19;
    cr_expect(mean_of_ten_peaks(x, 20, at) == 0);
    x[12] = 1.21;
    cr_expect(mean_of_ten_peaks(x, 20, at) == 1 && at[0] == 12);
}
