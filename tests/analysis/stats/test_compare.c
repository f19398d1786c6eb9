#include "analysis/stats/compare.h"

#include "tests/support/curves.h"

#include <criterion/criterion.h>

/* Vector 19. */
Test(compare, vector_19_welch_from_summaries)
{
    struct welch w = welch_of(&(struct sample){.197, .03, 50}, &(struct sample){.182, .04, 50});

    cr_expect(near_to(w.t, 2.12132, 1e-6) && near_to(w.df, 90.87537, 1e-6) &&
                  near_to(w.p, .0366172, 1e-6) && near_to(w.d, .4242641, 1e-6),
              "%.7g %.7g %.7g %.7g", w.t, w.df, w.p, w.d);
}

/* Vector 20: the least number of episodes an arm at which p < .05. */
Test(compare, vector_20_how_many_episodes_it_takes)
{
    static const struct {
        double mean_a, sd_a, mean_b, sd_b;
        int want;
    } rows[] = {{.197, .03, .182, .04, 45}, {.20, .05, .19, .05, 194}};

    for (size_t i = 0; i < 2; i++) {
        struct sample a = {rows[i].mean_a, rows[i].sd_a, 0}, b = {rows[i].mean_b, rows[i].sd_b, 0};
        int64_t n = welch_least_n(&a, &b);

        cr_expect(n == rows[i].want, "%lld", (long long)n);
        a.n = b.n = rows[i].want - 1;
        cr_expect(welch_of(&a, &b).p >= .05, "one fewer is too few");
        b.mean = a.mean;
        cr_expect(welch_least_n(&a, &b) == INT64_MIN, "no difference");
        b.sd = (double)NAN;
        cr_expect(welch_least_n(&a, &b) == INT64_MIN, "no deviation");
    }
}

/* T-56: population deviations of 50 episodes become those of a sample. */
Test(compare, T_56_population_deviations_are_converted)
{
    double sd = sample_sd(.05, 50);
    struct welch w = welch_of(&(struct sample){.182, sd, 50}, &(struct sample){.197, sd, 50});

    cr_expect(fabs(w.difference + .015) < 1e-12 && fabs(w.t + 1.485) < 5e-4 && w.p > .05, "%g %g",
              w.t, w.p);
}

Test(compare, nothing_is_made_up_without_a_spread)
{
    cr_expect(isnan(welch_of(&(struct sample){1, 0, 9}, &(struct sample){2, 0, 9}).p));
    cr_expect(isnan(welch_of(&(struct sample){1, NAN, 9}, &(struct sample){2, 1, 9}).p));
    cr_expect(isnan(welch_of(&(struct sample){1, 1, 1}, &(struct sample){2, 1, 9}).p));
}

/* Vector 18. */
Test(compare, vector_18_benjamini_hochberg)
{
    static const double p[] = {.001, .008, .039, .041, .042, .06, .074, .205};
    static const double want[] = {.008, .032, .0672, .0672, .0672, .08, .0845714, .205};
    double q[8];
    struct arena arena;

    arena_init(&arena);
    bh_adjust(p, 8, q, &arena);
    for (size_t i = 0; i < 8; i++)
        cr_expect(near_to(q[i], want[i], 1e-6), "%zu: %.7f", i, q[i]);
    bh_adjust((double[]){.2, .01}, 2, q, &arena);
    cr_expect(near_to(q[0], .2, 1e-12) && near_to(q[1], .02, 1e-12), "in the order given");
    bh_adjust(p, 0, q, &arena);
    arena_fini(&arena);
}
