#ifndef WALK_H
#define WALK_H
/*
 * The experiments below one directory, remembered as a tree so that the second
 * look asks the file system only what has changed: a folder whose modification
 * time is the same is not listed again, an experiment whose metadata.json is the
 * same is not read again. Times younger than two seconds are not trusted,
 * because a change within one tick of the clock does not show.
 *
 * Where no word of the folder's own says what it is, its files are shown to the
 * readers of log formats (units.h), and those that belong together make one
 * experiment: files of a folder, those of its parts (train/, validation/,
 * checkpoint-500/, wandb/run-…); two files of a format that holds a run each are
 * two experiments, and a file of many runs is many.
 *
 * Not descended into: an experiment by its own word, dot-folders, more than WALK_DEPTH_MAX
 * levels. A symlink is followed only if it ends below the root in a folder that
 * has not been reached by its own name, so nothing is found twice and no loop is
 * walked. One thread at a time.
 */

#include "analysis/created.h"

struct reader;
struct walk;

/* A file that a run is read from, or its configuration. */
struct walk_source {
    const char *path; /* below the experiment's folder */
    const struct reader *reader;
    const char *run; /* which of those in the file; NULL: it holds one */
    const char *why; /* the reader's reason */
    int score;       /* its bid */
    bool resumes;    /* one of several logs of the same run, each begun after another stopped */
};

/* An experiment; the texts belong to the arena it was listed into. */
struct walk_found {
    const char *id;   /* below the root, printable, unique in this walk */
    const char *path; /* below the root, the real bytes, free of symlinks; "." is the root */
    const char *part; /* what of the folder it is: a file, a file and a run; NULL: all of it */
    struct created created;
    const struct walk_source *sources; /* none: the folder says itself what it is */
    size_t sources_n;
};

/* A file that bears a log's name and is none, or cannot be read. */
struct walk_refused {
    const char *path, *why; /* path: below the root, as it is shown */
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

/* At most `most` of those refused; all are counted. */
size_t walk_refused(const struct walk *walk, struct arena *arena, size_t most,
                    struct walk_refused **out, size_t *n);

/* Bytes of a path as they are shown: %XX for '%', control characters and what is not UTF-8. */
const char *walk_shown(struct arena *arena, struct str path);

#endif
