/*
 * How much a run computed: tokens for each parameter, floating-point operations, and
 * the share of the hardware's peak. A description; what is not logged or configured is
 * named, never estimated.
 */
#include "analysis/detectors/detector.h"
#include "analysis/say.h"
#include "analysis/sft.h"
#include "analysis/workload.h"

static const char class[] = "compute";

/* Chinchilla: 70e9 parameters on 1.4e12 tokens (Hoffmann et al. 2022). */
static const double chinchilla = 20;

/* "a of b, c of d, e not logged": what is known, and what is missing. */
struct told {
    struct buf known, missing;
};

static void note(struct buf *list, const char *text)
{
    buf_printf(list, "%s%s", list->n ? ", " : "", text);
}

static void say_sizes(struct said said, const struct workload *w, struct told *list)
{
    if (w->parameters_from) {
        note(&list->known,
             say_text(said, "%.4g parameters (%s)", w->parameters, w->parameters_from));
        say_value(said, "parameters", w->parameters, "");
    } else {
        note(&list->missing, "the number of parameters");
    }
    if (w->tokens_from) {
        note(&list->known, say_text(said, "%.4g tokens (%s)", w->tokens, w->tokens_from));
        say_value(said, "tokens", w->tokens, "tokens");
    } else {
        note(&list->missing, "the tokens trained on");
    }
    if (w->parameters_from && w->tokens_from) {
        note(&list->known,
             say_text(said, "%.3g tokens for each parameter", w->tokens / w->parameters));
        say_value(said, "tokens_per_parameter", w->tokens / w->parameters, "");
        say_parameter(said, "tokens_per_parameter_of_chinchilla", chinchilla, "");
    }
}

static void say_work(struct said said, const struct workload *w, struct told *list)
{
    double flops = workload_flops(w), share = workload_utilisation(w);

    if (isfinite(flops)) {
        note(&list->known,
             say_text(said, "%.4g FLOPs (%s)", flops,
                      w->flops_from ? w->flops_from
                      : w->attention > 0
                          ? "6 a parameter and token, and 12 layers x width x context a token"
                          : "6 a parameter and token"));
        say_value(said, "flops", flops, "FLOPs");
    }
    if (w->seconds_from) {
        say_value(said, "seconds", w->seconds, "s");
        if (w->tokens_from)
            say_value(said, "tokens_per_second", w->tokens / w->seconds, "tokens per second");
    }
    if (isfinite(share)) {
        note(&list->known, say_text(said, "%.3g%% of the hardware's peak (%s)", 100 * share,
                                    w->utilisation_from ? w->utilisation_from : w->peak_from));
        say_value(said, "share_of_peak", share, "share");
        return;
    }
    if (!w->peak_from)
        note(&list->missing, "the hardware's peak");
    if (!w->seconds_from)
        note(&list->missing, "the time it took");
}

/* The steps and stamps of the loss stand in for what is not logged. */
static void columns(struct said said, const struct subject *subject, const struct workload *w)
{
    const struct role_series *loss = &subject->role[subject_primary(subject)];

    for (size_t i = 0; i < w->series_n; i++)
        finding_column(said.findings, said.finding, str_of(w->series[i]));
    if (loss->logged)
        finding_column(said.findings, said.finding, loss->name);
    said.finding->evidence.n_used = (int64_t)loss->clean.active.n;
}

static void figures(struct said said, const struct workload *w, bool adapter, struct told *list)
{
    say_sizes(said, w, list);
    say_work(said, w, list);
    say_method(said, "FLOPs as logged, else 6 a parameter and token (forward and backward pass); "
                     "share of the peak as logged, else FLOPs over time and peak");
    say_what_would_change(said, "Nothing: this is a description.");
    if (adapter)
        say_caveat(said, "an adapter is trained: the gradients of the frozen weights are not "
                         "computed, so about 4 FLOPs a parameter and token are nearer than 6");
    if (w->seconds_from && !w->utilisation_from && w->peak_from)
        say_caveat(said, "time: %s", w->seconds_from);
}

static void run(const struct subject *subject, struct findings *out)
{
    const struct workload *w = subject->workload;
    struct told list = {0};

    if (!w)
        return; /* a subject made by hand */
    bool known = isfinite(w->tokens / w->parameters) || isfinite(workload_flops(w)) ||
                 isfinite(workload_utilisation(w));
    struct said said = {out,
                        finding_add(out, class, known ? FINDING_FOUND : FINDING_NOT_APPLICABLE)};

    columns(said, subject, w);
    figures(said, w, subject->sft && subject->sft->adapter.source && !w->flops_from, &list);
    const char *missing = list.missing.n ? buf_text(&list.missing) : NULL;
    if (known)
        say(said, "Computed: %s%s%s.", buf_text(&list.known),
            missing ? "; not logged or configured: " : "", missing ? missing : "");
    else
        say(said,
            "Tokens per parameter, FLOPs and utilisation are not known; not logged or "
            "configured: %s.",
            missing);
    if (known)
        say_harm(said, SEVERITY_INFO, 0.99);
    buf_fini(&list.known);
    buf_fini(&list.missing);
}

const struct detector detector_compute = {
    .name = "compute",
    .what = "tokens per parameter, FLOPs and share of the hardware's peak, where they are logged",
    .applies = FOR_LM,
    .run = run,
};
