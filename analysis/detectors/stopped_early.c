/* The log ends before the steps that were planned: what is said of its end is of an unfinished run.
 */
#include "analysis/detectors/detector.h"
#include "analysis/planned.h"
#include "analysis/say.h"

static const char class[] = "stopped_early";

static void run(const struct subject *subject, struct findings *out)
{
    const struct role_series *s = &subject->role[subject_primary(subject)];

    if (!subject->experiment || !s->logged || s->clean.active.n == 0)
        return;
    int64_t last = s->clean.active.step[s->clean.active.n - 1];
    const struct series *train = &subject->role[ROLE_TRAIN_LOSS].clean.active;
    if (train->n > 0 && train->step[train->n - 1] > last)
        last = train->step[train->n - 1];
    struct planned plan = experiment_planned(subject->experiment, (double)last, subject->arena);
    double planned = plan.steps, share = (double)last / planned;

    if (!(planned > 0))
        return; /* without a plan there is nothing to be early for */
    bool running = subject_is_running(subject);
    bool early = !running && planned_is_cut(&plan, (double)last);
    struct said said =
        say_about(out, class, early ? FINDING_FOUND : FINDING_NOT_FOUND, s, last, NOT_GIVEN);

    say(said, "The log %s at step %lld of %.0f planned (%.0f%%, by %s)%s.",
        running ? "stands" : "ends", (long long)last, planned, 100 * share, plan.from,
        early     ? ": what is said of its end is of an unfinished run"
        : running ? "; the run is still running"
                  : "");
    say_value(said, "last_step", (double)last, "steps");
    say_value(said, "planned_steps", planned, "steps");
    say_effect(said, 100 * share, "% of the plan", (double)NAN, (double)NAN, (double)NAN);
    say_method(said, "the last logged step against the steps that the log or the configuration "
                     "states");
    say_what_would_change(said, "Points up to step %.0f.", planned);
    if (!early)
        return;
    say_harm(said, SEVERITY_LOW, 0.95);
    say_advice(said, (struct advice){
                         .key = "continue to the planned end",
                         .from = say_text(said, "%lld steps", (long long)last),
                         .to = say_text(said, "%.0f steps", planned),
                         .expected = "the end of the schedule, where a decayed rate gains most",
                         .check = "the last checkpoint with its optimiser state; without one the "
                                  "rest cannot be continued, only repeated"});
}

const struct detector detector_stopped_early = {
    .name = class,
    .what = "a log that ends before the steps that were planned",
    .applies = FOR_ANY,
    .run = run,
};
