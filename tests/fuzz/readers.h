#ifndef FUZZ_READERS_H
#define FUZZ_READERS_H
/* Bytes as a file of some name, through the reader that bids most. */

#include "tests/support/read_file.h"

#include <stdlib.h>

static inline int fuzz_folder(void)
{
    static char path[] = "/tmp/postrun-fuzz-XXXXXX";
    static int dir = -1;

    if (dir < 0 && (!mkdtemp(path) || (dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0))
        abort();
    return dir;
}

static inline void fuzz_runs(const struct reader *reader, const char *name, struct arena *arena)
{
    struct source source = {.dir = fuzz_folder(), .path = name};
    struct strs runs = {0};
    struct err err;
    bool ok = true;

    if (reader->unit != UNIT_MANY) {
        (void)read_file(reader, source.dir, name, NULL, arena, &ok, &err);
        return;
    }
    if (!reader->runs(&source, arena, &runs, &err))
        return;
    for (size_t i = 0; i < runs.n && i < 3; i++)
        (void)read_file(reader, source.dir, name, runs.v[i], arena, &ok, &err);
}

static inline void read_as(const char *name, const uint8_t *data, size_t size)
{
    int fd = openat(fuzz_folder(), name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    struct arena arena;
    struct bid bid;

    if (fd < 0 || write(fd, data, size) != (ssize_t)size)
        abort();
    close(fd);
    arena_init(&arena);
    const struct reader *reader = reader_of_file(fuzz_folder(), name, &arena, &bid);
    if (reader)
        fuzz_runs(reader, name, &arena);
    arena_fini(&arena);
}

#endif
