#ifndef DETECTOR_H
#define DETECTOR_H
/*
 * A detector is one file and one row in detectors.def. It is given a subject
 * (the experiment's cleaned series by role, and its own configuration) and adds
 * findings; it does not know who asked. A detector that lacks its data says so
 * with insufficient_data or not_applicable: silence would read as health.
 */

#include "analysis/finding.h"
#include "analysis/subject.h"

enum { FOR_LM = 1, FOR_RL = 2, FOR_ANY = 3 };

struct detector {
    const char *name; /* the class of its findings */
    const char *what; /* one line for the manual */
    unsigned applies; /* FOR_… */
    void (*run)(const struct subject *subject, struct findings *out);
};

/*
 * Runs it with an arena of its own in the subject, which ends with it: what a
 * detector takes from subject->arena is scratch, findings copy their texts.
 */
void detector_run(const struct detector *detector, const struct subject *subject,
                  struct findings *out);

#define RATE_HIGH 0.1 /* above it, a loss that does not move suggests that it is too high */

extern const struct detector *const detectors[]; /* NULL-ended, in detectors.def's order */

#endif
