/*
 * Completions that end at the length limit instead of by themselves: what they would have
 * earned is not known, and a reward that reads the end of an answer cannot be earned at all.
 */
#include "analysis/detectors/detector.h"
#include "analysis/rl.h"
#include "analysis/say.h"
#include "analysis/stats/drift.h"
#include "analysis/stats/moments.h"

static const char class[] = "truncated";

enum { POINTS_MIN = 12, QUARTER_LEAST = 8 };

static const double some = 0.1, many = 0.2, most = 0.5;

/* What the trainers that log under such a name call the limit. */
static const char *limit_of(struct str name)
{
    static const struct {
        const char *part, *key;
    } rows[] = {{"completions/", "max_completion_length"},
                {"response_length/", "max_response_length"}};

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (str_has(name, str_of(rows[i].part)))
            return rows[i].key;
    }
    return "length limit of a completion";
}

/* Where all are cut off, their mean length is the limit. */
static const char *limit_now(struct said said, const struct subject *subject, double late)
{
    const struct series *s = &subject->role[ROLE_RESPONSE_LENGTH].clean.active;
    size_t quarter = s->n / 4;

    if (!(late >= TRUNCATED_ALL) || quarter == 0)
        return NULL;
    return say_text(said, "about %.0f",
                    median_of(s->value + s->n - quarter, quarter, subject->arena));
}

static void say_share(const struct subject *subject, const struct role_series *series,
                      struct findings *out)
{
    const struct series *s = &series->clean.active;
    size_t quarter = s->n / 4 > QUARTER_LEAST ? s->n / 4 : QUARTER_LEAST;
    double late = rl_truncated_late(subject), all = median_of(s->value, s->n, subject->arena);
    struct drift d = drift_of(s->value, s->n, subject->arena);
    struct reward reward = rl_reward(subject);
    bool found = late > some, stuck = reward.state == REWARD_NO_PROGRESS;
    struct said said = say_about(out, class, found ? FINDING_FOUND : FINDING_NOT_FOUND, series,
                                 s->step[s->n - quarter], s->step[s->n - 1]);

    say(said,
        "%s: a median of %.3g%% of them over the last quarter ('%.*s'; %.3g%% over the run, "
        "%s)%s.",
        found ? "Completions are cut off at the length limit"
              : "Few completions are cut off at the length limit",
        100 * late, STR_FMT(series->name), 100 * all,
        d.rises   ? "rising"
        : d.falls ? "falling"
                  : "no trend",
        found && stuck ? ", and the reward does not move" : "");
    say_value(said, "truncated_share_last_quarter", late, "share of completions");
    say_value(said, "truncated_share", all, "share of completions");
    say_value(said, "last", s->value[s->n - 1], "share of completions");
    say_parameter(said, "found_above", some, "");
    say_effect(said, late, "share of completions", (double)NAN, (double)NAN, (double)NAN);
    say_method(said, "median of the last quarter (at least 8 points) of the logged share");
    say_what_would_change(said, "A share of %.0f%% or less.", 100 * some);
    if (!found)
        return;
    say_caveat(said, "where every answer has one fixed length by design, all of them end there");
    say_harm(said,
             late > most && stuck ? SEVERITY_HIGH
             : late > many        ? SEVERITY_MEDIUM
                                  : SEVERITY_LOW,
             capped(0.95, s->n, POINTS_MIN));
    say_advice(said, (struct advice){.key = limit_of(series->name),
                                     .from = limit_now(said, subject, late),
                                     .to = "higher, or shorter answers asked for (prompt, "
                                           "penalty of the length)",
                                     .expected = "answers that end by themselves and are rewarded "
                                                 "for what they say",
                                     .check = "share cut off below .1; read some of the answers "
                                              "that are"});
}

static void run(const struct subject *subject, struct findings *out)
{
    const struct role_series *series = &subject->role[ROLE_TRUNCATED_SHARE];

    if (!series->logged && !subject->role[ROLE_RESPONSE_LENGTH].logged)
        return; /* no answers that have a length */
    if (say_enough(out, class, subject, ROLE_TRUNCATED_SHARE, subject_needs(series, POINTS_MIN)) &&
        say_within(out, class, series, 0, 1))
        say_share(subject, series, out);
}

const struct detector detector_truncated = {
    .name = "truncated",
    .what = "completions that are cut off at the length limit",
    .applies = FOR_RL,
    .run = run,
};
