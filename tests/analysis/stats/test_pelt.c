#include "analysis/stats/pelt.h"

#include "tests/support/curves.h"

#include <criterion/criterion.h>

static struct arena arena;

static void start(void)
{
    arena_init(&arena);
}

static void stop(void)
{
    arena_fini(&arena);
}

TestSuite(pelt, .init = start, .fini = stop);

/* Vector 40. */
Test(pelt, vector_40_one_step_of_twenty_sds)
{
    static const double y[] = {0, .1, -.1, .05, 0, 2, 2.1, 1.9, 2.05, 2, 2.1, 1.95};
    struct changes c = pelt_means(y, 12, 3 * .1 * .1 * log(12), 2, &arena);

    cr_assert(c.n == 1);
    cr_expect(c.at[0] == 5);
}

static double cost_of(const double *y, size_t from, size_t to)
{
    double mean = 0, sum = 0;

    for (size_t i = from; i < to; i++)
        mean += y[i] / (double)(to - from);
    for (size_t i = from; i < to; i++)
        sum += (y[i] - mean) * (y[i] - mean);
    return sum;
}

/* The least total over all segmentations, without pruning. */
static double least_total(const double *y, size_t n, double penalty, size_t least)
{
    double best[128];

    best[0] = -penalty;
    for (size_t i = 1; i <= n; i++) {
        best[i] = INFINITY;
        for (size_t s = 0; s + least <= i; s++)
            best[i] = fmin(best[i], best[s] + cost_of(y, s, i) + penalty);
    }
    return best[n];
}

Test(pelt, what_is_pruned_would_not_have_been_best)
{
    struct noise noise = NOISE_START;
    double y[120];

    for (size_t round = 0; round < 40; round++) {
        size_t least = 1 + round % 6;
        double penalty = 0.05 * (double)(1 + round % 7), got = -penalty;

        for (size_t i = 0; i < 120; i++)
            y[i] = noise_next(&noise) + (double)(i / (10 + round) % 3);
        struct changes c = pelt_means(y, 120, penalty, least, &arena);
        for (size_t k = 0; k <= c.n; k++) {
            size_t from = k ? c.at[k - 1] : 0, to = k < c.n ? c.at[k] : 120;

            cr_expect(to - from >= least, "round %zu", round);
            got += cost_of(y, from, to) + penalty;
        }
        cr_expect(near_to(got, least_total(y, 120, penalty, least), 1e-9), "round %zu", round);
    }
}

Test(pelt, a_constant_or_a_short_series_has_no_change)
{
    static const double y[10] = {3, 3, 3, 3, 3, 3, 3, 3, 3, 3};

    for (size_t n = 0; n <= 10; n++)
        cr_expect(pelt_means(y, n, 1e-6, 5, &arena).n == 0, "%zu points", n);
}
