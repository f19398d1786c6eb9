/*
 * What could have been had for less: steps that brought nothing, time lost to stalls, a clip that
 * sets the step size, a loss that was there at half the steps. It sums up what the detectors
 * before it found and computes nothing again; harm is theirs.
 */
#include "analysis/detectors/detector.h"
#include "analysis/say.h"

static const char class[] = "acceleration";

/* Scatter of the final loss over seeds of small language-model runs, relative (claims.c). */
static const double seed_scatter = 0.0004;
static const double clipped_from = 0.5, worth_from = 0.1;

/* Of the first finding of that class that is judged; NAN where there is none. */
static double value_in(const struct findings *all, const char *of, const char *name)
{
    for (size_t i = 0; i < all->list.n; i++) {
        const struct finding *f = &all->list.v[i];
        if (strcmp(f->class, of) != 0 ||
            (f->status != FINDING_FOUND && f->status != FINDING_NOT_FOUND))
            continue;
        for (size_t k = 0; k < f->evidence.values.n; k++) {
            if (strcmp(f->evidence.values.v[k].name, name) == 0)
                return f->evidence.values.v[k].value;
        }
    }
    return (double)NAN;
}

static double known_or_0(double x)
{
    return isfinite(x) ? x : 0;
}

struct potential {
    double steps, time; /* shares that brought nothing; NAN: not assessed */
    double clipped, half;
    double saved; /* of the time, by both */
};

static struct potential potential_of(const struct findings *all)
{
    struct potential p = {
        .steps = fmax(value_in(all, "efficiency", "share_after_best"),
                      value_in(all, "efficiency", "share_after_stall")),
        .time = value_in(all, "throughput", "time_lost_in_stalls"),
        .clipped = value_in(all, "grad_clipping", "share_above_clip"),
        .half = value_in(all, "efficiency", "loss_at_half_over_final"),
    };

    if (p.half <=
        seed_scatter) /* the other half of the steps changed nothing that a seed does not */
        p.steps = fmax(p.steps, 0.5);
    p.saved = 1 - (1 - known_or_0(p.steps)) * (1 - known_or_0(p.time));
    return p;
}

/* What it sums up has series; they are its own. */
static void columns(struct said said)
{
    static const char *const of[] = {"efficiency", "throughput", "grad_clipping"};
    const struct findings *all = said.findings;

    for (size_t k = 0; k < sizeof(of) / sizeof(of[0]); k++) {
        for (size_t i = 0; i + 1 < all->list.n; i++) {
            const struct finding *f = &all->list.v[i];
            if (strcmp(f->class, of[k]) != 0)
                continue;
            for (size_t c = 0; c < f->evidence.columns.n; c++)
                finding_column(said.findings, said.finding, str_of(f->evidence.columns.v[c]));
            if (f->evidence.n_used > said.finding->evidence.n_used)
                said.finding->evidence.n_used = f->evidence.n_used;
        }
    }
}

static const char *share_text(struct said said, double share)
{
    return isfinite(share) ? say_text(said, "%.0f%%", 100 * share) : "an unknown share";
}

/* "At least 0% could be saved" says nothing. */
static const char *sentence(struct said said, const struct potential *p)
{
    bool both = isfinite(p->steps) && isfinite(p->time);

    if (p->saved < 0.005)
        return both ? "No time is known that could be saved"
                    : say_text(said, "No time is known that could be saved, by the %s alone",
                               isfinite(p->steps) ? "steps" : "pace");
    return say_text(said,
                    "%s %.0f%% of the time could be saved: %s of the steps brought nothing, %s of "
                    "the time went into stalls",
                    both ? "About" : "At least", 100 * p->saved, share_text(said, p->steps),
                    share_text(said, p->time));
}

static void run(const struct subject *subject, struct findings *out)
{
    struct potential p = potential_of(out);
    bool known = isfinite(p.steps) || isfinite(p.time), worth = p.saved >= worth_from;

    (void)subject;
    if (!known) {
        struct said said = {out, finding_add(out, class, FINDING_NOT_APPLICABLE)};
        say(said, "What could be saved is not known: neither the use of the steps nor the pace "
                  "could be assessed.");
        say_what_would_change(said, "A loss and a throughput of enough points.");
        return;
    }
    struct said said = {out, finding_add(out, class, worth ? FINDING_FOUND : FINDING_NOT_FOUND)};
    say(said, "%s%s.", sentence(said, &p),
        p.clipped > clipped_from
            ? say_text(said, "; the clip acts on %.0f%% of the steps and so sets their size",
                       100 * p.clipped)
            : "");
    columns(said);
    say_value(said, "saved", p.saved, "share of the time");
    if (isfinite(p.steps))
        say_value(said, "steps_without_gain", p.steps, "share");
    if (isfinite(p.time))
        say_value(said, "time_lost_in_stalls", p.time, "share");
    if (isfinite(p.clipped))
        say_value(said, "share_above_clip", p.clipped, "share");
    if (isfinite(p.half))
        say_value(said, "loss_at_half_over_final", p.half, "share");
    say_parameter(said, "seed_scatter", seed_scatter, "share of the loss");
    say_parameter(said, "worth_from", worth_from, "share");
    say_effect(said, 100 * p.saved, "% of the time", (double)NAN, (double)NAN, (double)NAN);
    say_method(said, "1 - (1 - steps without gain)(1 - time in stalls), from efficiency and "
                     "throughput; half of the steps where the loss at half is within seed_scatter");
    say_what_would_change(said, "The findings efficiency and throughput.");
    if (worth) {
        say_harm(said, SEVERITY_INFO, 0.6);
        say_caveat(said, "unvalidated rule; that a shorter run would have ended as well is an "
                         "assumption");
    }
}

const struct detector detector_acceleration = {
    .name = "acceleration",
    .what = "what could be saved: steps without gain and time in stalls, taken together",
    .applies = FOR_LM,
    .run = run,
};
