#ifndef SUBJECT_H
#define SUBJECT_H
/*
 * What detectors look at: the experiment's series by role, after hygiene. Made
 * once an analysis from what the experiment logged; roles come from roles.def
 * by exact name, never by substring. Lives in the analysis' arena; read only.
 */

#include "analysis/experiment.h"
#include "analysis/hygiene.h"
#include "analysis/roles.h"

struct role_series {
    bool logged;          /* false: no series has this role, or it has no point */
    struct str name;      /* as logged */
    struct hygiene clean; /* active finite series, and what was set aside */
};

struct subject {
    const struct experiment *experiment;
    struct arena *arena;
    struct role_series role[ROLES];
    bool lagrangian; /* a non-empty multiplier series exists (RL) */
};

/* Loads every series that has a role; adds to the coverage. */
NODISCARD bool subject_load(const struct experiment *experiment, struct arena *arena,
                            struct coverage *coverage, struct subject *out, struct err *err);

#endif
