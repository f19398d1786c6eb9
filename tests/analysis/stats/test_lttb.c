#include "analysis/stats/lttb.h"

#include <criterion/criterion.h>

#include "tests/support/curves.h"

static struct arena arena;

static void start(void)
{
    arena_init(&arena);
}

static void stop(void)
{
    arena_fini(&arena);
}

TestSuite(lttb, .init = start, .fini = stop);

Test(lttb, keeps_the_peaks_of_a_flat_line)
{
    static const double y[] = {0, 1, 0, 5, 0, 1, 0, -4, 0, 1, 0, 2};
    static const size_t want[] = {0, 2, 3, 7, 8, 11};
    double x[12];
    size_t keep[6];

    for (size_t i = 0; i < 12; i++)
        x[i] = (double)i;
    cr_assert(lttb(x, y, 12, 6, keep) == 6);
    for (size_t i = 0; i < 6; i++)
        cr_expect(keep[i] == want[i], "point %zu: %zu, not %zu", i, keep[i], want[i]);
}

Test(lttb, keeps_first_and_last_and_one_of_each_bucket_at_any_size)
{
    double x[100], y[100];
    struct noise noise = NOISE_START;

    for (size_t i = 0; i < 100; i++) {
        x[i] = (double)i;
        y[i] = noise_next(&noise);
    }
    for (size_t n = 0; n <= 100; n++) {
        for (size_t m = 0; m <= 12; m++) {
            size_t keep[12], got = lttb(x, y, n, m, keep);

            cr_assert(got == (n < m ? n : m), "n %zu m %zu: %zu", n, m, got);
            for (size_t i = 1; i < got; i++)
                cr_expect(keep[i] > keep[i - 1], "n %zu m %zu", n, m);
            cr_expect(got == 0 || keep[0] == 0, "n %zu m %zu", n, m);
            cr_expect(got < 2 || keep[got - 1] == n - 1, "n %zu m %zu", n, m);
        }
    }
}

Test(lttb, log_spaced_edges_of_a_thousand_points)
{
    static const size_t want[] = {0, 2, 6, 13, 32, 75, 178, 422, 1000};
    size_t edges[9];

    cr_assert(log_block_edges(1000, 8, edges) == 8);
    for (size_t i = 0; i < 9; i++)
        cr_expect(edges[i] == want[i], "edge %zu: %zu, not %zu", i, edges[i], want[i]);
}

Test(lttb, log_blocks_cover_every_point_once_at_any_size)
{
    for (size_t n = 0; n <= 300; n++) {
        size_t edges[SUMMARY_BLOCKS + 1], blocks = log_block_edges(n, SUMMARY_BLOCKS, edges);

        cr_assert(blocks <= SUMMARY_BLOCKS && (blocks > 0) == (n > 0), "n %zu", n);
        cr_expect(n == 0 || (edges[0] == 0 && edges[blocks] == n), "n %zu", n);
        for (size_t k = 0; k < blocks; k++)
            cr_expect(edges[k] < edges[k + 1], "n %zu", n);
    }
}

Test(lttb, summary_gives_the_median_of_each_block)
{
    static const double y[] = {9, 7, 5, 4, 100, 3};
    struct summary_block out[2];

    cr_assert(log_block_medians(y, 6, 2, out, &arena) == 2); /* edges 0, 2, 6 */
    cr_expect(out[0].first == 0 && out[0].last == 1 && out[0].median == 8);
    cr_expect(out[1].first == 2 && out[1].last == 5 && out[1].median == 4.5);
}
