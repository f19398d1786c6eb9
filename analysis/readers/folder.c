#include "analysis/readers/folder.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "analysis/base/vec.h"
#include "analysis/files.h"

enum { FOLDERS_DEEP = 8 };

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

struct strs folder_names(int dir, const char *path, size_t most, struct arena *arena)
{
    int fd = file_open(dir, path, O_RDONLY | O_DIRECTORY);
    DIR *all = fd < 0 ? NULL : fdopendir(fd);
    const struct dirent *entry;
    VEC(const char *) names = {0};

    if (fd >= 0 && !all)
        close(fd);
    while (all && names.n < most && (entry = readdir(all))) {
        if (entry->d_name[0] != '.')
            VEC_PUSH(arena, &names, arena_text(arena, str_of(entry->d_name)));
    }
    if (all)
        closedir(all);
    if (names.n > 0)
        qsort(names.v, names.n, sizeof(*names.v), by_name);
    return (struct strs){names.v, names.n};
}

struct visit {
    int dir;
    size_t *left;
    struct arena *arena;
    folder_take *take;
    void *data;
};

static bool visit(const struct visit *v, const char *path, const char *prefix, int depth)
{
    struct strs names = folder_names(v->dir, path, *v->left, v->arena);

    for (size_t i = 0; i<names.n && * v->left> 0; i++) {
        const char *below = arena_printf(v->arena, "%s/%s", path, names.v[i]);
        const char *name = arena_printf(v->arena, "%s%s", prefix, names.v[i]);
        bool ok = true;
        --*v->left;
        if (file_is_there(v->dir, below))
            ok = v->take(v->data, below, str_of(name));
        else if (depth < FOLDERS_DEEP)
            ok = visit(v, below, arena_printf(v->arena, "%s/", name), depth + 1);
        if (!ok)
            return false;
    }
    return true;
}

bool folder_each(int dir, const char *path, size_t *left, struct arena *arena, folder_take *take,
                 void *data)
{
    struct visit v = {dir, left, arena, take, data};

    return visit(&v, path, "", 0);
}
