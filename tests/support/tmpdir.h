#ifndef TMPDIR_H
#define TMPDIR_H
/* A directory of the test's own, with what it puts there; tmpdir_remove takes all away. */

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

struct tmpdir {
    char path[64];
};

static inline void tmpdir_make(struct tmpdir *t)
{
    snprintf(t->path, sizeof(t->path), "/tmp/postrun-test-XXXXXX");
    if (!mkdtemp(t->path))
        abort();
}

static inline int tmpdir_drop(const char *path, const struct stat *about, int flag, struct FTW *ftw)
{
    (void)about;
    (void)flag;
    (void)ftw;
    return remove(path);
}

static inline void tmpdir_remove(struct tmpdir *t)
{
    (void)nftw(t->path, tmpdir_drop, 16, FTW_DEPTH | FTW_PHYS);
}

/* The absolute path of a name below it; good until the eighth next call. */
static inline const char *tmpdir_path(const struct tmpdir *t, const char *name)
{
    static char paths[8][4096];
    static unsigned next;
    char *path = paths[next++ % 8];

    snprintf(path, sizeof(paths[0]), "%s%s%s", t->path, *name ? "/" : "", name);
    return path;
}

/* The folder and those above it. */
static inline void tmpdir_folder(const struct tmpdir *t, const char *name)
{
    char path[4096];

    snprintf(path, sizeof(path), "%s/%s", t->path, name);
    for (char *p = path + strlen(t->path) + 1;; p++) {
        char was = *p;
        if (was != '/' && was != '\0')
            continue;
        *p = '\0';
        if (mkdir(path, 0755) != 0 && errno != EEXIST)
            abort();
        *p = was;
        if (was == '\0')
            return;
    }
}

/* A file with this text, and the folders it lies in. */
static inline void tmpdir_file(const struct tmpdir *t, const char *name, const char *text)
{
    char folder[4096];
    const char *slash = strrchr(name, '/');

    if (slash) {
        snprintf(folder, sizeof(folder), "%.*s", (int)(slash - name), name);
        tmpdir_folder(t, folder);
    }
    FILE *file = fopen(tmpdir_path(t, name), "w");
    if (!file || fputs(text, file) < 0 || fclose(file) != 0)
        abort();
}

static inline void tmpdir_link(const struct tmpdir *t, const char *target, const char *name)
{
    if (symlink(target, tmpdir_path(t, name)) != 0)
        abort();
}

/* Sets the times of a file or folder: seconds since 1970. */
static inline void tmpdir_age(const struct tmpdir *t, const char *name, long seconds)
{
    const struct timespec times[2] = {{.tv_sec = seconds}, {.tv_sec = seconds}};

    if (utimensat(AT_FDCWD, tmpdir_path(t, name), times, AT_SYMLINK_NOFOLLOW) != 0)
        abort();
}

#endif
