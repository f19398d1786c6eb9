/*
 * What the steps bought: when the final level was reached, how much of the run
 * came after its best or after it had stalled, and how fast the loss fell. That
 * it stalled, rises or diverges is found elsewhere; here it is counted.
 */
#include "analysis/align.h"
#include "analysis/context.h"
#include "analysis/detectors/detector.h"
#include "analysis/say.h"
#include "analysis/stats/efficiency.h"
#include "analysis/stats/moments.h"
#include "analysis/stats/progress.h"

static const char class[] = "efficiency";

enum { SEED = 42, POINTS_MIN = 20, BLOCKS_MAX = 200 };

/* The loss in at most BLOCKS_MAX blocks: medians, at the last step of each. */
struct curve {
    size_t n;
    double *steps, *loss;
};

struct spent {
    struct curve curve;
    size_t best;            /* block */
    double final;           /* median of the last five blocks */
    double worse;           /* final over best - 1, 0 within the noise */
    double after_best;      /* share of the steps */
    struct reached level;   /* when the final level was reached to within theta */
    bool stalled;           /* at the end, by improvement per doubling */
    double after_stall;     /* share of the steps */
    double half_over_final; /* loss at half of the steps over the last - 1 */
};

static struct curve curve_of(const struct series *s, struct arena *arena)
{
    struct curve c = {.n = clip_count(s->n, 0, BLOCKS_MAX)};

    c.steps = ARENA_ARRAY(arena, c.n, double);
    c.loss = ARENA_ARRAY(arena, c.n, double);
    block_medians(s->value, s->n, c.n, c.loss, arena);
    for (size_t k = 0; k < c.n; k++)
        c.steps[k] = (double)s->step[block_edge(k + 1, c.n, s->n) - 1];
    return c;
}

static double share_after(const struct curve *c, size_t k)
{
    double all = c->steps[c->n - 1] - c->steps[0];

    return all > 0 ? (c->steps[c->n - 1] - c->steps[k]) / all : 0;
}

/*
 * How far ln of a running median moves by itself: from one window to the next, about
 * the usual move, so that noise that remembers counts and a drift does not.
 */
static double wander_of(const double *level, size_t n, size_t window, struct arena *arena)
{
    size_t moves = n > window ? n - window : 0;
    double *d = ARENA_ARRAY(arena, moves, double);

    for (size_t k = 0; k < moves; k++)
        d[k] = log(level[k + window] / level[k]);
    return MAD_TO_SD * mad_of(d, moves, arena) / sqrt(2);
}

static struct spent spent_of(const struct subject *subject, const struct series *s,
                             bool schedule_ended)
{
    enum { LAST = 5 };
    struct spent p = {.curve = curve_of(s, subject->arena)};
    struct curve *c = &p.curve;
    double *level = ARENA_ARRAY(subject->arena, c->n, double);

    running_median(c->loss, c->n, LAST, level, subject->arena);
    for (size_t k = 1; k < c->n; k++)
        p.best = level[k] < level[p.best] ? k : p.best;
    p.final = median_of(c->loss + c->n - LAST, LAST, subject->arena);
    /* three errors, and more, as the best was chosen among them all */
    double rise = log(p.final / level[p.best]),
           error = wander_of(level, c->n, LAST, subject->arena);
    bool real = rise > fmax(0.01, error * (3 + 0.5 * sqrt(2 * log((double)c->n))));
    p.worse = real ? expm1(rise) : 0;
    p.after_best = real ? share_after(c, p.best) : 0;
    p.level = target_reached(c->steps, c->loss, c->n, p.final * (1 + PROGRESS_THETA), SEED,
                             subject->arena);
    struct progress g = progress_of_loss(steps_of(s, subject->arena), s->value, s->n,
                                         PROGRESS_THETA, subject->arena);
    bool fell = c->loss[0] > p.final * (1 + PROGRESS_THETA); /* else it is no_progress */
    p.stalled = g.enough && g.stalled && fell && !schedule_ended && !real;
    p.after_stall = p.stalled && p.level.reached ? share_after(c, p.level.at) : 0;
    for (size_t k = 0; k < c->n; k++) {
        if (c->steps[k] <= c->steps[c->n - 1] / 2)
            p.half_over_final = level[k] / p.final - 1;
    }
    return p;
}

static void figures(struct said said, const struct spent *p)
{
    const struct curve *c = &p->curve;

    say_value(said, "final_level", p->final, "");
    if (p->level.reached) {
        say_value(said, "steps_to_final_level", c->steps[p->level.at], "steps");
        say_value(said, "steps_low", p->level.low, "steps");
        if (isfinite(p->level.high))
            say_value(said, "steps_high", p->level.high, "steps");
    }
    say_value(said, "best_at", c->steps[p->best], "steps");
    say_value(said, "final_over_best", p->worse, "share");
    say_value(said, "share_after_best", p->after_best, "share");
    say_value(said, "share_after_stall", p->after_stall, "share");
    say_value(said, "loss_at_half_over_final", p->half_over_final, "share");
    if (c->steps[0] >= 1)
        say_value(said, "mean_ln_loss_over_ln_steps", area_in_log_steps(c->steps, c->loss, c->n),
                  "ln units");
    say_parameter(said, "level_within", PROGRESS_THETA, "share");
    say_parameter(said, "blocks", (double)c->n, "blocks");
    say_parameter(said, "seed", SEED, "");
    say_parameter(said, "resamples", EFFICIENCY_RESAMPLES, "");
    say_method(said, "block medians of the loss; first median of five at the final level, interval "
                     "by block bootstrap; stalled by improvement per doubling");
    say_what_would_change(said, "A run cut at the step it names.");
}

static void say_spent(const struct role_series *loss, const struct spent *p, struct findings *out)
{
    const struct series *s = &loss->clean.active;
    double waste = fmax(p->after_best, p->after_stall);
    bool found = waste >= 0.1;
    size_t cut = p->after_best >= p->after_stall ? p->best : p->level.at;
    struct said said = say_about(out, class, found ? FINDING_FOUND : FINDING_NOT_FOUND, loss,
                                 s->step[0], s->step[s->n - 1]);

    figures(said, p);
    say_effect(said, 100 * waste, "% of the steps", (double)NAN, (double)NAN, (double)NAN);
    if (!found) {
        say(said,
            "Less than a tenth of the steps came after the best or after a stall of '%.*s'; its "
            "final level %.4g was reached to within %.1f%% at step %.0f.",
            STR_FMT(loss->name), p->final, 100 * PROGRESS_THETA,
            p->level.reached ? p->curve.steps[p->level.at] : p->curve.steps[p->curve.n - 1]);
        return;
    }
    say(said, "%.0f%% of the steps came after %s of '%.*s' at step %.0f and brought no gain.",
        100 * waste, cut == p->best && p->after_best > 0 ? "the best" : "the stall",
        STR_FMT(loss->name), p->curve.steps[cut]);
    /* The harm is weighed where the cause is found (plateau, val_rising, divergence). */
    say_harm(said, SEVERITY_LOW, capped(0.6, s->n, POINTS_MIN));
    say_caveat(said, "unvalidated rule");
    say_advice(said, (struct advice){.key = "number of steps",
                                     .from = say_text(said, "%lld", (long long)s->step[s->n - 1]),
                                     .to = say_text(said, "%.0f", p->curve.steps[cut]),
                                     .expected =
                                         say_text(said, "%.0f%% of the compute saved", 100 * waste),
                                     .check = "the loss at the end is the best"});
}

static void run(const struct subject *subject, struct findings *out)
{
    enum role role = subject_primary(subject);
    const struct role_series *loss = &subject->role[role];

    if (role == ROLE_REWARD)
        return; /* of losses only */
    if (!loss->logged) {
        say_not_logged(out, class, subject, role);
        return;
    }
    struct series s = positive_points(&loss->clean.active, INT64_MIN, subject->arena);
    size_t needs = subject_needs(loss, POINTS_MIN);
    if (s.n < needs) {
        say_too_short(out, class, loss, needs);
        return;
    }
    struct spent p = spent_of(subject, &s, rate_end_over_peak(subject) < RATE_ENDED);
    say_spent(loss, &p, out);
}

const struct detector detector_efficiency = {
    .name = "efficiency",
    .what = "when the final level was reached, and the share of the run that brought nothing",
    .applies = FOR_LM,
    .run = run,
};
