#include "tests/support/pieces.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

void pieces_init(struct pieces *pieces)
{
    snprintf(pieces->path, sizeof(pieces->path), "/tmp/pieces-XXXXXX");
    cr_assert(mkdtemp(pieces->path));
    pieces->dir = open(pieces->path, O_RDONLY | O_DIRECTORY);
    cr_assert(pieces->dir >= 0);
}

void pieces_fini(struct pieces *pieces)
{
    unlinkat(pieces->dir, "log", 0);
    close(pieces->dir);
    rmdir(pieces->path);
}

static void put(struct pieces *pieces, const char *name, int flags, struct str text)
{
    int fd = openat(pieces->dir, name, O_WRONLY | O_CREAT | flags, 0600);

    cr_assert(fd >= 0);
    for (size_t at = 0; at < text.n;) {
        ssize_t n = write(fd, text.p + at, text.n - at);
        cr_assert(n > 0);
        at += (size_t)n;
    }
    close(fd);
}

void pieces_write(struct pieces *pieces, struct str text)
{
    put(pieces, "log", O_TRUNC, text);
}

void pieces_append(struct pieces *pieces, struct str text)
{
    put(pieces, "log", O_APPEND, text);
}

void pieces_replace(struct pieces *pieces, struct str text)
{
    put(pieces, "new", O_TRUNC, text);
    cr_assert(renameat(pieces->dir, "new", pieces->dir, "log") == 0);
}

void pieces_cut(struct pieces *pieces, size_t size)
{
    int fd = openat(pieces->dir, "log", O_WRONLY);

    cr_assert(fd >= 0 && ftruncate(fd, (off_t)size) == 0);
    close(fd);
}
