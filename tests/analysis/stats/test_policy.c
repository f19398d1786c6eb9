#include "analysis/stats/policy.h"

#include "analysis/stats/special.h"
#include "tests/support/curves.h"

#include <criterion/criterion.h>

/* Vector 25. */
Test(policy, vector_25_explained_variance)
{
    static const double returns[] = {1, 2, 3, 4, 5}, values[] = {1.1, 1.9, 3.2, 3.7, 5.3},
                        reversed[] = {5.3, 3.7, 3.2, 1.9, 1.1}, flat[] = {2, 2, 2, 2, 2};

    cr_expect(near_to(explained_variance_of(returns, values, 5), .9768, 1e-6));
    cr_expect(near_to(explained_variance_of(returns, reversed, 5), -3.1032, 1e-6));
    cr_expect(isnan(explained_variance_of(flat, values, 5)) &&
              isnan(explained_variance_of(returns, values, 0)));
}

/* Vector 46. */
Test(policy, vector_46_entropy_line)
{
    static const double h[] = {1.2, .9, .6, .4, .25, .15};
    double r[6];

    for (size_t i = 0; i < 6; i++)
        r[i] = .8 - .15 * exp(h[i]);
    struct entropy_line line = entropy_line_of(h, r, 6);
    cr_expect(line.enough && near_to(line.a, .15, 1e-6) && near_to(line.b, .8, 1e-6) &&
              near_to(line.ceiling, .65, 1e-6) && near_to(line.r2, 1, 1e-9));
    cr_expect(!entropy_line_of(h, r, 5).enough, "five points");
    cr_expect(!entropy_line_of((double[]){1, 1, 1, 1, 1, 1}, r, 6).enough, "constant entropy");
    cr_expect(!entropy_line_of((double[]){1, 1, 1, 1, 1, 800}, r, 6).enough, "e^800");
}

/* Vector 23 and T-58: what one Beta gate can have. */
Test(policy, vector_23_T_58_entropies_of_a_beta_gate)
{
    static const struct {
        double a, b, want, tolerance;
    } rows[] = {{1, 1, 0, 1e-9},           {2, 5, -.4845307, 1e-7}, {15, 15, -.9920354, 1e-7},
                {.5, .5, -.2415645, 1e-7}, {2, 2, -.1250928, 1e-7}, {5, 5, -.481, 5e-4},
                {1, 15, -1.7747, 5e-5}};

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        cr_expect(fabs(beta_entropy(rows[i].a, rows[i].b) - rows[i].want) <= rows[i].tolerance,
                  "Beta(%g,%g)", rows[i].a, rows[i].b);
}

/* -.35 is a symmetric gate of alpha 3.68, sd .173; alpha 5 has 1 / (2 sqrt 11). */
Test(policy, what_an_entropy_means_for_the_spread)
{
    cr_expect(fabs(gate_spread_of(-.35) - .173) < 5e-4, "%g", gate_spread_of(-.35));
    cr_expect(fabs(gate_spread_of(beta_entropy(5, 5)) - 1 / (2 * sqrt(11))) < 1e-6);
    cr_expect(fabs(gate_spread_of(0) - sqrt(1.0 / 12)) < 1e-6 &&
              fabs(gate_spread_of(.5) - sqrt(1.0 / 12)) < 1e-6);
}

/* By hand: .5^8 + .5^8 = 1/128; a rate of 0 or 1 makes every group alike. */
Test(policy, groups_that_teach_nothing)
{
    cr_expect(near_to(same_reward_share(.5, 8), 1.0 / 128, 1e-12));
    cr_expect(same_reward_share(0, 8) == 1 && same_reward_share(1, 8) == 1);
}
