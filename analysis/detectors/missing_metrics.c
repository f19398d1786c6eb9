/* What a run of this kind should log and did not: the absence of a finding is then no health. */
#include "analysis/base/buf.h"
#include "analysis/detectors/detector.h"
#include "analysis/say.h"

static void run(const struct subject *subject, struct findings *out)
{
    enum role missing[ROLES];
    size_t n = subject_missing(subject, missing);
    struct said said = {out,
                        finding_add(out, "missing_metrics", n ? FINDING_FOUND : FINDING_NOT_FOUND)};
    struct buf names = {0};

    for (size_t i = 0; i < n; i++) {
        buf_printf(&names, "%s'%s'", i ? ", " : "", role_usual_name(missing[i]));
        finding_column(out, said.finding, str_of(role_usual_name(missing[i])));
    }
    if (n)
        say(said, "Not logged: %s.", buf_text(&names));
    else
        say(said, "Everything that runs of this kind should log is there.");
    buf_fini(&names);
    say_value(said, "missing", (double)n, "series");
    say_method(said, "exact names, from the table of roles");
    say_what_would_change(said, "Logging them, or under a name of the table.");
    if (n == 0)
        return;
    say_harm(said, SEVERITY_INFO, 0.99);
    say_advice(said, (struct advice){.key = "log",
                                     .to = say_text(said, "%s", role_usual_name(missing[0])),
                                     .expected = "the analyses that need it",
                                     .check = "it is no longer named as not logged"});
}

const struct detector detector_missing_metrics = {
    .name = "missing_metrics",
    .what = "series that a run of this kind should log and did not",
    .applies = FOR_ANY,
    .run = run,
};
