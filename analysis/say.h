#ifndef SAY_H
#define SAY_H
/*
 * How detectors word what they found: the sentence, the place, the advice, and
 * the two things every detector may have to say instead of a result: that the
 * series is not logged, or too short. Texts live in the findings' arena.
 *
 * Like finding_add, none of this may be used on a finding after the next is added.
 */

#include "analysis/finding.h"
#include "analysis/subject.h"

#include <math.h>

/* For the detectors' own class: a finding whose status is not yet known. */
struct said {
    struct findings *findings;
    struct finding *finding;
};

void say(struct said said, const char *format, ...) PRINTF(2, 3); /* the sentence */
/* The sentence "Not judged: " and the reason, which the finding keeps on its own as well. */
void say_not_judged(struct said said, const char *format, ...) PRINTF(2, 3);
void say_method(struct said said, const char *format, ...) PRINTF(2, 3);
void say_what_would_change(struct said said, const char *format, ...) PRINTF(2, 3);
void say_caveat(struct said said, const char *format, ...) PRINTF(2, 3);
void say_value(struct said said, const char *name, double value, const char *unit);
void say_parameter(struct said said, const char *name, double value, const char *unit);

/* From where on which series; n_used is all its finite points. */
struct said say_about(struct findings *out, const char *class, enum finding_status status,
                      const struct role_series *series, int64_t from, int64_t to);
/* The id becomes class:series, for classes that several series of one run can have. */
void say_of_series(struct said said, const struct role_series *series);
void say_effect(struct said said, double effect, const char *unit, double low, double high,
                double level);

/* Copies the texts, as all of these do. One that would leave all as it was run is none. */
void say_advice(struct said said, struct advice advice);
const char *say_text(struct said said, const char *format, ...) PRINTF(2, 3);

void say_harm(struct said said, enum severity severity, double confidence);

/* insufficient_data: "had 12 points, needs 25". */
struct said say_too_short(struct findings *out, const char *class, const struct role_series *series,
                          size_t needs);
/* not_applicable: the method takes logarithms and some values are not above 0. */
void say_not_positive(struct findings *out, const char *class, const struct role_series *series);
/* True where all lie in [low, high], give or take 1e-6; else not_applicable: no such quantity. */
bool say_within(struct findings *out, const char *class, const struct role_series *series,
                double low, double high);
/* not_applicable: "'Losses/Total' is not logged", by the name its programs would give it. */
void say_not_logged(struct findings *out, const char *class, const struct subject *subject,
                    enum role role);

/* The same of the held-out score, with the series that may be it. */
void say_no_score(struct findings *out, const char *class, const struct subject *subject);

/* Are there so many points of that role? If not, which of the two it lacks is said. */
bool say_enough(struct findings *out, const char *class, const struct subject *subject,
                enum role role, size_t needs);

/* The caps of every confidence: .99, and .85 within 1.5 times the least number of points. */
double capped(double confidence, size_t n, size_t needs);

/* Of a result that is worse by `worse` (a share) with `wasted` of the run spent after its best. */
enum severity severity_of(double worse, double wasted);

#endif
