#include "analysis/stats/pick.h"
#include "tests/support/curves.h"

#include <criterion/criterion.h>

#include <stdlib.h>

enum { N = 100000 };

static struct arena arena;
static double x[N], sorted[N];

static void start(void)
{
    arena_init(&arena);
}

static void stop(void)
{
    arena_fini(&arena);
}

TestSuite(pick, .init = start, .fini = stop);

static int by_value(const void *a, const void *b)
{
    double u = *(const double *)a, v = *(const double *)b;

    return (u > v) - (u < v);
}

static void negated(const void *of, size_t from, size_t n, double *out)
{
    const double *v = (const double *)of + from;

    for (size_t i = 0; i < n; i++)
        out[i] = -v[i];
}

static void expect_picks(const char *what, size_t n)
{
    static const double shares[PICKS_MAX] = {0, 0.001, 0.01, 0.25, 0.5, 0.75, 0.99, 1};
    const struct values plain = {.n = n, .plain = x}, filled = {.n = n, .fill = negated, .of = x};
    struct pick low[PICKS_MAX], high[PICKS_MAX];

    memcpy(sorted, x, n * sizeof(*x));
    qsort(sorted, n, sizeof(*x), by_value);
    for (size_t i = 0; i < PICKS_MAX; i++) {
        low[i].k = (size_t)(shares[i] * (double)(n - 1));
        high[i].k = n - 1 - low[i].k; /* of the negated values */
    }
    pick_all(&plain, low, PICKS_MAX, &arena);
    pick_all(&filled, high, PICKS_MAX, &arena);
    for (size_t i = 0; i < PICKS_MAX; i++) {
        size_t k = low[i].k, next = k + 1 < n ? k + 1 : k, before = k > 0 ? k - 1 : k;

        cr_expect(low[i].at == sorted[k] && low[i].next == sorted[next], "%s, %zu of %zu: %g, %g",
                  what, k, n, low[i].at, low[i].next);
        cr_expect(high[i].at == -sorted[k] && high[i].next == -sorted[before],
                  "%s, %zu of %zu from above: %g, %g", what, k, n, high[i].at, high[i].next);
    }
}

static void expect_all(const char *what)
{
    static const size_t counts[] = {1, 2, 7, PICK_POINTS_MIN - 1, PICK_POINTS_MIN, 30001, N};

    for (size_t c = 0; c < sizeof(counts) / sizeof(counts[0]); c++)
        expect_picks(what, counts[c]);
}

Test(pick, places_in_the_order_are_those_after_a_sort)
{
    struct noise noise = NOISE_START;

    for (size_t i = 0; i < N; i++)
        x[i] = noise_next(&noise);
    expect_all("noise");
    for (size_t i = 0; i < N; i++)
        x[i] += (double)i;
    expect_all("a trend");
}

Test(pick, equal_values_are_told_from_their_neighbours)
{
    struct noise noise = NOISE_START;

    for (size_t i = 0; i < N; i++)
        x[i] = floor(3 * noise_next(&noise));
    expect_all("few different");
    for (size_t i = 0; i < N; i++)
        x[i] = noise_next(&noise) > 0.3 ? 0 : noise_next(&noise);
    expect_all("half of them zero");
    for (size_t i = 0; i < N; i++)
        x[i] = 7;
    expect_all("all equal");
}

Test(pick, a_sample_that_misleads_costs_time_only)
{
    struct noise noise = NOISE_START;

    for (size_t i = 0; i < N; i++)
        x[i] = i % 64 == 0 ? 1e6 : noise_next(&noise); /* a period */
    expect_all("peaks");
    for (size_t i = 0; i < N; i++)
        x[i] = i < N / 2 ? 1 + 1e-12 * (double)i : noise_next(&noise);
    expect_all("half of them alike");
}
