#include "analysis/roots.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "analysis/base/limits.h"

void root_close(struct root *root)
{
    walk_free(root->walk);
    root->walk = NULL;
    if (root->dir >= 0)
        close(root->dir);
    root->dir = -1;
    free(root->real);
    root->real = NULL;
}

static const char *absolute(struct arena *arena, const char *given)
{
    char *here = given[0] == '/' ? NULL : getcwd(NULL, 0);
    const char *path = given;

    if (here) {
        while (given[0] == '.' && given[1] == '/')
            given += 2;
        bool dot = strcmp(given, ".") == 0 || *given == '\0';
        path = arena_printf(arena, "%s%s%s", here, dot ? "" : "/", dot ? "" : given);
    }
    free(here);
    return path;
}

static bool lies_below(const char *path, const char *root)
{
    size_t n = strlen(root);

    return strncmp(path, root, n) == 0 && (path[n] == '/' || path[n] == '\0' || n == 1);
}

/* Opens what the root is now; true if that is another directory than before. */
static bool refresh_root(struct root *root)
{
    struct stat about = {0};
    char *real = realpath(root->given, NULL);
    int dir = real ? open(real, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;

    if (dir < 0 || fstat(dir, &about) != 0) {
        root->fault = errno == ENOENT    ? "there is no such directory"
                      : errno == ENOTDIR ? "it is a file, not a directory"
                      : errno == EACCES  ? "it may not be read"
                                         : "it cannot be opened";
        bool was = root->dir >= 0;
        root_close(root);
        root->real = real;
        return was;
    }
    root->fault = NULL;
    if (root->dir >= 0 && root->dev == about.st_dev && root->ino == about.st_ino &&
        strcmp(root->real, real) == 0) {
        close(dir);
        free(real);
        return false;
    }
    root_close(root);
    root->dir = dir;
    root->real = real;
    root->dev = about.st_dev;
    root->ino = about.st_ino;
    return true;
}

static bool is_nested(const struct root *roots, size_t n, size_t r)
{
    for (size_t i = 0; i < n; i++) {
        const struct root *other = &roots[i];
        if (i == r || other->dir < 0 || !lies_below(roots[r].real, other->real))
            continue;
        if (i < r || strcmp(other->real, roots[r].real) != 0)
            return true;
    }
    return false;
}

bool roots_look(struct root *roots, size_t n)
{
    bool changed = false;

    for (size_t r = 0; r < n; r++)
        changed |= refresh_root(&roots[r]);
    for (size_t r = 0; r < n; r++) {
        struct root *root = &roots[r];
        if (root->dir < 0 || is_nested(roots, n, r)) {
            walk_free(root->walk);
            root->walk = NULL;
            continue;
        }
        if (!root->walk)
            root->walk = walk_new(root->dir, root->real);
        changed |= walk_look(root->walk);
    }
    return changed;
}

const char *root_shown(const struct root *root, struct arena *arena)
{
    return root->real ? arena_text(arena, str_of(root->real)) : absolute(arena, root->given);
}

void roots_cover(const struct root *roots, size_t n, struct coverage *coverage)
{
    for (size_t r = 0; r < n; r++) {
        const struct root *root = &roots[r];
        const char *where = root_shown(root, coverage->arena);
        if (!root->walk) {
            if (root->fault) /* else it lies in another root */
                coverage_note(coverage, "no experiments from %s: %s", where, root->fault);
            continue;
        }
        struct walk_gaps gaps = walk_gaps(root->walk);
        if (gaps.deep)
            coverage_note(coverage,
                          "%s: folders deeper than %d levels were not entered (%zu, first '%s')",
                          where, WALK_DEPTH_MAX, gaps.deep,
                          walk_shown(coverage->arena, str_of(gaps.first_deep)));
        if (gaps.unreadable)
            coverage_note(coverage, "%s: %zu folders may not be read, first '%s'", where,
                          gaps.unreadable,
                          walk_shown(coverage->arena, str_of(gaps.first_unreadable)));
        if (gaps.cut)
            coverage_note(coverage, "%s: only the first %d entries were looked at", where,
                          WALK_ENTRIES_MAX);
    }
}
