#include "analysis/stats/prechelt.h"

#include <math.h>

static double lowest(const double *x, size_t n)
{
    double least = x[0];

    for (size_t i = 1; i < n; i++)
        least = fmin(least, x[i]);
    return least;
}

struct prechelt prechelt_of(const double *val, size_t m, const double *train, size_t n, size_t k)
{
    struct prechelt out = {(double)NAN, (double)NAN, (double)NAN};

    if (m > 0 && lowest(val, m) > 0)
        out.gl = 100 * (val[m - 1] / lowest(val, m) - 1);
    if (k > 0 && n >= k && lowest(train + n - k, k) > 0) {
        double sum = 0;

        for (size_t i = n - k; i < n; i++)
            sum += train[i];
        out.p = 1000 * (sum / ((double)k * lowest(train + n - k, k)) - 1);
    }
    if (out.p > 0)
        out.pq = out.gl / out.p;
    return out;
}

size_t prechelt_strips(const double *val, size_t m, size_t k)
{
    size_t strips = 0;

    for (size_t i = m; k > 0 && i > k && val[i - 1] > val[i - 1 - k]; i -= k)
        strips++;
    return strips;
}

bool prechelt_up(const double *val, size_t m, size_t s, size_t k)
{
    return s > 0 && prechelt_strips(val, m, k) >= s;
}
