/* A critic that predicts worse than the mean of the returns would. */
#include "analysis/detectors/detector.h"
#include "analysis/say.h"
#include "analysis/stats/reward.h"

static const char class[] = "explained_variance";

static void run(const struct subject *subject, struct findings *out)
{
    const struct role_series *ev = &subject->role[ROLE_EXPLAINED_VARIANCE];
    const struct series *s = &ev->clean.active;
    size_t needs = subject_needs(ev, BELOW_ZERO_POINTS_MIN);

    if (!ev->logged) {
        say_not_logged(out, class, ROLE_EXPLAINED_VARIANCE);
        return;
    }
    struct below_zero b = {0};
    if (s->n >= needs)
        b = below_zero_of(s->value, s->n, subject->arena);
    if (!b.enough) {
        say_too_short(out, class, ev, needs);
        return;
    }
    struct said said = say_about(out, class, b.below ? FINDING_FOUND : FINDING_NOT_FOUND, ev,
                                 s->step[b.from], s->step[s->n - 1]);

    say(said, "Explained variance %s over the last quarter: mean %.3f, median %.3f (%zu points).",
        b.below ? "is below 0" : "is not below 0", b.mean, b.median, s->n - b.from);
    say_value(said, "mean", b.mean, "");
    say_value(said, "median", b.median, "");
    say_value(said, "t", b.t, "");
    say_value(said, "at_floor", (double)b.at_floor, "points");
    say_parameter(said, "critical_t", b.critical, "");
    say_parameter(said, "blocks", (double)b.blocks, "");
    said.finding->evidence.n_used = (int64_t)(s->n - b.from);
    say_effect(said, b.mean, "", (double)NAN, (double)NAN, (double)NAN);
    say_method(said, "one-sided t-test of block means of the last quarter against 0");
    say_what_would_change(said, "A last quarter with a median of 0 or more.");
    if (b.at_floor > 0)
        say_caveat(said, "%zu values stand at -1, where some trainers cut them off", b.at_floor);
    if (!b.below)
        return;
    say_harm(said, b.mean < -0.5 ? SEVERITY_HIGH : SEVERITY_MEDIUM, capped(0.99, s->n, needs));
    double lr = subject_setting(subject, "RL_LEARNING_RATE");
    say_advice(said, (struct advice){.key = "learning rate of the value function",
                                     .from = isfinite(lr) ? say_text(said, "%.4g", lr) : NULL,
                                     .to = isfinite(lr) ? say_text(said, "%.4g", 3 * lr)
                                                        : "three times what it was",
                                     .expected = "a critic better than the mean return",
                                     .check = "median explained variance of the last quarter above "
                                              "0; check return normalisation and gamma, too"});
}

const struct detector detector_explained_variance = {
    .name = "explained_variance",
    .what = "explained variance below 0: the critic is worse than no critic",
    .applies = FOR_RL,
    .run = run,
};
