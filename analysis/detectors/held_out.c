/*
 * The evaluations that an RL run logs beside its training: where the held-out score stands,
 * and which checkpoint was best by it. Against the training reward it is set in hacking.c.
 */
#include "analysis/detectors/detector.h"
#include "analysis/say.h"
#include "analysis/stats/moments.h"
#include "analysis/stats/reward.h"

static const char class[] = "held_out_score";

enum { AROUND = 3 }; /* evaluations whose mean is a level */

struct standing {
    const struct series *s;
    size_t best; /* the middle of the best AROUND */
    double best_level, last_level;
    struct reward r;
};

static struct standing stand(const struct series *s, struct arena *arena)
{
    struct standing d = {.s = s, .best = 1, .r = reward_of(s->value, s->n, (double)NAN, arena)};

    for (size_t i = 1; i + 1 < s->n; i++) {
        double level = mean_of(s->value + i - 1, AROUND);
        if (i == 1 || level > d.best_level) {
            d.best_level = level;
            d.best = i;
        }
    }
    d.last_level = mean_of(s->value + s->n - AROUND, AROUND);
    return d;
}

static void say_standing(const struct role_series *score, const struct standing *d,
                         struct findings *out)
{
    const struct series *s = d->s;
    bool judged = d->r.state != REWARD_TOO_SHORT, falls = d->r.state == REWARD_DECLINE;
    struct said said = say_about(out, class,
                                 falls    ? FINDING_FOUND
                                 : judged ? FINDING_NOT_FOUND
                                          : FINDING_INSUFFICIENT_DATA,
                                 score, s->step[falls ? d->best : 0], s->step[s->n - 1]);

    say_value(said, "best_level", d->best_level, "");
    say_value(said, "best_at", (double)s->step[d->best], "step");
    say_value(said, "last_level", d->last_level, "");
    if (judged)
        say_value(said, "mann_kendall_from_the_peak", d->r.mk_from_peak, "");
    say_effect(said, d->last_level - d->best_level, "held-out score", (double)NAN, (double)NAN,
               (double)NAN);
    say(said,
        "The held-out score '%.*s' %s: best about step %lld (%.4g, mean of three evaluations), "
        "%.4g at the end.",
        STR_FMT(score->name),
        falls    ? "has fallen from its peak"
        : judged ? "has not fallen from its peak beyond its noise"
                 : "is too short for a trend",
        (long long)s->step[d->best], d->best_level, d->last_level);
    say_method(said,
               "best mean of three; a decline by the rule of the training reward (%d "
               "evaluations at least)",
               (int)REWARD_POINTS_MIN);
    say_what_would_change(said, "A last level %s the best one.", falls ? "at" : "clearly below");
    if (!falls)
        return;
    say_harm(said, SEVERITY_LOW, capped(0.6, s->n, REWARD_POINTS_MIN));
    say_caveat(said, "unvalidated rule for held-out scores");
    say_advice(said,
               (struct advice){
                   .key = "checkpoint",
                   .from = "the last",
                   .to = say_text(said, "the one nearest step %lld", (long long)s->step[d->best]),
                   .expected = say_text(said, "a held-out score of about %.4g", d->best_level),
                   .check = "evaluate both on the same tasks"});
}

static void run(const struct subject *subject, struct findings *out)
{
    const struct role_series *score = &subject->role[ROLE_HELD_OUT_SCORE];

    if (!score->logged) {
        say_not_logged(out, class, ROLE_HELD_OUT_SCORE);
        return;
    }
    if (score->clean.active.n < AROUND) {
        say_too_short(out, class, score, AROUND);
        return;
    }
    struct standing d = stand(&score->clean.active, subject->arena);
    say_standing(score, &d, out);
}

const struct detector detector_held_out = {
    .name = "held_out",
    .what = "evaluations of an RL run: the held-out score's best checkpoint, and a decline",
    .applies = FOR_RL,
    .run = run,
};
