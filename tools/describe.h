#ifndef DESCRIBE_H
#define DESCRIBE_H
/* An experiment on one screen: the answer of describe_experiment and of experiment://ID. */

#include "tools/answer.h"

struct description {
    const char *expId, *path, *experimentType, *typeWhy, *format, *why;
    int64_t created;
    const char *createdFrom, *state, *stateWhy, *status;
    struct list series, files, provenance;
    int64_t seriesTotal;
    struct strs configKeys;
    struct strs configFiles;
    int64_t checkpointCount;
    struct strs notLogged;
    struct str coverage;
};

enum { DESCRIPTION_FIELDS = 20 };
extern const struct field description_fields[DESCRIPTION_FIELDS];

NODISCARD bool describe(struct call *call, const struct experiment *experiment,
                        struct description *out, struct err *err);

#endif
