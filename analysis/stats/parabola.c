#include "analysis/stats/parabola.h"

#include <math.h>

#include "analysis/stats/moments.h"
#include "analysis/stats/special.h"

/* Sums of powers of d = x - m, and of those times y; the sum of d is 0. */
struct sums {
    double n, d2, d3, d4, y, dy, d2y;
};

static struct sums sums_of(const double *x, const double *y, size_t n, double middle)
{
    struct sums s = {.n = (double)n};

    for (size_t i = 0; i < n; i++) {
        double d = x[i] - middle, dd = d * d;

        s.d2 += dd;
        s.d3 += dd * d;
        s.d4 += dd * dd;
        s.y += y[i];
        s.dy += d * y[i];
        s.d2y += dd * y[i];
    }
    return s;
}

double parabola_at(const struct parabola *p, double x)
{
    double d = x - p->middle;

    return p->constant + d * (p->slope + d * p->curvature);
}

struct parabola parabola_of(const double *x, const double *y, size_t n)
{
    struct parabola p = {.low = NAN, .high = NAN, .scatter = NAN, .turn = NAN, .curvature = NAN};

    if (n < 3)
        return p;
    p.middle = mean_of(x, n);
    struct sums s = sums_of(x, y, n, p.middle);
    /* what of d^2 neither the constant nor the line explains, and what of y it does */
    double own = s.d4 - s.d2 * s.d2 / s.n - s.d3 * s.d3 / s.d2;
    double with = s.d2y - s.d2 * s.y / s.n - s.d3 * s.dy / s.d2;
    if (!(s.d2 > 0) || !(own > 1e-9 * s.d4))
        return p; /* two different x */
    p.enough = true;
    p.curvature = with / own;
    p.slope = (s.dy - p.curvature * s.d3) / s.d2;
    p.constant = (s.y - p.curvature * s.d2) / s.n;
    if (p.curvature != 0)
        p.turn = p.middle - p.slope / (2 * p.curvature);
    if (n == 3)
        return p;
    double left = 0;
    for (size_t i = 0; i < n; i++) {
        double e = y[i] - parabola_at(&p, x[i]);
        left += e * e;
    }
    p.scatter = sqrt(left / (s.n - 3));
    double half = student_t_quantile(0.975, s.n - 3) * p.scatter / sqrt(own);
    p.low = p.curvature - half;
    p.high = p.curvature + half;
    return p;
}
