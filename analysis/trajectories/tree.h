#ifndef TRAJECTORY_TREE_H
#define TRAJECTORY_TREE_H
/*
 * The files below the roots that a reader takes, as one walk found them, and
 * whether that still holds: folders whose time is the same are not listed again.
 * Times younger than two seconds are not trusted.
 */

#include "analysis/base/shape.h"
#include "analysis/base/vec.h"
#include "analysis/trajectories/store.h"

struct tree_stamp {
    dev_t dev;
    ino_t ino;
    int64_t size, changed_ns;
    bool young;
};

struct tree_root {
    const char *given;
    const char *real; /* NULL: not there */
    int dir;          /* -1: not there, or it lies in another root */
    struct tree_stamp stamp;
};

struct tree_folder {
    size_t root;
    const char *path; /* below the root; "." is the root */
    struct tree_stamp stamp;
};

struct tree_file {
    size_t root;
    const char *path;
    struct tree_stamp stamp;
    const struct trajectory_reader *reader; /* NULL: none bids */
    const char *why;
};

struct tree {
    struct arena arena;
    struct tree_root *roots;
    size_t roots_n, entries;
    VEC(struct tree_folder) folders;
    VEC(struct tree_file) files; /* with a name that fits; in the order of the tree */
    struct dict names;           /* of the files, to find them again */
    size_t deep, unreadable;
    bool cut;
};

/* Walks; what `old` (may be NULL) knew of files that are the same is not found out again. */
struct tree *tree_new(const struct strs *roots, const struct tree *old);
void tree_free(struct tree *tree);

bool tree_holds(const struct tree *tree);

#endif
