#ifndef CARRIERS_H
#define CARRIERS_H
/*
 * Public training curves reduced to numbers (carriers.txt, written by
 * carriers.py; carriers.md says where each comes from): as they were logged,
 * and with faults put into them.
 */

#include "tests/bench/detection/draft.h"

enum { CARRIER_SERIES_MAX = 5, CARRIER_FAULTS_EACH = 8 };

struct carrier {
    const char *name;
    struct str truth; /* as it stands behind the name: CLASS=ONSET and -CLASS */
    unsigned kind;
    struct series series[CARRIER_SERIES_MAX];
    size_t series_n;
};

struct carriers {
    VEC(struct carrier) list;
};

/* False, and a line on stderr, where the file is not there or is not as it should be. */
NODISCARD bool carriers_load(const char *path, struct arena *arena, struct carriers *out);

/* As it was logged. */
void carrier_as_is(const struct carrier *carrier, struct arena *arena, struct run *out);

/*
 * With a fault of that family, its size and place by the seed, against the noise that the curve
 * has (second differences). False where the curve does not allow it: too short, no such series,
 * or something is the matter with it already.
 */
bool carrier_with(const struct carrier *carrier, const struct family *family, uint64_t seed,
                  struct arena *arena, struct run *out);

/* The families that are put into real curves; NULL-ended. */
extern const struct family *const carrier_families[];

#endif
