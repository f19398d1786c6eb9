#ifndef WALK_TREE_H
#define WALK_TREE_H
/*
 * The tree behind walk.h, shared by walk.c (folders), walk_links.c (symlinks)
 * and walk_units.c (which files make one experiment).
 */

#include <sys/stat.h>

#include "analysis/units.h"
#include "analysis/walk.h"

struct stamp {
    dev_t dev;
    ino_t ino;
    int64_t changed_ns;
    int64_t size;
    bool young; /* too fresh to be trusted */
};

struct folder {
    struct folder *parent;
    struct folder **child; /* by name */
    size_t n, room;
    char *name, *path;  /* heap; path: below the root, free of symlinks; NULL for an open link */
    struct stamp stamp; /* of metadata.json if by_metadata, else of the folder */
    struct created created;
    struct claims *claims; /* of the files that could be logs; NULL: there are none */
    size_t entries;
    int depth;
    bool experiment, by_metadata;
    bool link; /* found as a symlink; path is where it leads, NULL while it is not followed */
    bool deep, unreadable;
};

struct walk {
    int dir;
    char *real;
    struct folder *root;
    size_t entries;
    bool cut, changed;
};

struct folder *folder_new(struct folder *parent, const char *name, const char *path, bool link);
void folder_free(struct walk *walk, struct folder *folder);
void folder_read(struct walk *walk, struct folder *folder);
/* Looks at a folder that was read before, and below it; links are left out. */
void folder_look(struct walk *walk, struct folder *folder);

/* Forgets what the readers said of the folder's files. */
void folder_unclaim(struct folder *folder);

/* Follows the links that lead to folders no other name reaches, looks at those followed before. */
void walk_links(struct walk *walk, bool anew);

#endif
