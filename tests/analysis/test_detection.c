/*
 * A piece of the detection benchmark, so that a detector that gets worse is
 * seen where it happens; and the benchmark's own numbers.
 */
#include "tests/bench/detection/carriers.h"
#include "tests/bench/detection/coverage.h"
#include "tests/bench/detection/judge.h"
#include "tests/bench/detection/score.h"
#include "tests/bench/detection/tale.h"
#include "tests/support/curves.h"

#include <criterion/criterion.h>

/* A set is its seed: other numbers would be another set under the same name. */
Test(detection, vector_73_random_numbers_of_the_generator)
{
    struct dice b, c;

    dice_init(&b, 42);
    cr_expect(near_to(dice_uniform(&b), 0.08386297105988216, 1e-15));
    cr_expect(near_to(dice_uniform(&b), 0.3789802506626686, 1e-15));
    cr_expect(near_to(dice_uniform(&b), 0.6800434110281394, 1e-15));
    dice_init(&c, 42);
    cr_expect(dice_below(&c, 10) == 0);
    cr_expect(dice_below(&c, 10) == 3);
    cr_expect(dice_below(&c, 10) == 6);
}

Test(detection, noise_has_the_spread_it_was_asked_for)
{
    enum { N = 100000 };
    static double x[N];
    static const struct noise_law laws[] = {{.sd = 2},
                                            {.sd = 2, .phi = .6},
                                            {.sd = 2, .heavy = true},
                                            {.sd = 2, .laws = LAWS_SHIFTED},
                                            {.sd = 2, .laws = LAWS_OTHER}};

    for (size_t k = 0; k < sizeof(laws) / sizeof(laws[0]); k++) {
        struct dice dice;
        double sum = 0, squares = 0, lag = 0;

        dice_init(&dice, 7);
        noise_fill(&dice, &laws[k], x, N);
        for (size_t i = 0; i < N; i++) {
            sum += x[i];
            squares += x[i] * x[i];
            lag += i ? x[i] * x[i - 1] : 0;
        }
        cr_expect(fabs(sum / N) < 0.06, "law %zu: mean %g", k, sum / N);
        cr_expect(fabs(squares / N - 4) < 0.25, "law %zu: variance %g", k, squares / N);
        cr_expect(fabs(lag / squares - laws[k].phi) < 0.03, "law %zu: phi %g", k, lag / squares);
    }
}

Test(detection, vectors_21_and_22_measures_of_calibration)
{
    static const double p[] = {.1, .4, .35, .8, .9, .65}, sorted[] = {.1, .35, .4, .65, .8, .9};
    static const bool is[] = {0, 0, 1, 1, 1, 0}, is_sorted[] = {0, 1, 0, 0, 1, 1};
    static const double want[] = {0, 1 / 3., 1 / 3., 1 / 3., 1, 1};
    double fit[6];

    cr_expect(near_to(brier_of(p, is, 6), 0.1775, 1e-12));
    cr_expect(near_to(ece_of(p, is, NULL, 6, 5), 0.35, 1e-12));
    cr_expect(
        near_to(ece_of((double[]){.9, .9}, (bool[]){1, 0}, (double[]){9, 1}, 2, 10), 0, 1e-12));
    isotonic_of(sorted, is_sorted, 6, fit);
    for (size_t i = 0; i < 6; i++)
        cr_expect(near_to(fit[i], want[i], 1e-12), "row %zu: %g", i, fit[i]);
    isotonic_of((double[]){.5, .5, .5}, (bool[]){1, 0, 1}, 3, fit);
    cr_expect(near_to(fit[0], 2 / 3., 1e-12) && near_to(fit[2], 2 / 3., 1e-12), "ties are one");
}

Test(detection, intervals_of_shares)
{
    struct wilson seven = wilson_of(7, 10), none = wilson_of(0, 20);

    cr_expect(near_to(seven.low, 0.3967781, 1e-6) && near_to(seven.high, 0.8922087, 1e-6));
    cr_expect(near_to(none.low, 0, 0) && near_to(none.high, 0.1611252, 1e-6));
    cr_expect(isnan(ratio_of(0, 0, 3).precision) && near_to(ratio_of(0, 0, 3).recall, 0, 0));
    cr_expect(near_to(ratio_of(3, 1, 2).f1, 6 / 9., 1e-12));
}

Test(detection, a_run_is_the_same_whatever_was_made_before)
{
    struct arena first, second;
    struct run a, b, other;

    arena_init(&first);
    arena_init(&second);
    set_make(SET_DEV, 12, &first, &a);
    set_make(SET_DEV, 5, &second, &other);
    set_make(SET_DEV, 12, &second, &b);
    cr_assert(a.series_n > 0 && a.series_n == b.series_n && a.series[0].n == b.series[0].n);
    cr_expect(memcmp(a.series[0].value, b.series[0].value, a.series[0].n * sizeof(double)) == 0);
    arena_fini(&first);
    arena_fini(&second);
}

Test(detection, every_family_stands_in_the_frozen_set_two_hundred_times)
{
    struct count {
        const char *name;
        size_t n;
    } counts[FAMILIES_MAX] = {{0}};
    size_t tiny = 0, size = set_size(SET_FROZEN);
    struct arena arena;

    arena_init(&arena);
    for (size_t i = 0; i < size; i++) {
        struct run run;

        set_make(SET_FROZEN, i, &arena, &run);
        tiny += run.rows <= 63; /* a resume repeats points */
        for (size_t f = 0; f < run.families_n; f++) {
            for (size_t k = 0; k < FAMILIES_MAX; k++) {
                if (!counts[k].name)
                    counts[k].name = run.families[f];
                if (strcmp(counts[k].name, run.families[f]) != 0)
                    continue;
                counts[k].n++;
                break;
            }
        }
        arena_reset(&arena);
    }
    for (size_t k = 0; k < FAMILIES_MAX && counts[k].name; k++)
        cr_expect(counts[k].n >= 200, "%s: %zu", counts[k].name, counts[k].n);
    cr_expect(fabs((double)tiny / (double)size - 0.3) < 0.03, "%zu tiny", tiny);
    arena_fini(&arena);
}

Test(detection, carriers_are_read_to_the_last_digit)
{
    struct carriers carriers;
    struct arena arena;
    size_t points = 0;

    arena_init(&arena);
    cr_assert(carriers_load("tests/bench/detection/carriers.txt", &arena, &carriers));
    cr_assert(carriers.list.n == 63, "%zu", carriers.list.n);
    for (size_t i = 0; i < carriers.list.n; i++) {
        for (size_t k = 0; k < carriers.list.v[i].series_n; k++)
            points += carriers.list.v[i].series[k].n;
    }
    cr_expect(points == 64242, "%zu", points);
    const struct carrier *first = &carriers.list.v[0];
    const struct series *train = &first->series[0];
    cr_expect(str_is(train->name, "train/loss") && train->n == 6200);
    cr_expect(train->step[0] == 1 && train->step[6199] == 6200);
    cr_expect(near_to(train->value[0], 10.918, 1e-4) && near_to(train->value[1], 8.683, 1e-4));
    arena_fini(&arena);
}

Test(detection, a_fault_is_put_into_a_sound_curve_only)
{
    struct carriers carriers;
    struct arena arena;
    struct run run;
    size_t with = 0;

    arena_init(&arena);
    cr_assert(carriers_load("tests/bench/detection/carriers.txt", &arena, &carriers));
    for (size_t i = 0; i < carriers.list.n; i++) {
        const struct carrier *c = &carriers.list.v[i];
        bool faulty = str_has(c->truth, STR("="));

        carrier_as_is(c, &arena, &run);
        cr_expect(run.faulty == faulty, "%s", c->name);
        for (size_t k = 0; carrier_families[k]; k++) {
            bool made = carrier_with(c, carrier_families[k], 1, &arena, &run);
            cr_expect(!made || (!faulty && c->kind == FOR_LM), "%s", c->name);
            with += made;
        }
    }
    cr_expect(with > 50, "%zu", with);
    arena_fini(&arena);
}

/* What holds now, with some room; a detector that is not there yet has no bound. */
Test(detection, detectors_keep_what_they_reach_on_six_hundred_runs)
{
    static const struct {
        enum class_id class;
        double precision, recall;
    } bounds[] = {
        {CLASS_OVERFITTING, .80, .85},
        {CLASS_VAL_RISING, .65, .80},
        {CLASS_SPIKE, .35, .55},
        {CLASS_SHIFT, .40, .60},
        {CLASS_DIVERGENCE, .30, .80},
        {CLASS_VOLATILITY, .85, .85},
        {CLASS_OSCILLATION, .50, .60},
        {CLASS_PLATEAU, .90, .30},
        {CLASS_REWARD_DECLINE, .85, .75},
        {CLASS_REWARD_NONE, .80, .80},
        {CLASS_REWARD_PLATEAU, .85, .45},
        {CLASS_EXPLAINED_VARIANCE, .90, .95},
        {CLASS_GATE, .90, .90},
        {CLASS_ENTROPY_COLLAPSE, .90, .80},
        {CLASS_ENTROPY_CONTROL, .95, .95},
        {CLASS_MULTIPLIER, .95, .95},
        {CLASS_CONSTRAINT, .90, .85},
        {CLASS_STARVATION, .95, .95},
    };
    struct bench *bench = malloc(sizeof(*bench));
    struct arena kept, arena;

    cr_assert(bench);
    arena_init(&kept);
    arena_init(&arena);
    bench_init(bench, &kept);
    for (size_t i = 0; i < 600; i++) {
        struct run run;

        set_make(SET_DEV, i, &arena, &run);
        if (run.rows <= 5000)
            bench_judge(bench, &run);
        arena_reset(&arena);
    }
    for (size_t k = 0; k < sizeof(bounds) / sizeof(bounds[0]); k++) {
        const struct tally *t = &bench->class[bounds[k].class];
        struct ratio r = ratio_of(t->true_hits, t->false_hits, t->missed);

        cr_expect(r.precision >= bounds[k].precision && r.recall >= bounds[k].recall,
                  "%s: precision %.3f, recall %.3f", class_rows[bounds[k].class].shown, r.precision,
                  r.recall);
    }
    cr_expect((double)bench->clean.found <= .10 * (double)bench->clean.runs,
              "%zu false findings in %zu clean runs", bench->clean.found, bench->clean.runs);
    cr_expect((double)bench->schedules_right >= .95 * (double)bench->schedules);
    arena_fini(&kept);
    arena_fini(&arena);
    free(bench);
}

/* Held against a table of causes, so that a detector that words its advice anew is seen here. */
Test(detection, advice_names_the_setting_that_mends_the_fault)
{
    static const enum set of[] = {SET_DEV_CONFIGURED, SET_DEV_SCORES};
    struct bench *bench = malloc(sizeof(*bench));
    struct arena kept, arena;

    cr_assert(bench);
    arena_init(&kept);
    arena_init(&arena);
    bench_init(bench, &kept);
    for (size_t i = 0; i < 600; i++) {
        struct run run;

        set_make(of[i % 2], i / 2, &arena, &run);
        if (run.rows <= 5000)
            bench_judge(bench, &run);
        arena_reset(&arena);
    }
    for (size_t c = 0; c < CLASSES; c++) {
        const struct advice_tally *t = &bench->advice[c];

        cr_expect(t->key == t->advised, "%s: %s", class_rows[c].shown, t->other);
        cr_expect(5 * t->number >= 3 * t->numbers, "%s: %zu of %zu numbers", class_rows[c].shown,
                  t->number, t->numbers);
    }
    cr_expect(bench->advice[CLASS_OVERFITTING].numbers > 0);
    cr_expect(bench->advice[CLASS_REWARD_HACKING].numbers > 0);
    arena_fini(&kept);
    arena_fini(&arena);
    free(bench);
}

/* The share of 400 in the widest target: a design in the middle, where both hold. */
Test(detection, intervals_of_passes_hold_their_truth)
{
    struct rng rng = rng_of(1);
    struct covers covers = {0};
    const struct design *d = NULL;

    for (size_t i = 0; i < designs_n; i++) {
        if (designs[i].a == 2 && designs[i].tasks == 50)
            d = &designs[i];
    }
    cr_assert(d);
    for (int i = 0; i < 400; i++)
        coverage_add(&rng, d, &covers);
    cr_expect(covers.fresh.held >= 368 && covers.fresh.held <= 396, "%zu", covers.fresh.held);
    cr_expect(covers.same.held >= 352 && covers.same.held <= 396, "%zu", covers.same.held);
    cr_expect(covers.pooled.held < 340, "pooled trials are too sure: %zu", covers.pooled.held);
}

Test(detection, a_tale_has_the_fault_that_was_drawn)
{
    size_t faults[TALE_FAULTS] = {0}, bad = 0;
    struct dice dice;

    dice_init(&dice, 3);
    for (int i = 0; i < 1000; i++) {
        struct buf text = {0};
        struct tale tale;
        size_t has = 0;

        tale_draw(&dice, i % 2, &tale);
        tale_put(&dice, &tale, &text);
        for (size_t f = 0; f < TALE_FAULTS; f++) {
            faults[f] += tale.has[f];
            has += tale.has[f];
        }
        cr_expect(has == tale.faulty && (i % 2 || !tale.faulty));
        cr_expect(tale.has[TALE_ERRORS] == (tale.bad > 2), "%zu", tale.bad);
        bad += tale.bad;
        buf_fini(&text);
    }
    for (size_t f = 0; f < TALE_FAULTS; f++)
        cr_expect(faults[f] > 50 && faults[f] < 100, "%zu: %zu", f, faults[f]);
    cr_expect(bad > 300);
}
