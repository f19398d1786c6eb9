/* What the judge's result beside a fine-tuning run carries. */
#include "analysis/stats/win_rate.h"
#include "analysis/detectors/detector.h"
#include "analysis/say.h"
#include "analysis/sft.h"

static const char class[] = "win_rate";

static void say_judge(const struct judge *j, struct findings *out)
{
    struct win_rate w = win_rate_of(j->wins, j->losses, j->ties);
    bool worse = w.told_apart && w.rate < 0.5;
    struct said said = {out, finding_add(out, class,
                                         worse          ? FINDING_FOUND
                                         : w.told_apart ? FINDING_NOT_FOUND
                                                        : FINDING_INCONCLUSIVE)};

    if (w.decided > 0)
        say(said,
            "%s is a judge result, not a log of losses: the fine-tuned model wins %.1f %% of "
            "%lld decided comparisons (%lld ties), 95 %% interval [%.1f, %.1f] %%: %s, %s.",
            j->source, 100 * w.rate, (long long)w.decided, (long long)j->ties, 100 * w.low,
            100 * w.high, w.band,
            w.told_apart ? worse ? "worse than the baseline" : "better than the baseline"
                         : "not distinguishable from even");
    else
        say(said,
            "%s is a judge result, not a log of losses: none of its %lld comparisons was "
            "decided.",
            j->source, (long long)j->ties);
    say_value(said, "wins", (double)j->wins, "comparisons");
    say_value(said, "losses", (double)j->losses, "comparisons");
    say_value(said, "ties", (double)j->ties, "comparisons");
    say_effect(said, w.rate, "of decided comparisons", w.low, w.high, 0.95);
    said.finding->evidence.n_used = w.decided;
    say_method(said, "wins of decided comparisons, Wilson interval");
    if (w.decided < 100)
        say_caveat(said, "fewer than 100 comparisons were decided");
    if (!w.told_apart && w.needed != NOT_GIVEN)
        say_what_would_change(said, "About %lld decided comparisons, if the rate is as seen.",
                              (long long)w.needed);
    else
        say_what_would_change(said, "More comparisons with another outcome.");
    if (!worse)
        return;
    say_harm(said, SEVERITY_HIGH, capped(0.95, (size_t)w.decided, 100));
    say_advice(said, (struct advice){.key = "failure modes of the fine-tuning",
                                     .to = "investigate before another run",
                                     .expected = "the cause, in the findings of this analysis",
                                     .check = "a judge result whose interval lies above 50 %"});
}

static void run(const struct subject *subject, struct findings *out)
{
    const struct sft *sft = subject->sft;

    if (sft && sft->judge.source)
        say_judge(&sft->judge, out);
    else if (sft && sft->why) {
        struct said said = {out, finding_add(out, class, FINDING_NOT_APPLICABLE)};
        say_not_judged(said, "no judge result was found (eval_results/metrics.json).");
        say_what_would_change(said, "A judged evaluation against the baseline.");
    }
}

const struct detector detector_win_rate = {
    .name = "win_rate",
    .what = "a judge's verdict against the baseline, and whether its numbers carry it",
    .applies = FOR_ANY,
    .run = run,
};
