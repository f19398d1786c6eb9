#ifndef WALK_H
#define WALK_H
/*
 * The experiments below one directory, remembered as a tree so that the second
 * look asks the file system only what has changed: a folder whose modification
 * time is the same is not listed again, an experiment whose metadata.json is the
 * same is not read again. Times younger than two seconds are not trusted,
 * because a change within one tick of the clock does not show.
 *
 * Not descended into: an experiment, dot-folders, more than WALK_DEPTH_MAX
 * levels. A symlink is followed only if it ends below the root in a folder that
 * has not been reached by its own name, so nothing is found twice and no loop is
 * walked. One thread at a time.
 */

#include "analysis/created.h"

struct walk;

/* An experiment; lives until the next walk_look. */
struct walk_found {
    const char *id;   /* below the root, printable, unique in this walk */
    const char *path; /* below the root, the real bytes, free of symlinks; "." is the root */
    struct created created;
};

/* What kept the walk from seeing everything; counts with the first one's path. */
struct walk_gaps {
    size_t deep, unreadable;
    const char *first_deep, *first_unreadable;
    bool cut; /* WALK_ENTRIES_MAX was reached */
};

/* dir: of the root, stays the caller's; real: its absolute path without symlinks. */
struct walk *walk_new(int dir, const char *real);
void walk_free(struct walk *walk);

/* Looks again; true if an experiment came, went or changed. */
bool walk_look(struct walk *walk);

/* Those found, in the order of the tree; the arrays belong to the arena. */
void walk_list(const struct walk *walk, struct arena *arena, struct walk_found **out, size_t *n);
struct walk_gaps walk_gaps(const struct walk *walk);

/* Bytes of a path as they are shown: %XX for '%', control characters and what is not UTF-8. */
const char *walk_shown(struct arena *arena, struct str path);

#endif
