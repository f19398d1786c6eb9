#ifndef CREATED_H
#define CREATED_H
/*
 * When an experiment began, by the first of four witnesses that speaks:
 * metadata.created_at, the time its name begins with, the first point's
 * timestamp, the oldest file. A folder's own times are not asked: copying
 * changes them.
 */

#include "analysis/base/json.h"

struct created {
    int64_t ms;       /* UTC; INT64_MIN if nothing tells */
    const char *from; /* static: "metadata.created_at", "id", "first point", "oldest file" */
    bool no_zone;     /* a text without a zone was read as UTC */
};

/* path: of the experiment below root. metadata: NULL if there is none that can be read. */
struct created created_find(int root, const char *path, const char *name,
                            const struct json *metadata);

#endif
