#include "analysis/stats/ramp.h"

#include <math.h>

#include "analysis/stats/leftover.h"
#include "analysis/stats/moments.h"

enum { BLOCKS_MAX = 60, BASE = 3, TERMS = 4, AFTER_MIN = 3, POWERS = 2 };

struct fitting {
    size_t n;
    const double *b;
    double u[BLOCKS_MAX]; /* ln t, centred */
    double columns[TERMS][BLOCKS_MAX], left[BLOCKS_MAX];
};

/* h = n: no ramp. */
static double squares(struct fitting *f, size_t h, int power)
{
    double *columns[TERMS];

    for (size_t k = 0; k < TERMS; k++)
        columns[k] = f->columns[k];
    for (size_t i = 0; i < f->n; i++) {
        double v = i > h ? (double)(i - h) / (double)f->n : 0;

        f->columns[0][i] = 1;
        f->columns[1][i] = f->u[i];
        f->columns[2][i] = f->u[i] * f->u[i];
        f->columns[3][i] = power == 1 ? v : v * v;
    }
    return leftover_of(columns, h < f->n ? TERMS : BASE, f->b, f->n, f->left);
}

/* Is the ramp's own share of the last fit upwards? Its column is what the baseline left of it. */
static bool rises(const struct fitting *f)
{
    double with = 0;

    for (size_t i = 0; i < f->n; i++)
        with += f->columns[3][i] * f->b[i];
    return with > 0;
}

static double memory(const double *e, size_t n)
{
    double lag = 0, all = 0;

    for (size_t i = 0; i < n; i++) {
        lag += i ? e[i] * e[i - 1] : 0;
        all += e[i] * e[i];
    }
    double r = all > 0 ? lag / all : 0;
    return clip(((double)n * r + 2) / ((double)n - 4), 0, 0.95);
}

static double risen(const struct fitting *f)
{
    double lowest = (double)INFINITY, last = 0;

    for (size_t i = 0; i < f->n; i++) {
        last = f->b[i] - f->left[i];
        lowest = fmin(lowest, last);
    }
    return last - lowest;
}

struct ramp ramp_of(const double *y, size_t n, struct arena *scratch)
{
    struct ramp r = {0};
    size_t skipped = n / 10, rest = n - skipped, best = 0;
    struct fitting f = {.n = clip_count(rest, 0, BLOCKS_MAX)};
    double *b = ARENA_ARRAY(scratch, f.n, double), least = (double)INFINITY;
    int power = 1;

    if (n < RAMP_POINTS_MIN)
        return r;
    block_means(y + skipped, rest, f.n, b);
    f.b = b;
    double middle = log((double)skipped + 1 + (double)rest / 2);
    for (size_t i = 0; i < f.n; i++)
        f.u[i] = log((double)(skipped + block_edge(i, f.n, rest)) + 1) - middle;
    double without = squares(&f, f.n, 1);
    for (size_t h = 0; h + AFTER_MIN < f.n; h++) {
        for (int p = 1; p <= POWERS; p++) {
            double with = squares(&f, h, p);

            if (!(with < least) || !rises(&f))
                continue;
            least = with;
            best = h;
            power = p;
        }
    }
    r.enough = true;
    if (!(least < without))
        return r;
    (void)squares(&f, best, power);
    r.from = skipped + block_edge(best, f.n, rest);
    r.rho = memory(f.left, f.n);
    r.rise = risen(&f);
    r.t = sqrt((without - least) / fmax(least / ((double)f.n - TERMS - 1), 1e-12) * (1 - r.rho) /
               (1 + r.rho));
    return r;
}
