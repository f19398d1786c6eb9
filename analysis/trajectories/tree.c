#include "analysis/trajectories/tree.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "analysis/base/limits.h"
#include "analysis/files.h"

enum { HEAD = 16 * 1024, PATH_ROOM = 8192 };

static const char *const not_entered[] = {"dashboard_metrics", "rl_metrics", "node_modules"};

/* ---- stamps ---- */

static struct tree_stamp stamp_of(const struct stat *about)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return (struct tree_stamp){about->st_dev, about->st_ino, about->st_size,
                               (int64_t)about->st_mtim.tv_sec * 1000000000 + about->st_mtim.tv_nsec,
                               now.tv_sec - about->st_mtim.tv_sec < 2};
}

static bool same(const struct tree_stamp *a, const struct tree_stamp *b)
{
    return a->dev == b->dev && a->ino == b->ino && a->size == b->size &&
           a->changed_ns == b->changed_ns;
}

static bool still(int dir, const char *path, const struct tree_stamp *stamp)
{
    struct stat about;

    if (fstatat(dir, path, &about, AT_SYMLINK_NOFOLLOW) != 0)
        return false;
    struct tree_stamp now = stamp_of(&about);
    return same(&now, stamp) && !stamp->young;
}

/* ---- roots ---- */

static bool lies_below(const char *path, const char *root)
{
    size_t n = strlen(root);

    return strncmp(path, root, n) == 0 && (path[n] == '/' || path[n] == '\0' || n == 1);
}

static void open_root(struct tree *tree, struct tree_root *root)
{
    char *real = realpath(root->given, NULL);
    struct stat about;

    root->dir = -1;
    if (!real)
        return;
    root->real = arena_text(&tree->arena, str_of(real));
    free(real);
    for (struct tree_root *other = tree->roots; other < root; other++) {
        if (other->real && lies_below(root->real, other->real))
            return;
    }
    root->dir = open(root->real, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (root->dir >= 0 && fstat(root->dir, &about) == 0)
        root->stamp = stamp_of(&about);
}

static bool root_holds(const struct tree_root *root)
{
    struct stat about;
    char *real = realpath(root->given, NULL);
    bool holds = real && root->real ? strcmp(real, root->real) == 0 : !real && !root->real;

    free(real);
    if (!holds || root->dir < 0)
        return holds;
    return root->real && stat(root->real, &about) == 0 && about.st_dev == root->stamp.dev &&
           about.st_ino == root->stamp.ino;
}

/* ---- files ---- */

static void find_reader(struct tree *tree, struct tree_file *file)
{
    char head[HEAD];
    int fd = file_open(tree->roots[file->root].dir, file->path, O_RDONLY);

    file->reader = NULL;
    if (fd < 0)
        return;
    int64_t n = file_fill(fd, head, sizeof(head), 0);
    close(fd);
    if (n <= 0)
        return;
    file->reader = trajectory_reader_of(
        &(struct candidate){.head = {head, (size_t)n}, .whole = n < HEAD, .path = file->path},
        &file->why);
}

/* What was found out of a file of that name; names are numbered as files are, from 1. */
static const struct tree_file *known(const struct tree *old, struct str name)
{
    uint32_t number = old ? dict_find(&old->names, name) : UINT32_MAX;

    return number == UINT32_MAX ? NULL : &old->files.v[number - 1];
}

/* ---- folders ---- */

struct walk_state {
    struct tree *tree;
    const struct tree *old;
};

static bool is_left_out(const char *name)
{
    if (name[0] == '.')
        return true;
    for (size_t i = 0; i < sizeof(not_entered) / sizeof(not_entered[0]); i++) {
        if (strcmp(name, not_entered[i]) == 0)
            return true;
    }
    return false;
}

static void add_file(struct walk_state *w, size_t root, const char *path, const struct stat *about)
{
    struct tree *tree = w->tree;
    struct tree_file file = {
        .root = root, .path = arena_text(&tree->arena, str_of(path)), .stamp = stamp_of(about)};
    struct str name = str_of(arena_printf(&tree->arena, "%zu:%s", root, path));
    const struct tree_file *was = known(w->old, name);

    if (was && same(&was->stamp, &file.stamp) && !was->stamp.young) {
        file.reader = was->reader;
        file.why = was->why;
    } else {
        find_reader(tree, &file);
    }
    (void)dict_add(&tree->names, name);
    VEC_PUSH(&tree->arena, &tree->files, file);
}

static void walk_folder(struct walk_state *w, size_t root, const char *path, int depth);

static void take_entry(struct walk_state *w, size_t root, const char *folder, int dir,
                       const char *name, int depth)
{
    char path[PATH_ROOM];
    struct stat about;
    bool top = strcmp(folder, ".") == 0;
    int n = snprintf(path, sizeof(path), "%s%s%s", top ? "" : folder, top ? "" : "/", name);

    if (n < 0 || (size_t)n >= sizeof(path) || is_left_out(name) ||
        fstatat(dir, name, &about, AT_SYMLINK_NOFOLLOW) != 0)
        return;
    if (S_ISREG(about.st_mode) && trajectory_name_fits(name))
        add_file(w, root, path, &about);
    else if (S_ISDIR(about.st_mode) && depth >= WALK_DEPTH_MAX)
        w->tree->deep++;
    else if (S_ISDIR(about.st_mode))
        walk_folder(w, root, path, depth + 1);
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static void walk_folder(struct walk_state *w, size_t root, const char *path, int depth)
{
    struct tree *tree = w->tree;
    struct dirent **entries = NULL;
    struct stat about;
    int dir = file_open(tree->roots[root].dir, path, O_RDONLY | O_DIRECTORY);
    int n = dir < 0 ? -1 : scandirat(dir, ".", &entries, NULL, by_name);

    tree->unreadable += n < 0;
    if (dir >= 0 && fstat(dir, &about) == 0)
        VEC_PUSH(
            &tree->arena, &tree->folders,
            (struct tree_folder){root, arena_text(&tree->arena, str_of(path)), stamp_of(&about)});
    for (int i = 0; i < n; i++) {
        tree->cut |= tree->entries >= WALK_ENTRIES_MAX;
        if (!tree->cut) {
            tree->entries++;
            take_entry(w, root, path, dir, entries[i]->d_name, depth);
        }
        free(entries[i]);
    }
    free(entries);
    if (dir >= 0)
        close(dir);
}

/* ---- the tree ---- */

struct tree *tree_new(const struct strs *roots, const struct tree *old)
{
    struct tree *tree = heap_alloc(sizeof(*tree));
    struct walk_state walk = {tree, old};

    arena_init(&tree->arena);
    dict_init(&tree->names);
    tree->roots_n = roots->n;
    tree->roots = ARENA_ARRAY(&tree->arena, roots->n + 1, struct tree_root);
    for (size_t r = 0; r < roots->n; r++) {
        tree->roots[r].given = roots->v[r];
        open_root(tree, &tree->roots[r]);
        if (tree->roots[r].dir >= 0)
            walk_folder(&walk, r, ".", 0);
    }
    return tree;
}

void tree_free(struct tree *tree)
{
    if (!tree)
        return;
    for (size_t r = 0; r < tree->roots_n; r++) {
        if (tree->roots[r].dir >= 0)
            close(tree->roots[r].dir);
    }
    dict_fini(&tree->names);
    arena_fini(&tree->arena);
    free(tree);
}

bool tree_holds(const struct tree *tree)
{
    for (size_t r = 0; r < tree->roots_n; r++) {
        if (!root_holds(&tree->roots[r]))
            return false;
    }
    for (size_t i = 0; i < tree->folders.n; i++) {
        const struct tree_folder *f = &tree->folders.v[i];
        struct stat about;
        if (fstatat(tree->roots[f->root].dir, f->path, &about, 0) != 0)
            return false;
        struct tree_stamp now = stamp_of(&about);
        if (!same(&now, &f->stamp) || f->stamp.young)
            return false;
    }
    for (size_t i = 0; i < tree->files.n; i++) {
        const struct tree_file *f = &tree->files.v[i];
        /* What is no trajectory stays none, unless there was hardly anything of it. */
        bool matters = f->reader || f->stamp.young || f->stamp.size == 0;
        if (matters && !still(tree->roots[f->root].dir, f->path, &f->stamp))
            return false;
    }
    return true;
}
