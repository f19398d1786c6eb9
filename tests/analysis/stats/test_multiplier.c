#include "analysis/stats/multiplier.h"

#include "tests/support/curves.h"

#include <criterion/criterion.h>

enum { N = 781 };

static const struct dual trainer = {.init = 1, .rate = 0.05, .decay = 0.01};

static void run_constant(double cost, size_t n, double *lambda)
{
    double costs[N];

    for (size_t i = 0; i < n; i++)
        costs[i] = cost;
    multiplier_run(&trainer, costs, n, lambda);
}

Test(multiplier, T_42_cost_of_a_step)
{
    cr_expect(near_to(constraint_cost(.55, .4), .15, 1e-12));
    cr_expect(constraint_cost(.55, .7) == 0 && constraint_cost(.55, .55) == 0);
}

/* T-43, T-44, T-45 and the table of Lagrangian mode: lambda after t iterations of a constant cost.
 */
Test(multiplier, follows_the_trainers_law)
{
    static const struct {
        const char *what;
        double cost, want, tolerance;
        size_t t;
    } rows[] = {
        {"T-43 satisfied", 0, 0.7310, 5e-5, 10},  {"T-43 its least", 0, 0.6262, 5e-5, 21},
        {"satisfied at 40", 0, 0.718, 5e-4, 40},  {"T-43 satisfied", 0, 0.6998, 5e-5, 50},
        {"T-43 satisfied", 0, 0.6927, 5e-5, 100}, {"T-44", 0.05, 3.01, 5e-3, 50},
        {"T-44", 0.05, 4.50, 5e-3, 100},          {"T-44", 0.05, 4.97, 5e-3, 200},
        {"T-45 first", 0.15, 1.032, 5e-4, 1},     {"T-45", 0.15, 1.345, 5e-4, 10},
        {"T-45", 0.15, 3.17, 5e-3, 50},           {"T-45", 0.15, 5.61, 5e-3, 100},
        {"T-45", 0.15, 9.50, 5e-3, 200},          {"T-45", 0.15, 13.66, 5e-3, 400},
        {"T-45 end", 0.15, 14.98, 5e-3, 781},
    };
    double lambda[N];

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        run_constant(rows[i].cost, rows[i].t, lambda);
        double got = lambda[rows[i].t - 1];
        cr_expect(fabs(got - rows[i].want) <= rows[i].tolerance, "%s: %.5f at %zu, not %g",
                  rows[i].what, got, rows[i].t, rows[i].want);
    }
}

/* T-43: the dip below ln 2 is Adam's momentum; from iteration 99 on it rests there. */
Test(multiplier, rests_at_ln_2_without_a_cost)
{
    double lambda[N];
    size_t least = 0;

    run_constant(0, N, lambda);
    for (size_t i = 0; i < N; i++) {
        if (lambda[i] < lambda[least])
            least = i;
        cr_expect(i < 98 || fabs(lambda[i] - M_LN2) <= 0.001, "%.5f at %zu", lambda[i], i + 1);
    }
    cr_expect(least == 20, "least at %zu", least + 1);
}

/* A cost after a satisfied stretch: faster than from the start, as the second moment has shrunk. */
Test(multiplier, rises_faster_after_a_satisfied_stretch)
{
    double cost[320], lambda[320], fastest = 0;

    for (size_t i = 0; i < 320; i++)
        cost[i] = i < 300 ? 0 : 0.15;
    multiplier_run(&trainer, cost, 320, lambda);
    cr_expect(fabs(lambda[300] - 0.734) <= 5e-4 && fabs(lambda[309] - 1.647) <= 5e-4 &&
                  fabs(lambda[319] - 3.227) <= 5e-4,
              "%g %g %g", lambda[300], lambda[309], lambda[319]);
    for (size_t i = 301; i < 320; i++)
        fastest = fmax(fastest, lambda[i] - lambda[i - 1]);
    cr_expect(fastest <= 0.1655, "%g", fastest);
}

Test(multiplier, settles_at_its_equilibrium)
{
    static const struct {
        double cost, want, tolerance;
    } rows[] = {{0, M_LN2, 1e-12},  {.005, .846, 5e-4}, {.01, 1.076, 5e-4},
                {.02, 1.858, 5e-4}, {.05, 4.97, 5e-3},  {.10, 10.0, 5e-3},
                {.15, 15.0, 5e-3},  {.25, 25.0, 5e-3},  {1e6, 1e8, 1}};

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        double got = multiplier_limit(rows[i].cost, 0.01);
        cr_expect(fabs(got - rows[i].want) <= rows[i].tolerance, "%g: %.6f", rows[i].cost, got);
    }
    cr_expect(isinf(multiplier_limit(.05, 0)), "nothing holds it without weight decay");
    cr_expect(fabs(multiplier_limit(0, 0) - M_LN2) < 1e-12);
}

Test(multiplier, the_law_that_made_a_log_fits_it)
{
    struct dual free = trainer;
    double cost[N], lambda[N];

    free.decay = 0;
    for (size_t i = 0; i < N; i++)
        cost[i] = 0.15;
    multiplier_run(&trainer, cost, N, lambda);
    cr_expect(multiplier_misfit(&trainer, cost, lambda, N) < 1e-12);
    cr_expect(multiplier_misfit(&free, cost, lambda, N) > 0.5);
}

Test(multiplier, a_quarter_behind_is_a_quarter)
{
    static const double lags[] = {0, 5, 10, 20, 30};
    double a[200], b[200];

    for (size_t k = 0; k < 5; k++) {
        for (size_t i = 0; i < 200; i++) {
            a[i] = .1 + .05 * sin(2 * M_PI * (double)i / 40);
            b[i] = 5 + .01 * (double)i + sin(2 * M_PI * ((double)i - lags[k]) / 40);
        }
        double lag = phase_lag(a, b, 200, 40), off = fabs(lag - lags[k] / 40);
        cr_expect(fmin(off, 1 - off) < .02, "%g: %g", lags[k], lag);
    }
}

/* (A_r - lambda A_c) / (1 + lambda). */
Test(multiplier, what_is_left_of_the_reward)
{
    cr_expect(fabs(reward_advantage_share(0) - 1) < 1e-15);
    cr_expect(fabs(reward_advantage_share(15) - 0.0625) < 1e-15);
}
