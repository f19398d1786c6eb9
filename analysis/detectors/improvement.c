/*
 * By how much the training loss fell from its first to its last ten points: the
 * plain figure of a fine-tuning workflow, with what it cannot say.
 */
#include "analysis/detectors/detector.h"
#include "analysis/say.h"
#include "analysis/sft.h"
#include "analysis/stats/plain_loss.h"

static const char class[] = "improvement";

static void say_few(const struct role_series *loss, struct findings *out)
{
    const struct series *s = &loss->clean.active;
    struct said said =
        say_about(out, class, FINDING_INSUFFICIENT_DATA, loss, s->n ? s->step[0] : INT64_MIN,
                  s->n ? s->step[s->n - 1] : INT64_MIN);

    say(said, "Loss improvement is not given: not enough points (%zu, need more than 100).", s->n);
    say_value(said, "points", (double)s->n, "points");
    say_parameter(said, "points_needed", PLAIN_POINTS_MIN, "points");
    say_what_would_change(said, "%zu more finite points of '%.*s'.", PLAIN_POINTS_MIN - s->n,
                          STR_FMT(loss->name));
}

static void say_improvement(const struct plain_improvement *p, const struct role_series *loss,
                            struct findings *out)
{
    const struct series *s = &loss->clean.active;
    enum finding_status status = !p->defined          ? FINDING_INCONCLUSIVE
                                 : p->early > p->late ? FINDING_FOUND
                                                      : FINDING_NOT_FOUND;
    struct said said = say_about(out, class, status, loss, s->step[0], s->step[s->n - 1]);

    if (p->defined)
        say(said,
            "Loss improvement: %.1f%% ('%.*s' averages %.4g over its first ten points and "
            "%.4g over its last ten).",
            p->percent, STR_FMT(loss->name), p->early, p->late);
    else
        say(said, "Loss improvement undefined: the first ten points of '%.*s' average 0.",
            STR_FMT(loss->name));
    if (status == FINDING_FOUND)
        say_harm(said, SEVERITY_INFO, capped(0.99, s->n, PLAIN_POINTS_MIN)); /* it is arithmetic */
    say_value(said, "first_ten", p->early, "");
    say_value(said, "last_ten", p->late, "");
    if (p->defined)
        say_effect(said, p->percent, "%", (double)NAN, (double)NAN, (double)NAN);
    say_method(said, "100 (mean of the first ten - mean of the last ten) / mean of the first ten");
    say_caveat(said, "a percentage of a loss near its floor says little, and the first ten points "
                     "are warm-up; plateau and no_progress judge the rest");
    say_what_would_change(said, "Other first or last ten points.");
}

/* A judge writes a metrics.json, too: it holds no losses, and is no empty log either. */
static void say_no_losses(const struct subject *subject, struct findings *out)
{
    const struct sft *sft = subject->sft;

    if (!sft || !sft->judge.source) {
        say_not_logged(out, class, subject, ROLE_TRAIN_LOSS);
        return;
    }
    say_not_judged((struct said){out, finding_add(out, class, FINDING_NOT_APPLICABLE)},
                   "%s is a judge result, not a log of losses; see win_rate.", sft->judge.source);
}

static void run(const struct subject *subject, struct findings *out)
{
    const struct role_series *loss = &subject->role[ROLE_TRAIN_LOSS];
    const struct series *s = &loss->clean.active;

    if (!loss->logged) {
        say_no_losses(subject, out);
        return;
    }
    struct plain_improvement p = plain_improvement_of(s->value, s->n);
    if (!p.enough)
        say_few(loss, out);
    else
        say_improvement(&p, loss, out);
}

const struct detector detector_improvement = {
    .name = "improvement",
    .what = "by how much the training loss fell, first ten points against last ten",
    .applies = FOR_LM,
    .run = run,
};
