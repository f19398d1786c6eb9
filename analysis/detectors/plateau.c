/*
 * Does the loss still fall? Improvement per doubling of the steps, over the last
 * half. Where the learning rate had decayed to its end, flat is by design: that
 * is schedule_end, no plateau.
 */
#include "analysis/context.h"
#include "analysis/derived.h"
#include "analysis/detectors/detector.h"
#include "analysis/planned.h"
#include "analysis/say.h"
#include "analysis/stats/progress.h"
#include "analysis/stats/stall.h"

static const char class[] = "plateau";

static const double decayed_below = 0.2; /* of the peak rate */

enum { LAST_HALF_POINTS_MIN = 35 }; /* six blocks of three in the last half */

/*
 * The share of stalls expected of a user's runs, how much more a unit of evidence was
 * worth (detection benchmark 1, development set), and how sure one must be to call it so.
 */
static const double share_expected = 0.15, worth = 1.5, found_from = 0.8;

/* What is known of one loss. */
struct state {
    struct progress p;
    struct stall stall;
    double end;         /* learning rate, last over peak; NAN where none is logged */
    double probability; /* of a stall, by stall.evidence and share_expected */
    bool found;
};

/* g is a difference of ln loss: what it is of the loss, in percent. */
static double better(double g)
{
    return -100 * expm1(-g);
}

static void figures(struct said said, const struct progress *p, double end)
{
    say_value(said, "improvement_per_doubling", p->g, "ln units");
    say_value(said, "se", p->se, "ln units");
    if (isfinite(end))
        say_value(said, "learning_rate_end_over_peak", end, "");
    say_parameter(said, "theta", p->theta, "share");
    say_parameter(said, "blocks", (double)p->blocks, "");
    if (isfinite(p->late_g))
        say_value(said, "improvement_per_doubling_last_quarter", p->late_g, "ln units");
    if (p->levelled_off || p->slower) /* what is to be expected is how it went at the end */
        say_effect(said, better(p->late_g), "% per doubling", better(p->late_lo),
                   better(p->late_hi), 0.9);
    else
        say_effect(said, better(p->g), "% per doubling", better(p->lo), better(p->hi), 0.9);
    say_method(said, "least squares of block means of ln loss on log2(step) over the last half");
}

static bool is_cut(const struct subject *subject, int64_t last)
{
    struct planned plan = {0};

    if (subject->experiment)
        plan = experiment_planned(subject->experiment, (double)last, subject->arena);
    return planned_is_cut(&plan, (double)last);
}

static void say_ended(const struct subject *subject, struct findings *out,
                      const struct role_series *loss, const struct progress *p, double end)
{
    const struct series *s = &loss->clean.active;
    struct said said =
        say_about(out, "schedule_end", FINDING_FOUND, loss, s->step[s->n / 2], s->step[s->n - 1]);

    say_of_series(said, loss);
    figures(said, p, end);
    say(said,
        "%s (learning rate at %.1f%% of its peak): '%.*s' %s by "
        "%.2f%% per doubling over the last half; whether more steps at that rate would help "
        "cannot be read off.",
        is_cut(subject, s->step[s->n - 1])
            ? "The schedule is near its end, and the log stops before it"
            : "The schedule has ended",
        100 * end, STR_FMT(loss->name), p->g < 0 ? "got worse" : "improved", fabs(better(p->g)));
    say_what_would_change(said, "A run whose rate is still above %.0f%% of its peak.",
                          100 * decayed_below);
    say_harm(said, SEVERITY_INFO, capped(0.99, s->n, LAST_HALF_POINTS_MIN));
}

static void advise(struct said said, const struct series *s)
{
    say_advice(said, (struct advice){.key = "start the decay of the learning rate now, over",
                                     .to = say_text(said, "%.0f steps (20%% of those done)",
                                                    0.2 * (double)(s->step[s->n - 1] - s->step[0])),
                                     .expected = "the drop that a decay brings",
                                     .check = "improvement per doubling over the decay above 1%"});
}

static void say_state(struct said said, const struct role_series *loss, const struct state *st)
{
    const struct progress *p = &st->p;
    const char *late =
        p->levelled_off || p->slower
            ? say_text(said, ", but %s over the last quarter: %.2f%% (%.2f%% to %.2f%%)",
                       p->slower ? "less" : "none", better(p->late_g), better(p->late_lo),
                       better(p->late_hi))
            : "";

    say(said,
        "'%.*s' %s: %.2f%% better per doubling of the steps over the last half (90%% interval "
        "%.2f%% to %.2f%%)%s.",
        STR_FMT(loss->name),
        p->stalled        ? "has stalled"
        : st->found       ? "has most likely stalled"
        : p->levelled_off ? "got better and had levelled off by its end"
        : p->improving    ? "is still improving"
                          : "may or may not still improve",
        better(p->g), better(p->lo), better(p->hi), late);
    if (p->levelled_off)
        say_caveat(said, "the last quarter shows no improvement that its noise does not explain");
    if (!st->found || !st->stall.enough)
        return;
    const struct series *s = &loss->clean.active;
    say_value(said, "stall_against_improvement", st->stall.evidence, "ln of the likelihood ratio");
    say_value(said, "seen_best_from", (double)s->step[st->stall.from], "steps");
    say_value(said, "improvement_per_doubling_from_there", st->stall.g, "ln units");
    say_value(said, "se_from_there", st->stall.se, "ln units");
    if (!p->stalled)
        say_caveat(said,
                   "the interval of the last half alone does not exclude a slow improvement: from "
                   "step %lld on it is %.2f%% +- %.2f%% per doubling",
                   (long long)s->step[st->stall.from], better(st->stall.g), better(st->stall.se));
}

static struct state state_of(const struct subject *subject, enum role role)
{
    const struct series *s = &subject->role[role].clean.active;
    const double *steps = derived_steps(subject, role);
    struct state st = {.end = rate_end_over_peak(subject)};

    st.p = *derived_progress(subject, role);
    if (!st.p.enough)
        return st;
    st.stall = stall_of_loss(steps, s->value, s->n, subject_threshold(subject, THRESHOLD_STALL),
                             subject->arena);
    if (st.stall.enough)
        st.probability =
            1 / (1 + (1 - share_expected) / share_expected * exp(-worth * st.stall.evidence));
    st.found = st.p.stalled || (!st.p.improving && st.probability >= found_from);
    return st;
}

static void judge(const struct subject *subject, enum role role, struct findings *out)
{
    const struct role_series *loss = &subject->role[role];
    const struct series *s = &loss->clean.active;
    size_t needs = subject_needs(loss, LAST_HALF_POINTS_MIN);
    struct state st = {0};

    if (s->n >= needs)
        st = state_of(subject, role);
    if (!st.p.enough) {
        say_of_series(say_too_short(out, class, loss, needs), loss);
        return;
    }
    if (st.end < decayed_below) {
        say_ended(subject, out, loss, &st.p, st.end);
        return;
    }
    struct said said = say_about(out, class,
                                 st.found         ? FINDING_FOUND
                                 : st.p.improving ? FINDING_NOT_FOUND
                                                  : FINDING_INCONCLUSIVE,
                                 loss, s->step[s->n / 2], s->step[s->n - 1]);
    say_of_series(said, loss);
    figures(said, &st.p, st.end);
    say_state(said, loss, &st);
    if (!isfinite(st.end))
        say_caveat(said, "no learning rate is logged: whether a schedule had ended is unknown");
    say_what_would_change(said, "An interval above %.1f%% (improving), or below %.1f%% (stalled).",
                          100 * st.p.theta, 200 * st.p.theta);
    if (st.found) {
        say_harm(said, SEVERITY_MEDIUM, capped(fmax(st.probability, found_from), s->n, needs));
        advise(said, s);
    }
}

static void run(const struct subject *subject, struct findings *out)
{
    bool train = subject->role[ROLE_TRAIN_LOSS].logged;
    bool val = subject->role[ROLE_VALIDATION_LOSS].logged;

    if (train)
        judge(subject, ROLE_TRAIN_LOSS, out);
    if (val)
        judge(subject, ROLE_VALIDATION_LOSS, out);
    if (!train && !val)
        say_not_logged(out, class, subject, ROLE_TRAIN_LOSS);
}

const struct detector detector_plateau = {
    .name = "plateau",
    .what = "improvement per doubling of the steps: still improving, stalled, or cannot tell",
    .applies = FOR_LM,
    .run = run,
};
