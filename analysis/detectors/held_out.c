/*
 * The evaluations that an RL run logs beside its training: where the held-out score stands,
 * and which checkpoint was best by it. Against the training reward it is set in hacking.c.
 */
#include "analysis/context.h"
#include "analysis/detectors/detector.h"
#include "analysis/rl.h"
#include "analysis/say.h"

static const char class[] = "held_out_score";

enum { AROUND = 3 }; /* evaluations whose mean is a level */

static void say_standing(const struct subject *subject, const struct role_series *score,
                         const struct held_out *d, struct findings *out)
{
    const struct series *s = &score->clean.active;
    bool judged = !d->short_of_a_trend, falls = d->fallen;
    struct said said = say_about(out, class,
                                 falls    ? FINDING_FOUND
                                 : judged ? FINDING_NOT_FOUND
                                          : FINDING_INSUFFICIENT_DATA,
                                 score, s->step[falls ? d->peak : 0], s->step[s->n - 1]);

    say_value(said, "best_level", d->best, "");
    say_value(said, "best_at", (double)s->step[d->peak], "step");
    say_value(said, "last_level", d->end, "");
    if (isfinite(d->mk_from_peak))
        say_value(said, "mann_kendall_from_the_peak", d->mk_from_peak, "");
    say_effect(said, d->end - d->best, "held-out score", (double)NAN, (double)NAN, (double)NAN);
    say(said,
        "The held-out score '%.*s' %s: best about step %lld (%.4g, mean of three evaluations), "
        "%.4g at the end.",
        STR_FMT(score->name),
        falls    ? "has fallen from its peak"
        : judged ? "has not fallen from its peak beyond its noise"
                 : "is too short for a trend",
        (long long)s->step[d->peak], d->best, d->end);
    say_method(said,
               "best mean of three; MK-AR1 of the scores before and after it (%d at least), or a "
               "decline by the rule of the training reward (%d at least)",
               (int)DRIFT_POINTS_MIN, (int)REWARD_POINTS_MIN);
    say_what_would_change(said, "A last level %s the best one.", falls ? "at" : "clearly below");
    if (!falls)
        return;
    say_harm(said, SEVERITY_LOW, capped(0.6, s->n, REWARD_POINTS_MIN));
    say_caveat(said, "unvalidated rule for held-out scores");
    say_advice(said, advice_of_checkpoint(subject, out, s->step[d->peak],
                                          say_text(said, "a held-out score of about %.4g", d->best),
                                          "evaluate both on the same tasks"));
}

static void run(const struct subject *subject, struct findings *out)
{
    const struct role_series *score = &subject->role[ROLE_HELD_OUT_SCORE];

    if (!score->logged) {
        say_no_score(out, class, subject);
        return;
    }
    if (score->clean.active.n < AROUND) {
        say_too_short(out, class, score, AROUND);
        return;
    }
    struct held_out d = rl_held_out(subject);
    say_standing(subject, score, &d, out);
}

const struct detector detector_held_out = {
    .name = "held_out",
    .what = "evaluations of an RL run: the held-out score's best checkpoint, and a decline",
    .applies = FOR_RL,
    .run = run,
};
