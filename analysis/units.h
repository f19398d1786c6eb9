#ifndef UNITS_H
#define UNITS_H
/*
 * What the files of one folder are to experiments: each file whose name could
 * be a log's is opened once, its first bytes are shown to the readers, and the
 * highest bid stands as a claim until the file is another one. Which claims make
 * one experiment is decided over the whole tree (walk_units.c).
 *
 * Names are looked at before anything is opened, so a folder of images or
 * weights costs its listing and no more. One thread at a time.
 */

#include "analysis/readers/reader.h"

#include <sys/stat.h>

/* A file of the folder. All texts live as long as the claims do. */
struct claim {
    const char *name;
    const struct reader *reader; /* NULL: not part of a run; `why` says why, or is "" */
    const char *why;
    int score;
    struct strs runs; /* of a UNIT_MANY file */
    dev_t dev;
    ino_t ino;
    int64_t size, modified_ns;
};

struct claims;

/* Whether a file of that name is worth opening at all; a compressed one, to say that it is. */
bool name_could_be_log(struct str name);

struct claims *claims_new(void);
void claims_free(struct claims *claims);

/* A file that could be a log. All are added before the readers are asked. */
void claims_add(struct claims *claims, const char *name);

/*
 * Asks the readers about every file of the folder, which is `dir` and whose path
 * below the root is `path`. old (may be NULL): the claims of an earlier look,
 * whose answers are taken over where the file is still the same.
 */
void claims_ask(struct claims *claims, const struct claims *old, int dir, const char *path);

/* Whether no file changed so that its answer may be another; costs a stat a file. */
bool claims_hold(const struct claims *claims, int dir);
/* The same files, not asked about yet. */
struct claims *claims_again(const struct claims *claims);
bool claims_same(const struct claims *a, const struct claims *b);

size_t claims_count(const struct claims *claims);
const struct claim *claims_get(const struct claims *claims, size_t i); /* by name */

#endif
