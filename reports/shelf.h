#ifndef SHELF_H
#define SHELF_H
/*
 * A directory of small files that are replaced whole: what store.c saves
 * through. A file is written under a name of its own in the folder .tmp,
 * synced, moved to its place in one step, and the directory synced; what it
 * replaced takes the name in .tmp and is freed later (shelf_tidy). A step that
 * fails undoes those before it. Writers take turns by flock on .lock, also
 * those of other programs.
 */

#include "analysis/base/arena.h"
#include "analysis/base/err.h"

#include <pthread.h>
#include <stdint.h>

enum { SHELF_JUNK_MAX = 64, SHELF_TEMP_NAME = 24 /* whole_file.h */ };

struct shelf {
    const char *path; /* NULL: there is none */
    pthread_mutex_t mutex;
    char junk[SHELF_JUNK_MAX][SHELF_TEMP_NAME]; /* names in .tmp, under the mutex */
    size_t junk_n;
    int64_t swept_s; /* when .tmp was last searched for what dead programs left; 0: never */
};

void shelf_init(struct shelf *shelf, const char *path);
void shelf_fini(struct shelf *shelf);

/* The directory for reading: a descriptor, -1 with err.code ERR_NONE if it is not there. */
int shelf_look(const struct shelf *shelf, struct err *err);

/*
 * A file's first `limit` bytes, in the arena, and its size and time. Only
 * regular files, no symlinks. False with err.code ERR_NOT_FOUND if there is none.
 */
struct shelf_file {
    struct str text;
    int64_t size, modified_ms;
};
NODISCARD bool shelf_read(int dir, const char *name, size_t limit, struct arena *arena,
                          struct shelf_file *out, struct err *err);

/* A turn at writing: the directory, made if need be, and its lock. */
struct shelf_turn {
    struct shelf *shelf;
    int dir, temps, lock;
};
NODISCARD bool shelf_begin(struct shelf *shelf, struct shelf_turn *turn, struct err *err);
void shelf_end(struct shelf_turn *turn);

/* A new file; one of that name is a failure. */
NODISCARD bool shelf_add(struct shelf_turn *turn, const char *name, struct str text,
                         struct err *err);
/* In place of a file that is there. */
NODISCARD bool shelf_replace(struct shelf_turn *turn, const char *name, struct str text,
                             struct err *err);
NODISCARD bool shelf_remove(struct shelf_turn *turn, const char *name, struct err *err);

void shelf_tidy(struct shelf *shelf);

#endif
