#ifndef FILES_H
#define FILES_H
/*
 * Files below a directory, and nothing beside it: a path that leads out,
 * through "..", an absolute link or a symlink, does not open. Links that stay
 * below the directory are followed.
 */

#include "analysis/base/arena.h"
#include "analysis/base/err.h"

#include <stdint.h>
#include <sys/stat.h>

/* A descriptor (O_CLOEXEC, never blocking on a fifo), or -1 with errno. */
NODISCARD int file_open(int dir, const char *path, int flags);

/* A regular file is there and lies below dir. */
bool file_is_there(int dir, const char *path);

/*
 * A whole regular file, with a NUL behind it. *found says whether it is there;
 * a missing one is true with *found false. Larger than max: ERR_TOO_LARGE.
 * about may be NULL.
 */
NODISCARD bool file_read(int dir, const char *path, size_t max, struct arena *arena,
                         struct str *text, struct stat *about, bool *found, struct err *err);

/* Reads until n bytes are there or the file ends; the count, or -1. */
int64_t file_fill(int fd, char *into, size_t n, int64_t at);

static inline int64_t file_modified_ms(const struct stat *about)
{
    return (int64_t)about->st_mtim.tv_sec * 1000 + about->st_mtim.tv_nsec / 1000000;
}

/* An arena closes a descriptor when it ends. */
void file_own(struct arena *arena, int fd);

#endif
