#include "analysis/stats/compare.h"

#include <math.h>
#include <stdlib.h>

#include "analysis/stats/special.h"

double sample_sd(double population_sd, double n)
{
    return population_sd * sqrt(n / (n - 1));
}

struct welch welch_of(const struct sample *a, const struct sample *b)
{
    struct welch w = {a->mean - b->mean, (double)NAN, (double)NAN, (double)NAN, (double)NAN};
    double va = a->sd * a->sd / a->n, vb = b->sd * b->sd / b->n;

    if (!(a->n > 1 && b->n > 1 && isfinite(va + vb) && va + vb > 0))
        return w;
    w.t = w.difference / sqrt(va + vb);
    w.df = (va + vb) * (va + vb) / (va * va / (a->n - 1) + vb * vb / (b->n - 1));
    w.p = 2 * student_t_sf(fabs(w.t), w.df);
    w.d = w.difference / sqrt((a->sd * a->sd + b->sd * b->sd) / 2);
    return w;
}

static bool told_apart(struct sample a, struct sample b, int64_t n)
{
    a.n = b.n = (double)n;
    return welch_of(&a, &b).p < 0.05;
}

/* |t| grows with n and its bound falls, so what n tells apart each larger one does. */
int64_t welch_least_n(const struct sample *a, const struct sample *b)
{
    int64_t low = 1, high = 1000000;

    if (!told_apart(*a, *b, high))
        return INT64_MIN;
    while (high - low > 1) {
        int64_t mid = low + (high - low) / 2;

        if (told_apart(*a, *b, mid))
            high = mid;
        else
            low = mid;
    }
    return high;
}

struct ranked {
    double p;
    size_t at;
};

static int by_p(const void *a, const void *b)
{
    const struct ranked *x = a, *y = b;

    return x->p < y->p ? -1 : x->p > y->p;
}

void bh_adjust(const double *p, size_t n, double *q, struct arena *scratch)
{
    struct ranked *ranked = ARENA_ARRAY(scratch, n + 1, struct ranked);
    double least = 1;
    size_t m = 0;

    for (size_t i = 0; i < n; i++) {
        q[i] = (double)NAN;
        if (!isnan(p[i]))
            ranked[m++] = (struct ranked){p[i], i};
    }
    qsort(ranked, m, sizeof(*ranked), by_p);
    for (size_t rank = m; rank > 0; rank--) {
        least = fmin(least, ranked[rank - 1].p * (double)m / (double)rank);
        q[ranked[rank - 1].at] = least;
    }
}
