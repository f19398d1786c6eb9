/* Groups of samples whose rewards are all alike: their advantages are 0, they teach nothing. */
#include "analysis/causes.h"
#include "analysis/detectors/detector.h"
#include "analysis/rl.h"
#include "analysis/say.h"
#include "analysis/stats/drift.h"
#include "analysis/stats/moments.h"
#include "analysis/stats/policy.h"

static const char class[] = "advantage_starvation";

/* Detection benchmark 1, development set, at a tenth of the runs. */
static const double precision = 0.98;

enum {
    POINTS_MIN = 12,
    QUARTER_LEAST = 8,
    SURE_POINTS = 20
}; /* fewer than 1.5 times SURE_POINTS: no more than .85 */

static const double starved_above = 0.5, starving_above = 0.8;

/* From mean pass rates: of groups of one mean difficulty, so prompts of several have more. */
static void say_expected(struct said said, const struct subject *subject)
{
    const struct role_series *reward = &subject->role[ROLE_REWARD];
    const struct series *s = &reward->clean.active;
    double group = subject_setting(subject, "num_generations");
    size_t last = s->n / 4;

    if (!(group > 1) || last == 0)
        return;
    double p = median_of(s->value + s->n - last, last, subject->arena);
    if (!(p >= 0 && p <= 1))
        return; /* no pass rate */
    say_value(said, "expected_at_least", same_reward_share(p, group), "share of groups");
    say_parameter(said, "group", group, "samples");
    say_caveat(said, "expected_at_least takes the reward for a pass rate, alike for all prompts");
}

/* Why the rewards of a group are alike; AT_TOP, AT_BOTTOM: by what the run itself has seen. */
enum why { UNKNOWN, SOLVED, FAILED, BOTH, AT_TOP, AT_BOTTOM };

/*
 * By where the mean reward stands: of a pass rate as such; of another reward, whose ends are not
 * known, within the run's own, and only where nearly all groups are alike.
 */
static enum why why_alike(const struct subject *subject, double share, double *mean)
{
    static const double near_one = 0.9, near_end = 0.05;
    const struct series *s = &subject->role[ROLE_REWARD].clean.active;
    size_t last = s->n / 4;

    if (last == 0)
        return UNKNOWN;
    double low = s->value[0], high = s->value[0];
    for (size_t i = 1; i < s->n; i++) {
        low = fmin(low, s->value[i]);
        high = fmax(high, s->value[i]);
    }
    *mean = median_of(s->value + s->n - last, last, subject->arena);
    if (low >= 0 && high <= 1 && (*mean >= near_one || *mean <= 1 - near_one))
        return *mean >= near_one ? SOLVED : FAILED;
    if (share < 1 - near_end)
        return UNKNOWN;
    if (low >= 0 && high <= 1)
        return BOTH;
    double place = high > low ? (*mean - low) / (high - low) : 0.5;
    return place > 1 - near_end ? AT_TOP : place < near_end ? AT_BOTTOM : UNKNOWN;
}

static const char *why_words(struct said said, enum why why, double mean)
{
    static const char *const words[][2] = {
        [UNKNOWN] = {"", ""},
        [SOLVED] = {" They are alike because they are solved: the mean reward is ", "."},
        [FAILED] = {" They are alike because they fail: the mean reward is ", "."},
        [BOTH] = {" The mean reward is ",
                  ": if it is a pass rate, some prompts are always solved and others never."},
        [AT_TOP] = {" They are alike because they are solved, if no more can be earned than the "
                    "mean reward of ",
                    ", the highest of the run."},
        [AT_BOTTOM] = {" They are alike because they fail, if no less can be earned than the mean "
                       "reward of ",
                       ", the lowest of the run."},
    };

    return why == UNKNOWN ? "" : say_text(said, "%s%.4g%s", words[why][0], mean, words[why][1]);
}

/* The first step from which on all groups are alike to the end; NOT_GIVEN: not at the end. */
static int64_t alike_from(const double *share, const struct series *s)
{
    static const double all = 0.99;
    size_t from = s->n;

    while (from > 0 && share[from - 1] >= all)
        from--;
    return from < s->n ? s->step[from] : NOT_GIVEN;
}

static void advise(struct said said, const struct subject *subject, enum why why)
{
    static const struct advice by_why[] = {
        [UNKNOWN] = {.key = "prompts",
                     .to = "only those with a pass rate between 0 and 1 (dynamic sampling, or a "
                           "filter by difficulty)",
                     .expected = "at least 60% of the groups with mixed rewards",
                     .check = "share of zero-variance groups below .4; a larger group does the "
                              "same at more cost"},
        [SOLVED] = {.key = "prompts",
                    .to = "harder ones, that are not always solved; with these the run is done",
                    .expected = "groups with mixed rewards, so that there is something to learn",
                    .check = "share of zero-variance groups below .4, and the score on held-out "
                             "prompts"},
        [FAILED] = {.key = "prompts",
                    .to = "easier ones, that are solved now and then, or a reward for a part of "
                          "the way",
                    .expected = "groups with mixed rewards, so that there is something to learn",
                    .check = "read some answers: does the reward see what is right in them? Share "
                             "of zero-variance groups below .4"},
    };

    if (rl_truncated_late(subject) >= TRUNCATED_ALL) {
        say_caveat(said, "nearly every completion is cut off at the length limit: other prompts "
                         "do not mend that, see truncated");
        return;
    }
    say_advice(said, by_why[why == AT_TOP                    ? SOLVED
                            : why == AT_BOTTOM               ? FAILED
                            : why == SOLVED || why == FAILED ? why
                                                             : UNKNOWN]);
}

static void judge(const struct subject *subject, enum role role, struct findings *out)
{
    const struct role_series *series = &subject->role[role];
    const struct series *s = &series->clean.active;
    size_t quarter = s->n / 4 > QUARTER_LEAST ? s->n / 4 : QUARTER_LEAST;
    double *share = ARENA_ARRAY(subject->arena, s->n, double);

    for (size_t i = 0; i < s->n; i++)
        share[i] = role == ROLE_MIXED_SHARE ? 1 - s->value[i] : s->value[i];
    double late = median_of(share + s->n - quarter, quarter, subject->arena);
    double all = median_of(share, s->n, subject->arena);
    struct drift d = drift_of(share, s->n, subject->arena);
    bool found = late > starved_above;
    struct said said = say_about(out, class, found ? FINDING_FOUND : FINDING_NOT_FOUND, series,
                                 s->step[s->n - quarter], s->step[s->n - 1]);

    double mean = 0;
    enum why why = found ? why_alike(subject, late, &mean) : UNKNOWN;
    int64_t since = alike_from(share, s);
    say(said,
        "%s: %.0f%% of the groups of the last quarter have rewards that are all alike (%.0f%% over "
        "the run, %s%s), so %.0f%% of the batch teaches.%s",
        found ? "Advantages are starved" : "Enough groups teach", 100 * late, 100 * all,
        d.rises   ? "rising"
        : d.falls ? "falling"
                  : "no trend",
        since != NOT_GIVEN ? say_text(said, "; all from step %lld on", (long long)since) : "",
        100 * (1 - late), why_words(said, why, mean));
    say_value(said, "zero_variance_share_last_quarter", late, "share of groups");
    say_value(said, "zero_variance_share", all, "share of groups");
    say_value(said, EFFECTIVE_BATCH, 1 - late, "share of the batch");
    say_value(said, "mann_kendall_ar1", d.z, "");
    say_parameter(said, "starved_above", starved_above, "");
    say_parameter(said, "starving_above", starving_above, "");
    say_expected(said, subject);
    say_effect(said, late, "share of groups", (double)NAN, (double)NAN, (double)NAN);
    say_method(said, "median of the last quarter (at least 8 points) of the share of groups "
                     "without reward variance");
    say_what_would_change(said, "A share of %.0f%% or less.", 100 * starved_above);
    if (!found)
        return;
    say_harm(said, late > starving_above ? SEVERITY_HIGH : SEVERITY_MEDIUM,
             capped(precision, s->n, SURE_POINTS));
    advise(said, subject, why);
}

static void run(const struct subject *subject, struct findings *out)
{
    bool mixed =
        !subject->role[ROLE_ZERO_VARIANCE].logged && subject->role[ROLE_MIXED_SHARE].logged;
    enum role role = mixed ? ROLE_MIXED_SHARE : ROLE_ZERO_VARIANCE;
    const struct role_series *series = &subject->role[role];
    size_t needs = subject_needs(series, POINTS_MIN);

    if (!series->logged)
        say_not_logged(out, class, subject, role);
    else if (series->clean.active.n < needs)
        say_too_short(out, class, series, needs);
    else if (say_within(out, class, series, 0, 1))
        judge(subject, role, out);
}

const struct detector detector_advantage_starvation = {
    .name = "advantage_starvation",
    .what = "groups whose rewards are all alike, which teach nothing",
    .applies = FOR_RL,
    .run = run,
};
