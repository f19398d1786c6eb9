/*
 * Was the warm-up of the learning rate long enough (the loss does not rise at its
 * end, no spikes there), and not longer than a fifth of the run?
 */
#include "analysis/align.h"
#include "analysis/detectors/detector.h"
#include "analysis/say.h"
#include "analysis/stats/moments.h"
#include "analysis/stats/noise.h"

static const char class[] = "lr_warmup";

struct warmup {
    const struct subject *subject;
    const struct role_series *lr, *loss;
    struct schedule c;
};

/* Median ln loss behind the end of the warm-up less that before it, each over half its length. */
static bool rises_at_warmup_end(const struct warmup *w, double *rise, double *error)
{
    enum { EACH_MIN = 5 };
    const struct series *s = &w->loss->clean.active;
    int64_t end = w->c.warmup_end, half = (end - w->lr->clean.active.step[0]) / 2;
    size_t from = 0, middle, to;

    while (from < s->n && s->step[from] < end - half)
        from++;
    for (middle = from; middle < s->n && s->step[middle] <= end;)
        middle++;
    for (to = middle; to < s->n && s->step[to] <= end + half;)
        to++;
    size_t before = middle - from, after = to - middle;
    if (before < EACH_MIN || after < EACH_MIN)
        return false;
    double *y = ARENA_ARRAY(w->subject->arena, to - from, double);
    if (!relative_of(s->value + from, to - from, y, w->subject->arena))
        return false;
    struct ar1 noise = ar1_scale(y, to - from, w->subject->arena);
    *error = 1.25 * noise.long_run_sd * sqrt(1 / (double)before + 1 / (double)after);
    *rise =
        median_of(y + before, after, w->subject->arena) - median_of(y, before, w->subject->arena);
    return true;
}

static void judge(const struct warmup *w, struct findings *out)
{
    const struct series *s = &w->lr->clean.active;
    double rise = (double)NAN, error = (double)NAN;

    double length = (double)(w->c.warmup_end - s->step[0]);
    double planned = fmax(w->c.planned_end, (double)s->step[s->n - 1]) - (double)s->step[0];
    double share = length / planned;
    bool known = rises_at_warmup_end(w, &rise, &error);
    bool rises = known && rise > fmax(0.02, 3 * error), is_long = share > 0.2;
    struct said said = say_about(out, class, rises || is_long ? FINDING_FOUND : FINDING_NOT_FOUND,
                                 w->lr, s->step[0], w->c.warmup_end);

    say(said, "The warm-up takes %.1f%% of the planned steps%s; %s.", 100 * share,
        is_long ? ", more than a fifth" : "",
        !known  ? "too few losses around its end tell how it ended"
        : rises ? say_text(said, "the loss rises by %.1f%% at its end", 100 * expm1(rise))
                : say_text(said, "the loss does not rise at its end (%+.1f%%)", 100 * expm1(rise)));
    say_value(said, "share_of_planned_steps", share, "share");
    if (known) {
        say_value(said, "rise_at_end", rise, "ln units");
        say_effect(said, 100 * expm1(rise), "%", 100 * expm1(rise - 1.96 * error),
                   100 * expm1(rise + 1.96 * error), 0.95);
    }
    say_parameter(said, "longest", 0.2, "share");
    say_method(said, "medians of ln loss over half the warm-up's length on both sides of its end");
    say_what_would_change(said, "Another length of the warm-up.");
    if (said.finding->status != FINDING_FOUND)
        return;
    say_harm(said, SEVERITY_LOW, 0.6);
    say_caveat(said, "unvalidated rule");
    say_advice(said,
               (struct advice){.key = "steps of warm-up",
                               .from = say_text(said, "%.0f", length),
                               .to = say_text(said, "%.0f", rises ? 2 * length : 0.05 * planned),
                               .expected = rises ? "no rise of the loss at its end"
                                                 : "more steps at a useful rate",
                               .check = "this check on the new run"});
}

static void run(const struct subject *subject, struct findings *out)
{
    struct warmup w = {.subject = subject,
                       .lr = &subject->role[ROLE_LEARNING_RATE],
                       .loss = &subject->role[ROLE_TRAIN_LOSS]};

    if (!w.lr->logged) {
        say_not_logged(out, class, subject, ROLE_LEARNING_RATE);
        return;
    }
    w.c = subject_schedule(subject);
    if (w.c.kind == SCHEDULE_UNKNOWN) {
        say_too_short(out, class, w.lr, SCHEDULE_POINTS_MIN);
        return;
    }
    if (w.c.warmup_index == 0 || w.c.warmup_index + 1 >= w.c.points) {
        struct said said = {out, finding_add(out, class, FINDING_NOT_APPLICABLE)};

        say(said, w.c.warmup_index == 0
                      ? "The warm-up is not judged: none is seen in the logged rates."
                      : "The warm-up is not judged: the run ended in it.");
        say_what_would_change(said, "Rates logged during a warm-up, and behind it.");
        return;
    }
    judge(&w, out);
}

const struct detector detector_lr_warmup = {
    .name = "lr_warmup",
    .what = "a warm-up too short (the loss rises at its end) or longer than a fifth of the run",
    .applies = FOR_LM,
    .run = run,
};
