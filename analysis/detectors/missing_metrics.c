/* What a run of this kind should log and did not: the absence of a finding is then no health. */
#include "analysis/base/buf.h"
#include "analysis/detectors/detector.h"
#include "analysis/say.h"

/* A log of scores alone, as an evaluator or a monitor writes it. */
static bool tells_no_update(const struct subject *subject)
{
    static const enum role updates[] = {ROLE_POLICY_LOSS, ROLE_VALUE_LOSS,    ROLE_ENTROPY,
                                        ROLE_TRAIN_LOSS,  ROLE_GRADIENT_NORM, ROLE_POLICY_KL};

    for (size_t i = 0; i < sizeof(updates) / sizeof(updates[0]); i++) {
        if (subject->role[updates[i]].logged)
            return false;
    }
    return true;
}

static void run(const struct subject *subject, struct findings *out)
{
    enum role missing[ROLES];
    size_t n = subject_missing(subject, missing);
    struct said said = {out,
                        finding_add(out, "missing_metrics", n ? FINDING_FOUND : FINDING_NOT_FOUND)};
    struct buf names = {0};

    for (size_t i = 0; i < n; i++) {
        const char *name = subject_usual_name(subject, missing[i]);

        buf_printf(&names, "%s'%s'", i ? ", " : "", name);
        finding_column(out, said.finding, str_of(name));
    }
    if (n)
        say(said, "Not logged: %s.", buf_text(&names));
    else if (tells_no_update(subject))
        say(said,
            "The log tells how the run scored and nothing of its updates, so what a policy, a "
            "critic or a loss did is not known.");
    else
        say(said, "Everything that runs of this kind should log is there.");
    buf_fini(&names);
    say_value(said, "missing", (double)n, "series");
    say_method(said, "exact names, from the table of roles");
    say_what_would_change(said, "Logging them, or under a name of the table.");
    if (n == 0)
        return;
    say_harm(said, SEVERITY_INFO, 0.99);
    if (missing[0] == ROLE_THROUGHPUT)
        return; /* no check of how the run went waits for it */
    const char *word = subject_role_word(missing[0]);
    const char *name = subject_usual_name(subject, missing[0]);
    say_advice(said, (struct advice){.key = "log",
                                     .to = word ? say_text(said, "%s, e.g. as '%s'", word, name)
                                                : say_text(said, "'%s'", name),
                                     .expected = "the analyses that need it",
                                     .check = "it is no longer named as not logged"});
}

const struct detector detector_missing_metrics = {
    .name = "missing_metrics",
    .what = "series that a run of this kind should log and did not",
    .applies = FOR_ANY,
    .run = run,
};
