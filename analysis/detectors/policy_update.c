/*
 * How far an update moves the policy: the KL to the policy before, the share of
 * clipped ratios, and the distance of the sampler's probabilities from the
 * trainer's, which should be none.
 */
#include "analysis/advised.h"
#include "analysis/detectors/detector.h"
#include "analysis/rl.h"
#include "analysis/say.h"
#include "analysis/stats/drift.h"
#include "analysis/stats/moments.h"
#include "analysis/stats/spikes.h"

enum { POINTS_MIN = 12, LATE_MIN = 6 /* points of the last quarter */ };

static const double kl_large = 0.02, kl_very_large = 0.05, kl_small = 0.005;
static const double clipped_much = 0.3, clipped_little = 0.005, mismatch = 0.01;

struct level {
    double median, top; /* top: its 95 % quantile */
    double late;        /* median of the last quarter: what the run came to */
    struct drift drift;
    struct spikes spikes; /* of the KL: single updates that went much further */
};

/* False where the role is not logged or too short, which is then said. */
static bool level_of(const struct subject *subject, enum role role, const char *class,
                     struct findings *out, struct level *level)
{
    const struct role_series *series = &subject->role[role];
    const struct series *s = &series->clean.active;
    size_t needs = subject_needs(series, POINTS_MIN);
    double *size = ARENA_ARRAY(subject->arena, s->n, double);

    if (!series->logged) {
        say_not_logged(out, class, subject, role);
        return false;
    }
    if (s->n < needs) {
        say_too_short(out, class, series, needs);
        return false;
    }
    for (size_t i = 0; i < s->n; i++)
        size[i] = fabs(s->value[i]); /* first-order estimates of a KL may be negative */
    level->median = median_of(size, s->n, subject->arena);
    level->top = quantile_of(size, s->n, 0.95, subject->arena);
    size_t quarter = s->n / 4;
    level->late = quarter < LATE_MIN ? level->median
                                     : median_of(size + s->n - quarter, quarter, subject->arena);
    level->drift = drift_of(size, s->n, subject->arena);
    level->spikes = spikes_of(size, s->n, subject->arena);
    return true;
}

static struct said about(const struct subject *subject, enum role role, const char *class,
                         bool found, const struct level *level, struct findings *out)
{
    const struct series *s = &subject->role[role].clean.active;
    struct said said = say_about(out, class, found ? FINDING_FOUND : FINDING_NOT_FOUND,
                                 &subject->role[role], s->step[0], s->step[s->n - 1]);

    say_value(said, "median", level->median, "");
    say_value(said, "median_last_quarter", level->late, "");
    say_value(said, "q95", level->top, "");
    say_value(said, "start", level->drift.start, "");
    say_value(said, "end", level->drift.end, "");
    say_value(said, "mann_kendall_ar1", level->drift.z, "");
    if (level->spikes.enough)
        say_value(said, "spikes", (double)level->spikes.count, "events");
    say_effect(said, level->median, "", (double)NAN, (double)NAN, (double)NAN);
    say_method(said, "medians of all and of the last quarter, and 95%% quantile, of the absolute "
                     "values; MK-AR1 of block medians");
    if (found)
        say_caveat(said, "unvalidated rule");
    return said;
}

/* Of the whole run, or of its last quarter alone. */
static double larger(const struct level *level)
{
    return fmax(level->median, level->late);
}

/* Said where the last quarter is another than the run. */
static const char *lately(struct said said, const struct level *level, bool apart)
{
    return apart ? say_text(said, ", %.3g over the last quarter", level->late) : "";
}

static const char *way(const struct level *level)
{
    return level->drift.rises ? "rising" : level->drift.falls ? "falling" : "without a trend";
}

static void say_kl(const struct subject *subject, struct findings *out)
{
    static const char class[] = "policy_kl";
    struct level l;

    if (!level_of(subject, ROLE_POLICY_KL, class, out, &l))
        return;
    bool found = larger(&l) > kl_large;
    struct said said = about(subject, ROLE_POLICY_KL, class, found, &l, out);

    say(said, "%s: the KL of an update has a median of %.3g%s (95%% quantile %.3g), %s.",
        found ? "Large policy updates" : "Policy updates of a usual size", l.median,
        lately(said, &l, (l.median > kl_large) != (l.late > kl_large)), l.top, way(&l));
    say_parameter(said, "large", kl_large, "");
    say_parameter(said, "very_large", kl_very_large, "");
    say_what_would_change(said, "A median of %.2g or less, of the run and of its last quarter.",
                          kl_large);
    if (!found)
        return;
    say_harm(said, larger(&l) > kl_very_large ? SEVERITY_MEDIUM : SEVERITY_LOW, 0.6);
    double lr = rl_rate(subject);
    double smaller = sqrt(kl_large / larger(&l)); /* the KL goes with the square of the step */
    if (smaller > 0.8)
        return; /* a change that small is not worth a run */
    say_advice(said, (struct advice){
                         .key = POLICY_RATE_KEY,
                         .from = isfinite(lr) ? say_text(said, "%.4g", lr) : NULL,
                         .to = isfinite(lr) ? say_text(said, "%.4g", smaller * lr)
                                            : say_text(said, "%.2g of what it was", smaller),
                         .expected = "a median KL of about .02",
                         .check = "median KL of the next run; fewer epochs a batch do the same"});
}

static void say_clipped(const struct subject *subject, struct findings *out)
{
    static const char class[] = "clip_fraction";
    const struct series *kl = &subject->role[ROLE_POLICY_KL].clean.active;
    struct level l;

    if (!say_within(out, class, &subject->role[ROLE_CLIP_FRACTION], 0, 1) ||
        !level_of(subject, ROLE_CLIP_FRACTION, class, out, &l))
        return;
    double median_kl = kl->n ? fabs(median_of(kl->value, kl->n, subject->arena)) : (double)NAN;
    bool much = larger(&l) > clipped_much;
    bool little = !much && l.median < clipped_little && median_kl < kl_small; /* false for NAN */
    struct said said = about(subject, ROLE_CLIP_FRACTION, class, much || little, &l, out);

    say(said, "%s: a median of %.3g of the ratios is clipped%s (95%% quantile %.3g), %s.",
        much     ? "Much of each update is clipped away"
        : little ? "Updates hardly move the policy"
                 : "A usual share of clipping",
        l.median, lately(said, &l, (l.median > clipped_much) != (l.late > clipped_much)), l.top,
        way(&l));
    say_parameter(said, "much", clipped_much, "");
    say_parameter(said, "little", clipped_little, "");
    if (isfinite(median_kl))
        say_value(said, "median_kl", median_kl, "");
    say_what_would_change(said, "A median between %.3g and %.2g.", clipped_little, clipped_much);
    if (!much && !little)
        return;
    say_harm(said, much ? SEVERITY_MEDIUM : SEVERITY_LOW, 0.6);
    say_advice(said, (struct advice){.key = much ? "epochs a batch, or the learning rate"
                                                 : POLICY_RATE_KEY,
                                     .to = much ? "half of what it was" : "three times what it was",
                                     .expected = "a clip fraction of .05 to .2",
                                     .check = "median clip fraction of the next run"});
}

static void say_sampler(const struct subject *subject, struct findings *out)
{
    static const char class[] = "sampler_kl";
    struct level l;

    if (!level_of(subject, ROLE_SAMPLER_KL, class, out, &l))
        return;
    bool found = larger(&l) > mismatch;
    struct said said = about(subject, ROLE_SAMPLER_KL, class, found, &l, out);

    say(said, "%s: their KL has a median of %.3g%s (95%% quantile %.3g), %s.",
        found ? "The sampler's probabilities are not the trainer's" : "Sampler and trainer agree",
        l.median, lately(said, &l, (l.median > mismatch) != (l.late > mismatch)), l.top, way(&l));
    say_parameter(said, "stable_below", mismatch, "");
    say_what_would_change(said, "A median of %.2g or less, of the run and of its last quarter.",
                          mismatch);
    if (!found)
        return;
    say_harm(said, SEVERITY_MEDIUM, 0.6);
    say_advice(said, (struct advice){.key = "precision of the sampler, or the age of its weights",
                                     .to = "the trainer's",
                                     .expected = "gradients of the policy that was sampled",
                                     .check = "median KL of sampler and trainer below .01"});
}

static void run(const struct subject *subject, struct findings *out)
{
    say_kl(subject, out);
    say_clipped(subject, out);
    say_sampler(subject, out);
}

const struct detector detector_policy_update = {
    .name = "policy_update",
    .what = "KL and clip fraction of the updates, and how far sampler and trainer differ",
    .applies = FOR_RL,
    .run = run,
};
