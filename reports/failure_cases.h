#ifndef FAILURE_CASES_H
#define FAILURE_CASES_H
/* Failures one by one: a few of each class, quoted from their files. */

#include "reports/trainings.h"

/*
 * The first of each class, in the order of the rules, with the step that shows
 * the rule, else the last; texts cleaned and cut. False if a file cannot be read
 * back: it has changed since.
 */
NODISCARD bool write_cases(const struct trainings *t, const struct selection *failed,
                           struct err *err);

#endif
