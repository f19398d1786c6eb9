#include "analysis/stats/policy.h"

#include <math.h>

#include "analysis/stats/special.h"

/* Of x - y (y = NULL: of x), divisor n; two passes. */
static double variance(const double *x, const double *y, size_t n)
{
    double mean = 0, sum = 0;

    for (size_t i = 0; i < n; i++)
        mean += (x[i] - (y ? y[i] : 0)) / (double)n;
    for (size_t i = 0; i < n; i++) {
        double d = x[i] - (y ? y[i] : 0) - mean;

        sum += d * d;
    }
    return sum / (double)n;
}

double explained_variance_of(const double *returns, const double *values, size_t n)
{
    double total = n > 1 ? variance(returns, NULL, n) : 0;

    return total > 0 ? 1 - variance(returns, values, n) / total : (double)NAN;
}

struct entropy_line entropy_line_of(const double *entropy, const double *reward, size_t n)
{
    struct entropy_line line = {.a = (double)NAN, .b = (double)NAN, .ceiling = (double)NAN};
    double mean_e = 0, mean_r = 0, see = 0, ser = 0, srr = 0;

    for (size_t i = 0; i < n; i++) {
        mean_e += exp(entropy[i]) / (double)n;
        mean_r += reward[i] / (double)n;
    }
    for (size_t i = 0; i < n; i++) {
        double e = exp(entropy[i]) - mean_e, r = reward[i] - mean_r;

        see += e * e;
        ser += e * r;
        srr += r * r;
    }
    /* e^H beyond a double, or nothing that varies by more than rounding does: no line */
    if (n < ENTROPY_LINE_POINTS_MIN || !isfinite(see) || !(see > 1e-24 * mean_e * mean_e) ||
        !(srr > 1e-24 * mean_r * mean_r))
        return line;
    line.enough = true;
    line.a = -ser / see;
    line.b = mean_r + line.a * mean_e;
    line.ceiling = line.b - line.a;
    line.r2 = ser * ser / (see * srr);
    return line;
}

double gate_spread_of(double h)
{
    enum { HALVINGS = 100 };
    double low = 1, high = 1e9; /* the entropy falls as a rises */

    for (int i = 0; i < HALVINGS; i++) {
        double a = sqrt(low * high);

        if (beta_entropy(a, a) > h)
            low = a;
        else
            high = a;
    }
    return 1 / (2 * sqrt(2 * low + 1));
}

double same_reward_share(double p, double group)
{
    return pow(p, group) + pow(1 - p, group);
}
