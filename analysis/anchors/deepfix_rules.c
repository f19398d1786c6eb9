/* The rules of the deepfix training analyzer, one row each. */
#include "analysis/anchors/anchor.h"
#include "analysis/anchors/deepfix.h"

#include <math.h>

static const char source[] = "deepfix";

static bool has_pairs(const struct anchor_input *in, struct anchor *out)
{
    if (!anchor_needs(out, in->arena, &in->val, DEEPFIX_PAIRS_MIN))
        return false;
    if (!in->train_at_val) {
        out->note = "the training loss is not logged";
        return false;
    }
    if (in->val.n < DEEPFIX_EPOCHS_MIN)
        out->note = "fewer than 10 rows: insufficient for overfitting detection";
    return true;
}

static void gap(const struct anchor_input *in, struct anchor *out)
{
    if (!has_pairs(in, out))
        return;
    double threshold = subject_threshold(in->subject, THRESHOLD_DEEPFIX_GAP);
    struct deepfix_gap g =
        deepfix_gap(in->train_at_val, in->val.value, in->val.n, threshold, in->arena);
    anchor_above(out, g.max, threshold);
    out->grade = g.grade;
    out->confidence = g.confidence;
    if (g.divergence_start < in->val.n) {
        out->at = &in->val.step[g.divergence_start];
        out->at_n = 1;
    }
    if (!isfinite(g.correlation))
        out->note = "the correlation of the two losses is undefined: graded by the gap alone";
}

static void trend_divergence(const struct anchor_input *in, struct anchor *out)
{
    if (!has_pairs(in, out))
        return;
    double r = deepfix_trend_correlation(in->train_at_val, in->val.value, in->val.n, in->arena);
    if (!isfinite(r)) {
        out->note = "the correlation is undefined: fewer than 8 evaluations, or a constant";
        return;
    }
    anchor_below(out, r, 0.5);
    out->grade = !out->fired ? NULL : r > 0.2 ? "medium" : "high";
    out->confidence = r < 0 ? 0.9 : 1 - r;
}

static void early_stopping(const struct anchor_input *in, struct anchor *out)
{
    size_t best = 0;

    if (!anchor_needs(out, in->arena, &in->val, DEEPFIX_PAIRS_MIN))
        return;
    for (size_t i = 1; i < in->val.n; i++) {
        if (in->val.value[i] < in->val.value[best])
            best = i;
    }
    double after = (double)(in->val.n - 1 - best);
    anchor_above(out, after, subject_threshold(in->subject, THRESHOLD_DEEPFIX_PATIENCE));
    out->grade = out->fired ? "medium" : NULL;
    out->confidence = fmin(0.9, after / 20);
    out->at = &in->val.step[best];
    out->at_n = 1;
}

static void val_plateau(const struct anchor_input *in, struct anchor *out)
{
    if (!anchor_needs(out, in->arena, &in->val, DEEPFIX_PLATEAU_MIN))
        return;
    double points = (double)deepfix_plateau(in->val.value, in->val.n).points;
    /* so many points or more */
    anchor_above(out, points, subject_threshold(in->subject, THRESHOLD_DEEPFIX_PLATEAU) - 0.5);
    out->grade = !out->fired ? NULL : points >= 10 ? "high" : "medium";
    out->confidence = fmin(0.9, points / 10);
}

static void trend_score(const struct anchor_input *in, struct anchor *out)
{
    if (!anchor_needs(out, in->arena, &in->train, 11))
        return; /* its own code fails on fewer */
    struct deepfix_trend t = deepfix_trend(in->train.value, in->train.n, true);
    anchor_below(out, t.score, 0.8);
    out->fired = t.concerns > 0;
    out->grade = t.grade;
    out->confidence = fmax(t.score, 0);
}

static void loss_variance(const struct anchor_input *in, struct anchor *out)
{
    if (!anchor_needs(out, in->arena, &in->train, 11))
        return;
    double threshold = subject_threshold(in->subject, THRESHOLD_DEEPFIX_VARIANCE);
    double window = subject_threshold(in->subject, THRESHOLD_DEEPFIX_WINDOW);
    double cv = deepfix_loss_variance(in->train.value, in->train.n, (size_t)window);
    anchor_above(out, cv, threshold);
    out->grade = !out->fired ? NULL : cv > 0.20 ? "high" : cv > 0.10 ? "medium" : "low";
    out->confidence = fmin(0.9, cv / threshold);
}

static void oscillation(const struct anchor_input *in, struct anchor *out)
{
    if (anchor_needs(out, in->arena, &in->train, 6))
        anchor_above(out, deepfix_oscillation(in->train.value, in->train.n), 0.5);
}

static void premature(const struct anchor_input *in, struct anchor *out)
{
    if (!anchor_needs(out, in->arena, &in->train, 10))
        return;
    double ratio = deepfix_premature(in->train.value, in->train.n);
    if (isfinite(ratio))
        anchor_below(out, ratio, 0.1);
    else
        out->note = "nothing changed in the first third: the ratio is undefined";
}

static void stagnation(const struct anchor_input *in, struct anchor *out)
{
    if (!anchor_needs(out, in->arena, &in->train, 10))
        return;
    double share = deepfix_stagnation(in->train.value, in->train.n);
    if (isfinite(share))
        anchor_below(out, share, 0.01);
    else
        out->note = "the first value is 0: the share is undefined";
}

static void exploding(const struct anchor_input *in, struct anchor *out)
{
    double largest = 0;

    if (!anchor_needs(out, in->arena, &in->gradient, 1))
        return;
    for (size_t i = 0; i < in->gradient.n; i++)
        largest = fmax(largest, in->gradient.value[i]);
    double threshold = subject_threshold(in->subject, THRESHOLD_DEEPFIX_EXPLODING);
    anchor_above(out, largest, threshold);
    out->grade = out->fired ? "high" : NULL;
    out->confidence = fmin(0.95, largest / threshold);
}

const struct anchor_rule anchor_deepfix_gap = {"deepfix_gap", "overfitting", source, gap};
const struct anchor_rule anchor_deepfix_trend_divergence = {
    "deepfix_trend_divergence", "overfitting", source, trend_divergence};
const struct anchor_rule anchor_deepfix_early_stopping = {"deepfix_early_stopping", "overfitting",
                                                          source, early_stopping};
const struct anchor_rule anchor_deepfix_val_plateau = {"deepfix_val_plateau", "val_plateau", source,
                                                       val_plateau};
const struct anchor_rule anchor_deepfix_trend_score = {"deepfix_trend_score", "divergence", source,
                                                       trend_score};
const struct anchor_rule anchor_deepfix_loss_variance = {"deepfix_loss_variance", "volatility",
                                                         source, loss_variance};
const struct anchor_rule anchor_deepfix_oscillation = {"deepfix_oscillation", "oscillation", source,
                                                       oscillation};
const struct anchor_rule anchor_deepfix_premature = {"deepfix_premature", "plateau", source,
                                                     premature};
const struct anchor_rule anchor_deepfix_stagnation = {"deepfix_stagnation", "plateau", source,
                                                      stagnation};
const struct anchor_rule anchor_deepfix_exploding = {"deepfix_exploding", "grad_explosion", source,
                                                     exploding};
