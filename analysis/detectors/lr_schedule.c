/*
 * Which learning-rate schedule was used, whether it was run to its end, and
 * whether it is the one that the run's own configuration asks for.
 */
#include "analysis/derived.h"
#include "analysis/detectors/detector.h"
#include "analysis/say.h"
#include "analysis/stats/schedule.h"

static const char class[] = "lr_schedule";

static void figures(struct said said, const struct schedule *c)
{
    say_value(said, "peak", c->peak, "");
    say_value(said, "end_over_peak", c->end_ratio, "");
    say_value(said, "warmup_end", (double)c->warmup_end, "steps");
    say_value(said, "decay_start", (double)c->decay_start, "steps");
    say_value(said, "planned_over_seen", c->T, "");
    say_value(said, "rmse", c->rmse, "of the peak");
    say_method(said, "least-squares families of schedules on the rates over their peak, chosen by "
                     "rmse and the number of parameters");
    say_what_would_change(said, "Rates logged at more steps.");
}

/* A line stopped early looks like one that ends at its minimum: where would it reach 0? */
static void say_line(struct said said, const struct schedule *c, int64_t end)
{
    double zero =
        (double)c->warmup_end + (double)(end - c->warmup_end) / fmax(1 - c->end_ratio, 1e-9);

    say_value(said, "line_reaches_zero", zero, "steps");
    say_caveat(said,
               "the line would reach 0 at step %.0f: if that was the plan, the run was "
               "stopped at %.0f%% of it",
               zero, 100 * (double)end / zero);
}

static void say_schedule(const struct role_series *lr, const struct schedule *c,
                         struct findings *out)
{
    const struct series *s = &lr->clean.active;
    int64_t end = s->step[s->n - 1];
    bool early = c->T > 1.02;
    const char *name = schedule_name(c->kind);
    struct said said = say_about(out, class, FINDING_FOUND, lr, s->step[0], end);
    double share = c->planned_end > 0 ? 100 * (double)end / c->planned_end : 100;

    figures(said, c);
    if (c->kind == SCHEDULE_LINEAR && c->end_ratio > 0.05)
        say_line(said, c, end);
    const char *warmup = c->warmup_index > 0
                             ? say_text(said, "warm-up to step %lld", (long long)c->warmup_end)
                             : "no warm-up seen";
    if (early)
        say(said,
            "The learning rate follows '%s' (%s) and was stopped at about %.0f%% of the "
            "planned schedule, with the rate still at %.0f%% of its peak %.4g.",
            name, warmup, share, 100 * c->end_ratio, c->peak);
    else
        say(said,
            "The learning rate follows '%s': %s, peak %.4g, %.1f%% of it at the end (step "
            "%lld).",
            name, warmup, c->peak, 100 * c->end_ratio, (long long)end);
    say_effect(said, c->end_ratio, "of the peak", (double)NAN, (double)NAN, (double)NAN);
    say_harm(said, early ? SEVERITY_LOW : SEVERITY_INFO, c->confidence);
    if (early)
        say_advice(said, (struct advice){.key = "number of steps",
                                         .from = say_text(said, "%lld", (long long)end),
                                         .to = say_text(said, "%.0f", c->planned_end),
                                         .expected = "the gain that the rest of the decay brings",
                                         .check = "the rate ends at its minimum"});
}

/* A rate that falls to its end and then rises again: the law of a cosine past its length. */
static void say_rise_past_end(const struct role_series *lr, const struct schedule *c,
                              struct findings *out)
{
    const struct series *s = &lr->clean.active;
    size_t low = 0;

    for (size_t i = 0; i < s->n; i++) {
        if (s->step[i] > c->warmup_end && (low == 0 || s->value[i] <= s->value[low]))
            low = i;
    }
    if (low == 0 || low + 2 >= s->n || !(s->value[low] < 0.1 * c->peak))
        return;
    if (!(fmin(s->value[low - 1], s->value[low + 1]) < 0.1 * c->peak))
        return; /* a single odd value between high ones: nothing ended there */
    double last = s->value[s->n - 1], rise = (last - s->value[low]) / c->peak;
    if (!(rise > 0.005))
        return;
    for (size_t i = low + 1; i < s->n; i++) {
        if (s->value[i] < s->value[i - 1])
            return; /* a restart's decay, not a law past its end */
    }
    struct said said =
        say_about(out, "lr_past_end", FINDING_FOUND, lr, s->step[low], s->step[s->n - 1]);
    say(said,
        "The learning rate rises again after its end: %.4g at step %lld, %.4g at step %lld; "
        "the run went past the length its schedule was made for.",
        s->value[low], (long long)s->step[low], last, (long long)s->step[s->n - 1]);
    say_value(said, "lowest", s->value[low], "");
    say_value(said, "last", last, "");
    say_value(said, "rise_over_peak", rise, "");
    say_method(said, "rates after the lowest one only rise");
    say_effect(said, rise, "of the peak", (double)NAN, (double)NAN, (double)NAN);
    say_what_would_change(said, "A schedule that stays at its minimum.");
    say_harm(said, SEVERITY_MEDIUM, capped(0.95, s->n, SCHEDULE_POINTS_MIN));
    say_advice(said, (struct advice){.key = "number of steps of the schedule",
                                     .from = say_text(said, "%lld", (long long)s->step[low]),
                                     .to = say_text(said, "%lld", (long long)s->step[s->n - 1]),
                                     .expected = "a rate that ends at its minimum",
                                     .check = "no rise of the rate after its lowest value"});
}

struct law {
    double base, least, ratio;
    double warmup, total; /* steps */
};

/* base s/w up to w, then half a cosine from base to least at the total. */
static double law_at(const struct law *law, double s)
{
    if (s < law->warmup)
        return law->base * s / law->warmup;
    double u = (s - law->warmup) / fmax(law->total - law->warmup, 1);
    return law->least + (law->base - law->least) * 0.5 * (1 + cos(M_PI * u));
}

/* As a share of base. */
static double off_law(const struct series *s, const struct law *law, size_t i)
{
    return fabs(s->value[i] - law_at(law, (double)s->step[i])) / law->base;
}

/* The largest distance to the law of every `stride`-th point. */
static double worst_off(const struct series *s, const struct law *law, size_t stride, size_t *at)
{
    double worst = 0;

    *at = 0;
    for (size_t i = 0; i < s->n; i += stride) {
        double off = off_law(s, law, i);

        if (off > worst) {
            worst = off;
            *at = i;
        }
    }
    return worst;
}

/*
 * The same of all points for the total that fits best: the warm-up is a whole
 * number of updates, so it tells the total only to within one update divided by
 * the ratio. A total that is too far off at some points needs no look at the
 * others. Of totals that fit alike the first is taken.
 */
static double worst_off_law(const struct series *s, const struct schedule *c, struct law law,
                            size_t *at)
{
    enum { TOTALS = 20, LOOKED_AT = 1000 };
    double some[TOTALS + 1], total[TOTALS + 1];
    size_t stride = s->n / LOOKED_AT + 1, taken = 0, where;

    law.warmup = (double)c->warmup_end;
    for (size_t t = 0; t <= TOTALS; t++) {
        law.total = law.warmup / law.ratio * (1 + (double)t / TOTALS / (double)c->warmup_index);
        total[t] = law.total;
        some[t] = worst_off(s, &law, stride, &where);
        taken = some[t] < some[taken] ? t : taken;
    }
    law.total = total[taken];
    double best = worst_off(s, &law, 1, at);
    for (size_t t = 0; t <= TOTALS; t++) {
        law.total = total[t];
        double least = fmax(some[t], off_law(s, &law, *at));
        if (t == taken || (t < taken ? least > best : least >= best))
            continue;
        double worst = worst_off(s, &law, 1, &where);
        if (t < taken ? worst <= best : worst < best) {
            best = worst;
            taken = t;
            *at = where;
        }
    }
    return best;
}

static void say_against_config(const struct subject *subject, const struct role_series *lr,
                               const struct schedule *c, struct findings *out)
{
    const struct series *s = &lr->clean.active;
    double base = subject_setting(subject, "BASE_LR");
    double ratio = subject_setting(subject, "WARMUP_RATIO");
    double least = subject_setting(subject, "MIN_LR"), worst = 0;
    size_t at = 0;

    if (!(base > 0))
        return;
    bool whole = ratio > 0 && least >= 0 && c->warmup_index > 0;
    if (whole)
        worst =
            worst_off_law(s, c, (struct law){.base = base, .least = least, .ratio = ratio}, &at);
    double peak_off = fabs(c->peak - base) / base;
    bool found = peak_off > 0.02 || worst > 0.05;
    struct said said = say_about(out, "lr_config", found ? FINDING_FOUND : FINDING_NOT_FOUND, lr,
                                 s->step[0], s->step[s->n - 1]);
    say(said,
        "The logged rates %s the configured law: peak %.4g where BASE_LR is %.4g, at most "
        "%.1f%% of it off (step %lld).",
        found ? "do not follow" : "follow", c->peak, base, 100 * worst, (long long)s->step[at]);
    say_value(said, "peak_off", peak_off, "of BASE_LR");
    say_value(said, "worst_off", worst, "of BASE_LR");
    say_parameter(said, "BASE_LR", base, "");
    if (whole) {
        say_parameter(said, "MIN_LR", least, "");
        say_parameter(said, "WARMUP_RATIO", ratio, "");
    }
    say_method(said, "linear warm-up, then half a cosine to MIN_LR at warm-up end / WARMUP_RATIO");
    say_what_would_change(said, "Another copy of the configuration.");
    if (!found)
        return;
    say_harm(said, SEVERITY_MEDIUM, 0.6);
    say_caveat(said, "unvalidated rule");
    say_advice(said, (struct advice){.key = "LEARNING_RATE_SCHEDULER.BASE_LR",
                                     .from = say_text(said, "%.4g", base),
                                     .to = say_text(said, "%.4g", c->peak),
                                     .expected = "a configuration that says what was run",
                                     .check = "the copy of the configuration is this run's own"});
}

static void run(const struct subject *subject, struct findings *out)
{
    const struct role_series *lr = &subject->role[ROLE_LEARNING_RATE];
    const struct series *s = &lr->clean.active;

    if (!lr->logged) {
        say_not_logged(out, class, subject, ROLE_LEARNING_RATE);
        return;
    }
    if (!say_within(out, class, lr, 0, INFINITY))
        return;
    struct schedule c = {.kind = SCHEDULE_UNKNOWN};
    if (s->n >= SCHEDULE_POINTS_MIN)
        c = *derived_schedule(subject);
    if (c.kind == SCHEDULE_UNKNOWN) {
        say_too_short(out, class, lr, SCHEDULE_POINTS_MIN);
        return;
    }
    say_schedule(lr, &c, out);
    say_rise_past_end(lr, &c, out);
    say_against_config(subject, lr, &c, out);
}

const struct detector detector_lr_schedule = {
    .name = "lr_schedule",
    .what = "the learning-rate schedule, whether it was run to its end, and its configuration",
    .applies = FOR_LM,
    .run = run,
};
