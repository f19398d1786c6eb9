#include "analysis/readers/mlflowfacts.h"

#include <inttypes.h>

void mlflow_tag(struct feed *feed, struct str name, struct str text)
{
    static const struct {
        const char *name;
        enum fact fact;
    } facts[] = {{"mlflow.runName", FACT_RUN_NAME},
                 {"mlflow.user", FACT_USER},
                 {"mlflow.source.name", FACT_PROGRAM},
                 {"mlflow.source.git.commit", FACT_GIT_COMMIT},
                 {"mlflow.source.git.repoURL", FACT_GIT_REMOTE},
                 {"mlflow.project.entryPoint", FACT_JOB_TYPE}};

    if (text.n == 0)
        return;
    for (size_t i = 0; i < sizeof(facts) / sizeof(facts[0]); i++) {
        if (str_is(name, facts[i].name))
            feed_fact(feed, facts[i].fact, text);
    }
    if (!str_starts(name, STR("mlflow.")))
        feed_note(feed, "tag %.*s: %.*s", STR_FMT(str_cut(name, 80)), STR_FMT(str_cut(text, 200)));
}

void mlflow_status(struct feed *feed, int64_t number)
{
    static const char *const words[] = {"RUNNING", "SCHEDULED", "FINISHED", "FAILED", "KILLED"};

    if (number >= 1 && number <= 5)
        feed_fact(feed, FACT_STATUS, str_of(words[number - 1]));
    else
        feed_note(feed, "its status is %" PRId64 ", which has no meaning", number);
}
