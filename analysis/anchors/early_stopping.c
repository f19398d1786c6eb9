#include "analysis/anchors/anchor.h"
#include "analysis/stats/moments.h"
#include "analysis/stats/plain_loss.h"
#include "analysis/stats/prechelt.h"

#include <math.h>

static const char prechelt[] = "Prechelt 1998", sft[] = "SFT analysis of the tinker plugin";

/* The training losses at the evaluations stand for P_k: one a validation loss. */
static struct prechelt criteria_of(const struct anchor_input *in)
{
    size_t n = in->train_at_val ? in->val.n : 0;

    return prechelt_of(in->val.value, in->val.n, in->train_at_val, n, PRECHELT_STRIP);
}

static void gl(const struct anchor_input *in, struct anchor *out)
{
    if (!anchor_needs(out, in->arena, &in->val, 2))
        return;
    struct prechelt p = criteria_of(in);
    if (isfinite(p.gl))
        anchor_above(out, p.gl, 5);
    else
        out->note = "a validation loss is not above 0";
}

static void pq(const struct anchor_input *in, struct anchor *out)
{
    if (!anchor_needs(out, in->arena, &in->val, PRECHELT_STRIP))
        return;
    struct prechelt p = criteria_of(in);
    if (isfinite(p.pq))
        anchor_above(out, p.pq, 0.5);
    else
        out->note = "needs a training loss above 0 at each evaluation";
}

static void up(const struct anchor_input *in, struct anchor *out)
{
    if (!anchor_needs(out, in->arena, &in->val, 3 * PRECHELT_STRIP + 1))
        return;
    anchor_above(out, (double)prechelt_strips(in->val.value, in->val.n, PRECHELT_STRIP), 2.5);
}

/* Above where? The last validation loss against the one in the middle of the list. */
static void val_above_middle(const struct anchor_input *in, struct anchor *out)
{
    if (!anchor_needs(out, in->arena, &in->val, 1))
        return;
    struct plain_overfit p = plain_overfit_of(in->val.value, in->val.n);
    anchor_above(out, p.last, p.middle);
}

static void improvement(const struct anchor_input *in, struct anchor *out)
{
    const struct curve *t = &in->train;

    if (!anchor_needs(out, in->arena, t, PLAIN_POINTS_MIN))
        return;
    struct plain_improvement p = plain_improvement_of(t->value, t->n);
    out->applicable = p.defined;
    if (p.defined)
        out->value = p.percent;
    else
        out->note = "the first ten losses average 0: improvement undefined";
}

static void gradient_ten_times(const struct anchor_input *in, struct anchor *out)
{
    double largest = 0;

    if (!anchor_needs(out, in->arena, &in->gradient, 2))
        return;
    for (size_t i = 1; i < in->gradient.n; i++)
        largest = fmax(largest, in->gradient.value[i]);
    anchor_above(out, largest, 10 * in->gradient.value[0]);
}

/* The last tenth against the tenth before it: better by less than 1%. */
static void last_tenth(const struct anchor_input *in, struct anchor *out)
{
    const struct curve *t = &in->train;
    size_t k = t->n / 10;

    if (!anchor_needs(out, in->arena, t, 20))
        return;
    double before = mean_of(t->value + t->n - 2 * k, k), last = mean_of(t->value + t->n - k, k);
    if (before != 0)
        anchor_below(out, (before - last) / fabs(before), 0.01);
    else
        out->note = "the tenth before the last averages 0: the share is undefined";
}

const struct anchor_rule anchor_sft_val_above_middle = {"sft_val_above_middle", "overfitting", sft,
                                                        val_above_middle};
const struct anchor_rule anchor_sft_improvement = {"sft_improvement", "", sft, improvement};
const struct anchor_rule anchor_sft_gradient_ten_times = {
    "sft_gradient_ten_times", "grad_explosion", sft, gradient_ten_times};
const struct anchor_rule anchor_prechelt_gl = {"prechelt_gl", "overfitting", prechelt, gl};
const struct anchor_rule anchor_prechelt_pq = {"prechelt_pq", "overfitting", prechelt, pq};
const struct anchor_rule anchor_prechelt_up = {"prechelt_up", "overfitting", prechelt, up};
const struct anchor_rule anchor_last_tenth = {"last_tenth", "plateau", "common practice",
                                              last_tenth};
