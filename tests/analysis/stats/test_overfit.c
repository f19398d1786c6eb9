#include "analysis/stats/overfit.h"

#include <criterion/criterion.h>

#include "tests/support/curves.h"

static const double val_a[] = {2, 1.6, 1.4, 1.3, 1.28, 1.31, 1.36, 1.42};
static const double train_a[] = {1.9, 1.5, 1.2, 1, 0.85, 0.7, 0.6, 0.5};
static const double val_b[] = {2,   1.6,  1.4,  1.3,  1.25, 1.22, 1.2,  1.19,
                               1.2, 1.21, 1.23, 1.25, 1.28, 1.3,  1.33, 1.37};

static struct arena arena;
static double steps[16];

static void start(void)
{
    arena_init(&arena);
    for (size_t i = 0; i < 16; i++)
        steps[i] = 100 * (double)(i + 1);
}

static void stop(void)
{
    arena_fini(&arena);
}

TestSuite(overfit, .init = start, .fini = stop);

/* x, logit and p in the digits they were stored with. */
static bool features_are(const struct overfit *o, const double x[4], double logit, double p)
{
    bool same = near_to(o->logit, logit, 5e-6) && near_to(o->p, p, 1e-5);

    for (size_t i = 0; i < 4; i++)
        same = same && near_to(o->x[i], x[i], 5e-6);
    return same;
}

Test(overfit, vectors_14_and_68_a_u_turn_over_a_falling_loss)
{
    struct overfit o = overfit_of(steps, val_a, 8, steps, train_a, 8, &arena);

    cr_expect(o.val.enough && o.val.i0 == 3 && o.val.after == 4);
    cr_expect(steps[o.val.onset] == 500);
    cr_expect(near_to(o.val.rise, 0.0471719, 2e-6), "%.9g", o.val.rise);
    cr_expect(near_to(o.val.sigma, 0.0294388, 2e-6), "%.9g", o.val.sigma);
    cr_expect(near_to(o.val.z, 0.735646, 2e-6), "%.9g", o.val.z);
    cr_expect(near_to(o.val.mk, 1.71464, 4e-6), "%.9g", o.val.mk);
    cr_expect(near_to(o.td, -0.693147, 2e-6), "%.9g", o.td);
    cr_expect(features_are(&o, (double[]){0.551379, 1.71464, 0.673684, -2}, 1.48741, 0.81569));
    cr_expect(o.guarded);
}

Test(overfit, vector_69_a_long_rise_is_found_with_near_certainty)
{
    double train[16];

    for (size_t i = 0; i < 16; i++)
        train[i] = 1.9 - 0.1 * (double)i;
    struct overfit o = overfit_of(steps, val_b, 16, steps, train, 16, &arena);
    cr_expect(o.val.i0 == 6 && o.val.after == 9 && steps[o.val.onset] == 800);
    cr_expect(near_to(o.val.rise, 0.0851853, 2e-6));
    cr_expect(near_to(o.val.sigma, 0.00491964, 2e-6));
    cr_expect(near_to(o.val.z, 24.6348, 4e-6));
    cr_expect(near_to(o.val.mk, 3.68191, 4e-6));
    cr_expect(near_to(o.td, -1.06708, 4e-6));
    cr_expect(features_are(&o, (double[]){2.77259, 3.68191, 0.930365, -2}, 5.90420, 0.997279));
    cr_expect(o.guarded);
}

Test(overfit, vector_70_when_both_rise_it_is_not_overfitting)
{
    double train[16];

    for (size_t i = 0; i < 16; i++)
        train[i] = val_b[i] - 0.1;
    struct overfit o = overfit_of(steps, val_b, 16, steps, train, 16, &arena);
    cr_expect(o.val.i0 == 6 && o.val.after == 9 && steps[o.val.onset] == 800);
    cr_expect(near_to(o.val.rise, 0.0851853, 2e-6) && near_to(o.val.sigma, 0.00491964, 2e-6));
    cr_expect(near_to(o.val.z, 24.6348, 4e-6) && near_to(o.val.mk, 3.68191, 4e-6));
    cr_expect(near_to(o.td, 0.127705, 5e-6));
    cr_expect(
        features_are(&o, (double[]){2.77259, 3.68191, 0.930365, 1.49915}, -4.83118, 0.00791395));
    cr_expect(!o.guarded && o.val.rising, "td < .5 rise fails, the rise itself is there");
}

Test(overfit, vector_15_a_noisy_flat_tail_is_not_found)
{
    static const double val[] = {2, 1.5, 1.3, 1.25, 1.248, 1.251, 1.249, 1.252};
    struct overfit o = overfit_of(steps, val, 8, steps, train_a, 8, &arena);

    cr_expect(val[7] > val[4], "the last above the middle, as a common rule asks");
    cr_expect(o.val.after == 2 && !o.val.rising && !o.guarded);
}

Test(overfit, without_training_loss_there_are_features_and_no_probability)
{
    static const double zero[8];
    struct overfit none = overfit_of(steps, val_a, 8, NULL, NULL, 0, &arena);
    struct overfit bad = overfit_of(steps, val_a, 8, steps, zero, 8, &arena);

    cr_expect(none.val.rising && !none.has_train && none.p == 0 && !none.guarded);
    cr_expect(bad.val.rising && !bad.has_train);
}

Test(overfit, double_descent_ends_below_its_first_minimum)
{
    static const double val[] = {2, 1.5, 1.2, 1.1, 1.3, 1.5, 1.45, 1.4, 1.3, 1.35, 1.09};
    struct val_rising r = val_rising_of(val, 11, &arena);

    cr_expect(r.i0 < 10 && !r.rising);
}

Test(overfit, too_few_or_impossible_values_give_no_verdict)
{
    static const double negative[] = {1, 2, 3, -1, 2, 3, 4};

    for (size_t m = 0; m <= 8; m++)
        cr_expect(val_rising_of(val_a, m, &arena).enough == (m >= 6), "m %zu", m);
    cr_expect(!val_rising_of(negative, 7, &arena).enough);
}

/* The training loss is logged nowhere near the minimum: the nearest point stands in. */
Test(overfit, sparse_training_loss_uses_its_nearest_point)
{
    static const double at[] = {100, 450, 800}, train[] = {2, 1, 0.5};
    struct overfit o = overfit_of(steps, val_a, 8, at, train, 3, &arena);

    cr_expect(near_to(o.td, log(0.5), 1e-9), "%g", o.td);
}
