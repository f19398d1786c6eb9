#include "analysis/stats/kendall.h"

#include <math.h>
#include <stdlib.h>

#include "analysis/stats/special.h"

struct pair {
    double x, y;
};

static int by_x(const void *a, const void *b)
{
    const struct pair *p = a, *q = b;

    if (p->x != q->x)
        return (p->x > q->x) - (p->x < q->x);
    return (p->y > q->y) - (p->y < q->y);
}

/* Sorts y by merging; the number of exchanges of neighbours it would take. */
static double sort_y(struct pair *v, struct pair *room, size_t n)
{
    if (n < 2)
        return 0;
    size_t half = n / 2, i = 0, j = half, k = 0;
    double exchanges = sort_y(v, room, half) + sort_y(v + half, room, n - half);

    while (i < half && j < n) {
        if (v[j].y < v[i].y) {
            exchanges += (double)(half - i);
            room[k++] = v[j++];
        } else {
            room[k++] = v[i++];
        }
    }
    while (i < half)
        room[k++] = v[i++];
    while (j < n)
        room[k++] = v[j++];
    memcpy(v, room, n * sizeof(*v));
    return exchanges;
}

/* Sums over groups of ties: pairs, and the two that the variance needs. */
struct ties {
    double pairs, v, two, three;
};

static void add_group(struct ties *ties, double t)
{
    ties->pairs += t * (t - 1) / 2;
    ties->v += t * (t - 1) * (2 * t + 5);
    ties->two += t * (t - 1);
    ties->three += t * (t - 1) * (t - 2);
}

enum which { OF_X, OF_Y, OF_BOTH };

static bool tied(const struct pair *a, const struct pair *b, enum which which)
{
    return (which == OF_Y || a->x == b->x) && (which == OF_X || a->y == b->y);
}

static struct ties ties_of(const struct pair *v, size_t n, enum which which)
{
    struct ties ties = {0};
    size_t from = 0;

    for (size_t i = 1; i <= n; i++) {
        if (i < n && tied(&v[i], &v[from], which))
            continue;
        add_group(&ties, (double)(i - from));
        from = i;
    }
    return ties;
}

struct kendall kendall_tau(const double *x, const double *y, size_t n, struct arena *scratch)
{
    struct kendall out = {NAN, NAN, 0};
    struct pair *v = ARENA_ARRAY(scratch, n + 1, struct pair);
    struct pair *room = ARENA_ARRAY(scratch, n + 1, struct pair);

    if (n < 2)
        return out;
    for (size_t i = 0; i < n; i++)
        v[i] = (struct pair){x[i], y[i]};
    qsort(v, n, sizeof(*v), by_x);
    struct ties tx = ties_of(v, n, OF_X), both = ties_of(v, n, OF_BOTH);
    double exchanges = sort_y(v, room, n);
    struct ties ty = ties_of(v, n, OF_Y);
    double m = (double)n, all = m * (m - 1) / 2;
    double s = all - tx.pairs - ty.pairs + both.pairs - 2 * exchanges;

    out.pairs = all - tx.pairs - ty.pairs + both.pairs;
    if (all <= tx.pairs || all <= ty.pairs)
        return out;
    out.tau = s / sqrt((all - tx.pairs) * (all - ty.pairs));
    double variance = (m * (m - 1) * (2 * m + 5) - tx.v - ty.v) / 18;
    variance += tx.two * ty.two / (2 * m * (m - 1));
    if (n > 2)
        variance += tx.three * ty.three / (9 * m * (m - 1) * (m - 2));
    out.p = variance > 0 ? 2 * normal_cdf(-fabs(s) / sqrt(variance)) : (double)NAN;
    return out;
}
