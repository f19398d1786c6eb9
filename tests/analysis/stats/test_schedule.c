#include "analysis/stats/schedule.h"

#include <criterion/criterion.h>

#include "tests/support/curves.h"

enum { N = 100, LONG = 20000 };

static struct arena arena;
static int64_t steps[LONG];
static double lr[LONG];

static void start(void)
{
    arena_init(&arena);
    for (size_t i = 0; i < LONG; i++)
        steps[i] = (int64_t)i + 1;
}

static void stop(void)
{
    arena_fini(&arena);
}

TestSuite(schedule, .init = start, .fini = stop);

static void warmup_and_cosine(void)
{
    for (int i = 1; i <= N; i++)
        lr[i - 1] = 3e-4 * (i <= 10 ? i / 10.0 : (1 + cos(M_PI * (i - 10) / 90)) / 2);
}

Test(schedule, vector_49_warmup_and_cosine_to_0)
{
    warmup_and_cosine();
    struct schedule s = schedule_of(steps, lr, N, &arena);

    cr_expect(s.kind == SCHEDULE_COSINE, "%s", schedule_name(s.kind));
    cr_expect(s.warmup_end == 10 && s.warmup_index == 9);
    cr_expect(near_to(s.end_ratio, 0, 0) && s.T == 1 && s.rmse < 1e-9);
    cr_expect(s.peak == 3e-4 && s.planned_end == 100 && s.confidence > 0.9);
}

Test(schedule, vector_50_cosine_stopped_early)
{
    warmup_and_cosine();
    struct schedule s = schedule_of(steps, lr, 60, &arena);

    cr_expect(s.kind == SCHEDULE_COSINE, "%s", schedule_name(s.kind));
    cr_expect(s.warmup_end == 10);
    cr_expect(near_to(s.end_ratio, 0.4132, 1e-4), "%g", s.end_ratio);
    cr_expect(s.T == 1.75, "T %g, 1.8 is off the grid", s.T);
    cr_expect(near_to(s.planned_end, 1.75 * 50 + 10, 1e-9));
}

Test(schedule, vector_51_warmup_stable_decay)
{
    for (int i = 1; i <= N; i++)
        lr[i - 1] = i <= 5 ? i / 5.0 : i <= 80 ? 1 : (100 - i) / 20.0;
    struct schedule s = schedule_of(steps, lr, N, &arena);

    cr_expect(s.kind == SCHEDULE_WSD, "%s", schedule_name(s.kind));
    cr_expect(s.warmup_end == 5 && s.decay_start == 80 && s.shape == DECAY_LINEAR && s.T == 1);
}

Test(schedule, vector_52_steps_by_a_tenth_are_placed)
{
    for (int i = 1; i <= N; i++)
        lr[i - 1] = i <= 50 ? 1 : i <= 80 ? 0.1 : 0.01;
    struct schedule s = schedule_of(steps, lr, N, &arena);

    cr_expect(s.kind == SCHEDULE_STEP, "%s", schedule_name(s.kind));
    cr_assert(s.jump_count == 2);
    cr_expect(s.jumps[0].at == 51 && near_to(s.jumps[0].factor, 0.1, 1e-12));
    cr_expect(s.jumps[1].at == 81 && near_to(s.jumps[1].factor, 0.1, 1e-12));
    cr_expect(s.warmup_index == 0 && s.end_ratio == 0.01);
}

/* The rate at share u of the run. */
static double constant(double u)
{
    (void)u;
    return 1;
}

static double linear(double u)
{
    return 1 - 0.9 * u;
}

static double exponential(double u)
{
    return exp(-4 * u);
}

static double inverse_sqrt(double u)
{
    return u < 0.04 ? u / 0.04 : sqrt(0.04 / u);
}

static double cosine_to_a_tenth(double u)
{
    return 0.1 + 0.45 * (1 + cos(M_PI * u));
}

static double wsd_sqrt(double u)
{
    return u < 0.7 ? 1 : 1 - sqrt((u - 0.7) / 0.3);
}

static double wsd_cut(double u)
{
    return u < 0.8 ? 1 : 1 - (u - 0.8) / 0.4;
}

static double restarts(double u)
{
    return (1 + cos(M_PI * fmod(u * 4, 1))) / 2;
}

static double triangle(double u)
{
    return 0.1 + 0.9 * fabs(fmod(u * 4, 2) - 1);
}

static double warming(double u)
{
    return 0.01 + u;
}

Test(schedule, kind_is_found_in_few_points_and_in_many)
{
    static const struct {
        const char *what;
        double (*rate)(double u);
        enum schedule_kind want;
    } rows[] = {
        {"constant", constant, SCHEDULE_CONSTANT},
        {"linear to a tenth", linear, SCHEDULE_LINEAR},
        {"exponential", exponential, SCHEDULE_EXPONENTIAL},
        {"warm-up and inverse square root", inverse_sqrt, SCHEDULE_INVERSE_SQRT},
        {"cosine to a tenth", cosine_to_a_tenth, SCHEDULE_COSINE},
        {"stable, then square-root decay", wsd_sqrt, SCHEDULE_WSD},
        {"stable, stopped in the decay", wsd_cut, SCHEDULE_WSD},
        {"cosine with restarts", restarts, SCHEDULE_RESTARTS},
        {"a triangle", triangle, SCHEDULE_OTHER},
        {"only a warm-up", warming, SCHEDULE_OTHER},
    };
    static const size_t sizes[] = {60, 999, LONG};

    for (size_t k = 0; k < sizeof(rows) / sizeof(rows[0]); k++) {
        for (size_t j = 0; j < sizeof(sizes) / sizeof(sizes[0]); j++) {
            size_t n = sizes[j];

            for (size_t i = 0; i < n; i++)
                lr[i] = 2e-3 * rows[k].rate((double)(i + 1) / (double)n);
            struct schedule s = schedule_of(steps, lr, n, &arena);
            cr_expect(s.kind == rows[k].want, "%s, %zu points: %s (rmse %g)", rows[k].what, n,
                      schedule_name(s.kind), s.rmse);
        }
    }
}

Test(schedule, thinning_does_not_move_a_jump_or_the_decay_start)
{
    for (int i = 1; i <= LONG; i++)
        lr[i - 1] = i <= 12345 ? 1 : 0.3;
    struct schedule s = schedule_of(steps, lr, LONG, &arena);
    cr_expect(s.kind == SCHEDULE_STEP && s.jump_count == 1 && s.jumps[0].at == 12346);
    cr_expect(s.confidence > 0.9, "many points");

    for (int i = 1; i <= LONG; i++)
        lr[i - 1] = i <= 12345 ? 1 : (LONG - i) / (double)(LONG - 12345);
    s = schedule_of(steps, lr, LONG, &arena);
    cr_expect(s.kind == SCHEDULE_WSD && s.shape == DECAY_LINEAR && s.decay_start == 12345);
}

Test(schedule, one_jump_in_a_sparse_sample_is_doubted)
{
    for (size_t i = 0; i < 20; i++)
        lr[i] = i < 12 ? 1 : 0.1;
    struct schedule s = schedule_of(steps, lr, 20, &arena);

    cr_expect(s.kind == SCHEDULE_STEP && s.confidence == 0.6);
}

Test(schedule, adjacent_jumps_are_a_decay_and_not_steps)
{
    for (size_t i = 0; i < 60; i++)
        lr[i] = i < 40 ? 1 : i == 40 ? 0.5 : 0.1;
    cr_expect(schedule_of(steps, lr, 60, &arena).kind != SCHEDULE_STEP);
}

Test(schedule, of_repeated_steps_the_last_rate_counts)
{
    static const int64_t twice[] = {1, 1, 2, 3, 3, 4, 5, 6, 7, 8};
    static const double rates[] = {9, 1, 1, 5, 1, 1, 1, 1, 1, 1};
    struct schedule s = schedule_of(twice, rates, 10, &arena);

    cr_expect(s.points == 8 && s.kind == SCHEDULE_CONSTANT && s.peak == 1);
}

Test(schedule, little_or_nothing_is_said_plainly)
{
    for (size_t i = 0; i < 10; i++)
        lr[i] = 0;
    cr_expect(schedule_of(steps, lr, 10, &arena).kind == SCHEDULE_CONSTANT, "0 throughout");
    for (size_t n = 0; n < 8; n++)
        cr_expect(schedule_of(steps, lr, n, &arena).kind == SCHEDULE_UNKNOWN, "n %zu", n);
    cr_expect(schedule_of(steps, lr, 8, &arena).confidence == 0.85);
}
