#include "analysis/series.h"

#include <criterion/criterion.h>
#include <math.h>

static const int64_t step[] = {10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 110};

Test(series, a_summary_is_what_the_product_says)
{
    static const double value[] = {5, 1, 7, NAN, 1, 7, INFINITY, -INFINITY, 3, 4, 6};
    struct series series = {.name = STR("loss"), .n = 11, .step = step, .value = value};
    struct summary s;

    series_summary(&series, &s);
    cr_expect(s.n == 11 && s.finite == 8 && s.nan == 1 && s.pos_inf == 1 && s.neg_inf == 1);
    cr_expect(s.first == 5 && s.last == 6 && s.first_step == 10 && s.last_step == 110);
    cr_expect(s.min == 1 && s.min_step == 20, "the first of equal lows");
    cr_expect(s.max == 7 && s.max_step == 30, "the first of equal highs");
    cr_expect(s.mean_last_tenth == 6, "of 8 finite points the last one");
    cr_expect(s.first_non_finite_step == 40 && !s.ends_non_finite);
}

Test(series, the_last_tenth_is_rounded_up_and_leaves_out_what_is_not_finite)
{
    static const double value[] = {9, 9, 9, 9, 9, 9, 9, 9, 2, 4, 8};
    static const double broken[] = {9, 9, 9, 9, 9, 9, 9, 9, 2, 4, NAN};
    struct series series = {.n = 11, .step = step, .value = value};
    struct summary s;

    series_summary(&series, &s);
    cr_expect(s.mean_last_tenth == 6, "11 points: the last two");
    series.value = broken;
    series_summary(&series, &s);
    cr_expect(s.mean_last_tenth == 4 && s.ends_non_finite && s.last == 4 && s.last_step == 110);
}

Test(series, nothing_and_nothing_finite)
{
    static const double value[] = {NAN, NAN};
    struct series series = {.step = step, .value = value};
    struct summary s;

    series_summary(&series, &s);
    cr_expect(s.n == 0 && s.finite == 0 && isnan(s.first) && isnan(s.mean_last_tenth));
    cr_expect(!s.ends_non_finite);
    series.n = 2;
    series_summary(&series, &s);
    cr_expect(s.n == 2 && s.nan == 2 && isnan(s.min) && isnan(s.max) && isnan(s.last));
    cr_expect(s.ends_non_finite && s.first_non_finite_step == 10);
}

Test(series, a_slice_has_its_bounds)
{
    static const double value[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
    struct series series = {.name = STR("x"), .n = 11, .step = step, .value = value, .time = value};
    struct arena arena;
    struct series out;

    arena_init(&arena);
    series_slice(&series, 30, 50, &arena, &out);
    cr_assert(out.n == 3 && str_is(out.name, "x"));
    cr_expect(out.step[0] == 30 && out.step[2] == 50 && out.value[0] == 2 && out.time[2] == 4);
    series_slice(&series, 31, 39, &arena, &out);
    cr_expect(out.n == 0);
    arena_fini(&arena);
}
