/*
 * A loss that stopped improving early, at a learning rate that still could move
 * it. Premature takes a reference: the floor of the power law that the run
 * followed before. Without one it is only said that it stalled early; the harm
 * of the stall itself is plateau's.
 */
#include "analysis/context.h"
#include "analysis/derived.h"
#include "analysis/detectors/detector.h"
#include "analysis/say.h"
#include "analysis/stats/extrapolate.h"
#include "analysis/stats/moments.h"
#include "analysis/stats/noise.h"
#include "analysis/stats/progress.h"
#include "analysis/stats/schedule.h"

static const char class[] = "premature_convergence";

static const char method[] =
    "improvement per doubling over the last half (stalled), first of at most 40 block medians at "
    "the final level, and the floor of power laws fitted to what lies before it";

enum { BLOCKS_MAX = 40, BLOCK_POINTS = 5, LAST_HALF_POINTS_MIN = 35 };

static const double early_before = 0.6; /* of the planned steps */
static const double least_excess = 0.1; /* of what the run was to gain */
static const double rate_held = 0.8;    /* of the peak: the power law takes a constant rate */

struct stall {
    size_t onset;          /* index of its first point */
    double planned;        /* steps */
    double level, initial; /* median after the onset; of the first block */
    double floor, excess;  /* NAN without a reference; excess over initial - floor */
};

/* The first block from which on the medians are at the final level. */
static size_t onset_of(const double *y, size_t n, struct arena *scratch)
{
    size_t blocks = clip_count(n / BLOCK_POINTS, 1, BLOCKS_MAX), at = blocks;
    double m[BLOCKS_MAX], per_block = (double)n / (double)blocks;
    double noise = 1.25 * ar1_scale(y, n, scratch).long_run_sd / sqrt(per_block);
    double end = median_of(y + n - n / 4, n / 4, scratch);

    block_medians(y, n, blocks, m, scratch);
    while (at > 0 && m[at - 1] <= end + fmax(2 * noise, PROGRESS_THETA))
        at--;
    return block_edge(at < blocks ? at : blocks - 1, blocks, n);
}

/* Steps that the schedule was made for, or those that were logged. */
static double planned_of(const struct subject *subject, const struct series *s)
{
    struct schedule schedule = *derived_schedule(subject);
    double last = (double)s->step[s->n - 1];

    return schedule.T > 1.02 && schedule.planned_end > last ? schedule.planned_end : last;
}

static void find_reference(const struct subject *subject, enum role role, struct stall *stall)
{
    const struct series *s = &subject->role[role].clean.active;
    double at_onset = rate_at(subject, s->step[stall->onset]) / rate_peak(subject);

    stall->floor = stall->excess = (double)NAN;
    if (!(at_onset >= rate_held))
        return;
    struct extrapolation e =
        extrapolate(derived_steps(subject, role), s->value, stall->onset,
                    2 * (double)s->step[stall->onset > 0 ? stall->onset - 1 : 0], subject->arena);
    if (!e.enough || !(stall->initial > e.floor))
        return;
    stall->floor = e.floor;
    stall->excess = (stall->level - e.floor) / (stall->initial - e.floor);
}

static struct stall stall_of(const struct subject *subject, enum role role, const double *y)
{
    const struct series *s = &subject->role[role].clean.active;
    size_t first = s->n / BLOCKS_MAX > BLOCK_POINTS ? s->n / BLOCKS_MAX : BLOCK_POINTS;
    struct stall stall = {.onset = onset_of(y, s->n, subject->arena),
                          .planned = planned_of(subject, s),
                          .initial = median_of(s->value, first, subject->arena)};

    stall.level = median_of(s->value + stall.onset, s->n - stall.onset, subject->arena);
    find_reference(subject, role, &stall);
    return stall;
}

static void figures(struct said said, const struct series *s, const struct stall *stall, double end)
{
    say_value(said, "stalled_from", (double)s->step[stall->onset], "steps");
    say_value(said, "planned", stall->planned, "steps");
    say_value(said, "level", stall->level, "");
    if (isfinite(stall->floor)) {
        say_value(said, "floor_of_the_power_law", stall->floor, "");
        say_value(said, "excess_over_gain_to_the_floor", stall->excess, "share");
    }
    if (isfinite(end))
        say_value(said, "learning_rate_end_over_peak", end, "");
    say_parameter(said, "early_before", early_before, "share of planned steps");
    say_parameter(said, "least_excess", least_excess, "share");
    say_method(said, "%s", method);
}

static void say_early(const struct subject *subject, const struct role_series *loss,
                      const struct stall *stall, double end, struct findings *out)
{
    const struct series *s = &loss->clean.active;
    int64_t from = s->step[stall->onset];
    bool premature = stall->excess > least_excess;
    double peak = rate_peak(subject);
    struct said said = say_about(out, premature ? class : "stalled_early", FINDING_FOUND, loss,
                                 from, s->step[s->n - 1]);

    say(said, "'%.*s' has not improved since step %lld of %.0f planned, at %.4g%s.",
        STR_FMT(loss->name), (long long)from, stall->planned, stall->level,
        premature ? say_text(said,
                             "; the power law it followed until then tends to %.4g, and "
                             "%.0f%% of that gain is missing",
                             stall->floor, 100 * stall->excess)
        : isfinite(stall->floor)
            ? say_text(said, ", which is near the %.4g that its power law tends to", stall->floor)
            : "; no reference says whether it could have gone lower");
    figures(said, s, stall, end);
    if (!isfinite(end))
        say_caveat(said, "no learning rate is logged: whether a schedule had ended is unknown");
    say_caveat(said, "unvalidated rule");
    say_what_would_change(said,
                          "A gain after that step, or a learning rate below %.0f%% of its "
                          "peak there.",
                          100 * RATE_ENDED);
    say_harm(said, premature ? SEVERITY_MEDIUM : SEVERITY_INFO,
             capped(0.6, s->n, LAST_HALF_POINTS_MIN));
    if (premature)
        say_advice(said,
                   (struct advice){.key = "peak learning rate",
                                   .from = say_text(said, "%.4g", peak),
                                   .to = say_text(said, "%.4g", 0.3 * peak),
                                   .expected = say_text(said, "a loss below %.4g", stall->level),
                                   .check = "improvement per doubling above 1% from that "
                                            "step on"});
}

static void run(const struct subject *subject, struct findings *out)
{
    enum role role = subject_primary(subject);
    const struct role_series *loss = &subject->role[role];
    const struct series *s = &loss->clean.active;
    size_t needs = subject_needs(loss, LAST_HALF_POINTS_MIN);
    struct progress p = {0};
    const double *y;

    if (role == ROLE_REWARD)
        return; /* the reward detector says it */
    if (!loss->logged) {
        say_not_logged(out, class, subject, role);
        return;
    }
    if (s->n >= needs)
        p = *derived_progress(subject, role);
    if (!p.enough || !ln_of_series(subject, role, &y)) {
        say_too_short(out, class, loss, needs);
        return;
    }
    struct stall stall = stall_of(subject, role, y);
    double end = rate_end_over_peak(subject);
    double at = (double)s->step[stall.onset];
    if (p.stalled && !(end < RATE_ENDED) && at < early_before * stall.planned) {
        say_early(subject, loss, &stall, end, out);
        return;
    }
    struct said said =
        say_about(out, class, FINDING_NOT_FOUND, loss, s->step[0], s->step[s->n - 1]);
    say(said, "No premature convergence: '%.*s' %s.", STR_FMT(loss->name),
        !p.stalled         ? "has not stalled"
        : end < RATE_ENDED ? "is flat where its schedule had ended"
                           : "stalled late in the run");
    say_parameter(said, "early_before", early_before, "share of planned steps");
    say_method(said, "%s", method);
    say_what_would_change(said, "A stall before %.0f%% of the planned steps.", 100 * early_before);
}

const struct detector detector_premature_convergence = {
    .name = "premature_convergence",
    .what = "a loss that stalled early, at a learning rate that could still move it",
    .applies = FOR_LM,
    .run = run,
};
