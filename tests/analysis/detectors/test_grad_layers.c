#include "analysis/layers.h"

#include "analysis/detectors/detector.h"
#include "tests/support/curves.h"
#include "tests/support/made.h"

#include <criterion/criterion.h>

extern const struct detector detector_grad_layers;

enum { N = 100, LAYERS = 4 };

static struct made made;
static struct layers layers;
static struct layer layer[LAYERS];
static double norm[LAYERS][N];
static int64_t step[N];

/* Four layers of one stack, steps 1..100, norms 1, 2, 3, 4 throughout. */
static void start(void)
{
    static const char *const names[LAYERS] = {"h.0", "h.1", "h.2", "h.3"};

    made_init(&made, EXPERIMENT_LM);
    for (size_t k = 0; k < LAYERS; k++) {
        for (size_t i = 0; i < N; i++) {
            norm[k][i] = (double)k + 1;
            step[i] = (int64_t)i + 1;
        }
        layer[k] = (struct layer){
            .id = {str_of(names[k]), STR("h."), (int64_t)k, ROOT_OF_SQUARES, 0},
            .members = 1,
            .norm = {.name = str_of(names[k]), .n = N, .step = step, .value = norm[k]}};
    }
    layers = (struct layers){.v = layer, .n = LAYERS, .series_n = LAYERS};
    made.subject.layers = &layers;
}

static void stop(void)
{
    made_fini(&made);
}

TestSuite(grad_layers, .init = start, .fini = stop);

static const struct finding *judged(const char *class)
{
    detector_grad_layers.run(&made.subject, &made.found);
    return made_find(&made.found, class);
}

Test(grad_layers, sound_layers_are_described_and_no_more)
{
    const struct finding *f = judged("grad_layers");

    cr_expect(f->status == FINDING_FOUND && f->severity == SEVERITY_INFO);
    cr_expect(made_value(f, "level_of h.2") == 3 && made_value(f, "largest_over_smallest") == 4);
    cr_expect(strstr(f->sentence, "largest in h.3 (4), smallest in h.0 (1)") != NULL, "%s",
              f->sentence);
    cr_expect(made_find(&made.found, "grad_layer_explosion")->status == FINDING_NOT_FOUND);
    cr_expect(made_find(&made.found, "grad_layer_vanishing")->status == FINDING_NOT_FOUND);
}

/* Blocks of nine from index 10: the first whose lower quartile is above begins at 64, step 65. */
Test(grad_layers, the_layer_that_explodes_is_named)
{
    for (size_t i = 60; i < N; i++) {
        norm[1][i] *= 10;
        norm[2][i] *= 50;
    }
    const struct finding *f = judged("grad_layer_explosion");
    cr_expect(f->status == FINDING_FOUND && f->severity == SEVERITY_MEDIUM && f->confidence <= .6);
    cr_expect(f->evidence.from == 65, "%lld", (long long)f->evidence.from);
    cr_expect(made_value(f, "layers_exploded") == 2);
    cr_expect(near_to(made_value(f, "level_before"), 3, 1e-12) &&
              near_to(made_value(f, "level_after"), 150, 1e-12));
    cr_expect(strstr(f->sentence, "2 of 4 layers (h.1, h.2), most in h.2") != NULL, "%s",
              f->sentence);
}

Test(grad_layers, where_the_whole_norm_explodes_too_the_layers_only_say_where)
{
    finding_add(&made.found, "grad_explosion", FINDING_FOUND);
    for (size_t i = 60; i < N; i++)
        norm[1][i] *= 10;
    cr_expect(judged("grad_layer_explosion")->severity == SEVERITY_INFO);
}

Test(grad_layers, a_gradient_that_does_not_reach_the_first_layer_vanishes)
{
    for (size_t i = 0; i < N; i++)
        norm[0][i] = 3.9e-5; /* below 1e-4; the last has 4: below a thousandth of it */
    const struct finding *f = judged("grad_layer_vanishing");
    cr_expect(f->status == FINDING_FOUND && f->severity == SEVERITY_MEDIUM, "%s", f->sentence);
    cr_expect(made_value(f, "first") == 3.9e-5 && made_value(f, "last") == 4);
    stop();
    start();
    for (size_t i = 0; i < N; i++)
        norm[0][i] = 3.9e-3; /* less than a thousandth of the last, but no small number */
    cr_expect(judged("grad_layer_vanishing")->status == FINDING_NOT_FOUND);
}

Test(grad_layers, a_layer_without_gradient_is_told)
{
    for (size_t i = 0; i < 75; i++)
        norm[2][i] = 0;
    const struct finding *f = judged("grad_layer_vanishing");
    cr_expect(f->status == FINDING_FOUND && f->severity == SEVERITY_LOW, "%s", f->sentence);
    cr_expect(strstr(f->sentence, "1 of 4 layers get no gradient") != NULL, "%s", f->sentence);
}

/* ln 0 is no level: a layer that is 0 at a point is neither sound nor exploding. */
Test(grad_layers, a_layer_with_a_zero_is_not_among_those_that_do_not_explode)
{
    norm[2][50] = 0;
    const struct finding *f = judged("grad_layer_explosion");
    cr_expect(f->status == FINDING_NOT_FOUND && made_value(f, "layers_assessed") == 3);
    cr_expect(strstr(f->sentence, "none of the 3 layers assessed") != NULL, "%s", f->sentence);
    stop();
    start();
    for (size_t k = 0; k < LAYERS; k++)
        norm[k][50] = 0;
    cr_expect(judged("grad_layer_explosion")->status == FINDING_INSUFFICIENT_DATA);
}

Test(grad_layers, nothing_logged_and_too_little_logged_are_different_answers)
{
    for (size_t k = 0; k < LAYERS; k++)
        layer[k].norm.n = 29;
    cr_expect(judged("grad_layers")->status == FINDING_INSUFFICIENT_DATA);
    stop();
    start();
    layers.n = 0;
    cr_expect(judged("grad_layers")->status == FINDING_NOT_APPLICABLE);
}
