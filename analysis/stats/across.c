#include "analysis/stats/across.h"

#include <math.h>
#include <stdlib.h>

#include "analysis/stats/moments.h"

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

double iqm_of(const double *x, size_t n, struct arena *scratch)
{
    double *v = ARENA_ARRAY(scratch, n + 1, double);
    size_t cut = n / 4;

    if (n == 0)
        return (double)NAN;
    memcpy(v, x, n * sizeof(*v));
    qsort(v, n, sizeof(*v), by_value);
    return mean_of(v + cut, n - 2 * cut);
}

double probability_above(const double *x, size_t nx, const double *y, size_t ny)
{
    double wins = 0;

    for (size_t i = 0; i < nx; i++) {
        for (size_t j = 0; j < ny; j++)
            wins += x[i] > y[j] ? 1 : x[i] == y[j] ? 0.5 : 0;
    }
    return nx > 0 && ny > 0 ? wins / ((double)nx * (double)ny) : (double)NAN;
}
