/*
 * How fast the machine went: level, stalls, drops, a slow-down over the run, and
 * how busy the accelerators were. Works on times per step (or per token), since
 * these add up; where neither rate nor time is logged, on the time stamps.
 */
#include "analysis/align.h"
#include "analysis/detectors/detector.h"
#include "analysis/say.h"
#include "analysis/stats/moments.h"
#include "analysis/stats/spikes.h"
#include "analysis/stats/trend.h"

static const char class[] = "throughput";

enum { POINTS_MIN = 25, TREND_BLOCKS = 100 };

static const double stall_over = 1.5; /* times the level before it */
static const double lost_from = 0.03; /* of the time: evaluations cost a percent */

struct pace {
    const struct role_series *source;
    bool is_rate, stamps; /* logged as a rate; from time stamps */
    struct series time;   /* per step or token, > 0, in order */
    size_t zeros;         /* values that are no time: rates of 0 */
    double median, p95;
    size_t stalls, drops;
    int64_t worst_stall; /* its step */
    double lost;         /* share of all time spent in stalls above their level */
    double slower, z;    /* last fifth over first fifth - 1; MK-AR1 of block medians */
};

/* Seconds per step between the stamps of a series. */
static struct series from_stamps(const struct series *s, struct arena *arena)
{
    int64_t *step = ARENA_ARRAY(arena, s->n, int64_t);
    double *value = ARENA_ARRAY(arena, s->n, double);
    struct series out = {.name = s->name, .step = step, .value = value};

    for (size_t i = 1; s->time && i < s->n; i++) {
        double passed = (s->time[i] - s->time[i - 1]) / (double)(s->step[i] - s->step[i - 1]);

        if (!(passed > 0) || !isfinite(passed))
            continue;
        step[out.n] = s->step[i];
        value[out.n++] = passed;
    }
    return out;
}

static struct series inverted(struct series s, struct arena *arena)
{
    double *value = ARENA_ARRAY(arena, s.n, double);

    for (size_t i = 0; i < s.n; i++)
        value[i] = 1 / s.value[i];
    s.value = value;
    return s;
}

static bool find_source(const struct subject *subject, struct pace *p)
{
    const struct role_series *rate = &subject->role[ROLE_THROUGHPUT];
    const struct role_series *time = &subject->role[ROLE_STEP_TIME];
    const struct role_series *loss = &subject->role[ROLE_TRAIN_LOSS];

    p->is_rate = rate->logged;
    p->stamps = !rate->logged && !time->logged && loss->logged;
    p->source = rate->logged ? rate : time->logged ? time : loss;
    if (p->stamps) {
        p->time = from_stamps(&loss->clean.active, subject->arena);
        return p->time.n > 0;
    }
    p->time = positive_points(&p->source->clean.active, INT64_MIN, subject->arena);
    p->zeros = p->source->clean.active.n - p->time.n;
    if (p->is_rate)
        p->time = inverted(p->time, subject->arena);
    return p->source->logged;
}

static void find_stalls(struct pace *p, struct arena *arena)
{
    const struct series *t = &p->time;
    struct spikes s = spikes_of(t->value, t->n, arena);
    double lost = 0, all = mean_of(t->value, t->n) * (double)t->n, worst = 0;

    for (size_t k = 0; k < s.count; k++) {
        const struct spike *e = &s.events[k];

        if (e->height <= stall_over * e->base)
            continue;
        if (e->label == SPIKE_SHIFT) {
            p->drops++;
            continue;
        }
        p->stalls++;
        for (size_t i = e->first; i <= e->last; i++)
            lost += fmax(0, t->value[i] - e->base);
        if (e->height > worst) {
            worst = e->height;
            p->worst_stall = t->step[e->peak];
        }
    }
    p->lost = all > 0 ? lost / all : 0;
}

static void measure(struct pace *p, struct arena *arena)
{
    const struct series *t = &p->time;
    size_t fifth = t->n / 5, blocks = clip_count(t->n, 1, TREND_BLOCKS);
    double medians[TREND_BLOCKS];

    p->median = median_of(t->value, t->n, arena);
    p->p95 = quantile_of(t->value, t->n, 0.95, arena);
    find_stalls(p, arena);
    /* from the second tenth on: compilation and caches make the first steps slow */
    p->slower = median_of(t->value + t->n - fifth, fifth, arena) /
                    median_of(t->value + t->n / 10, fifth, arena) -
                1;
    block_medians(t->value, t->n, blocks, medians, arena);
    p->z = mk_ar1(medians + blocks / 10, blocks - blocks / 10, arena).z;
}

static const char *unit_of(const struct pace *p)
{
    return p->stamps ? "seconds per step" : p->is_rate ? "1 / logged rate" : "logged time";
}

static void figures(struct said said, const struct pace *p)
{
    if (p->is_rate)
        say_value(said, "median_rate", 1 / p->median, "per second");
    say_value(said, "median_time", p->median, unit_of(p));
    say_value(said, "p95_over_median", p->p95 / p->median, "times");
    say_value(said, "stalls", (double)p->stalls, "stalls");
    say_value(said, "drops", (double)p->drops, "drops");
    say_value(said, "time_lost_in_stalls", p->lost, "share");
    say_value(said, "slower_at_the_end", p->slower, "share");
    say_value(said, "trend_z", p->z, "");
    if (p->zeros)
        say_value(said, "values_not_above_0", (double)p->zeros, "points");
    say_parameter(said, "stall_over", stall_over, "times the level before");
    say_parameter(said, "time_lost_from", lost_from, "share");
    say_effect(said, 100 * p->lost, "% of the time", (double)NAN, (double)NAN, (double)NAN);
    say_method(said, "spikes of the time per step; last fifth over second tenth onward; "
                     "Mann-Kendall for AR(1) noise on block medians");
    say_what_would_change(said, "Less than a tenth of the time lost, and no slow-down.");
}

static void say_pace(const struct pace *p, struct findings *out)
{
    const struct series *t = &p->time;
    bool slows = p->slower > 0.1 && p->z > 1.96;
    /* at the end the last fifth is slower: on average about half of that was lost */
    double slowed = slows ? p->slower / (1 + p->slower) / 2 : 0, wasted = fmax(p->lost, slowed);
    bool found = p->lost >= lost_from || slows || p->drops > 0;
    struct said said = say_about(out, class, found ? FINDING_FOUND : FINDING_NOT_FOUND, p->source,
                                 t->step[0], t->step[t->n - 1]);
    const char *level = p->is_rate ? say_text(said, "%.4g per second", 1 / p->median)
                                   : say_text(said, "%.4g (%s)", p->median, unit_of(p));

    said.finding->evidence.n_used = (int64_t)t->n;
    figures(said, p);
    say(said,
        "Throughput: median %s, the slowest twentieth takes %.2f times as long or more; %zu "
        "stalls (%.1f%% of the time), %zu lasting drops, %+.1f%% time per step at the end.",
        level, p->p95 / p->median, p->stalls, 100 * p->lost, p->drops, 100 * p->slower);
    if (p->stalls)
        say_value(said, "longest_stall_at", (double)p->worst_stall, "step");
    if (p->stamps)
        say_caveat(said, "no rate is logged: times between log lines, with all that happens there");
    if (!found)
        return;
    say_harm(said, wasted >= 0.1 ? severity_of(0, wasted) : SEVERITY_LOW,
             capped(0.6, t->n, POINTS_MIN));
    say_caveat(said, "unvalidated rule");
    say_advice(said,
               (struct advice){.key = slows ? "memory and data loading late in the run"
                                            : "data loading, evaluation and checkpoints",
                               .expected = say_text(said, "up to %.1f%% less time", 100 * wasted),
                               .check = "time per step at its median throughout"});
}

/* Of what the accelerators could do or hold; `is`: "busy", "full". */
static void judge_utilisation(const struct subject *subject, enum role role, const char *of_gpu,
                              const char *is, struct findings *out)
{
    const struct role_series *gpu = &subject->role[role];
    const struct series *s = &gpu->clean.active;
    double most = 0, idle = 0;

    if (!gpu->logged)
        return; /* few trainers log it */
    if (s->n < POINTS_MIN) {
        say_too_short(out, of_gpu, gpu, POINTS_MIN);
        return;
    }
    for (size_t i = 0; i < s->n; i++)
        most = fmax(most, s->value[i]);
    double whole = most <= 1 ? 1 : 100; /* a share, or percent */
    for (size_t i = 0; i < s->n; i++)
        idle += s->value[i] < whole / 2;
    double median = median_of(s->value, s->n, subject->arena) / whole;
    idle /= (double)s->n;
    bool found = median < 0.5;
    struct said said = say_about(out, of_gpu, found ? FINDING_FOUND : FINDING_NOT_FOUND, gpu,
                                 s->step[0], s->step[s->n - 1]);
    say(said, "The accelerators are %.0f%% %s (median); below 50%% at %.0f%% of the points.",
        100 * median, is, 100 * idle);
    say_value(said, "median", median, "share");
    say_value(said, "share_below_half", idle, "share");
    say_effect(said, 100 * median, "%", (double)NAN, (double)NAN, (double)NAN);
    say_method(said, "median, and share of points below 50%%");
    say_what_would_change(said, "A median %s 50%%.", found ? "above" : "below");
    if (found) {
        say_harm(said, SEVERITY_LOW, capped(0.6, s->n, POINTS_MIN));
        say_caveat(said, "unvalidated rule");
    }
}

static void run(const struct subject *subject, struct findings *out)
{
    struct pace p = {0};

    judge_utilisation(subject, ROLE_GPU_UTILISATION, "gpu_utilisation", "busy", out);
    judge_utilisation(subject, ROLE_GPU_MEMORY, "gpu_memory", "full", out);
    if (!find_source(subject, &p)) {
        say_not_logged(out, class, subject, ROLE_THROUGHPUT);
        return;
    }
    if (p.time.n < POINTS_MIN) {
        struct said said = say_too_short(out, class, p.source, POINTS_MIN);

        say_value(said, "points_above_0", (double)p.time.n, "points");
        return;
    }
    measure(&p, subject->arena);
    say_pace(&p, out);
}

const struct detector detector_throughput = {
    .name = "throughput",
    .what = "level, stalls, drops and slow-down of the machine, and how busy it was",
    .applies = FOR_LM,
    .run = run,
};
