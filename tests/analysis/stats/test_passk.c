#include "analysis/stats/passk.h"
#include "analysis/stats/moments.h"
#include "analysis/stats/rng.h"

#include <criterion/criterion.h>
#include <math.h>

static bool near(double got, double want, double tolerance)
{
    return fabs(got - want) <= tolerance;
}

Test(passk, vectors_1_and_2)
{
    static const struct {
        const char *name;
        pass_of *of;
        uint32_t n, c, k;
        double want;
    } rows[] = {
        {"(10,3,1)", pass_at_k, 10, 3, 1, 0.3},
        {"(10,3,5)", pass_at_k, 10, 3, 5, 0.9166666667},
        {"(5,0,3)", pass_at_k, 5, 0, 3, 0},
        {"(5,5,1)", pass_at_k, 5, 5, 1, 1},
        {"(200,1,100)", pass_at_k, 200, 1, 100, 0.5},
        {"(1000,1,10)", pass_at_k, 1000, 1, 10, 0.01},
        {"(4,2,4)", pass_at_k, 4, 2, 4, 1},
        {"hat (8,6,1)", pass_hat_k, 8, 6, 1, 0.75},
        {"hat (8,6,4)", pass_hat_k, 8, 6, 4, 0.2142857143},
        {"hat (8,8,8)", pass_hat_k, 8, 8, 8, 1},
        {"hat (4,1,2)", pass_hat_k, 4, 1, 2, 0},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        double got = rows[i].of(rows[i].n, rows[i].c, rows[i].k);
        cr_expect(near(got, rows[i].want, 1e-9), "%s: %.12g", rows[i].name, got);
    }
}

Test(passk, A_01_A_02_A_03_known_values)
{
    static const struct {
        uint32_t n, c, k;
        double want;
    } rows[] = {{10, 3, 1, 0.3}, {10, 3, 2, 0.5333}, {10, 3, 5, 0.9167}, {10, 3, 10, 1},
                {5, 1, 2, 0.4},  {4, 2, 2, 0.8333},  {100, 1, 10, 0.1}};

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        cr_expect(near(pass_at_k(rows[i].n, rows[i].c, rows[i].k), rows[i].want, 5e-5), "row %zu",
                  i);
    for (uint32_t k = 1; k <= 200; k++)
        cr_expect(pass_at_k(200, 0, k) == 0, "(200, 0), k = %u", k);
}

Test(passk, A_04_A_05_over_tasks_and_the_flaw_of_top_k)
{
    static const struct trials tasks[] = {{4, 1}, {4, 0}, {4, 2}};
    size_t used;

    cr_expect(near(pass_mean(pass_at_k, tasks, 3, 1, &used), 0.25, 1e-12));
    cr_expect(near(pass_mean(pass_at_k, tasks, 3, 2, &used), 4.0 / 9, 1e-12));
    cr_expect(near(pass_mean(pass_at_k, tasks, 3, 4, &used), 2.0 / 3, 1e-12) && used == 3);
    cr_expect(near(best_of_n(tasks, 3), 2.0 / 3, 1e-12), "the same for every k");
}

Test(passk, vector_3_over_tasks)
{
    static const struct trials tasks[] = {{4, 0}, {4, 1}, {4, 4}, {4, 2}};
    size_t used;

    cr_expect(near(pass_mean(pass_at_k, tasks, 4, 1, &used), 0.4375, 1e-9));
    cr_expect(near(pass_mean(pass_at_k, tasks, 4, 2, &used), 0.5833333333, 1e-9));
    cr_expect(near(pass_mean(pass_at_k, tasks, 4, 4, &used), 0.75, 1e-9));
    cr_expect(near(best_of_n(tasks, 4), 0.75, 1e-9));
    cr_expect(near(pass_mean(pass_hat_k, tasks, 4, 2, &used), 0.2916666667, 1e-9));
}

Test(passk, A_06_more_than_there_are_is_undefined)
{
    static const struct trials tasks[] = {{3, 0}, {8, 8}};
    size_t used;

    cr_expect(isnan(pass_at_k(3, 0, 5)));
    cr_expect(isnan(pass_at_k(3, 0, 0)));
    cr_expect(near(pass_mean(pass_at_k, tasks, 2, 5, &used), 1, 0) && used == 1);
    cr_expect(isnan(pass_mean(pass_at_k, tasks, 1, 5, &used)) && used == 0);
}

Test(passk, vector_4_new_tasks)
{
    static const double value[] = {0, .25, 1, .5, .75};
    struct interval got;
    const char *why;

    cr_assert(interval_t(value, 5, &got));
    cr_expect(near(mean_of(value, 5), 0.5, 1e-12));
    cr_expect(near(sd_of(value, 5) / sqrt(5), 0.1767767, 1e-7));
    cr_expect(near(got.low, 0.00918921, 1e-8) && near(got.high, 0.9908108, 1e-7));
    cr_assert(new_tasks_raw(value, 5, &got));
    cr_expect(near(got.low, 0.1231165, 1e-7) && near(got.high, 0.8768835, 1e-7), "%g %g", got.low,
              got.high);
    cr_expect(!interval_new_tasks(value, 5, &got, &why) && why, "5 tasks are too few");
}

/* The mean of twelve thirds is not a third to the last bit. By hand: Wilson of 4 of 12. */
Test(passk, equal_shares_have_width_whatever_rounding_leaves)
{
    double value[12];
    struct interval got;
    const char *why;

    for (size_t i = 0; i < 12; i++)
        value[i] = pass_at_k(3, 1, 1);
    cr_assert(interval_new_tasks(value, 12, &got, &why));
    cr_expect(near(got.low, 0.138114, 1e-5) && near(got.high, 0.609374, 1e-5), "%g %g", got.low,
              got.high);
}

Test(passk, vector_5_and_45_shares)
{
    struct interval got = wilson_interval(7, 10, 0.95);

    cr_expect(near(got.low, 0.3967781, 1e-7) && near(got.high, 0.8922087, 1e-7));
    got = wilson_interval(55, 100, 0.95);
    cr_expect(near(got.low, 0.452446, 1e-6) && near(got.high, 0.6438546, 1e-7));
    got = wilson_interval(0, 20, 0.95);
    cr_expect(got.low == 0 && near(got.high, 0.1611252, 1e-7));
    got = newcombe_interval(56, 70, 48, 80, 0.95);
    cr_expect(near(got.low, 0.0524315, 1e-7) && near(got.high, 0.333873, 1e-6));
}

Test(passk, vector_72_same_tasks)
{
    static const struct trials tasks[] = {{8, 0}, {8, 1}, {8, 2}, {8, 4}, {8, 7}, {8, 8}};
    struct same_tasks got;
    const char *why;
    size_t used;

    cr_assert(pass_same_tasks(tasks, 6, 4, &got, &why));
    cr_expect(near(got.m, 0.4583333, 1e-7) && near(got.rho, 0.6243756, 1e-7), "%g %g", got.m,
              got.rho);
    cr_expect(near(got.a, 0.2757333, 1e-7) && near(got.b, 0.3258667, 1e-7));
    cr_expect(near(got.mean, 0.6773027, 1e-7), "%.8g", got.mean);
    cr_expect(near(got.se_bayes, 0.06438100, 1e-8), "%.9g", got.se_bayes);
    cr_expect(near(got.se_unbiased, 0.09069522, 1e-8), "%.9g", got.se_unbiased);
    cr_expect(near(got.interval.low, 0.4995433, 1e-7) && near(got.interval.high, 0.8550620, 1e-7));
    cr_expect(!got.approximate);
    cr_expect(near(pass_mean(pass_at_k, tasks, 6, 4, &used), 0.7119048, 1e-7));
    cr_assert(pass_same_tasks(tasks, 6, 5, &got, &why));
    cr_expect(got.approximate, "2k > n");
}

Test(passk, nothing_or_everything_passed_has_no_second_interval)
{
    static const struct trials none[] = {{4, 0}, {4, 0}}, all[] = {{4, 4}, {4, 4}},
                               once[] = {{1, 0}, {1, 1}};
    struct same_tasks got;
    const char *why;

    cr_expect(!pass_same_tasks(none, 2, 1, &got, &why) && strcmp(why, "no trial passed") == 0);
    cr_expect(!pass_same_tasks(all, 2, 1, &got, &why) && strcmp(why, "every trial passed") == 0);
    cr_expect(!pass_same_tasks(once, 2, 1, &got, &why) && why);
}

/* ---- coverage: tests/bench/bench_coverage.c has more designs and more rounds ---- */

enum { TASKS_MAX = 60 };

/* u: uniform; p is how often a task is passed. */
static double even(double u)
{
    return u;
}

static double mostly_hard(double u)
{
    return u * u;
}

static double easy_or_hard(double u)
{
    return u < 0.5 ? 0.05 : 0.95;
}

static double thirds(double u)
{
    return u < 1.0 / 3 ? 0.02 : u < 2.0 / 3 ? 0.5 : 0.98;
}

struct design {
    const char *name;
    double (*difficulty)(double u);
    uint32_t tasks, n, k;
    double truth; /* E[1 - (1-p)^k] over all tasks there could be */
};

struct hits {
    int new, same, pooled;
};

/* One benchmark: which intervals hold what they are for. */
static void run_once(const struct design *d, struct rng *rng, struct hits *hits)
{
    struct trials tasks[TASKS_MAX];
    double value[TASKS_MAX], truth = 0, passed = 0;
    struct interval new, pooled;
    struct same_tasks same;
    const char *why;

    for (uint32_t t = 0; t < d->tasks; t++) {
        double p = d->difficulty(rng_uniform(rng));
        tasks[t] = (struct trials){d->n, 0};
        for (uint32_t i = 0; i < d->n; i++)
            tasks[t].c += rng_uniform(rng) < p;
        value[t] = pass_at_k(d->n, tasks[t].c, d->k);
        truth += (1 - pow(1 - p, d->k)) / d->tasks;
        passed += tasks[t].c;
    }
    cr_assert(interval_new_tasks(value, d->tasks, &new, &why), "%s", d->name);
    cr_assert(pass_same_tasks(tasks, d->tasks, d->k, &same, &why), "%s", d->name);
    pooled = wilson_interval(passed, (double)d->tasks * d->n, 0.95);
    hits->new += new.low <= d->truth && d->truth <= new.high;
    hits->same += same.interval.low <= truth && truth <= same.interval.high;
    hits->pooled += pooled.low <= d->truth && d->truth <= pooled.high;
}

/* A fixed seed: the same 400 benchmarks each time. */
Test(passk, intervals_hold_the_truth_as_often_as_they_say)
{
    enum { ROUNDS = 400 };
    static const struct design designs[] = {
        {"even, 40 tasks, k 2 of 8", even, 40, 8, 2, 2.0 / 3},
        {"even, 20 tasks, k 1 of 4", even, 20, 4, 1, 0.5},
        {"hard, 60 tasks, k 4 of 8", mostly_hard, 60, 8, 4, 1 - 128.0 / 315},
        {"easy or hard, 60 tasks, k 1 of 8", easy_or_hard, 60, 8, 1, 0.5},
        {"thirds, 60 tasks, k 2 of 8", thirds, 60, 8, 2, 1 - (0.9604 + 0.25 + 0.0004) / 3},
    };

    for (size_t i = 0; i < sizeof(designs) / sizeof(designs[0]); i++) {
        const struct design *d = &designs[i];
        struct rng rng = rng_of(7);
        struct hits hits = {0};
        for (int round = 0; round < ROUNDS; round++)
            run_once(d, &rng, &hits);
        cr_expect(hits.new >= 0.93 * ROUNDS &&hits.new <= 0.98 * ROUNDS, "%s: new %d of %d",
                  d->name, hits.new, ROUNDS);
        cr_expect(hits.same >= 0.88 * ROUNDS && hits.same <= 0.97 * ROUNDS, "%s: same %d of %d",
                  d->name, hits.same, ROUNDS);
        cr_expect(d->k > 1 || hits.pooled < 0.88 * ROUNDS,
                  "%s: Wilson over trials %d of %d, so such a test tells them apart", d->name,
                  hits.pooled, ROUNDS);
    }
}

/* Nearly all passed: the intervals stay inside 0 to 1, and none is of no width. */
Test(passk, at_the_ceiling_an_interval_has_width_or_is_not_given)
{
    struct rng rng = rng_of(7);
    int given = 0;

    for (int round = 0; round < 200; round++) {
        struct trials tasks[TASKS_MAX];
        double value[TASKS_MAX];
        struct interval new;
        struct same_tasks same;
        const char *why = NULL;
        for (int t = 0; t < 50; t++) {
            tasks[t] = (struct trials){4, 4 - (rng_uniform(&rng) < 0.01)};
            value[t] = pass_at_k(4, tasks[t].c, 1);
        }
        cr_assert(interval_new_tasks(value, 50, &new, &why));
        cr_expect(new.low >= 0 && new.high <= 1 && new.high - new.low > 0.001, "%g %g", new.low,
                  new.high);
        if (pass_same_tasks(tasks, 50, 1, &same, &why)) {
            cr_expect(same.interval.low >= 0 && same.interval.high <= 1 &&
                      same.interval.high > same.interval.low);
            given++;
        } else {
            cr_expect(why && strcmp(why, "every trial passed") == 0, "%s", why);
        }
    }
    cr_expect(given > 20 && given < 180, "both happen: %d of 200", given);
}
