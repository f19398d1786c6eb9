#ifndef PLACE_H
#define PLACE_H
/* One file in a folder of the test's own, bid on and read. */
#include "tests/support/fed_points.h"
#include "tests/support/read_file.h"
#include "tests/support/tmpdir.h"

#include <criterion/criterion.h>

struct place {
    struct tmpdir tmp;
    struct arena arena;
    int dir;
    struct bid bid;
    const struct reader *reader;
    struct err err;
    bool ok;
};

static inline void place_init(struct place *place)
{
    *place = (struct place){0};
    tmpdir_make(&place->tmp);
    arena_init(&place->arena);
    place->dir = open(place->tmp.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static inline void place_fini(struct place *place)
{
    close(place->dir);
    arena_fini(&place->arena);
    tmpdir_remove(&place->tmp);
}

static inline void place_put(struct place *place, const char *name, struct str bytes)
{
    tmpdir_file(&place->tmp, name, "");
    FILE *file = fopen(tmpdir_path(&place->tmp, name), "we");

    cr_assert(file && fwrite(bytes.p, 1, bytes.n, file) == bytes.n);
    fclose(file);
}

/* The bytes as a file of that name, through the reader that wants it; NULL if none does. */
static inline const struct fed *place_read(struct place *place, const char *name, struct str bytes)
{
    place_put(place, name, bytes);
    place->reader = reader_of_file(place->dir, name, &place->arena, &place->bid);
    if (!place->reader)
        return NULL;
    return read_file(place->reader, place->dir, name, NULL, &place->arena, &place->ok, &place->err);
}

static inline struct str place_slurp(struct arena *arena, const char *path)
{
    const char *root = getenv("POSTRUN_SOURCE");
    char *text = arena_alloc(arena, 1 << 20);
    FILE *file = fopen(root ? arena_printf(arena, "%s/%s", root, path) : path, "re");

    cr_assert(file, "%s", path);
    size_t n = fread(text, 1, 1 << 20, file);
    fclose(file);
    return (struct str){text, n};
}

#endif
