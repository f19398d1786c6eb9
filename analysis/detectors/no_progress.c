/* The metric the run is judged by did not get better from its first to its last tenth. */
#include "analysis/advised.h"
#include "analysis/context.h"
#include "analysis/detectors/detector.h"
#include "analysis/say.h"
#include "analysis/stats/divergence.h"

static const char class[] = "no_progress";

/* Detection benchmark 1, development set, at a tenth of the runs: by the noise of the difference.
 */
static const double precision = 0.96, precision_loud = 0.67;
static const double tellable = 0.05; /* ln units: a smaller change is none in any case */

static void advise(struct said said, const struct subject *subject)
{
    const char *key;
    double base = subject_base_rate(subject, &key);
    double by = base > RATE_HIGH ? 0.1 : 3; /* lr_too_high says so as well */
    say_advice(said, (struct advice){.key = key,
                                     .from = isfinite(base) ? say_text(said, "%.4g", base) : NULL,
                                     .to = isfinite(base) ? say_text(said, "%.4g", base * by)
                                                          : TIMES_THREE,
                                     .expected = "the loss leaves its starting level",
                                     .check = "first see that parameters are trained at all "
                                              "(frozen layers, a rate near 0)"});
}

static void run(const struct subject *subject, struct findings *out)
{
    enum role role = subject_primary(subject);
    const struct role_series *loss = &subject->role[role];
    const struct series *s = &loss->clean.active;

    if (role == ROLE_REWARD)
        return; /* the reward detector says it */
    if (!loss->logged) {
        say_not_logged(out, class, subject, role);
        return;
    }
    struct no_progress p = no_progress_of(s->value, s->n, subject->arena);
    size_t needs = subject_needs(loss, NO_PROGRESS_POINTS_MIN);
    if (!p.enough) {
        say_too_short(out, class, loss, needs);
        return;
    }
    bool worse = !p.none && p.change > 0;
    /* more than nothing, less than its noise; or any change that is less than its noise */
    bool open = p.none && (fabs(p.change) > tellable || p.se > 2 * tellable);
    bool found = (p.none || worse) && !open;
    struct said said = say_about(out, class,
                                 open    ? FINDING_INCONCLUSIVE
                                 : found ? FINDING_FOUND
                                         : FINDING_NOT_FOUND,
                                 loss, s->step[0], s->step[s->n - 1]);

    /* what the training loss learnt and the validation loss did not is no matter of the rate */
    bool learnt = found && role == ROLE_VALIDATION_LOSS && training_fell(subject);

    say(said,
        "%s: '%.*s' changes by %+.1f%% from its first to its last tenth (noise of that "
        "difference %.2f%%)%s.",
        open     ? "Progress cannot be told"
        : p.none ? "No progress"
        : worse  ? "Worse than at the start"
                 : "Progress",
        STR_FMT(loss->name), 100 * expm1(p.change), 100 * p.se,
        learnt ? ", while the training loss falls" : "");
    say_value(said, "change", p.change, "ln units");
    say_value(said, "se", p.se, "ln units");
    say_parameter(said, "points_a_tenth", (double)p.tenth, "points");
    say_effect(said, 100 * expm1(p.change), "%", 100 * expm1(p.change - 1.96 * p.se),
               100 * expm1(p.change + 1.96 * p.se), 0.95);
    say_method(said, "difference of the medians of the first and last tenth of ln loss against "
                     "three standard errors under AR(1) noise");
    say_what_would_change(said, "A difference of more than %.2f%% downwards.", 300 * p.se);
    if (!found)
        return;
    say_harm(said, SEVERITY_HIGH,
             capped(p.se > tellable ? precision_loud : precision, s->n, needs));
    if (!learnt)
        advise(said, subject);
}

const struct detector detector_no_progress = {
    .name = "no_progress",
    .what = "a loss that did not move away from its start",
    .applies = FOR_LM,
    .run = run,
};
