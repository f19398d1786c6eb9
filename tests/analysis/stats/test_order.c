#include "analysis/stats/order.h"
#include "tests/support/curves.h"

#include <criterion/criterion.h>

#include <stdlib.h>

enum { N = 20000 };

static struct arena arena;
static double x[N], sorted[N], work[N];

static void start(void)
{
    arena_init(&arena);
}

static void stop(void)
{
    arena_fini(&arena);
}

TestSuite(order, .init = start, .fini = stop);

static int by_value(const void *a, const void *b)
{
    double u = *(const double *)a, v = *(const double *)b;

    return (u > v) - (u < v);
}

static void expect_selected(const char *what, size_t n)
{
    const size_t ks[] = {0, 1, n / 100, n / 4, (n - 1) / 2, n / 2, n - n / 100 - 1, n - 1};

    memcpy(sorted, x, n * sizeof(*x));
    qsort(sorted, n, sizeof(*x), by_value);
    for (size_t i = 0; i < sizeof(ks) / sizeof(ks[0]); i++) {
        size_t k = ks[i] < n ? ks[i] : n - 1, wrong = 0;

        memcpy(work, x, n * sizeof(*x));
        cr_expect(order_select(work, n, k) == sorted[k], "%s, %zu of %zu", what, k, n);
        for (size_t j = 0; j < n; j++)
            wrong += j < k ? work[j] > work[k] : work[j] < work[k];
        cr_expect(wrong == 0, "%s, %zu of %zu: %zu on the wrong side", what, k, n, wrong);
        qsort(work, n, sizeof(*x), by_value);
        cr_expect(memcmp(work, sorted, n * sizeof(*x)) == 0, "%s: other values", what);
    }
}

Test(order, the_kth_is_that_of_the_sorted_values)
{
    static const size_t counts[] = {1, 2, 3, 24, 25, 300, 4095, 4096, N};

    for (size_t c = 0; c < sizeof(counts) / sizeof(counts[0]); c++) {
        struct noise noise = NOISE_START;

        for (size_t i = 0; i < N; i++)
            x[i] = noise_next(&noise);
        expect_selected("noise", counts[c]);
        for (size_t i = 0; i < N; i++)
            x[i] = floor(10 * x[i]);
        expect_selected("few different", counts[c]);
        for (size_t i = 0; i < N; i++)
            x[i] = 7;
        expect_selected("all equal", counts[c]);
        for (size_t i = 0; i < N; i++)
            x[i] = (double)i;
        expect_selected("rising", counts[c]);
        for (size_t i = 0; i < N; i++)
            x[i] = i < N / 2 ? (double)i : (double)(N - i);
        expect_selected("a peak", counts[c]);
    }
}

Test(order, few_values_are_sorted)
{
    struct noise noise = NOISE_START;

    for (size_t n = 0; n < 300; n += 7) {
        for (size_t i = 0; i < n; i++)
            x[i] = floor(20 * noise_next(&noise));
        memcpy(sorted, x, n * sizeof(*x));
        qsort(sorted, n, sizeof(*x), by_value);
        order_sort_few(x, n);
        cr_expect(memcmp(x, sorted, n * sizeof(*x)) == 0, "%zu values", n);
    }
}

/* By the definition: how many are below, and half of the others that are equal. */
static double rank_of(size_t n, double v)
{
    size_t below = 0, equal = 0;

    for (size_t i = 0; i < n; i++) {
        below += x[i] < v;
        equal += x[i] == v;
    }
    return (double)below + ((double)equal - 1) / 2;
}

Test(order, equal_values_share_their_mean_rank)
{
    static const size_t counts[] = {1, 2, 50, 2048, 2049, N};
    struct noise noise = NOISE_START;

    for (size_t i = 0; i < N; i++)
        x[i] = i % 3 ? 1e-300 * noise_next(&noise) : floor(4 * noise_next(&noise));
    x[1] = -0.0;
    x[N - 1] = 0;
    for (size_t c = 0; c < sizeof(counts) / sizeof(counts[0]); c++) {
        order_ranks(x, counts[c], work, &arena);
        for (size_t i = 0; i < counts[c]; i += 1 + counts[c] / 100)
            cr_expect(work[i] == rank_of(counts[c], x[i]), "%zu of %zu", i, counts[c]);
    }
}

Test(order, values_alike_in_their_leading_bits_are_ranked)
{
    struct noise noise = NOISE_START;

    x[0] = -1e300;
    for (size_t i = 1; i < N; i++)
        x[i] = 1 + 1e-9 * noise_next(&noise);
    order_ranks(x, N, work, &arena);
    for (size_t i = 0; i < N; i += 97)
        cr_expect(work[i] == rank_of(N, x[i]), "%zu", i);
}
