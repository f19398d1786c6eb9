#include "analysis/stats/homeostasis.h"

#include "tests/support/curves.h"

#include <criterion/criterion.h>

/* The trainer's own numbers. */
static const struct homeostasis entropy_law = {-0.35, 0.01, 0.05, 0.95, 0.01, 0.5};
static const struct homeostasis diversity_law = {0.55, 0.15, 0.03, 0.95, 0.15, 0.35};

static double after(const struct homeostasis *law, double weight, double level, size_t steps)
{
    for (size_t i = 0; i < steps; i++)
        weight = homeostasis_step(law, weight, level);
    return weight;
}

/* Vector 24: the trace of the entropy controller and where it would settle. */
Test(homeostasis, vector_24)
{
    static const double level[] = {-.2, -.5, -.5, -.5, -.3};
    static const double want[] = {.01, .017125, .02389375, .030324063, .029307859};
    double weight = entropy_law.base;

    for (size_t i = 0; i < 5; i++) {
        weight = homeostasis_step(&entropy_law, weight, level[i]);
        cr_expect(near_to(weight, want[i], 1e-6), "%zu: %.9f", i, weight);
    }
    cr_expect(near_to(homeostasis_limit(&entropy_law, -.5), .1525, 1e-9));
}

Test(homeostasis, one_step_and_many)
{
    struct homeostasis released = entropy_law;
    static const struct {
        const char *what;
        const struct homeostasis *law;
        double from, level;
        size_t steps;
        double want, tolerance;
    } rows[] = {
        {"T-37 above", &entropy_law, .01, -.1, 1, .01, 1e-12},
        {"T-37 below", &entropy_law, .01, -.5, 1, .017125, 1e-12},
        {"T-37 lower", &entropy_law, .01, -.7, 1, .026625, 1e-12},
        {"T-37 lowest", &entropy_law, .01, -2, 1, .088375, 1e-12},
        {"T-38 fifty steps", &entropy_law, .01, -.7, 50, .3169, 5e-5},
        {"T-38 and back", &entropy_law, .3169, -.1, 200, .0100, .01},
        {"T-40 one step", &diversity_law, .15, .438, 1, .153192, 1e-9},
        {"T-40 settled", &diversity_law, .15, .438, 1000, .21384, 1e-6},
        {"T-41 at the cap", &diversity_law, .15, 0, 1000, .35, 1e-12},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        double got = after(rows[i].law, rows[i].from, rows[i].level, rows[i].steps);
        cr_expect(fabs(got - rows[i].want) <= rows[i].tolerance, "%s: %.8f", rows[i].what, got);
    }
    released.release = 10; /* T-39 */
    for (size_t i = 1; i <= 100; i++)
        cr_expect(after(&released, .01, -10, i) <= .5, "%zu", i);
    released.decay = 0.1;
    cr_expect(after(&released, .5, 0, 100) >= .01);
}

Test(homeostasis, settles_where_the_formula_says)
{
    cr_expect(near_to(homeostasis_limit(&entropy_law, -.7), .3425, 1e-9), "T-38");
    cr_expect(near_to(homeostasis_limit(&diversity_law, .438), .21384, 1e-9), "T-40");
    cr_expect(near_to(homeostasis_limit(&diversity_law, 0), .35, 1e-12), "T-41, not .4635");
    cr_expect(near_to(homeostasis_limit(&diversity_law, .7), .15, 1e-12), "above: its base");
}

Test(homeostasis, a_logged_weight_is_held_against_its_law)
{
    struct noise noise = NOISE_START;
    double level[60], weight[60], w = entropy_law.base;
    bool gap[60] = {false};
    struct homeostasis other = entropy_law;
    size_t below = 0;

    for (size_t i = 0; i < 60; i++) {
        level[i] = -.35 + .3 * noise_next(&noise);
        weight[i] = w = homeostasis_step(&entropy_law, w, level[i]);
        below += level[i] < -.35;
    }
    struct watched right = homeostasis_watch(&entropy_law, level, weight, NULL, 60);
    cr_expect(right.error < 1e-12 && right.below == below && right.pinned == 0 && right.n == 60);
    cr_expect(right.last == weight[59] && right.moved > 0);

    other.release = 0.06;
    cr_expect(homeostasis_watch(&other, level, weight, NULL, 60).error > 0.01);

    /* ten iterations are missing: the simulation goes on from what was logged */
    for (size_t i = 30; i < 50; i++) {
        level[i] = level[i + 10];
        weight[i] = weight[i + 10];
    }
    cr_expect(homeostasis_watch(&entropy_law, level, weight, gap, 50).error > 1e-6);
    gap[30] = true;
    cr_expect(homeostasis_watch(&entropy_law, level, weight, gap, 50).error < 1e-12);
    cr_expect(homeostasis_watch(&entropy_law, level, weight, gap, 0).n == 0);
}
