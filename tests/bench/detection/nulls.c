/* Trend tests on AR(1) noise, and the coverage of the intervals of pass@k. */
#include "tests/bench/detection/nulls.h"

#include "analysis/stats/drift.h"
#include "analysis/stats/trend.h"
#include "tests/bench/detection/coverage.h"
#include "tests/bench/detection/draft.h"
#include "tests/bench/detection/score.h"

#include <math.h>
#include <stdio.h>

static const double phis[] = {0, .3, .6};
enum { PHIS = sizeof(phis) / sizeof(phis[0]), POINTS_MAX = 1000 };

/* Found in pure noise: MK-AR1 at p < .05, and the rule of drift.h, which adds a second way. */
static void trends(struct dice *dice, size_t n, double phi, size_t times, struct arena *arena)
{
    struct noise_law law = {.sd = 1, .phi = phi};
    double x[POINTS_MAX];
    size_t by_test = 0, by_drift = 0;

    for (size_t i = 0; i < times; i++) {
        law.heavy = i % 2;
        noise_fill(dice, &law, x, n);
        by_test += fabs(mk_ar1(x, n, arena).z) > 1.96;
        struct drift d = drift_of(x, n, arena);
        by_drift += d.rises || d.falls;
        arena_reset(arena);
    }
    printf("%6zu %5.1f  %5.3f  %5.3f\n", n, phi, (double)by_test / (double)times,
           (double)by_drift / (double)times);
}

struct range {
    double least, most, sum;
    size_t n, inside;
};

static void widen(struct range *r, const struct cover *c, double low, double high)
{
    double share = (double)c->held / (double)(c->asked ? c->asked : 1);

    if (c->asked == 0)
        return;
    r->least = r->n ? fmin(r->least, share) : share;
    r->most = r->n ? fmax(r->most, share) : share;
    r->sum += share;
    r->n++;
    r->inside += share >= low && share <= high;
}

static void put_range(const char *name, const struct range *r)
{
    printf("%-34s %5.3f  %5.3f  %5.3f  %zu of %zu\n", name, r->least, r->sum / (double)r->n,
           r->most, r->inside, r->n);
}

static void passes(struct rng *rng, size_t times)
{
    struct range fresh = {0}, same = {0}, plain = {0}, pooled = {0};

    for (size_t i = 0; i < designs_n; i++) {
        struct covers c = {0};

        for (size_t k = 0; k < times; k++)
            coverage_add(rng, &designs[i], &c);
        if (designs[i].ceiling)
            continue;
        widen(&fresh, &c.fresh, .93, .98);
        widen(&same, &c.same, .90, .97);
        widen(&plain, &c.plain, .93, .98);
        widen(&pooled, &c.pooled, .93, .98);
    }
    printf("\ncoverage of 95%% intervals of pass@k over the designs, those at a ceiling aside\n"
           "%-34s %5s  %5s  %5s  %s\n",
           "", "least", "mean", "most", "inside the target");
    put_range("A, new questions (.93-.98)", &fresh);
    put_range("B, the same questions (.90-.97)", &same);
    put_range("plain t, for comparison", &plain);
    put_range("Wilson of the pooled trials", &pooled);
}

void nulls_print(const char *title, uint64_t seed, size_t times)
{
    static const size_t lengths[] = {20, 30, 60, 240, POINTS_MAX};
    struct arena arena;
    struct dice dice;

    arena_init(&arena);
    dice_init(&dice, seed);
    printf("== %s: %zu times each, comparisons %zu\n\n", title, times, times / 4);
    null_comparisons_print(seed, times / 4); /* they are written to disk */
    printf("\ntrends found in AR(1) noise\n%6s %5s  %5s  %5s\n", "points", "phi", "test", "drift");
    for (size_t k = 0; k < sizeof(lengths) / sizeof(lengths[0]); k++) {
        for (size_t p = 0; p < PHIS; p++)
            trends(&dice, lengths[k], phis[p], times, &arena);
    }
    passes(&dice.rng, times);
    printf("\n");
    arena_fini(&arena);
}
