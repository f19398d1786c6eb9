#ifndef DERIVED_H
#define DERIVED_H
/*
 * What several detectors ask of a subject's series, computed when it is asked
 * for first and kept as long as the subject. A subject without a `derived`
 * (a test's) gets the same results, each time anew, in its arena. Results are
 * of the series as they are then: subject_set comes before.
 *
 * One thread at a time.
 */

#include "analysis/stats/overfit.h"
#include "analysis/stats/progress.h"
#include "analysis/stats/schedule.h"
#include "analysis/stats/shifts.h"
#include "analysis/stats/spikes.h"
#include "analysis/subject.h"

struct derived *derived_new(struct arena *arena);

/* relative_of the active values (moments.h); *is_ln: of at least one, all above 0. */
const double *derived_relative(const struct subject *subject, enum role role, bool *is_ln);

const struct spikes *derived_spikes(const struct subject *subject, enum role role);

/* Of the relative values. */
const struct shifts *derived_shifts(const struct subject *subject, enum role role);

/* Against steps, at PROGRESS_THETA. */
const struct progress *derived_progress(const struct subject *subject, enum role role);

/* The steps of the active values, as the analyses want them. */
const double *derived_steps(const struct subject *subject, enum role role);

/* overfit_of the validation and the training loss; all 0 without an evaluation. */
const struct overfit *derived_overfit(const struct subject *subject);

/* schedule_of the learning rate. */
const struct schedule *derived_schedule(const struct subject *subject);

/* What no move of the learning rate along a smooth schedule exceeds; 0 below three points. */
double derived_rate_bar(const struct subject *subject);

#endif
