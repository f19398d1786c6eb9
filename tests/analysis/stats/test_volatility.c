#include "analysis/stats/volatility.h"

#include "analysis/stats/noise.h"
#include "tests/support/curves.h"

#include <criterion/criterion.h>

enum { N = 1000 };

static struct arena arena;
static double y[N];

static void start(void)
{
    arena_init(&arena);
    curve_loss(y, N, N);
    for (size_t i = 0; i < N; i++)
        y[i] = log(y[i]);
}

static void stop(void)
{
    arena_fini(&arena);
}

TestSuite(volatility, .init = start, .fini = stop);

Test(volatility, even_noise_about_a_falling_curve_has_no_stretch)
{
    struct volatility v = volatility_of(y, N, &arena);

    cr_expect(v.enough && v.width == 40 && v.blocks == 25 && v.n == 0 && v.share == 0);
}

Test(volatility, a_stretch_of_five_times_the_noise_is_found_once)
{
    struct noise noise = {7};

    for (size_t i = 400; i < 520; i++)
        y[i] += .1 * noise_next(&noise);
    struct volatility v = volatility_of(y, N, &arena);

    cr_assert(v.n == 1, "%zu", v.n);
    cr_expect(v.v[0].first == 400 && v.v[0].last == 519 && near_to(v.share, .12, 1e-9));
    double most = 0;
    for (size_t b = 10; b < 13; b++)
        most = fmax(most, sigma_d2(y + 40 * b, 40, &arena));
    cr_expect(near_to(v.v[0].ratio, most / v.reference, 1e-12) && v.v[0].ratio > 3);
}

Test(volatility, few_points_or_none_that_move_have_none)
{
    cr_expect(!volatility_of(y, 399, &arena).enough && volatility_of(y, 400, &arena).enough);
    for (size_t i = 0; i < N; i++)
        y[i] = 1;
    cr_expect(volatility_of(y, N, &arena).n == 0);
}
