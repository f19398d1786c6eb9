#include "analysis/shorter.h"

#include <inttypes.h>
#include <math.h>

#include "analysis/planned.h"

/* A rate below that of the run; it may be unknown. */
static void advise_milder(struct said said, const struct subject *subject,
                          const struct role_series *val)
{
    const struct series *s = &val->clean.active;
    const char *key;
    double rate = subject_base_rate(subject, &key);

    say_caveat(said,
               "no evaluation is below the first (step %lld): from there on training only made "
               "'%.*s' worse, so a shorter run gains nothing",
               (long long)s->step[0], STR_FMT(val->name));
    say_advice(said,
               (struct advice){.key = key,
                               .from = isfinite(rate) ? say_text(said, "%g", rate) : NULL,
                               .to = "lower; or regularise more, or train on other data",
                               .expected = say_text(said,
                                                    "a validation loss that falls below its first, "
                                                    "%.4g, before it rises",
                                                    s->value[0]),
                               .check = "the second evaluation of the new run is below its first"});
}

void say_shorter(struct said said, const struct subject *subject, const struct role_series *val,
                 const struct shorter *shorter)
{
    const struct series *s = &val->clean.active;
    int64_t best = s->step[shorter->best], end = s->step[s->n - 1];
    bool counted = experiment_counts_epochs(subject->experiment, subject->arena);
    struct advice advice = {.key = "max_steps", .expected = shorter->kept, .check = shorter->check};

    if (shorter->best == 0) {
        advise_milder(said, subject, val);
        return;
    }
    if (counted || isfinite(shorter->until))
        advice.key = experiment_epochs_key(subject->experiment, subject->arena);
    if (counted) {
        int64_t first = s->step[0] == 0; /* epoch 0 is one, too */
        advice.from = say_text(said, "%" PRId64, end + first);
        advice.to = say_text(said, "%" PRId64, best + first);
    } else if (isfinite(shorter->until)) {
        advice.from = say_text(said, "%.3g", shorter->epochs);
        advice.to = say_text(said, "%.0f", shorter->until);
    } else {
        advice.from = say_text(said, "%lld", (long long)end);
        advice.to = say_text(said, "%lld", (long long)best);
    }
    say_advice(said, advice);
}
