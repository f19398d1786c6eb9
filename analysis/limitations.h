#ifndef LIMITATIONS_H
#define LIMITATIONS_H
/*
 * What bounds everything an analysis says: what was not logged, how the values
 * were treated, which checks lacked data. Sentences, each with its count; the
 * same input gives the same list.
 */

#include "analysis/finding.h"
#include "analysis/subject.h"

struct strs limitations_of(const struct subject *subject, const struct findings *findings,
                           struct arena *arena);

#endif
