#ifndef READ_FILE_H
#define READ_FILE_H
/* A file through the reader that wants it, as the product does it. */

#include "analysis/readers/fed.h"
#include "analysis/readers/reader.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The reader of dir/path; NULL if no reader wants it, *bid has the reason. */
static inline const struct reader *reader_of_file(int dir, const char *path, struct arena *arena,
                                                  struct bid *bid)
{
    const char *slash = strrchr(path, '/');
    char *head = arena_alloc(arena, PROBE_BYTES + 1);
    struct stat about = {0};
    int fd = openat(dir, path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 || fstat(fd, &about) != 0 ? 0 : read(fd, head, PROBE_BYTES);

    int folder = slash ? openat(dir, arena_printf(arena, "%.*s", (int)(slash - path), path),
                                O_RDONLY | O_DIRECTORY | O_CLOEXEC)
                       : dup(dir);
    struct probe probe = {.dir = folder,
                          .path = path,
                          .name = slash ? slash + 1 : path,
                          .head = {head, n < 0 ? 0 : (size_t)n},
                          .size = about.st_size};
    const struct reader *reader = reader_for(&probe, arena, bid);
    if (fd >= 0)
        close(fd);
    close(folder);
    return reader;
}

/* What the reader feeds; `ok` and err are its answer. The feed ends with the arena. */
static inline void feed_release(void *feed)
{
    feed_free(feed);
}

static inline const struct fed *read_file(const struct reader *reader, int dir, const char *path,
                                          const char *run, struct arena *arena, bool *ok,
                                          struct err *err)
{
    struct feed *feed = feed_new();
    struct source source = {.dir = dir, .path = path, .run = run};

    arena_own(arena, feed, feed_release);
    *ok = reader_read(reader, &source, feed, err);
    return feed_end(feed);
}

#endif
