#include "analysis/stats/trailing.h"
#include "tests/support/curves.h"

#include <criterion/criterion.h>

#include "analysis/stats/moments.h"

enum { N = 3000 };

static struct arena arena;
static double x[N];

static void start(void)
{
    arena_init(&arena);
}

static void stop(void)
{
    arena_fini(&arena);
}

TestSuite(trailing, .init = start, .fini = stop);

static void expect_medians(const char *what, size_t least)
{
    static const size_t windows[] = {0, 1, 2, 9, 16, 17, 64, 256, 399, 1024};
    double got[N];

    for (size_t k = 0; k < sizeof(windows) / sizeof(windows[0]); k++) {
        trailing_median(x, N, windows[k], least, got, &arena);
        for (size_t i = 0; i < N; i++) {
            size_t m = i < windows[k] ? i : windows[k];
            double want = m < least ? 0 : median_of(x + i - m, m, &arena);

            cr_assert(got[i] == want, "%s, window %zu at %zu: %g, not %g", what, windows[k], i,
                      got[i], want);
        }
    }
}

Test(trailing, it_agrees_with_the_median_of_each_window)
{
    struct noise noise = NOISE_START;

    for (size_t i = 0; i < N; i++)
        x[i] = noise_next(&noise);
    expect_medians("noise", 1);
    expect_medians("noise", 5);
    for (size_t i = 0; i < N; i++)
        x[i] = floor(20 * x[i]);
    expect_medians("many equal values", 5);
    for (size_t i = 0; i < N; i++)
        x[i] = i % 7 ? 1 : x[i];
    expect_medians("nearly all equal", 1);
}

Test(trailing, a_middle_that_leaves_its_band_is_found_again)
{
    for (size_t i = 0; i < N; i++)
        x[i] = (double)i;
    expect_medians("a rise", 1);
    for (size_t i = 0; i < N; i++)
        x[i] = -(double)i;
    expect_medians("a fall", 1);
    for (size_t i = 0; i < N; i++)
        x[i] = i % 2 ? (double)i : -(double)i;
    expect_medians("ever wider", 1);
    for (size_t i = 0; i < N; i++)
        x[i] = i / 300 % 2 ? 1e6 + (double)(i % 17) : (double)(i % 13);
    expect_medians("jumps", 1);
}
