#ifndef TESTS_INDEX_H
#define TESTS_INDEX_H
/* An index of files that a test writes. */

#include "analysis/trajectories/filter.h"
#include "analysis/trajectories/library.h"
#include "tests/support/tmpdir.h"

#include <criterion/criterion.h>

struct index {
    struct tmpdir dir;
    struct arena arena;
    struct library *library;
    const struct trajectories *t;
    struct coverage coverage;
};

static inline void index_open(struct index *index)
{
    const char *roots[] = {index->dir.path};

    arena_init(&index->arena);
    tmpdir_make(&index->dir);
    index->library = library_new(&(struct strs){roots, 1});
}

static inline void index_look(struct index *index)
{
    struct err err;

    coverage_init(&index->coverage, &index->arena);
    cr_assert(library_look(index->library, NULL, &index->arena, &index->t, &index->coverage, &err),
              "%s", err.msg);
    trajectories_cover(index->t, &index->coverage);
}

/* The only file there is. */
static inline void index_of(struct index *index, const char *name, const char *text)
{
    index_open(index);
    tmpdir_file(&index->dir, name, text);
    index_look(index);
}

static inline void index_close(struct index *index)
{
    arena_fini(&index->arena);
    library_free(index->library);
    tmpdir_remove(&index->dir);
}

static inline struct str index_word(const struct index *index, uint32_t word)
{
    return dict_text(&index->t->words, word);
}

#endif
