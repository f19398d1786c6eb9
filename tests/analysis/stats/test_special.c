#include "analysis/stats/special.h"

#include <criterion/criterion.h>

#include "tests/support/curves.h"

Test(special, vector_47_special_functions)
{
    cr_expect(near_to(student_t_quantile(0.975, 4), 2.7764451052, 1e-10));
    cr_expect(near_to(student_t_sf(2.5, 7), 0.0204961092929, 1e-11));
    cr_expect(near_to(normal_quantile(0.975), 1.95996398454, 1e-11));
    cr_expect(near_to(beta_inc(2, 5, 0.3), 0.579825, 1e-12), "exact: a polynomial");
    cr_expect(near_to(chi2_sf(5, 2), 0.0820849986239, 1e-11));
    cr_expect(near_to(digamma(2.5), 0.703156640645, 1e-11));
    cr_expect(near_to(log_gamma(10.5), 13.9406252194, 1e-11));
}

Test(special, vector_23_beta_entropy)
{
    static const struct {
        double a, b, want;
    } rows[] = {{1, 1, 0},
                {2, 5, -0.4845307},
                {15, 15, -0.9920354},
                {0.5, 0.5, -0.2415645},
                {2, 2, -0.1250928}};

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        double got = beta_entropy(rows[i].a, rows[i].b);

        cr_expect(near_to(got, rows[i].want, 1e-6), "Beta(%g,%g): %.9g", rows[i].a, rows[i].b, got);
    }
    cr_expect(near_to(beta_entropy(1, 15), -1.7747, 1e-4), "log(1/15) + 14/15");
}

/* df 1 is Cauchy: tail 1/2 - atan(t)/pi. df 2: 1/2 - t / (2 sqrt(2 + t^2)). */
Test(special, student_t_is_right_where_it_has_a_closed_form)
{
    static const double ts[] = {1e-3, 0.5, 1, 3, 40, 1e4};

    for (size_t i = 0; i < sizeof(ts) / sizeof(ts[0]); i++) {
        double t = ts[i], cauchy = atan2(1, t) / M_PI;
        double two = 1 / (sqrt(2 + t * t) * (sqrt(2 + t * t) + t));

        cr_expect(near_to(student_t_sf(t, 1), cauchy, 1e-11), "t %g df 1", t);
        cr_expect(near_to(student_t_sf(t, 2), two, 1e-11), "t %g df 2", t);
        cr_expect(near_to(student_t_sf(-t, 2), 1 - two, 1e-12), "t %g df 2", -t);
        cr_expect(near_to(student_t_sf(t, 1e7), normal_cdf(-t), 1e-4) || t > 30, "t %g df 1e7", t);
    }
    cr_expect(student_t_sf(0, 5) == 0.5 && student_t_sf(INFINITY, 5) == 0);
}

Test(special, quantiles_undo_the_tails)
{
    static const double ps[] = {1e-9, 5e-5, 0.01, 0.05, 0.3, 0.5};
    static const double dfs[] = {1, 2.5, 10, 207.66, 1000, INFINITY};

    for (size_t i = 0; i < sizeof(ps) / sizeof(ps[0]); i++) {
        cr_expect(near_to(normal_cdf(normal_quantile(ps[i])), ps[i], 1e-12), "normal %g", ps[i]);
        cr_expect(near_to(normal_quantile(1 - ps[i]), -normal_quantile(ps[i]), 1e-7), "%g", ps[i]);
        for (size_t j = 0; j < sizeof(dfs) / sizeof(dfs[0]); j++) {
            double t = student_t_quantile(ps[i], dfs[j]);

            cr_expect(near_to(student_t_sf(-t, dfs[j]), ps[i], 1e-10), "p %g df %g", ps[i], dfs[j]);
        }
    }
}

/* df 4: e^{-x/2} (1 + x/2); both sides of the change of method. */
Test(special, chi2_tail_is_right_where_it_has_a_closed_form)
{
    static const double xs[] = {0.01, 1, 5.9, 6.1, 30, 400};

    for (size_t i = 0; i < sizeof(xs) / sizeof(xs[0]); i++) {
        double x = xs[i];

        cr_expect(near_to(chi2_sf(x, 4), exp(-x / 2) * (1 + x / 2), 1e-12), "x %g", x);
        cr_expect(near_to(chi2_sf(x, 1), 2 * normal_cdf(-sqrt(x)), 1e-11), "x %g", x);
    }
    cr_expect(chi2_sf(0, 3) == 1 && chi2_sf(INFINITY, 3) == 0);
}

Test(special, digamma_of_1_is_minus_eulers_constant)
{
    cr_expect(near_to(digamma(1), -0.57721566490153286, 1e-13));
    cr_expect(near_to(digamma(0.5), -1.9635100260214235, 1e-13));
    cr_expect(near_to(digamma(30), 3.3844381326855849, 1e-13));
}

Test(special, arguments_out_of_range_give_nan)
{
    cr_expect(isnan(normal_quantile(0)) && isnan(normal_quantile(1)) &&
              isnan(normal_quantile(NAN)));
    cr_expect(isnan(student_t_quantile(0, 3)) && isnan(student_t_quantile(0.5, 0)));
    cr_expect(isnan(student_t_sf(1, -1)) && isnan(student_t_sf(NAN, 1)));
    cr_expect(isnan(beta_inc(0, 1, 0.5)) && isnan(beta_inc(1, 1, 1.5)) && isnan(chi2_sf(1, 0)));
    cr_expect(isnan(digamma(0)) && isnan(log_gamma(-1)) && isnan(beta_entropy(0, 1)));
}
