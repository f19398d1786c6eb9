#ifndef COMPLETE_H
#define COMPLETE_H
/* Completion of ids: those that begin with what was typed, then those that hold it; at most 100. */

#include "tools/service.h"

bool complete_experiment(struct call *call, struct str typed, struct strs *values, int64_t *total,
                         struct err *err);
bool complete_report(struct call *call, struct str typed, struct strs *values, int64_t *total,
                     struct err *err);
bool complete_training(struct call *call, struct str typed, struct strs *values, int64_t *total,
                       struct err *err);

#endif
