#include "analysis/hygiene.h"

#include "analysis/base/shape.h"
#include "analysis/ending.h"
#include "tests/support/curves.h"

#include <criterion/criterion.h>

static struct arena arena;

static void open(void)
{
    arena_init(&arena);
}

static void close(void)
{
    arena_fini(&arena);
}

TestSuite(hygiene, .init = open, .fini = close);

static struct hygiene cleaned(const int64_t *step, const double *value, size_t n)
{
    struct series series = {.name = STR("x"), .n = n, .step = step, .value = value};
    struct hygiene h;

    hygiene_clean(&series, &arena, &h);
    return h;
}

static void expect_active(const char *what, const struct hygiene *h, const int64_t *step,
                          const double *value, size_t n)
{
    cr_expect(h->active.n == n, "%s: %zu active points, not %zu", what, h->active.n, n);
    for (size_t i = 0; i < n && i < h->active.n; i++)
        cr_expect(h->active.step[i] == step[i] && h->active.value[i] == value[i],
                  "%s: point %zu is (%lld, %g)", what, i, (long long)h->active.step[i],
                  h->active.value[i]);
}

/* Vector 38. */
Test(hygiene, vector_38_a_rewind_keeps_the_latest_attempt)
{
    static const int64_t step[] = {1, 2, 3, 4, 3, 4, 5};
    const double value[] = {5.0, 4.0, 3.5, NAN, 3.6, 3.2, 3.0};
    struct hygiene h = cleaned(step, value, 7);

    expect_active("rewind", &h, (const int64_t[]){1, 2, 3, 4, 5},
                  (const double[]){5.0, 4.0, 3.6, 3.2, 3.0}, 5);
    cr_expect(h.restarts_n == 1 && h.restarts[0].step == 3 && h.restarts[0].previous_step == 4);
    cr_expect(h.restarts[0].overlap == 2);
    cr_expect(near_to(h.restarts[0].log_difference, log(3.6) - log(3.5), 1e-12));
    cr_expect(h.superseded == 2 && h.points == 7);
    cr_expect(h.non_finite_active == 0 && h.non_finite_superseded == 1);
    cr_expect(h.first_non_finite_step == 4);
}

/* A sparse table repeats the epoch in the row of its evaluation. */
Test(hygiene, the_same_point_again_is_no_restart)
{
    static const int64_t step[] = {1, 2, 2, 3, 4, 5, 6, 7, 8};
    static const double value[] = {0, 0, 0, 0, 1, 1, 1, 1, 1};
    struct hygiene h = cleaned(step, value, 9);

    cr_expect(h.restarts_n == 0 && h.superseded == 0 && h.active.n == 8 && h.points == 9);
    cr_expect(!h.several_a_step && h.active.step[2] == 3);
}

Test(hygiene, a_restart_of_a_restart_keeps_only_the_last)
{
    static const int64_t step[] = {10, 20, 30, 20, 30, 40, 10, 20};
    static const double value[] = {8, 7, 6, 7.5, 6.5, 5, 9, 8.5};
    struct hygiene h = cleaned(step, value, 8);

    expect_active("twice", &h, (const int64_t[]){10, 20}, (const double[]){9, 8.5}, 2);
    cr_expect(h.restarts_n == 2 && h.superseded == 6, "%zu, %lld", h.restarts_n,
              (long long)h.superseded);
    cr_expect(h.restarts[0].overlap == 2 && h.restarts[1].overlap == 4);
    /* compared with what is kept: only step 20 is in both */
    cr_expect(near_to(h.restarts[0].log_difference, log(8.5 / 7), 1e-12));
}

Test(hygiene, several_values_a_step_become_their_median)
{
    static const int64_t step[] = {1, 1, 1, 2, 2, 2, 3, 3, 3, 2, 2, 2};
    const double value[] = {5, 9, 6, 4, NAN, 5, 3, 1, 2, 7, 8, 6};
    struct hygiene h = cleaned(step, value, 12);

    cr_expect(h.several_a_step);
    expect_active("ranks", &h, (const int64_t[]){1, 2}, (const double[]){6, 7}, 2);
    cr_expect(h.restarts_n == 1 && h.restarts[0].step == 2 && h.superseded == 6);
    cr_expect(h.non_finite_superseded == 1 && h.non_finite_active == 0);
}

Test(hygiene, thirty_percent_of_repeats_are_several_values_a_step)
{
    static const double value[] = {9, 8, 7, 6, 5, 4, 3, 2, 1, 0};
    static const struct {
        int64_t step[10];
        bool several;
        size_t restarts, active;
        double second; /* the value that is kept at step 2 */
    } rows[] = {
        {{1, 2, 2, 3, 4, 5, 6, 7, 8, 9}, false, 1, 9, 7},
        {{1, 2, 2, 3, 3, 4, 5, 6, 7, 8}, false, 2, 8, 7},
        {{1, 2, 2, 3, 3, 4, 4, 5, 6, 7}, true, 0, 7, 7.5},
    };

    for (size_t i = 0; i < 3; i++) {
        struct hygiene h = cleaned(rows[i].step, value, 10);

        cr_expect(h.several_a_step == rows[i].several && h.restarts_n == rows[i].restarts, "%zu",
                  i + 1);
        cr_expect(h.active.n == rows[i].active && h.active.value[1] == rows[i].second, "%zu",
                  i + 1);
    }
}

Test(hygiene, non_finite_points_are_counted_where_they_stand)
{
    static const struct {
        const char *what;
        double value[6];
        int64_t active, longest, trailing, first, from;
    } rows[] = {
        {"none", {1, 2, 3, 4, 5, 6}, 0, 0, 0, NOT_GIVEN, NOT_GIVEN},
        {"a NaN", {1, 2, (double)NAN, 4, 5, 6}, 1, 1, 0, 3, NOT_GIVEN},
        {"two at the end", {1, 2, 3, 4, (double)INFINITY, (double)NAN}, 2, 2, 2, 5, 5},
        {"both", {1, (double)NAN, (double)NAN, 4, 5, (double)NAN}, 3, 2, 1, 2, 6},
        {"nothing else",
         {(double)NAN, (double)NAN, (double)NAN, (double)NAN, (double)NAN, (double)NAN},
         6,
         6,
         6,
         1,
         1},
    };
    static const int64_t step[] = {1, 2, 3, 4, 5, 6};

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct hygiene h = cleaned(step, rows[i].value, 6);

        cr_expect(h.non_finite_active == rows[i].active && h.active.n == 6 - (size_t)rows[i].active,
                  "%s", rows[i].what);
        cr_expect(h.longest_non_finite_run == rows[i].longest, "%s", rows[i].what);
        cr_expect(h.trailing_non_finite == rows[i].trailing, "%s", rows[i].what);
        cr_expect(h.first_non_finite_step == rows[i].first, "%s", rows[i].what);
        cr_expect(h.trailing_step == rows[i].from, "%s", rows[i].what);
    }
}

Test(hygiene, an_average_is_smoothed_and_noise_is_not)
{
    int64_t step[200];
    double plain[200], average[200];
    struct noise noise = NOISE_START;

    for (size_t i = 0; i < 200; i++) {
        step[i] = (int64_t)i;
        plain[i] = 2 + noise_next(&noise);
        average[i] = i ? 0.9 * average[i - 1] + 0.1 * plain[i] : plain[i];
    }
    for (size_t i = 4; i < 200;
         i++) /* a second time: one average leaves steps that differ freely */
        average[i] = 0.8 * average[i - 1] + 0.2 * average[i];
    cr_expect(!cleaned(step, plain, 200).smoothed);
    cr_expect(cleaned(step, average, 200).smoothed);
    cr_expect(!cleaned(step, average, 49).smoothed, "fewer than 50 points");
}

Test(hygiene, the_steep_start_of_a_loss_is_no_smoothing)
{
    int64_t step[200];
    double loss[200];
    struct noise noise = NOISE_START;

    for (size_t i = 0; i < 200; i++) {
        step[i] = (int64_t)i;
        loss[i] = 2 + 20 * exp(-(double)i / 8) + 0.05 * noise_next(&noise);
    }
    cr_expect(!cleaned(step, loss, 200).smoothed);
}

Test(hygiene, nothing_is_nothing)
{
    struct hygiene h = cleaned(NULL, NULL, 0);

    cr_expect(h.points == 0 && h.active.n == 0 && !h.smoothed && !h.several_a_step);
}

Test(hygiene, how_a_series_ends)
{
    static const struct {
        const char *what;
        double tail[4]; /* behind twenty points of 1 */
        enum ending_kind kind;
        double confidence;
        int64_t onset;
    } rows[] = {
        {"finite", {1, 1, 1, 1}, ENDING_FINITE, 0, NOT_GIVEN},
        {"a NaN inside", {1, (double)NAN, 1, 1}, ENDING_FINITE, 0, NOT_GIVEN},
        {"a NaN at the end", {1, 1, 1, (double)NAN}, ENDING_NON_FINITE, 0, 24},
        {"a small rise before", {1, 1, 3.9, (double)NAN}, ENDING_NON_FINITE, 0, 24},
        {"more than four times", {1, 1, 4.1, (double)NAN}, ENDING_EXPLODED, .9, 23},
        {"from two points before", {1, 2, 500, (double)INFINITY}, ENDING_EXPLODED, .9, 22},
        {"three at the end", {1, (double)NAN, (double)NAN, (double)INFINITY}, ENDING_LOST, .99, 22},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        int64_t step[24];
        double value[24];

        for (size_t k = 0; k < 24; k++) {
            step[k] = (int64_t)k + 1;
            value[k] = k < 20 ? 1 : rows[i].tail[k - 20];
        }
        struct hygiene h = cleaned(step, value, 24);
        struct ending ending = ending_of(&h, &arena);
        cr_expect(ending.kind == rows[i].kind, "%s: %d", rows[i].what, ending.kind);
        cr_expect(ending.confidence == rows[i].confidence, "%s: %g", rows[i].what,
                  ending.confidence);
        cr_expect(ending.onset == rows[i].onset, "%s: %lld", rows[i].what, (long long)ending.onset);
    }
}
