#ifndef NEAREST_H
#define NEAREST_H
/* "Did you mean": the name closest to what was written, for errors that help. */

#include "analysis/base/str.h"

/*
 * How many insertions, deletions, replacements and swaps of neighbours part two
 * names, letter case aside; names are compared over their first 64 bytes
 * (Damerau 1964, restricted).
 */
size_t name_distance(struct str a, struct str b);

/* Worth suggesting: at most a third of the letters differ, or one name holds the other. */
bool name_is_near(struct str written, struct str known, size_t distance);

/* Of several the nearest that is worth suggesting; NULL if none is. */
const char *name_nearest(struct str written, const char *const *known, size_t n);

#endif
