#include "analysis/stats/efficiency.h"

#include "tests/support/curves.h"

#include <criterion/criterion.h>

enum { N = 400 };

static struct arena arena;
static double steps[N + 1], loss[N + 1];

static void start(void)
{
    arena_init(&arena);
    curve_steps(steps, N + 1);
    curve_loss(loss, N + 1, N + 1);
}

static void stop(void)
{
    arena_fini(&arena);
}

TestSuite(efficiency, .init = start, .fini = stop);

/* 10, 9, .. 1: the median of the last five is the third of them, so <= 4 at 2. */
Test(efficiency, target_is_reached_by_the_median_of_five)
{
    double y[10];

    for (size_t i = 0; i < 10; i++)
        y[i] = 10 - (double)i;
    struct reached r = target_reached(steps, y, 10, 4, 1, &arena);
    cr_expect(r.enough && r.reached && r.at == 8, "at %zu", r.at);
    y[5] = 1;
    r = target_reached(steps, y, 10, 4, 1, &arena);
    cr_expect(r.reached && r.at >= 7, "one good value is not enough");
    cr_expect(!target_reached(steps, y, 10, .5, 1, &arena).reached);
}

/* 1.8 + 3 t^-.4 = 2.2 at t = 7.5^2.5 = 154; the noise of 1% is .02 of 2.2 there. */
Test(efficiency, interval_holds_the_true_step)
{
    struct reached r = target_reached(steps, loss, N, 2.2, 1, &arena);

    cr_assert(r.reached);
    cr_expect(r.low <= steps[r.at] && r.low < 156 && r.high > 140, "%g..%g", r.low, r.high);
    struct reached again = target_reached(steps, loss, N, 2.2, 1, &arena);
    cr_expect(again.low == r.low && again.high == r.high, "the seed decides");
}

Test(efficiency, bad_input_is_not_judged)
{
    static const size_t sizes[] = {0, 1, 2, 5, N + 1};

    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
        cr_expect(!target_reached(steps, loss, sizes[i], 2, 1, &arena).enough, "%zu", sizes[i]);
    loss[3] = 0;
    cr_expect(!target_reached(steps, loss, N, 2, 1, &arena).enough);
}

/* ln y = 2 - ln t / 2 has the mean of its ends; a constant its own logarithm. */
Test(efficiency, area_is_the_mean_over_ln_steps)
{
    double y[N];

    for (size_t i = 0; i < N; i++)
        y[i] = exp(2 - log(steps[i]) / 2);
    cr_expect(near_to(area_in_log_steps(steps, y, N), 2 - log(N) / 4, 1e-12));
    for (size_t i = 0; i < N; i++)
        y[i] = M_E;
    cr_expect(near_to(area_in_log_steps(steps, y, N), 1, 1e-12));
    cr_expect(isnan(area_in_log_steps(steps, y, 1)) && isnan(area_in_log_steps(steps, y, 0)));
}
