#include "analysis/stats/kendall.h"
#include "analysis/stats/paired.h"
#include "analysis/stats/compare.h"
#include "analysis/stats/rng.h"
#include "analysis/stats/stratified.h"

#include <criterion/criterion.h>
#include <math.h>

static struct arena arena;

static void set_up(void)
{
    arena_init(&arena);
}

static void tear_down(void)
{
    arena_fini(&arena);
}

TestSuite(paired, .init = set_up, .fini = tear_down);

static bool near(double got, double want, double tolerance)
{
    return fabs(got - want) <= tolerance;
}

static const double before[] = {.5, .25, 1, 0, .75, .5, .25, 1};
static const double after[] = {.75, .25, 1, .25, 1, .5, .5, 1};

Test(paired, vector_6_by_task)
{
    struct paired got;

    cr_assert(paired_compare(before, after, 8, &arena, &got));
    cr_expect(near(got.diff, 0.125, 1e-12) && near(got.se, 0.04724556, 1e-8));
    cr_expect(near(got.t, 2.645751, 1e-6) && near(got.p_t, 0.0331455, 1e-7));
    cr_expect(got.exact && near(got.p_flip, 0.125, 1e-12));
    cr_expect(near(got.mde, 2.8 * got.se, 1e-12));
    cr_expect(!paired_compare(before, after, 1, &arena, &got));
}

Test(paired, equal_differences_have_no_spread_whatever_rounding_leaves)
{
    double two_thirds[12], all[12];
    struct paired got;

    for (size_t i = 0; i < 12; i++) {
        two_thirds[i] = 2.0 / 3;
        all[i] = 1;
    }
    cr_assert(paired_compare(two_thirds, all, 12, &arena, &got));
    cr_expect(near(got.diff, 1.0 / 3, 1e-12) && got.se == 0, "se %g", got.se);
    cr_expect(near(got.p_flip, 2.0 / 4096, 1e-12));
}

Test(paired, drawn_flips_agree_with_exact_ones)
{
    double a[16], b[16];
    struct paired exact, drawn;

    for (int i = 0; i < 16; i++) {
        a[i] = 0;
        b[i] = i == 15 ? 0 : (i % 5) - 1.2; /* the 16th task changes nothing but the method */
    }
    cr_assert(paired_compare(a, b, 15, &arena, &exact) && exact.exact);
    cr_assert(paired_compare(a, b, 16, &arena, &drawn) && !drawn.exact);
    cr_expect(near(exact.p_flip, drawn.p_flip, 0.015), "%g %g", exact.p_flip, drawn.p_flip);
}

/* One draw after another, a word of signs for every 64 differences: as it was defined. */
static double flips_one_by_one(const double *d, size_t n)
{
    struct rng rng = rng_of(42);
    double sum = 0, extreme = 1;

    for (size_t i = 0; i < n; i++)
        sum += d[i];
    for (int draw = 0; draw < 9999; draw++) {
        double drawn = 0;
        uint64_t bits = 0;
        for (size_t i = 0; i < n; i++, bits <<= 1) {
            bits = i % 64 == 0 ? rng_next(&rng) : bits;
            drawn += bits >> 63 ? -d[i] : d[i];
        }
        extreme += fabs(drawn) >= fabs(sum) - 1e-12;
    }
    return extreme / 10000;
}

Test(paired, draws_side_by_side_are_the_same_draws)
{
    static const size_t sizes[] = {16, 63, 64, 65, 128, 500};
    double a[500] = {0}, b[500];
    struct rng rng = rng_of(3);
    struct paired got;

    for (size_t k = 0; k < sizeof(sizes) / sizeof(sizes[0]); k++) {
        for (size_t i = 0; i < sizes[k]; i++)
            b[i] = rng_normal(&rng) + 0.1;
        cr_assert(paired_compare(a, b, sizes[k], &arena, &got));
        cr_expect(got.p_flip == flips_one_by_one(b, sizes[k]), "%zu: %g", sizes[k], got.p_flip);
        cr_assert(paired_interval(a, b, sizes[k], &arena, &got));
        cr_expect(isnan(got.p_flip) && got.n == sizes[k]);
    }
}

/* Differences of rates over few trials are counted in whole numbers, from the same draws. */
Test(paired, whole_differences_are_drawn_as_others_are)
{
    static const struct {
        double unit;
        uint64_t most;
    } rows[] = {{1, 1}, {0.2, 5}, {0.25, 4}, {1.0 / 3, 3}, {1, 31}, {1, 40}};
    static const size_t sizes[] = {16, 63, 64, 65, 500};
    double a[500] = {0}, b[500], d[500];
    struct rng rng = rng_of(4);
    struct paired got;

    for (size_t k = 0; k < 30; k++) {
        size_t n = sizes[k % 5], moved = 0;
        for (size_t i = 0; i < n; i++) {
            double times = (double)rng_below(&rng, rows[k / 5].most + 1);
            b[i] = (rng_below(&rng, 9) < 4 ? -times : times) * rows[k / 5].unit;
            if (b[i] != 0)
                d[moved++] = b[i];
        }
        cr_assert(paired_compare(a, b, n, &arena, &got));
        cr_expect(got.p_flip == flips_one_by_one(d, moved), "%zu of %g: %g", n, rows[k / 5].unit,
                  got.p_flip);
    }
    cr_assert(paired_compare(a, a, 20, &arena, &got));
    cr_expect(got.p_flip == 1, "nothing moves: %g", got.p_flip);
}

Test(paired, vector_7_clusters)
{
    static const size_t cluster[] = {0, 1, 1, 0, 2, 3, 2, 3}, apart[] = {0, 1, 2, 3, 4, 5, 6, 7};
    double d[8];
    size_t clusters;

    for (int i = 0; i < 8; i++)
        d[i] = after[i] - before[i];
    cr_expect(near(clustered_se(d, cluster, 8, &arena, &clusters), 0.0625, 1e-12));
    cr_expect(clusters == 4);
    cr_expect(near(clustered_se(d, apart, 8, &arena, &clusters), 0.04419417, 1e-8), "naive");
}

Test(paired, vector_8_mcnemar)
{
    cr_expect(near(mcnemar_exact(9, 2), 0.0654297, 1e-7));
    cr_expect(mcnemar_exact(0, 0) == 1 && mcnemar_exact(3, 3) == 1);
}

Test(paired, vector_26_kendall)
{
    static const double x[] = {1, 2, 2, 3, 4, 5}, y[] = {1, 3, 2, 2, 5, 4};

    cr_expect(near(kendall_tau(x, y, 6, &arena).tau, 0.6428571, 1e-7));
}

Test(paired, A_16_A_17_A_18_A_20_kendall)
{
    static const double x[] = {.1, .2, .3, .4}, alternating[] = {0, 1, 0, 1}, late[] = {0, 0, 1, 1};
    static const double up[] = {1, 2, 3}, down[] = {3, 2, 1}, flat[] = {1, 1, 1};

    cr_expect(near(kendall_tau(x, alternating, 4, &arena).tau, 0.408248, 1e-6));
    cr_expect(near(kendall_tau(x, late, 4, &arena).tau, 0.816497, 1e-6));
    cr_expect(near(kendall_tau(up, down, 3, &arena).tau, -1, 1e-12));
    cr_expect(isnan(kendall_tau(up, flat, 3, &arena).tau), "undefined, not 0");
}

/* Every pair by itself: what tau is, with the variance left out. */
static double tau_by_pairs(const double *x, const double *y, size_t n)
{
    double s = 0, pairs_x = 0, pairs_y = 0;

    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < i; k++) {
            int dx = (x[i] > x[k]) - (x[i] < x[k]), dy = (y[i] > y[k]) - (y[i] < y[k]);
            s += dx * dy;
            pairs_x += dx != 0;
            pairs_y += dy != 0;
        }
    }
    return s / sqrt(pairs_x * pairs_y);
}

Test(paired, kendall_of_any_size_is_that_of_its_pairs)
{
    static double x[700], y[700];
    struct rng rng = rng_of(5);

    for (size_t n = 2; n < 700; n += n < 100 ? 1 : 37) {
        for (size_t i = 0; i < n; i++) {
            x[i] = n % 2 ? rng_normal(&rng) : (double)rng_below(&rng, 5) - 2;
            y[i] = n % 3 ? x[i] + rng_normal(&rng) : -(double)rng_below(&rng, 2);
        }
        double want = tau_by_pairs(x, y, n), got = kendall_tau(x, y, n, &arena).tau;
        cr_expect(isnan(want) ? isnan(got) : near(got, want, 1e-12), "%zu: %g %g", n, got, want);
    }
}

Test(paired, vector_27_within_tasks)
{
    static const uint32_t task[] = {0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2};
    static const double x[] = {.9, .2, .4, .1, .8, .7, .3, .6, .5, .1, .2, .3};
    static const bool y[] = {1, 0, 1, 0, 1, 1, 0, 0, 0, 0, 0, 0};
    struct ranksum got = stratified_ranksum(task, x, y, 12, &arena);

    cr_expect(near(got.s, 4, 1e-12) && near(got.v, 3.333333, 1e-6));
    cr_expect(near(got.z, 2.19089, 1e-5) && got.tasks == 2);
    cr_expect(near(got.auc, 1, 1e-12), "%g", got.auc); /* every pass stands above every failure */
}

Test(paired, vector_44_fisher)
{
    double odds;

    cr_expect(near(fisher_exact(&(struct table2){18, 2, 7, 13}, &odds), 0.000771628, 1e-9));
    cr_expect(near(odds, 16.71429, 1e-5));
}

/* Two tables of the same odds ratio 4: (8,2,4,4) gives 32/8, (4,1,2,2) gives 8/2. */
Test(paired, one_odds_ratio_in_all_tables_is_their_common_one)
{
    static const struct table2 t[] = {{8, 2, 4, 4}, {4, 1, 2, 2}, {3, 0, 2, 0}};
    struct odds got = mantel_haenszel(t, 3);

    cr_expect(near(got.ratio, 4, 1e-12) && got.tables == 2, "%g", got.ratio);
    cr_expect(got.low < 4 && got.high > 4 && got.p > 0.05 && got.p < 1);
    cr_expect(isnan(mantel_haenszel(t + 2, 1).p), "a table without passes tells nothing");
}

/* By hand: sorted .01 .02 .03 .5 of four: .04, .04, .04, .5 */
Test(paired, q_values_of_benjamini_and_hochberg)
{
    static const double p[] = {.03, .5, .01, NAN, .02};
    double q[5];

    bh_adjust(p, 5, q, &arena);
    cr_expect(near(q[0], .04, 1e-12) && near(q[2], .04, 1e-12) && near(q[4], .04, 1e-12));
    cr_expect(near(q[1], .5, 1e-12) && isnan(q[3]));
}

Test(paired, vector_48_and_73_draws)
{
    struct rng rng;

    rng = rng_of(42);
    cr_expect(rng_next(&rng) == 0x15780b2e0c2ec716 && rng_next(&rng) == 0x6104d9866d113a7e &&
              rng_next(&rng) == 0xae17533239e499a1);
    rng = rng_of(42);
    cr_expect(near(rng_uniform(&rng), 0.08386297105988216, 1e-16));
    rng = rng_of(42);
    cr_expect(rng_below(&rng, 10) == 0 && rng_below(&rng, 10) == 3 && rng_below(&rng, 10) == 6);
}
