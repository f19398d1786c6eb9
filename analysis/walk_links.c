#include "analysis/walk_tree.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "analysis/base/arena.h"
#include "analysis/base/vec.h"

struct reached {
    dev_t dev;
    ino_t ino;
};

struct open_link {
    struct folder *folder;
};

struct links {
    struct arena arena;
    VEC(struct reached) reached; /* folders that have a name of their own */
    VEC(struct open_link) open;  /* in the order of the tree */
};

static void collect(struct walk *walk, struct folder *f, struct links *links)
{
    if (f->link)
        VEC_PUSH(&links->arena, &links->open, (struct open_link){f});
    for (size_t i = 0; i < f->n; i++)
        collect(walk, f->child[i], links);
}

static void mark_reached(struct walk *walk, const struct folder *f, struct links *links)
{
    struct stat about;

    if (f->path && fstatat(walk->dir, f->path, &about, 0) == 0)
        VEC_PUSH(&links->arena, &links->reached, (struct reached){about.st_dev, about.st_ino});
    for (size_t i = 0; i < f->n; i++)
        mark_reached(walk, f->child[i], links);
}

static bool is_reached(const struct links *links, const struct stat *about)
{
    for (size_t i = 0; i < links->reached.n; i++) {
        if (links->reached.v[i].ino == about->st_ino && links->reached.v[i].dev == about->st_dev)
            return true;
    }
    return false;
}

/* Where a link leads, below the root and free of symlinks; false if it leads nowhere we go. */
static bool resolve(const struct walk *walk, const struct folder *f, char *path, size_t room)
{
    char named[PATH_MAX], real[PATH_MAX];
    size_t n = strlen(walk->real);

    int length = snprintf(named, sizeof(named), "%s/%s/%s", walk->real, f->parent->path, f->name);
    if (length < 0 || (size_t)length >= sizeof(named) || !realpath(named, real))
        return false;
    if (n == 1) /* the root is "/" */
        n = 0;
    if (strncmp(real, walk->real, n) != 0 || real[n] != '/' || real[n + 1] == '\0')
        return false;
    length = snprintf(path, room, "%s", real + n + 1);
    return length > 0 && (size_t)length < room;
}

static void follow(struct walk *walk, struct folder *f, struct links *links)
{
    char path[PATH_MAX];
    struct stat about;

    if (!resolve(walk, f, path, sizeof(path)) || fstatat(walk->dir, path, &about, 0) != 0 ||
        !S_ISDIR(about.st_mode) || is_reached(links, &about))
        return;
    size_t n = strlen(path) + 1;
    f->path = memcpy(heap_alloc(n), path, n);
    folder_read(walk, f);
    mark_reached(walk, f, links);
    for (size_t i = 0; i < f->n; i++)
        collect(walk, f->child[i], links); /* appended: their turn comes */
}

/* A link keeps nothing from the look before: what it leads to may have got a name meanwhile. */
static void cut_off(struct walk *walk, struct folder *f)
{
    for (size_t i = 0; i < f->n; i++)
        folder_free(walk, f->child[i]);
    folder_unclaim(f);
    free(f->child);
    free(f->path);
    walk->entries -= f->entries;
    f->child = NULL;
    f->path = NULL;
    f->n = f->room = f->entries = 0;
    f->experiment = f->deep = f->unreadable = false;
}

static void cut_off_all(struct walk *walk, struct folder *f)
{
    if (f->link) {
        cut_off(walk, f);
        return;
    }
    for (size_t i = 0; i < f->n; i++)
        cut_off_all(walk, f->child[i]);
}

static void look_again(struct walk *walk, struct folder *f)
{
    if (f->link && f->path)
        folder_look(walk, f);
    for (size_t i = 0; i < f->n; i++)
        look_again(walk, f->child[i]);
}

void walk_links(struct walk *walk, bool anew)
{
    struct links links = {0};

    if (!anew) {
        look_again(walk, walk->root);
        if (!walk->changed)
            return;
    }
    arena_init(&links.arena);
    cut_off_all(walk, walk->root);
    collect(walk, walk->root, &links);
    if (links.open.n > 0)
        mark_reached(walk, walk->root, &links);
    for (size_t i = 0; i < links.open.n; i++)
        follow(walk, links.open.v[i].folder, &links);
    arena_fini(&links.arena);
}
