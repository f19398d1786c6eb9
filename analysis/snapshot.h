#ifndef SNAPSHOT_H
#define SNAPSHOT_H
/*
 * One state of the catalog's list: sorted, with ids that are unique, never
 * changed and counted by references, so that a listing costs no copy and a
 * handle stays good for as long as the listing.
 */

#include <stdatomic.h>

#include "analysis/catalog.h"
#include "analysis/walk.h"

struct entry {
    const char *id, *below; /* below: the id before it got a ~2 */
    const char *path;       /* below the root, real bytes, free of symlinks */
    const char *part;       /* what of the folder it is; NULL: all of it */
    struct created created;
    const struct walk_source *sources; /* of the snapshot */
    size_t sources_n;
    size_t root;
    bool alone; /* the root itself */
};

struct snapshot {
    atomic_size_t refs;
    struct arena arena;
    struct listed *listed; /* newest first; handles point to entries */
    const struct entry **by_id;
    size_t n;
};

/* walks[r]: of root r, NULL if it is not walked. */
struct snapshot *snapshot_new(struct walk *const *walks, size_t n);
void snapshot_unref(void *snapshot); /* void: fits arena_own */

/* NULL if there is no such id. */
const struct entry *snapshot_find(const struct snapshot *snapshot, const char *id);
const struct entry *snapshot_entry(const struct listed *listed);

#endif
