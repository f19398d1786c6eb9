#include "analysis/stats/gradient.h"

#include "analysis/detectors/detector.h"
#include "analysis/stats/moments.h"
#include "tests/support/curves.h"
#include "tests/support/made.h"

#include <criterion/criterion.h>

extern const struct detector detector_grad_explosion, detector_grad_vanishing,
    detector_grad_clipping, detector_grad_distribution, detector_grad_inferred;

enum { N = 1000 };

static struct made made;
static double g[N], loss[N], lr[N];

/* Norms about 1 (vector 63), a falling loss, a cosine with a warm-up of 50. */
static void start(void)
{
    struct noise noise = NOISE_START;

    made_init(&made, EXPERIMENT_LM);
    for (size_t i = 0; i < N; i++) {
        g[i] = exp(.3 * noise_next(&noise));
        lr[i] = i < 50 ? 1e-3 * (double)(i + 1) / 50
                       : 5e-4 * (1 + cos(M_PI * (double)(i - 49) / (N - 50)));
    }
    curve_loss(loss, N, N);
}

static void stop(void)
{
    made_fini(&made);
}

TestSuite(gradients, .init = start, .fini = stop);

static void ramp(size_t from, double height)
{
    for (size_t i = from; i < N; i++)
        g[i] *= exp(height * sqrt((double)(i + 1 - from) / (double)(N - from)));
}

static void load(size_t n)
{
    made_series(&made, ROLE_GRADIENT_NORM, NULL, g, n);
    made_series(&made, ROLE_TRAIN_LOSS, NULL, loss, n);
    made_series(&made, ROLE_LEARNING_RATE, NULL, lr, n);
}

static double plain_median(size_t from, size_t to)
{
    return median_of(g + from, to - from, &made.arena);
}

static bool says(const struct finding *f, const char *text)
{
    return strstr(f->sentence, text) != NULL;
}

/* ---- explosion ---- */

Test(gradients, an_explosion_is_found_with_its_levels)
{
    ramp(600, 3);
    g[5] = (double)NAN;
    load(N);
    detector_grad_explosion.run(&made.subject, &made.found);
    const struct finding *f = made_find(&made.found, "grad_explosion");
    cr_assert(f->status == FINDING_FOUND, "%s", f->sentence);
    size_t onset = (size_t)f->evidence.from - 1; /* steps from 1 */
    cr_expect(onset >= 600 && onset < 750, "%zu", onset);
    g[5] = g[4]; /* the NaN is left out: about a thousandth of a median's points */
    cr_expect(near_to(made_value(f, "level_before"), plain_median(100, onset), .01));
    cr_expect(near_to(made_value(f, "level_after"), plain_median(onset, N), 1e-9));
    cr_expect(f->severity == SEVERITY_MEDIUM, "the loss still fell");
    cr_expect(f->advice && f->confidence <= .99 && f->evidence.n_used == N - 1);
}

Test(gradients, an_explosion_that_hurts_the_loss_is_severe)
{
    ramp(600, 3);
    for (size_t i = 600; i < N; i++)
        loss[i] *= 1 + .5 * (double)(i - 600) / 400;
    load(N);
    detector_grad_explosion.run(&made.subject, &made.found);
    cr_expect(made_find(&made.found, "grad_explosion")->severity == SEVERITY_HIGH);
}

Test(gradients, a_run_that_breaks_off_in_an_explosion)
{
    g[N - 3] = 50;
    g[N - 2] = 1e4;
    g[N - 1] = (double)INFINITY;
    load(N);
    detector_grad_explosion.run(&made.subject, &made.found);
    const struct finding *f = made_find(&made.found, "grad_explosion");
    cr_assert(f->status == FINDING_FOUND && says(f, "then values that are not finite"), "%s",
              f->sentence);
    cr_expect(f->evidence.from == N - 2 && made_value(f, "last") == 1e4 && f->confidence <= .6);
}

/* A rise of 2.5 at the end of a cosine, a burst, norms that only fall: nothing is wrong. */
Test(gradients, benign_norms_are_no_finding)
{
    static const struct {
        const char *what;
        double rise;
        size_t burst;
        double fall;
    } rows[] = {{"noise", 1, 0, 1},
                {"2.5 times at the end", 2.5, 0, 1},
                {"a burst", 1, 500, 1},
                {"a fall to a tenth", 1, 0, .1}};

    for (size_t k = 0; k < 4; k++) {
        stop();
        start();
        ramp(700, log(rows[k].rise));
        ramp(0, log(rows[k].fall));
        for (size_t i = rows[k].burst; rows[k].burst && i < rows[k].burst + 12; i++)
            g[i] *= 25;
        load(N);
        detector_grad_explosion.run(&made.subject, &made.found);
        detector_grad_vanishing.run(&made.subject, &made.found);
        for (size_t i = 0; i < made.found.list.n; i++)
            cr_expect(made.found.list.v[i].status == FINDING_NOT_FOUND, "%s: %s", rows[k].what,
                      made.found.list.v[i].sentence);
    }
}

/* ---- vanishing ---- */

Test(gradients, norms_that_vanish_are_found_and_excused_with_a_reason)
{
    static const struct {
        const char *what;
        double rate_end, loss_end; /* over the peak; over what it is */
        double fall;               /* ln, or a jump where `jump` */
        bool jump;
        enum finding_status want;
        const char *because;
    } rows[] = {
        {"fall", .5, 1, -8, false, FINDING_FOUND, "vanishes from step"},
        {"at the end of the schedule", .001, 1, -8, false, FINDING_NOT_FOUND, "learning rate was"},
        {"the loss is gone", .5, .001, -8, false, FINDING_NOT_FOUND, "little is left"},
        {"a loss scale of 1024", .5, 1, -6.931471805599453, true, FINDING_NOT_FOUND, "2^-10"},
    };

    for (size_t k = 0; k < 4; k++) {
        stop();
        start();
        if (rows[k].jump) {
            for (size_t i = 400; i < N; i++)
                g[i] *= exp(rows[k].fall);
        } else {
            ramp(300, rows[k].fall);
        }
        for (size_t i = 250; i < N; i++) {
            lr[i] = 1e-3 * rows[k].rate_end;
            loss[i] *= rows[k].loss_end;
        }
        for (size_t i = 0; i < 250; i++)
            lr[i] = 1e-3;
        load(N);
        detector_grad_vanishing.run(&made.subject, &made.found);
        const struct finding *f = made_find(&made.found, "grad_vanishing");
        cr_expect(f->status == rows[k].want && says(f, rows[k].because), "%s: %s", rows[k].what,
                  f->sentence);
        cr_expect(near_to(made_value(f, "early"), plain_median(50, 201), 1e-9), "%s", rows[k].what);
        /* of an even count, the middle pair in ln */
        cr_expect(near_to(made_value(f, "late"), plain_median(900, N), 1e-3), "%s", rows[k].what);
    }
}

Test(gradients, D_08_norms_of_1e_7_vanish)
{
    for (size_t i = 0; i < N; i++)
        g[i] = 1e-7;
    load(N);
    detector_grad_vanishing.run(&made.subject, &made.found);
    const struct finding *f = made_find(&made.found, "grad_vanishing");
    cr_expect(f->status == FINDING_FOUND && says(f, "tiny throughout"), "%s", f->sentence);
    cr_expect(f->confidence <= .6, "no rule that was validated");
}

/* Norms fall by e^-5 within the warm-up of 500: the schedule explains it. */
Test(gradients, a_warmup_excuses_what_moves_in_it)
{
    for (size_t i = 0; i < N; i++)
        lr[i] = i < 500 ? (double)(i + 1) / 500 : 1 - (double)(i - 500) / 1000;
    for (size_t i = 300; i < N; i++)
        g[i] *= exp(-6);
    for (size_t i = 0; i < N; i++)
        g[i] *= .77; /* no power of two between */
    for (size_t i = 310; i < N; i++)
        g[i] *= 1.3;
    load(N);
    const struct analysis *a = analyze_subject(&made.subject, &made.arena);
    const struct finding *f = analysis_find(a, "grad_vanishing", FINDING_NOT_FOUND);
    cr_assert(f, "it is taken back");
    cr_expect(says(f, "Explained by lr_schedule"), "%s", f->sentence);
}

/* ---- clipping ---- */

static const struct finding *clipping_at(double clip)
{
    struct setting *own = ARENA_NEW(&made.arena, struct setting);

    *own = (struct setting){"MAX_GRAD_NORM", clip};
    made_settings(&made, own, isfinite(clip) ? 1 : 0);
    load(N);
    detector_grad_clipping.run(&made.subject, &made.found);
    return made_find(&made.found, "grad_clipping");
}

static double share_of_norms_above(double level)
{
    size_t above = 0, n = 0;

    for (size_t i = 50; i < N; i++) { /* behind the warm-up */
        above += g[i] > level;
        n++;
    }
    return (double)above / (double)n;
}

/* The norms lie within e^+-.15 of 1, evenly in ln: what a clip of 1.0 cuts off goes by the scale.
 */
Test(gradients, D_22_share_above_the_clip)
{
    static const struct {
        double share, scale; /* about that share of the norms is above 1.0 */
        enum finding_status want;
        enum severity severity;
        const char *text;
    } rows[] = {
        {.95, 1.1445, FINDING_FOUND, SEVERITY_LOW, "it is the step size"},
        {.24, .926, FINDING_FOUND, SEVERITY_INFO, "it shapes the updates"},
        {.01, .8635, FINDING_NOT_FOUND, SEVERITY_INFO, "a normal share"},
        {0, .1, FINDING_NOT_FOUND, SEVERITY_INFO, "an unused safety net"},
    };

    for (size_t k = 0; k < 4; k++) {
        stop();
        start();
        for (size_t i = 0; i < N; i++)
            g[i] *= rows[k].scale;
        const struct finding *f = clipping_at(1);
        cr_expect(f->status == rows[k].want && f->severity == rows[k].severity &&
                      says(f, rows[k].text),
                  "%g: %s", rows[k].share, f->sentence);
        cr_expect(near_to(made_value(f, "share_above_clip"), share_of_norms_above(1), 1e-12), "%g",
                  made_value(f, "share_above_clip"));
        cr_expect(fabs(made_value(f, "share_above_clip") - rows[k].share) < .01, "%g",
                  made_value(f, "share_above_clip"));
        cr_expect((f->advice != NULL) == (k == 0), "%g: advice only where it dominates",
                  rows[k].share);
    }
}

/* At .8 of the norms clipped the rate that acts is lr * clip / median. */
Test(gradients, a_clip_that_dominates_names_the_rate_it_amounts_to)
{
    const struct finding *f = clipping_at(.5);

    cr_assert(f->status == FINDING_FOUND && made_value(f, "share_above_clip") == 1);
    cr_expect(near_to(made_value(f, "effective_learning_rate_at_end"),
                      lr[N - 1] * .5 / plain_median(50, N), 1e-9));
    double value = made_value(f, "threshold_that_cuts_the_tail");
    cr_expect(value > 1.3 && value < 1.34, "vector 64 has 1.319 for the last half: %g", value);
    cr_expect(made_value(f, "threshold_low") < value && value < made_value(f, "threshold_high"));
}

Test(gradients, norms_logged_after_the_clip_allow_no_threshold)
{
    for (size_t i = 0; i < N; i++)
        g[i] = fmin(g[i], .9);
    const struct finding *f = clipping_at(.9);

    cr_expect(f->status == FINDING_FOUND && says(f, "after clipping"), "%s", f->sentence);
    cr_expect(isnan(made_value(f, "threshold_that_cuts_the_tail")));
}

Test(gradients, an_unknown_clip_is_said)
{
    const struct finding *f = clipping_at((double)NAN);

    cr_expect(f->status == FINDING_NOT_APPLICABLE && says(f, "names no clip"), "%s", f->sentence);
}

/* ---- spread, inference ---- */

Test(gradients, the_spread_is_described)
{
    static const double ratio[] = {.05};
    double updates[N];

    for (size_t i = 0; i < N; i++)
        updates[i] = ratio[0];
    load(N);
    made_series(&made, ROLE_UPDATE_RATIO, NULL, updates, N);
    detector_grad_distribution.run(&made.subject, &made.found);
    const struct finding *f = made_find(&made.found, "grad_distribution");
    cr_assert(f->status == FINDING_FOUND && f->severity == SEVERITY_INFO);
    cr_expect(near_to(made_value(f, "median"), plain_median(0, N), 1e-12));
    cr_expect(near_to(made_value(f, "q95"), quantile_of(g, N, .95, &made.arena), 1e-12));
    cr_expect(fabs(made_value(f, "rank_correlation_with_loss_residual")) < 1);
    f = made_find(&made.found, "update_ratio");
    cr_expect(f->status == FINDING_FOUND && f->severity == SEVERITY_INFO && f->confidence <= .6);
}

/* D-17 */
Test(gradients, D_17_without_norms_trouble_is_inferred_from_the_loss)
{
    static const struct {
        const char *what;
        size_t from, to;
        enum finding_status want;
    } rows[] = {{"clean", 0, 0, FINDING_NOT_FOUND},
                {"one point", 500, 501, FINDING_NOT_FOUND},
                {"six points", 500, 506, FINDING_FOUND}};

    for (size_t k = 0; k < 3; k++) {
        stop();
        start();
        for (size_t i = rows[k].from; i < rows[k].to; i++)
            loss[i] *= 1.4;
        made_series(&made, ROLE_TRAIN_LOSS, NULL, loss, N);
        detector_grad_inferred.run(&made.subject, &made.found);
        const struct finding *f = made_find(&made.found, "grad_inferred");
        cr_expect(f->status == rows[k].want, "%s: %s", rows[k].what, f->sentence);
        cr_expect(f->confidence <= .6 && f->severity <= SEVERITY_LOW, "%s", rows[k].what);
        if (rows[k].want == FINDING_FOUND)
            cr_expect(f->evidence.from == 501 && says(f, "Inferred"), "%s", f->sentence);
    }
    load(N);
    made.found.list.n = 0;
    detector_grad_inferred.run(&made.subject, &made.found);
    cr_expect(made_find(&made.found, "grad_inferred")->status == FINDING_NOT_APPLICABLE);
}

Test(gradients, a_factor_of_one_is_no_trend_to_tell)
{
    load(N);
    detector_grad_distribution.run(&made.subject, &made.found);
    cr_expect(!says(made_find(&made.found, "grad_distribution"), "tenfold"));
    for (size_t i = 0; i < N; i++)
        g[i] *= pow((double)(i + 1), -.3); /* 10^-.3 a tenfold: half */
    load(N);
    detector_grad_distribution.run(&made.subject, &made.found);
    cr_expect(
        says(&made.found.list.v[made.found.list.n - 1], "fall by a factor of 2 per tenfold") ||
            says(&made.found.list.v[made.found.list.n - 2], "fall by a factor of 2 per tenfold"),
        "%s", made.found.list.v[made.found.list.n - 1].sentence);
}
