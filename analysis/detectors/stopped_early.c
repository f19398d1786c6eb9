/* The log ends before the steps that were planned: what is said of its end is of an unfinished run.
 */
#include <stdlib.h>

#include "analysis/detectors/detector.h"
#include "analysis/readers/feed.h"
#include "analysis/say.h"

static const char class[] = "stopped_early";

static const double whole = 0.99; /* the last row may stand a logging interval before the end */

/* What the log says was planned; 0 if it says nothing. */
static double planned_steps(const struct subject *subject, const char **from)
{
    const struct run_fact *facts = NULL;
    size_t n = 0;

    if (!subject->experiment || !subject->experiment->held)
        return 0; /* a subject made by hand */
    experiment_facts(subject->experiment, subject->arena, &facts, &n);
    for (size_t i = 0; i < n; i++) {
        if (strcmp(facts[i].name, fact_name(FACT_TOTAL_STEPS)) == 0) {
            *from = facts[i].from;
            return strtod(facts[i].value, NULL);
        }
    }
    return 0;
}

static void run(const struct subject *subject, struct findings *out)
{
    const struct role_series *s = &subject->role[subject_primary(subject)];
    const char *from = "";
    double planned = planned_steps(subject, &from);

    if (!s->logged || s->clean.active.n == 0 || !(planned > 0))
        return; /* without a plan there is nothing to be early for */
    int64_t last = s->clean.active.step[s->clean.active.n - 1];
    const struct series *train = &subject->role[ROLE_TRAIN_LOSS].clean.active;
    if (train->n > 0 && train->step[train->n - 1] > last)
        last = train->step[train->n - 1];
    double share = (double)last / planned;
    bool early = share < whole;
    struct said said =
        say_about(out, class, early ? FINDING_FOUND : FINDING_NOT_FOUND, s, last, NOT_GIVEN);

    say(said, "The log ends at step %lld of %.0f planned (%.0f%%, by %s)%s.", (long long)last,
        planned, 100 * share, from,
        early ? ": what is said of its end is of an unfinished run" : "");
    say_value(said, "last_step", (double)last, "steps");
    say_value(said, "planned_steps", planned, "steps");
    say_effect(said, 100 * share, "% of the plan", (double)NAN, (double)NAN, (double)NAN);
    say_method(said, "the last logged step against the plan that the log states");
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
