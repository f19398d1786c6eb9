#ifndef CATALOG_H
#define CATALOG_H
/*
 * The experiments below a number of roots: found without configuration, looked
 * up by id, never by a path. Opening touches no disk; the first question walks,
 * later ones only look at what changed (by stat), so a listing is as fast as
 * the file system can say that nothing is new.
 *
 * What an experiment is and what its id is: a directory that holds
 * metadata.json with a known type, dashboard_metrics/, rl_metrics/ or a
 * checkpoint of the known patterns, or files that a reader of a log format
 * claims (walk.h); its id is its path below the root, of a file that is a run by
 * itself the file's path, of one among several in a file that and its name. Roots
 * are resolved and nested ones dropped; a second root with the same id gets ~2.
 *
 * Threads: any; one lock inside, not held while an experiment's data is read.
 * Columns and histories kept between calls are bounded in bytes, least recently
 * used out first.
 */

#include "analysis/experiment.h"
#include "analysis/walk.h"

struct catalog;

struct catalog *catalog_open(const struct strs *roots);
void catalog_close(struct catalog *catalog);

/* What a list shows of an experiment without reading its data. */
struct listed {
    const char *id;
    int64_t created_ms; /* as in struct experiment */
    size_t handle;      /* for catalog_get, within the same listing */
};

struct listing {
    struct arena *arena;
    const struct listed *v; /* newest first; ties by id */
    size_t n;
};

/* Walks or revalidates. Roots that are missing, unreadable or cut off by a limit are notes. */
void catalog_list(struct catalog *catalog, struct arena *arena, struct listing *out,
                  struct coverage *coverage);

/* The experiment behind an entry of a listing; ERR_NOT_FOUND if it is gone by now. */
NODISCARD bool catalog_get(struct catalog *catalog, const struct listed *listed,
                           struct arena *arena, const struct experiment **out, struct err *err);

/*
 * The experiment of that id. ERR_NOT_FOUND says why a file there is no run, else which id is
 * nearest, how many there are and where they were looked for.
 */
NODISCARD bool catalog_find(struct catalog *catalog, const char *id, struct arena *arena,
                            const struct experiment **out, struct err *err);

/*
 * The same for a thread that must not wait: no walk, no waiting for another's.
 * False if the lock is taken, the id is not known yet or its directory cannot
 * be opened; catalog_find then tells which, or finds it.
 */
NODISCARD bool catalog_known(struct catalog *catalog, const char *id, struct arena *arena,
                             const struct experiment **out);

/* Files with a log's name that are none, and why: `most` of them; returns how many there are. */
size_t catalog_refused(struct catalog *catalog, struct arena *arena, size_t most,
                       const struct walk_refused **out, size_t *n);

/* The roots as resolved, for messages. */
struct strs catalog_roots(const struct catalog *catalog);

#endif
