#ifndef CHECKS_H
#define CHECKS_H
/*
 * What a user says about one analysis: which series plays which role, and
 * thresholds of detectors in place of the defaults. Both go into the answer, so
 * that nobody takes a result with other settings for the usual one.
 *
 *     {"roles":{"train_loss":"my/loss"},"thresholds":{"plateau.per_doubling":0.01}}
 */

#include "analysis/base/json.h"
#include "analysis/roles.h"

enum threshold {
#define X(id, name, def, least, most, what) id,
#include "analysis/thresholds.def"
#undef X
    THRESHOLDS,
};

struct checks {
    const char *role[ROLES];      /* the series to take; NULL: by roles.def */
    double threshold[THRESHOLDS]; /* NAN: the default */
};

/* object NULL stands for {}. ERR_ARGUMENT names what is allowed. */
NODISCARD bool checks_read(const struct json *object, struct arena *arena, struct checks *out,
                           struct err *err);

/* What differs from the defaults, as sentences. */
size_t checks_say(const struct checks *checks, struct arena *arena,
                  const char *out[ROLES + THRESHOLDS]);

const char *threshold_name(enum threshold threshold);
const char *threshold_what(enum threshold threshold);
double threshold_default(enum threshold threshold);

#endif
