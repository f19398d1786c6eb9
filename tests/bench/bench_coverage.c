/*
 * How often the intervals of pass@k hold what they are for: bench_coverage [RUNS]
 *
 * The simulation is tests/bench/detection/coverage.h. `new` holds the mean over all questions there
 * could be (interval_new_tasks), `same` the mean over these T (pass_same_tasks),
 * `t` is the plain t interval, `Wilson` pools the trials: both for comparison,
 * against `new`. Shares of RUNS simulated benchmarks (1000, seed 1); "-": in none
 * was there an interval. Wanted (algorithms.md 10.1): new .93 to .98, same .88
 * to .97. Ceiling: nearly every question is passed or failed always.
 */
#include "tests/bench/detection/coverage.h"

#include <stdio.h>
#include <stdlib.h>

static void put(const struct cover *c)
{
    if (c->asked)
        printf("  %.3f %.3f", (double)c->held / (double)c->asked, c->width / (double)c->asked);
    else
        printf("  %5s %5s", "-", "-");
}

int main(int argc, char **argv)
{
    size_t runs = argc > 1 ? strtoul(argv[1], NULL, 10) : 1000;
    struct rng rng = rng_of(1);

    printf("%-14s %4s %3s %3s  %-12s %-12s %-12s %-12s %s\n", "difficulty", "T", "n", "k",
           " new  width", " same width", " t    width", " Wilson width", " same unknown");
    for (size_t i = 0; i < designs_n; i++) {
        const struct design *d = &designs[i];
        struct covers covers = {0};
        char name[32] = "mixed";
        for (size_t r = 0; r < runs; r++)
            coverage_add(&rng, d, &covers);
        if (d->a > 0)
            snprintf(name, sizeof(name), "Beta(%g,%g)", d->a, d->b);
        printf("%-14s %4u %3u %3u", name, d->tasks, d->n, d->k);
        put(&covers.fresh);
        put(&covers.same);
        put(&covers.plain);
        put(&covers.pooled);
        printf("  %.3f%s\n", 1 - (double)covers.same.asked / (double)runs,
               d->ceiling ? "  ceiling" : "");
    }
    return 0;
}
