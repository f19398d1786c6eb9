/*
 * A reward that rises while what it stands for does not: only against a score
 * that was not trained on. With longer answers beside it, length hacking.
 */
#include "analysis/context.h"
#include "analysis/detectors/detector.h"
#include "analysis/rl.h"
#include "analysis/say.h"
#include "analysis/stats/drift.h"

enum { SCORES_MIN = DRIFT_POINTS_MIN };

struct sides {
    struct drift reward, score, length, truncated, reference;
    struct held_out held;
    struct drift reward_after;
    size_t reward_from;
};

static struct drift drift_of_role(const struct subject *subject, enum role role)
{
    const struct role_series *series = &subject->role[role];
    const struct series *s = &series->clean.active;

    if (!series->logged || s->n < subject_needs(series, SCORES_MIN))
        return (struct drift){0};
    return drift_of(s->value, s->n, subject->arena);
}

static struct sides measure(const struct subject *subject)
{
    const struct series *score = &subject->role[ROLE_HELD_OUT_SCORE].clean.active;
    const struct series *reward = &subject->role[ROLE_REWARD].clean.active;
    struct sides d = {.reward = drift_of_role(subject, ROLE_REWARD),
                      .score = drift_of_role(subject, ROLE_HELD_OUT_SCORE),
                      .length = drift_of_role(subject, ROLE_RESPONSE_LENGTH),
                      .truncated = drift_of_role(subject, ROLE_TRUNCATED_SHARE),
                      .reference = drift_of_role(subject, ROLE_REFERENCE_KL)};

    if (!d.score.enough)
        return d;
    d.held = rl_held_out(subject);
    while (d.reward_from < reward->n && reward->step[d.reward_from] < score->step[d.held.peak])
        d.reward_from++;
    d.reward_after =
        drift_of(reward->value + d.reward_from, reward->n - d.reward_from, subject->arena);
    return d;
}

static void columns(struct said said, const struct subject *subject)
{
    static const enum role roles[] = {ROLE_HELD_OUT_SCORE, ROLE_RESPONSE_LENGTH,
                                      ROLE_TRUNCATED_SHARE, ROLE_REFERENCE_KL};

    for (size_t i = 0; i < sizeof(roles) / sizeof(roles[0]); i++) {
        if (subject->role[roles[i]].logged)
            finding_column(said.findings, said.finding, subject->role[roles[i]].name);
    }
}

static void drift_figures(struct said said, const char *word, const struct drift *d)
{
    if (!d->enough)
        return;
    say_value(said, say_text(said, "%s_start", word), d->start, "");
    say_value(said, say_text(said, "%s_end", word), d->end, "");
    say_value(said, say_text(said, "%s_mann_kendall_ar1", word), d->z, "");
}

static struct said about(const struct subject *subject, const char *class,
                         enum finding_status status, const struct sides *d, struct findings *out)
{
    const struct role_series *reward = &subject->role[ROLE_REWARD];
    const struct series *s = &reward->clean.active;
    struct said said = say_about(out, class, status, reward, s->step[0], s->step[s->n - 1]);

    columns(said, subject);
    drift_figures(said, "reward", &d->reward);
    drift_figures(said, "held_out", &d->score);
    drift_figures(said, "length", &d->length);
    drift_figures(said, "truncated", &d->truncated);
    drift_figures(said, "reference_kl", &d->reference);
    if (status == FINDING_FOUND)
        say_caveat(said, "unvalidated rule");
    return said;
}

static void say_length(const struct subject *subject, const struct sides *d, struct findings *out)
{
    bool both = d->length.rises && d->reward.rises;
    bool found = both && d->score.enough && !d->score.rises;
    struct said said = about(subject, "length_hacking",
                             found                      ? FINDING_FOUND
                             : both && !d->score.enough ? FINDING_INCONCLUSIVE
                                                        : FINDING_NOT_FOUND,
                             d, out);

    if (found)
        say(said,
            "Longer answers, more reward, no better score: length %.4g to %.4g, reward %.4g to "
            "%.4g, held-out score %.4g to %.4g%s.",
            d->length.start, d->length.end, d->reward.start, d->reward.end, d->score.start,
            d->score.end, d->truncated.rises ? ", and more answers are cut off" : "");
    else if (both && !d->score.enough)
        say(said,
            "Length and reward rise together (length %.4g to %.4g); without a held-out score of "
            "%d points or more nothing says whether that is progress.",
            d->length.start, d->length.end, (int)SCORES_MIN);
    else
        say(said, "%s.",
            both ? "Length, reward and held-out score rise together"
                 : "Length and reward do not rise together");
    say_effect(said, d->length.change, "tokens", (double)NAN, (double)NAN, (double)NAN);
    say_method(said, "MK-AR1 (p < .05) of block medians of length, reward and held-out score");
    say_what_would_change(said, "A held-out score that rises with the reward.");
    if (!found)
        return;
    say_harm(said, SEVERITY_MEDIUM, 0.6);
    say_advice(said, (struct advice){.key = "length in the loss",
                                     .to = "normalised by a constant length, or a penalty on "
                                           "overlong answers",
                                     .expected = "answers no longer than their score needs",
                                     .check = "held-out score at the same length"});
}

static void say_reward(const struct subject *subject, const struct sides *d, struct findings *out)
{
    const struct series *score = &subject->role[ROLE_HELD_OUT_SCORE].clean.active;
    bool found = d->held.risen && d->held.fallen && d->reward_after.rises;
    struct said said =
        about(subject, "reward_hacking", found ? FINDING_FOUND : FINDING_NOT_FOUND, d, out);

    say_value(said, "held_out_best", d->held.best, "");
    say_value(said, "held_out_last", d->held.end, "");
    drift_figures(said, "reward_after_the_best", &d->reward_after);
    if (found)
        say(said,
            "The reward goes on rising (z %.2f) while the held-out score falls from %.4g at step "
            "%lld to %.4g%s.",
            d->reward_after.z, d->held.best, (long long)score->step[d->held.peak], d->held.end,
            d->reference.rises ? ", and the policy moves away from its reference" : "");
    else
        say(said,
            d->held.fallen
                ? "The held-out score falls (%.4g at its best, %.4g at the end), but the "
                  "reward does not rise meanwhile."
                : "The held-out score does not fall while the reward rises: %.4g at its "
                  "best, %.4g at the end.",
            d->held.best, d->held.end);
    say_effect(said, d->held.end - d->held.best, "held-out score", (double)NAN, (double)NAN,
               (double)NAN);
    say_method(said,
               "the best mean of three held-out scores; MK-AR1 of the scores before and "
               "after it, and of the reward after it; or a decline by the rule of the reward");
    say_what_would_change(said, "A held-out score that holds its best level.");
    if (!found)
        return;
    said.finding->evidence.from = score->step[d->held.peak];
    say_harm(said, SEVERITY_HIGH, 0.6);
    say_advice(said,
               advice_of_checkpoint(subject, out, score->step[d->held.peak],
                                    say_text(said, "a held-out score of about %.4g", d->held.best),
                                    "evaluate both; read what the later one is rewarded for"));
}

static void run(const struct subject *subject, struct findings *out)
{
    const struct role_series *score = &subject->role[ROLE_HELD_OUT_SCORE];
    struct sides d = measure(subject);

    if (!d.reward.enough) {
        const struct role_series *reward = &subject->role[ROLE_REWARD];

        if (reward->logged)
            say_too_short(out, "reward_hacking", reward, subject_needs(reward, SCORES_MIN));
        else
            say_not_logged(out, "reward_hacking", subject, ROLE_REWARD);
        return;
    }
    if (d.length.enough)
        say_length(subject, &d, out);
    if (d.score.enough)
        say_reward(subject, &d, out);
    else if (score->logged)
        say_too_short(out, "reward_hacking", score, subject_needs(score, SCORES_MIN));
    else
        say_no_score(out, "reward_hacking", subject);
}

const struct detector detector_hacking = {
    .name = "hacking",
    .what = "a reward that rises while the held-out score does not, by length or otherwise",
    .applies = FOR_RL,
    .run = run,
};
