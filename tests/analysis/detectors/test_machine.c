#include "analysis/stats/efficiency.h"

#include "analysis/detectors/detector.h"
#include "analysis/stats/moments.h"
#include "analysis/workload.h"
#include "tests/support/curves.h"
#include "tests/support/made.h"

#include <criterion/criterion.h>

extern const struct detector detector_throughput, detector_efficiency, detector_compute,
    detector_acceleration;

enum { N = 1000 };

static struct made made;
static double rate[N], loss[N];

/* Five steps a second, give or take 2%. */
static void start(void)
{
    struct noise noise = NOISE_START;

    made_init(&made, EXPERIMENT_LM);
    for (size_t i = 0; i < N; i++)
        rate[i] = 5 * exp(.04 * noise_next(&noise));
}

static void stop(void)
{
    made_fini(&made);
}

TestSuite(machine, .init = start, .fini = stop);

static const struct finding *paced(enum role role, const double *values, size_t n)
{
    made_series(&made, role, NULL, values, n);
    detector_throughput.run(&made.subject, &made.found);
    return made_find(&made.found, "throughput");
}

Test(machine, a_steady_pace_has_a_level_and_no_finding)
{
    const struct finding *f = paced(ROLE_THROUGHPUT, rate, N);
    double time[N];

    cr_expect(f->status == FINDING_NOT_FOUND, "%s", f->sentence);
    for (size_t i = 0; i < N; i++)
        time[i] = 1 / rate[i];
    double median = median_of(time, N, &made.arena);
    cr_expect(near_to(made_value(f, "median_time"), median, 1e-12));
    cr_expect(near_to(made_value(f, "p95_over_median"),
                      quantile_of(time, N, .95, &made.arena) / median, 1e-12));
}

/* Ten stalls of 20 steps' time each: 190 of the 1,190 steps' time. */
Test(machine, stalls_are_counted_with_the_time_they_cost)
{
    double time[N], all = 0;

    for (size_t i = 0; i < N; i++) {
        if (i % 100 == 50)
            rate[i] /= 20;
        time[i] = 1 / rate[i];
        all += time[i];
    }
    const struct finding *f = paced(ROLE_STEP_TIME, time, N);
    cr_assert(f->status == FINDING_FOUND, "%s", f->sentence);
    cr_expect(made_value(f, "stalls") == 10, "%g", made_value(f, "stalls"));
    cr_expect(fabs(made_value(f, "time_lost_in_stalls") - (all - N * .2) / all) < .01, "%g",
              made_value(f, "time_lost_in_stalls"));
    cr_expect(f->severity == SEVERITY_MEDIUM && f->confidence <= .6, "a sixth of the time");
}

Test(machine, a_slow_down_is_found)
{
    for (size_t i = 0; i < N; i++)
        rate[i] /= 1 + .5 * (double)i / N;
    const struct finding *f = paced(ROLE_THROUGHPUT, rate, N);

    cr_expect(f->status == FINDING_FOUND, "%s", f->sentence);
    cr_expect(made_value(f, "slower_at_the_end") > .25, "%g", made_value(f, "slower_at_the_end"));
}

Test(machine, stamps_serve_where_no_rate_is_logged)
{
    int64_t steps[N];
    double stamps[N];
    double passed = 0;

    curve_loss(loss, N, N);
    for (size_t i = 0; i < N; i++) {
        steps[i] = 10 * ((int64_t)i + 1);
        passed += 10 / rate[i];
        stamps[i] = passed;
    }
    struct series s = {
        .name = STR("Losses/Total"), .n = N, .step = steps, .value = loss, .time = stamps};
    subject_set(&made.subject, ROLE_TRAIN_LOSS, &s);
    detector_throughput.run(&made.subject, &made.found);
    const struct finding *f = made_find(&made.found, "throughput");
    cr_expect(f->status == FINDING_NOT_FOUND && f->caveats.n == 1, "%s", f->sentence);
    cr_expect(fabs(made_value(f, "median_time") - .2) < .01, "%g", made_value(f, "median_time"));
}

Test(machine, idle_accelerators_are_told_in_percent_and_in_shares)
{
    static const double scale[] = {1, 100};

    for (size_t k = 0; k < 2; k++) {
        double busy[100];

        stop();
        start();
        for (size_t i = 0; i < 100; i++)
            busy[i] = scale[k] * (i < 70 ? .3 : .95);
        made_series(&made, ROLE_GPU_UTILISATION, NULL, busy, 100);
        detector_throughput.run(&made.subject, &made.found);
        const struct finding *f = made_find(&made.found, "gpu_utilisation");
        cr_expect(f->status == FINDING_FOUND && f->severity == SEVERITY_LOW, "%s", f->sentence);
        cr_expect(near_to(made_value(f, "median"), .3, 1e-12));
        cr_expect(near_to(made_value(f, "share_below_half"), .7, 1e-12));
    }
}

/* ---- efficiency ---- */

static const struct finding *spent(size_t n)
{
    made_series(&made, ROLE_TRAIN_LOSS, NULL, loss, n);
    detector_efficiency.run(&made.subject, &made.found);
    return made_find(&made.found, "efficiency");
}

Test(machine, a_loss_that_falls_to_its_end_wasted_nothing)
{
    curve_loss(loss, N, N);
    const struct finding *f = spent(N);

    cr_expect(f->status == FINDING_NOT_FOUND, "%s", f->sentence);
    cr_expect(made_value(f, "share_after_best") == 0 && made_value(f, "share_after_stall") == 0);
    /* 200 blocks of five points; the last 25 points are the level */
    double medians[5], steps[200], blocks[200];
    block_medians(loss + N - 25, 25, 5, medians, &made.arena);
    cr_expect(near_to(made_value(f, "final_level"), median_of(medians, 5, &made.arena), 1e-12));
    block_medians(loss, N, 200, blocks, &made.arena);
    for (size_t k = 0; k < 200; k++)
        steps[k] = 5 * (double)(k + 1);
    cr_expect(near_to(made_value(f, "mean_ln_loss_over_ln_steps"),
                      area_in_log_steps(steps, blocks, 200), 1e-9));
}

/* Flat from step 101: nine tenths of the steps. */
Test(machine, steps_after_a_stall_are_counted)
{
    curve_loss(loss, N, 101);
    const struct finding *f = spent(N);

    cr_assert(f->status == FINDING_FOUND && strstr(f->sentence, "after the stall"), "%s",
              f->sentence);
    cr_expect(fabs(made_value(f, "share_after_stall") - .9) < .05, "%g",
              made_value(f, "share_after_stall"));
    cr_expect(f->severity == SEVERITY_LOW && f->advice);
}

Test(machine, steps_after_the_best_are_counted)
{
    curve_loss(loss, N, N);
    for (size_t i = 400; i < N; i++)
        loss[i] *= 1 + .3 * (double)(i - 400) / 600;
    const struct finding *f = spent(N);

    cr_assert(f->status == FINDING_FOUND && strstr(f->sentence, "after the best"), "%s",
              f->sentence);
    cr_expect(fabs(made_value(f, "share_after_best") - .6) < .05, "%g",
              made_value(f, "share_after_best"));
}

/* A falling loss with AR(1) noise of phi .6 wanders: its best is chosen among many. */
Test(machine, noise_that_remembers_is_no_waste)
{
    struct noise noise = NOISE_START;
    double e = 0;

    curve_loss(loss, N, N);
    for (size_t i = 0; i < N; i++) {
        e = .6 * e + .15 * noise_next(&noise);
        loss[i] *= exp(e);
    }
    cr_expect(spent(N)->status == FINDING_NOT_FOUND, "%s", spent(N)->sentence);
}

Test(machine, flat_at_the_end_of_a_schedule_is_no_waste)
{
    double lr[N];

    curve_loss(loss, N, 400);
    for (size_t i = 0; i < N; i++)
        lr[i] = 5e-4 * (1 + cos(M_PI * (double)i / N));
    made_series(&made, ROLE_LEARNING_RATE, NULL, lr, N);
    cr_expect(spent(N)->status == FINDING_NOT_FOUND, "%s", spent(N)->sentence);
}

/* 2e9 tokens on 1e8 parameters: 20 each, 6 * 2e17 FLOPs; in 1000 s at a peak of 1e16: 12%. */
Test(machine, what_a_run_computed_is_said_with_its_sources)
{
    struct workload w = {.parameters = 1e8,
                         .parameters_from = "num_params",
                         .tokens = 2e9,
                         .tokens_from = "num_tokens",
                         .flops = NAN,
                         .seconds = 1000,
                         .seconds_from = "train_runtime",
                         .peak = 1e16,
                         .peak_from = "peak_flops and num_gpus",
                         .utilisation = NAN};

    made.subject.workload = &w;
    detector_compute.run(&made.subject, &made.found);
    const struct finding *f = made_find(&made.found, "compute");
    cr_expect(f->status == FINDING_FOUND && f->severity == SEVERITY_INFO, "%s", f->sentence);
    cr_expect(near_to(made_value(f, "tokens_per_parameter"), 20, 1e-12));
    cr_expect(near_to(made_value(f, "flops"), 1.2e18, 1e-12));
    cr_expect(near_to(made_value(f, "share_of_peak"), .12, 1e-12));
    cr_expect(strstr(f->sentence, "not logged") == NULL, "%s", f->sentence);
}

Test(machine, what_a_run_does_not_say_of_its_size_is_named)
{
    struct workload w = {.parameters = NAN,
                         .tokens = 2e9,
                         .tokens_from = "num_tokens",
                         .flops = NAN,
                         .seconds = NAN,
                         .peak = NAN,
                         .utilisation = NAN};

    made.subject.workload = &w;
    detector_compute.run(&made.subject, &made.found);
    const struct finding *f = made_find(&made.found, "compute");
    cr_expect(f->status == FINDING_NOT_APPLICABLE, "%s", f->sentence);
    cr_expect(strstr(f->sentence, "configured: the number of parameters, the hardware's peak, "
                                  "the time it took.") != NULL,
              "%s", f->sentence);
    cr_expect(isnan(made_value(f, "flops")) && made_value(f, "tokens") == 2e9);
}

Test(machine, memory_that_is_half_empty_is_told)
{
    double full[100];

    for (size_t i = 0; i < 100; i++)
        full[i] = i < 60 ? 40 : 90;
    made_series(&made, ROLE_GPU_MEMORY, NULL, full, 100);
    detector_throughput.run(&made.subject, &made.found);
    const struct finding *f = made_find(&made.found, "gpu_memory");
    cr_expect(f->status == FINDING_FOUND && f->severity == SEVERITY_LOW, "%s", f->sentence);
    cr_expect(near_to(made_value(f, "median"), .4, 1e-12));
    cr_expect(near_to(made_value(f, "share_below_half"), .6, 1e-12));
}

/* 30% of the steps after the best, 20% of the time in stalls: 1 - .7 * .8 = .44. */
Test(machine, what_could_be_saved_is_both_wastes_together)
{
    struct finding *e = finding_add(&made.found, "efficiency", FINDING_FOUND);

    finding_value(&made.found, e, "share_after_best", .3, "");
    finding_value(&made.found, e, "share_after_stall", 0, "");
    finding_value(&made.found, e, "loss_at_half_over_final", .02, "");
    struct finding *t = finding_add(&made.found, "throughput", FINDING_FOUND);
    finding_value(&made.found, t, "time_lost_in_stalls", .2, "");
    detector_acceleration.run(&made.subject, &made.found);
    const struct finding *f = made_find(&made.found, "acceleration");
    cr_expect(f->status == FINDING_FOUND && f->severity == SEVERITY_INFO, "%s", f->sentence);
    cr_expect(near_to(made_value(f, "saved"), .44, 1e-12), "%g", made_value(f, "saved"));
}

Test(machine, nothing_saved_is_no_share_of_the_time)
{
    struct finding *e = finding_add(&made.found, "efficiency", FINDING_NOT_FOUND);

    finding_value(&made.found, e, "share_after_best", 0, "");
    finding_value(&made.found, e, "share_after_stall", 0, "");
    detector_acceleration.run(&made.subject, &made.found);
    const struct finding *f = made_find(&made.found, "acceleration");
    cr_expect_str_eq(f->sentence, "No time is known that could be saved, by the steps alone.");
}

Test(machine, a_loss_that_was_there_at_half_the_steps_makes_half_of_them_a_waste)
{
    struct finding *e = finding_add(&made.found, "efficiency", FINDING_NOT_FOUND);

    finding_value(&made.found, e, "share_after_best", 0, "");
    finding_value(&made.found, e, "share_after_stall", 0, "");
    finding_value(&made.found, e, "loss_at_half_over_final", .0003, "");
    detector_acceleration.run(&made.subject, &made.found);
    const struct finding *f = made_find(&made.found, "acceleration");
    cr_expect(near_to(made_value(f, "saved"), .5, 1e-12), "%g", made_value(f, "saved"));
    cr_expect(strstr(f->sentence, "At least 50% of the time could be saved: 50% of the steps "
                                  "brought nothing, an unknown share of the time") != NULL,
              "%s", f->sentence);
    stop();
    start();
    detector_acceleration.run(&made.subject, &made.found);
    cr_expect(made_find(&made.found, "acceleration")->status == FINDING_NOT_APPLICABLE);
}
