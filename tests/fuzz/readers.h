#ifndef FUZZ_READERS_H
#define FUZZ_READERS_H
/*
 * Bytes as a file of some name, through the reader that bids most. A log that may grow is also
 * looked at when only a part of it is there: what it gives in the end must be the same.
 */

#include "analysis/follow.h"
#include "tests/support/fed_told.h"
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

/* Which of n formats the input is for: its first byte says, or FUZZ_ONLY, to keep to one of them.
 */
static inline size_t fuzz_format(uint8_t first, size_t n)
{
    const char *only = getenv("FUZZ_ONLY");

    return (only ? (size_t)strtoul(only, NULL, 10) : first) % n;
}

/* The file once it has n bytes, as somebody sees it who looked at it before. */
static inline const struct fed *fuzz_look(struct follow *follow, const struct reader *reader,
                                          const char *name, size_t n)
{
    const struct walk_source source = {.path = name, .reader = reader};
    int fd = openat(fuzz_folder(), name, O_WRONLY | O_CLOEXEC);
    const struct fed *fed = NULL;
    struct err err;

    if (fd < 0 || ftruncate(fd, (off_t)n) != 0)
        abort();
    close(fd);
    if (!follow_read(follow, fuzz_folder(), &source, 0, NULL, &fed, &err))
        fed = NULL;
    follow_looked(follow);
    return fed;
}

static inline void fuzz_growth(const struct reader *reader, const char *name, const uint8_t *data,
                               size_t size, struct arena *arena)
{
    struct follow *follow = follow_new();
    struct err err;
    bool ok;

    (void)fuzz_look(follow, reader, name, size / 4 + size / 2 * data[size - 1] / 255);
    int fd = openat(fuzz_folder(), name, O_WRONLY | O_CLOEXEC);
    if (fd < 0 || pwrite(fd, data, size, 0) != (ssize_t)size)
        abort();
    close(fd);
    const struct fed *grown = fuzz_look(follow, reader, name, size);
    const struct fed *anew = read_file(reader, fuzz_folder(), name, NULL, arena, &ok, &err);
    if (ok != (grown != NULL) || (ok && !str_eq(fed_told(grown, arena), fed_told(anew, arena))))
        abort();
    follow_free(follow);
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
    if (reader && reader->live && size > 0)
        fuzz_growth(reader, name, data, size, &arena);
    arena_fini(&arena);
}

#endif
