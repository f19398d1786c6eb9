/*
 * AUTOTRAINER (Zhang et al. 2021), the rules that one loss and one gradient norm
 * allow, at its thresholds zeta .03, eta .2, beta1 1e-3, beta2 1e-4, beta3 70.
 * Its own gradient rules compare layers; here the run's norm stands against the
 * median of its first tenth. Dying ReLU (gamma) takes activations, slow
 * convergence (delta, Theta) takes accuracies: neither is judged.
 */
#include "analysis/anchors/anchor.h"
#include "analysis/stats/moments.h"

#include <math.h>

static const char source[] = "AUTOTRAINER 2021";

static const double zeta = 0.03, eta = 0.2, beta1 = 1e-3, beta2 = 1e-4, beta3 = 70;

/* The k-th local maximum against the k-th local minimum: how many lie zeta apart, over all points.
 */
static void oscillation(const struct anchor_input *in, struct anchor *out)
{
    const struct curve *c = &in->train;
    double *high = ARENA_ARRAY(in->arena, c->n, double),
           *low = ARENA_ARRAY(in->arena, c->n, double);
    size_t highs = 0, lows = 0, apart = 0;

    if (!anchor_needs(out, in->arena, c, 3))
        return;
    for (size_t i = 1; i + 1 < c->n; i++) {
        const double *x = c->value + i;

        if (x[0] >= x[-1] && x[0] >= x[1])
            high[highs++] = x[0];
        if (x[0] <= x[-1] && x[0] <= x[1])
            low[lows++] = x[0];
    }
    for (size_t i = 0; i < highs && i < lows; i++)
        apart += high[i] - low[i] >= zeta;
    anchor_above(out, (double)apart / (double)c->n, eta);
}

static double early(const struct curve *c, struct arena *arena)
{
    return median_of(c->value, c->n >= 10 ? c->n / 10 : 1, arena);
}

static void exploding(const struct anchor_input *in, struct anchor *out)
{
    const struct curve *c = &in->gradient;
    double largest = 0;

    if (!anchor_needs(out, in->arena, c, 2))
        return;
    double level = early(c, in->arena);
    for (size_t i = 0; i < c->n; i++)
        largest = fmax(largest, c->value[i]);
    if (level > 0)
        anchor_above(out, largest / level, beta3);
    else
        out->note = "the first tenth of the gradient norms is 0";
    if (in->non_finite_loss && out->applicable) {
        out->fired = true;
        out->note = "a loss is not finite";
    }
}

static void vanishing(const struct anchor_input *in, struct anchor *out)
{
    const struct curve *c = &in->gradient;

    if (!anchor_needs(out, in->arena, c, 2))
        return;
    double level = early(c, in->arena), last = c->value[c->n - 1];
    if (level > 0)
        anchor_below(out, last / level, beta1);
    else
        out->note = "the first tenth of the gradient norms is 0";
    out->fired = out->fired && last < beta2;
}

const struct anchor_rule anchor_autotrainer_oscillation = {"autotrainer_oscillation", "oscillation",
                                                           source, oscillation};
const struct anchor_rule anchor_autotrainer_exploding = {"autotrainer_exploding", "grad_explosion",
                                                         source, exploding};
const struct anchor_rule anchor_autotrainer_vanishing = {"autotrainer_vanishing", "grad_vanishing",
                                                         source, vanishing};
