#include "analysis/stats/logblocks.h"

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

TestSuite(logblocks, .init = start, .fini = stop);

Test(logblocks, vector_43_log_spaced_edges)
{
    static const size_t want[] = {0, 2, 6, 13, 32, 75, 178, 422, 1000};
    size_t edges[9];

    cr_assert(log_block_edges(1000, 8, edges) == 8);
    for (size_t i = 0; i < 9; i++)
        cr_expect(edges[i] == want[i], "edge %zu: %zu, not %zu", i, edges[i], want[i]);
}

Test(logblocks, log_blocks_cover_every_point_once_at_any_size)
{
    for (size_t n = 0; n <= 300; n++) {
        size_t edges[SUMMARY_BLOCKS + 1], blocks = log_block_edges(n, SUMMARY_BLOCKS, edges);

        cr_assert(blocks <= SUMMARY_BLOCKS && (blocks > 0) == (n > 0), "n %zu", n);
        cr_expect(n == 0 || (edges[0] == 0 && edges[blocks] == n), "n %zu", n);
        for (size_t k = 0; k < blocks; k++)
            cr_expect(edges[k] < edges[k + 1], "n %zu", n);
    }
}

Test(logblocks, summary_gives_the_median_of_each_block)
{
    static const double y[] = {9, 7, 5, 4, 100, 3};
    struct summary_block out[2];

    cr_assert(log_block_medians(y, 6, 2, out, &arena) == 2); /* edges 0, 2, 6 */
    cr_expect(out[0].first == 0 && out[0].last == 1 && out[0].median == 8);
    cr_expect(out[1].first == 2 && out[1].last == 5 && out[1].median == 4.5);
}
