#include "analysis/stats/moments.h"

#include <math.h>

#include "analysis/stats/order.h"

/* Neumaier 1974: what a sum loses is collected and added at the end. */
struct sum {
    double total, lost;
};

static void sum_add(struct sum *sum, double x)
{
    double total = sum->total + x;

    if (fabs(sum->total) >= fabs(x))
        sum->lost += (sum->total - total) + x;
    else
        sum->lost += (x - total) + sum->total;
    sum->total = total;
}

double mean_of(const double *x, size_t n)
{
    struct sum sum = {0, 0};

    if (n == 0)
        return 0;
    for (size_t i = 0; i < n; i++)
        sum_add(&sum, x[i]);
    return (sum.total + sum.lost) / (double)n;
}

double sd_of(const double *x, size_t n)
{
    struct sum sum = {0, 0};

    if (n < 2)
        return 0;
    double centre = mean_of(x, n);
    for (size_t i = 0; i < n; i++)
        sum_add(&sum, (x[i] - centre) * (x[i] - centre));
    return sqrt((sum.total + sum.lost) / (double)(n - 1));
}

static double smallest(const double *x, size_t n)
{
    double least = x[0];

    for (size_t i = 1; i < n; i++)
        least = x[i] < least ? x[i] : least;
    return least;
}

double quantile_select(double *x, size_t n, double p)
{
    if (n == 0)
        return 0;
    double h = clip(p, 0, 1) * (double)(n - 1);
    size_t k = (size_t)h;
    double low = order_select(x, n, k);

    if (k + 1 >= n || h <= (double)k)
        return low;
    return low + (h - (double)k) * (smallest(x + k + 1, n - k - 1) - low);
}

double median_select(double *x, size_t n)
{
    if (n == 0)
        return 0;
    double low = order_select(x, n, (n - 1) / 2);

    return n % 2 ? low : (low + smallest(x + n / 2, n - n / 2)) / 2;
}

static double *copy(const double *x, size_t n, struct arena *scratch)
{
    double *c = ARENA_ARRAY(scratch, n, double);

    if (n)
        memcpy(c, x, n * sizeof(*c));
    return c;
}

double median_of(const double *x, size_t n, struct arena *scratch)
{
    return median_select(copy(x, n, scratch), n);
}

double mad_of(const double *x, size_t n, struct arena *scratch)
{
    double *c = copy(x, n, scratch);
    double centre = median_select(c, n);

    for (size_t i = 0; i < n; i++)
        c[i] = fabs(c[i] - centre);
    return median_select(c, n);
}

double quantile_of(const double *x, size_t n, double p, struct arena *scratch)
{
    return quantile_select(copy(x, n, scratch), n, p);
}

bool relative_of(const double *x, size_t n, double *y, struct arena *scratch)
{
    size_t positive = 0;

    while (positive < n && x[positive] > 0)
        positive++;
    if (positive == n) {
        for (size_t i = 0; i < n; i++)
            y[i] = log(x[i]);
        return true;
    }

    for (size_t i = 0; i < n; i++)
        y[i] = fabs(x[i]);
    double scale = median_of(y, n, scratch);
    for (size_t i = 0; i < n; i++)
        y[i] = scale > 0 ? x[i] / scale : x[i];
    return false;
}

void block_means(const double *x, size_t n, size_t count, double *out)
{
    for (size_t k = 0; k < count; k++) {
        size_t from = block_edge(k, count, n);

        out[k] = mean_of(x + from, block_edge(k + 1, count, n) - from);
    }
}

void block_medians(const double *x, size_t n, size_t count, double *out, struct arena *scratch)
{
    double *c = copy(x, n, scratch);

    for (size_t k = 0; k < count; k++) {
        size_t from = block_edge(k, count, n);

        out[k] = median_select(c + from, block_edge(k + 1, count, n) - from);
    }
}

void running_median(const double *x, size_t n, size_t width, double *out, struct arena *scratch)
{
    double *window = ARENA_ARRAY(scratch, width, double);
    size_t half = width / 2;

    for (size_t i = 0; i < n; i++) {
        size_t from = i > half ? i - half : 0;
        size_t to = n - i > half ? i + half + 1 : n;

        memcpy(window, x + from, (to - from) * sizeof(*window));
        out[i] = median_select(window, to - from);
    }
}
