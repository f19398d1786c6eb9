#ifndef PARABOLA_H
#define PARABOLA_H
/*
 * Least squares of y = y0 + b (x - m) + c (x - m)^2, m the mean of x: where is
 * the turn, and is there one? Needs three different x.
 */

#include <stdbool.h>
#include <stddef.h>

struct parabola {
    bool enough;
    double middle, constant, slope, curvature; /* m, y0, b, c */
    double low, high;                          /* 95% of the curvature; NAN at three points */
    double scatter;                            /* sqrt(RSS / (n - 3)); NAN at three points */
    double turn;                               /* m - b / 2c; NAN for a line */
};

struct parabola parabola_of(const double *x, const double *y, size_t n);

double parabola_at(const struct parabola *p, double x);

#endif
