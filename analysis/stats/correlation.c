#include "analysis/stats/correlation.h"

#include <math.h>
#include <stdlib.h>

#include "analysis/stats/rng.h"

enum { EXACT_MAX = 9, DRAWS = 9999, SEED = 20210 };

/* As extreme as the observed one up to rounding. */
static const double slack = 1e-12;

struct ranked {
    double x;
    size_t at;
};

static int by_x(const void *a, const void *b)
{
    const struct ranked *p = a, *q = b;

    return (p->x > q->x) - (p->x < q->x);
}

void ranks_of(const double *x, size_t n, double *rank, struct arena *scratch)
{
    struct ranked *v = ARENA_ARRAY(scratch, n + 1, struct ranked);

    for (size_t i = 0; i < n; i++)
        v[i] = (struct ranked){x[i], i};
    qsort(v, n, sizeof(*v), by_x);
    for (size_t from = 0, to; from < n; from = to) {
        for (to = from + 1; to < n && v[to].x == v[from].x; to++)
            ;
        for (size_t i = from; i < to; i++)
            rank[v[i].at] = ((double)from + (double)to + 1) / 2;
    }
}

static double pearson(const double *x, const double *y, size_t n)
{
    double mx = 0, my = 0, xy = 0, xx = 0, yy = 0;

    for (size_t i = 0; i < n; i++) {
        mx += x[i] / (double)n;
        my += y[i] / (double)n;
    }
    for (size_t i = 0; i < n; i++) {
        xy += (x[i] - mx) * (y[i] - my);
        xx += (x[i] - mx) * (x[i] - mx);
        yy += (y[i] - my) * (y[i] - my);
    }
    return xx > 0 && yy > 0 ? xy / sqrt(xx * yy) : (double)NAN;
}

static void swap(double *a, double *b)
{
    double t = *a;

    *a = *b;
    *b = t;
}

/* A statistic of y's order against what stays where it is; larger is more extreme. */
struct question {
    double (*statistic)(const struct question *q, const double *y);
    const double *x;
    const size_t *group;
    size_t n, groups;
    double *sum, *count; /* a group's, for Kruskal and Wallis */
};

/* Heap's orders of y[0..n): how many of all are at least as extreme as `observed`. */
static double share_of_orders(const struct question *q, double *y, double observed)
{
    size_t c[EXACT_MAX + 1] = {0}, i = 1;
    double hits = q->statistic(q, y) >= observed - slack, all = 1;

    while (i < q->n) {
        if (c[i] >= i) {
            c[i++] = 0;
            continue;
        }
        swap(&y[i % 2 ? c[i] : 0], &y[i]);
        hits += q->statistic(q, y) >= observed - slack;
        all++;
        c[i]++;
        i = 1;
    }
    return hits / all;
}

static double share_of_draws(const struct question *q, double *y, double observed)
{
    struct rng rng = rng_of(SEED);
    double hits = 1; /* the observed order is one of them */

    for (size_t draw = 0; draw < DRAWS; draw++) {
        for (size_t i = q->n; i-- > 1;)
            swap(&y[i], &y[rng_below(&rng, i + 1)]);
        hits += q->statistic(q, y) >= observed - slack;
    }
    return hits / (DRAWS + 1);
}

static double p_of(const struct question *q, double *y, double observed, bool *exact)
{
    *exact = q->n <= EXACT_MAX;
    return *exact ? share_of_orders(q, y, observed) : share_of_draws(q, y, observed);
}

static double rho_size(const struct question *q, const double *y)
{
    return fabs(pearson(q->x, y, q->n));
}

struct spearman spearman_of(const double *x, const double *y, size_t n, struct arena *scratch)
{
    struct spearman out = {(double)NAN, (double)NAN, false};
    double *rx = ARENA_ARRAY(scratch, n + 1, double), *ry = ARENA_ARRAY(scratch, n + 1, double);
    struct question q = {.statistic = rho_size, .x = rx, .n = n};

    if (n < 3)
        return out;
    ranks_of(x, n, rx, scratch);
    ranks_of(y, n, ry, scratch);
    out.rho = pearson(rx, ry, n);
    if (!isnan(out.rho))
        out.p = p_of(&q, ry, fabs(out.rho), &out.exact);
    return out;
}

/* Between the groups' mean ranks; the correction for ties is the same for all orders. */
static double between(const struct question *q, const double *y)
{
    double n = (double)q->n, sum = 0;

    for (size_t g = 0; g < q->groups; g++)
        q->sum[g] = q->count[g] = 0;
    for (size_t i = 0; i < q->n; i++) {
        q->sum[q->group[i]] += y[i];
        q->count[q->group[i]]++;
    }
    for (size_t g = 0; g < q->groups; g++)
        sum += q->count[g] > 0 ? q->sum[g] * q->sum[g] / q->count[g] : 0;
    return 12 / (n * (n + 1)) * sum - 3 * (n + 1);
}

static double tie_correction(double *y, size_t n)
{
    double ties = 0, total = (double)n;

    for (size_t i = 0; i < n; i++) {
        double same = 0;
        for (size_t j = 0; j < n; j++)
            same += y[j] == y[i];
        ties += same * same - 1; /* sum over values of t^3 - t */
    }
    return 1 - ties / (total * total * total - total);
}

struct kruskal kruskal_of(const size_t *group, const double *y, size_t n, size_t groups,
                          struct arena *scratch)
{
    struct kruskal out = {(double)NAN, (double)NAN, false};
    double *ry = ARENA_ARRAY(scratch, n + 1, double);
    struct question q = {.statistic = between,
                         .group = group,
                         .n = n,
                         .groups = groups,
                         .sum = ARENA_ARRAY(scratch, groups + 1, double),
                         .count = ARENA_ARRAY(scratch, groups + 1, double)};

    if (n < 3 || groups < 2 || groups >= n)
        return out;
    ranks_of(y, n, ry, scratch);
    double correction = tie_correction(ry, n);
    if (!(correction > 0))
        return out;
    double h = between(&q, ry);
    out.h = h / correction;
    out.p = p_of(&q, ry, h, &out.exact);
    return out;
}
