#include "analysis/stats/parabola.h"

#include <criterion/criterion.h>
#include <math.h>

Test(parabola, three_points_are_met_exactly_and_leave_no_interval)
{
    /* y = 2 + 3 (x - 1)^2 */
    static const double x[] = {0, 1, 3}, y[] = {5, 2, 14};
    struct parabola p = parabola_of(x, y, 3);

    cr_assert(p.enough);
    cr_expect(fabs(p.curvature - 3) < 1e-12, "%g", p.curvature);
    cr_expect(fabs(p.turn - 1) < 1e-12, "%g", p.turn);
    cr_expect(fabs(parabola_at(&p, 1) - 2) < 1e-12 && fabs(parabola_at(&p, 2) - 5) < 1e-12);
    cr_expect(isnan(p.low) && isnan(p.scatter), "no degree of freedom is left");
}

/*
 * x = -2..2: the curvature's own part of x^2 is x^2 - 2 = 2, -1, -2, -1, 2 (squares sum to 14).
 * y = x^2 + e with e = .1, -.2, 0, .2, -.1: c = 1 + (.2 + .2 - .2 - .2) / 14 = 1,
 * b = (-.2 + .2 + .2 - .2) / 10 = 0, y0 = 0; RSS = .04 + .01 + .01 + .04 = .1, two degrees:
 * scatter = sqrt(.05) = .2236068; t_.975(2) = 4.302653; half = 4.302653 * .2236068 / sqrt 14.
 */
Test(parabola, five_points_have_the_interval_of_least_squares)
{
    static const double x[] = {-2, -1, 0, 1, 2}, y[] = {4.1, 0.8, 0, 1.2, 3.9};
    struct parabola p = parabola_of(x, y, 5);

    cr_expect(fabs(p.curvature - 1) < 1e-12 && fabs(p.slope) < 1e-12 && fabs(p.turn) < 1e-12);
    cr_expect(fabs(p.scatter - 0.2236068) < 1e-7, "%.9g", p.scatter);
    cr_expect(fabs(p.low - (1 - 0.2571327)) < 1e-6, "%.9g", p.low);
    cr_expect(fabs(p.high - (1 + 0.2571327)) < 1e-6, "%.9g", p.high);
}

Test(parabola, two_different_places_hold_no_parabola)
{
    static const double x[] = {1, 1, 1, 2, 2}, y[] = {1, 2, 3, 4, 5};

    cr_expect(!parabola_of(x, y, 5).enough);
    cr_expect(!parabola_of(x, y, 2).enough);
    cr_expect(!parabola_of(x, y, 0).enough);
}
