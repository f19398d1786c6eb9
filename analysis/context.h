#ifndef CONTEXT_H
#define CONTEXT_H
/*
 * What surrounded a place of a run: the learning rate, epochs, restarts, the
 * other loss. Detectors ask so that a thing with a known reason is not called a
 * problem. NAN or false where the run does not tell.
 */

#include "analysis/stats/overfit.h"
#include "analysis/finding.h"
#include "analysis/subject.h"

/* The share of the peak rate below which a schedule counts as ended. */
#define RATE_ENDED 0.2

double rate_at(const struct subject *subject, int64_t step); /* the last logged at or before it */
double rate_peak(const struct subject *subject);
double rate_end_over_peak(const struct subject *subject);

/*
 * The first change of the rate in [from, to] that is none of a smooth schedule:
 * above a twentieth of the peak and five times the usual one. NOT_GIVEN if none.
 */
int64_t rate_jump_in(const struct subject *subject, int64_t from, int64_t to);

/* The first restart of the series that goes back to a step in [from, to]; NULL if none. */
const struct restart *restart_in(const struct role_series *series, int64_t from, int64_t to);

double steps_per_epoch(const struct subject *subject);

/*
 * The step at which the run began: its first logged loss less one usual distance of
 * points, at least 0. The first evaluation lies well after it.
 */
int64_t run_begin(const struct subject *subject);

/* The usual distance of neighbouring points in steps; 1 below two points. */
double usual_spacing(const struct series *series, struct arena *scratch);

/*
 * overfit_of both losses. has_train is false where the training loss has fewer
 * than six points or none on one side of the validation minimum: then only the
 * validation loss can be spoken of.
 */
struct overfit overfit_of_subject(const struct subject *subject);

/*
 * The validation score (accuracy, F1) that rises over its evaluations from that step on, by
 * Mann-Kendall of four or more; NULL where none does or is logged.
 */
const struct role_series *score_rising_from(const struct subject *subject, int64_t step);

bool has_checkpoints(const struct subject *subject); /* any, in the run's folder */

/*
 * The advice to take the checkpoint at a step instead of the last, or, where the run's folder
 * holds none, to keep one there. `expected` and `check` are of the checkpoint that is.
 */
struct advice advice_of_checkpoint(const struct subject *subject, const struct findings *out,
                                   int64_t step, const char *expected, const char *check);

/* Did the training loss fall from its first to its last tenth, beyond its noise and 5%? */
bool training_fell(const struct subject *subject);

/* derived_relative of the role; false where it is no logarithm. */
bool ln_of_series(const struct subject *subject, enum role role, const double **out);

#endif
