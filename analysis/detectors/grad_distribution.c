/*
 * How the gradient norms are spread: a description, with no verdict. Where the
 * ratio of updates to weights is logged, whether it is far from what is usual.
 */
#include "analysis/align.h"
#include "analysis/derived.h"
#include "analysis/detectors/detector.h"
#include "analysis/say.h"
#include "analysis/stats/gap.h"
#include "analysis/stats/gradient.h"
#include "analysis/stats/moments.h"
#include "analysis/stats/spikes.h"
#include "analysis/stats/trailing.h"
#include "analysis/stats/trend.h"

static const char class[] = "grad_distribution";

enum { QUANTILES = 7 };

static void say_quantiles(struct said said, const struct series *g, double quantiles[QUANTILES],
                          struct arena *arena)
{
    static const char *const names[QUANTILES] = {"q01", "q05", "q25", "median",
                                                 "q75", "q95", "q99"};
    static const double places[QUANTILES] = {.01, .05, .25, .5, .75, .95, .99};
    const struct values norms = {.n = g->n, .plain = g->value};

    quantiles_of_values(&norms, places, QUANTILES, quantiles, arena);
    for (size_t i = 0; i < QUANTILES; i++)
        say_value(said, names[i], quantiles[i], "");
}

/* Per factor of ten in steps, with its spread over time. */
static double say_slope(struct said said, const struct series *g, const double *ln,
                        struct arena *arena)
{
    double *x = ARENA_ARRAY(arena, g->n, double);
    size_t from = 0;

    while (from < g->n && g->step[from] < 1)
        from++;
    for (size_t i = from; i < g->n; i++)
        x[i] = log10((double)g->step[i]);
    double slope = theil_sen(x + from, ln + from, g->n - from, arena);
    say_value(said, "slope_of_ln_norm", slope, "per decade of steps");
    return slope;
}

/* ln of values of a role, those kept where it is all of them; NULL: not all are above 0. */
static const double *ln_of_values(const struct subject *subject, enum role role,
                                  const double *values, size_t n)
{
    const struct series *s = &subject->role[role].clean.active;
    double *y;
    bool is_ln;

    if (values == s->value && n == s->n) {
        const double *kept = derived_relative(subject, role, &is_ln);
        return is_ln ? kept : NULL;
    }
    y = ARENA_ARRAY(subject->arena, n, double);
    return relative_of(values, n, y, subject->arena) ? y : NULL;
}

/* Do large norms come with losses above their level? */
static void say_with_loss(struct said said, const struct subject *subject)
{
    struct pairs p = subject_pairs(subject, ROLE_TRAIN_LOSS, ROLE_GRADIENT_NORM);
    double *residual = ARENA_ARRAY(subject->arena, p.n, double);

    if (p.n < GRADIENT_POINTS_MIN)
        return;
    const double *y = ln_of_values(subject, ROLE_TRAIN_LOSS, p.a, p.n);
    if (!y)
        return;
    enum { WINDOW = 32, LEAST = 5 };
    trailing_median(y, p.n, WINDOW, LEAST, residual, subject->arena);
    for (size_t i = LEAST; i < p.n; i++)
        residual[i] = y[i] - residual[i];
    say_value(said, "rank_correlation_with_loss_residual",
              spearman(p.b + LEAST, residual + LEAST, p.n - LEAST, subject->arena), "");
}

static void say_bursts(struct said said, const struct series *g, struct arena *arena)
{
    enum { POINTS_MAX = 200000 }; /* of a longer log the end: a tenth of a second */
    size_t from = g->n > POINTS_MAX ? g->n - POINTS_MAX : 0, bursts = 0;
    struct spikes s = spikes_of(g->value + from, g->n - from, arena);

    for (size_t k = 0; k < s.count; k++)
        bursts += s.events[k].height > 2 * s.events[k].base;
    say_value(said, "bursts_above_twice_their_level", (double)bursts, "bursts");
    if (s.enough)
        say_value(said, "tail_degrees_of_freedom", s.nu, "");
}

/* A factor that rounds to 1 is no trend to speak of. */
static const char *trend_words(struct said said, double slope)
{
    double factor = exp(fabs(slope));

    return factor < 1.05 ? ""
                         : say_text(said, "; they %s by a factor of %.2g per tenfold steps",
                                    slope < 0 ? "fall" : "rise", factor);
}

static void describe(const struct subject *subject, const struct role_series *norm,
                     const struct series *g, struct findings *out)
{
    struct arena *arena = subject->arena;
    struct said said = say_about(out, class, FINDING_FOUND, norm, g->step[0], g->step[g->n - 1]);
    const double *y = ln_of_values(subject, ROLE_GRADIENT_NORM, g->value, g->n);
    double largest = 0, quantiles[QUANTILES];

    for (size_t i = 0; i < g->n; i++)
        largest = g->value[i] > largest ? g->value[i] : largest;
    say_quantiles(said, g, quantiles, arena);
    say_value(said, "largest", largest, "");
    say_value(said, "spread_of_ln_norm", MAD_TO_SD * mad_of(y, g->n, arena), "ln units");
    double slope = say_slope(said, g, y, arena);
    say_bursts(said, g, arena);
    say_with_loss(said, subject);
    say_parameter(said, "plain_rule_exploding_above", 10, "");
    say(said, "Gradient norms: median %.3g, 1%% below %.3g, 1%% above %.3g, largest %.3g%s.",
        median_of(g->value, g->n, arena), quantiles[0], quantiles[QUANTILES - 1], largest,
        trend_words(said, slope));
    say_method(said, "quantiles; 1.4826 MAD and Theil-Sen line of ln norm; Student t matched to "
                     "the tail");
    say_what_would_change(said, "Nothing: this is a description.");
    say_harm(said, SEVERITY_INFO, capped(0.99, g->n, GRADIENT_POINTS_MIN));
}

static void judge_updates(const struct subject *subject, struct findings *out)
{
    static const char of_updates[] = "update_ratio";
    static const double least = 1e-5, most = 1e-2;
    const struct role_series *ratio = &subject->role[ROLE_UPDATE_RATIO];
    const struct series *s = &ratio->clean.active;

    if (!ratio->logged)
        return; /* few trainers have it: its absence says nothing */
    if (s->n < GRADIENT_POINTS_MIN) {
        say_too_short(out, of_updates, ratio, GRADIENT_POINTS_MIN);
        return;
    }
    double median = median_of(s->value, s->n, subject->arena);
    bool off = median < least || median > most;
    struct said said = say_about(out, of_updates, off ? FINDING_FOUND : FINDING_NOT_FOUND, ratio,
                                 s->step[0], s->step[s->n - 1]);
    say(said, "The updates are %.2g of the weights (median): %s.", median,
        median < least  ? "too small to change much"
        : median > most ? "large enough to undo what was learnt"
                        : "a usual size");
    say_value(said, "median", median, "share");
    say_parameter(said, "least", least, "share");
    say_parameter(said, "most", most, "share");
    say_effect(said, median, "share", (double)NAN, (double)NAN, (double)NAN);
    say_method(said, "median of the logged ratio against a rule of thumb");
    say_what_would_change(said, "A median between %.0e and %.0e.", least, most);
    if (off) {
        say_harm(said, SEVERITY_INFO, capped(0.6, s->n, GRADIENT_POINTS_MIN));
        say_caveat(said, "unvalidated rule");
    }
}

static void run(const struct subject *subject, struct findings *out)
{
    const struct role_series *norm = &subject->role[ROLE_GRADIENT_NORM];

    judge_updates(subject, out);
    if (!norm->logged) {
        say_not_logged(out, class, subject, ROLE_GRADIENT_NORM);
        return;
    }
    struct series g = positive_points(&norm->clean.active, INT64_MIN, subject->arena);
    if (g.n < GRADIENT_POINTS_MIN) {
        say_too_short(out, class, norm, GRADIENT_POINTS_MIN);
        return;
    }
    describe(subject, norm, &g, out);
}

const struct detector detector_grad_distribution = {
    .name = "grad_distribution",
    .what = "how gradient norms are spread and move, and the size of updates where it is logged",
    .applies = FOR_LM,
    .run = run,
};
