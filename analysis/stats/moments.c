#include "analysis/stats/moments.h"

#include <math.h>

#include "analysis/stats/order.h"
#include "analysis/stats/pick.h"

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

/* Type 7: where the quantile lies between two values of the order. */
struct place {
    size_t k;
    double share; /* of the way to the next */
};

static struct place place_of(size_t n, double p)
{
    double h = clip(p, 0, 1) * (double)(n - 1);
    size_t k = (size_t)h;

    return (struct place){k, k + 1 < n ? h - (double)k : 0};
}

double quantile_select(double *x, size_t n, double p)
{
    if (n == 0)
        return 0;
    struct place at = place_of(n, p);
    double low = order_select(x, n, at.k);

    if (!(at.share > 0))
        return low;
    return low + at.share * (smallest(x + at.k + 1, n - at.k - 1) - low);
}

double median_select(double *x, size_t n)
{
    if (n == 0)
        return 0;
    double low = order_select(x, n, (n - 1) / 2);

    return n % 2 ? low : (low + smallest(x + n / 2, n - n / 2)) / 2;
}

double median_of_values(const struct values *values, struct arena *scratch)
{
    struct pick low = {.k = values->n > 0 ? (values->n - 1) / 2 : 0};

    if (values->n == 0)
        return 0;
    pick_all(values, &low, 1, scratch);
    return values->n % 2 ? low.at : (low.at + low.next) / 2;
}

void quantiles_of_values(const struct values *values, const double *p, size_t count, double *out,
                         struct arena *scratch)
{
    struct pick picks[PICKS_MAX];

    for (size_t i = 0; i < count; i++) {
        picks[i].k = values->n > 0 ? place_of(values->n, p[i]).k : 0;
        out[i] = 0;
    }
    if (values->n == 0)
        return;
    pick_all(values, picks, count, scratch);
    for (size_t i = 0; i < count; i++)
        out[i] = picks[i].at + place_of(values->n, p[i]).share * (picks[i].next - picks[i].at);
}

double median_of(const double *x, size_t n, struct arena *scratch)
{
    return median_of_values(&(struct values){.n = n, .plain = x}, scratch);
}

struct centred {
    const struct values *values;
    double centre;
};

static void distances(const void *of, size_t from, size_t n, double *out)
{
    const struct centred *c = of;

    values_read(c->values, from, n, out);
    for (size_t i = 0; i < n; i++)
        out[i] = fabs(out[i] - c->centre);
}

double mad_of_values(const struct values *values, struct arena *scratch)
{
    struct centred c = {values, median_of_values(values, scratch)};
    struct values from_centre = {.n = values->n, .fill = distances, .of = &c};

    return median_of_values(&from_centre, scratch);
}

double mad_of(const double *x, size_t n, struct arena *scratch)
{
    return mad_of_values(&(struct values){.n = n, .plain = x}, scratch);
}

double quantile_of(const double *x, size_t n, double p, struct arena *scratch)
{
    double out;

    quantiles_of_values(&(struct values){.n = n, .plain = x}, &p, 1, &out, scratch);
    return out;
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

static double *copy(const double *x, size_t n, struct arena *scratch)
{
    double *c = ARENA_ARRAY(scratch, n, double);

    if (n)
        memcpy(c, x, n * sizeof(*c));
    return c;
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
