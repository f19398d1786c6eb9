#include "analysis/trajectories/carry.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "analysis/trajectories/path.h"

/* ---- what can be carried over ---- */

static bool is_grown(const struct trajectory_file *was, const struct trajectory_file *now)
{
    struct stat about;
    struct err err;

    if (!was->mark.taken || now->size <= was->size || now->reader->begin || now->reader->finish)
        return false;
    int fd = trajectory_file_open(now, &err);
    if (fd < 0)
        return false;
    bool grown = fstat(fd, &about) == 0 && mark_holds(&was->mark, fd, &about);
    close(fd);
    return grown;
}

static int compare(const struct trajectory_file *was, const struct trajectory_file *now)
{
    if (was->dev != now->dev || was->ino != now->ino || was->reader != now->reader)
        return CARRY_NOTHING;
    if (!was->young && was->size == now->size && was->changed_ns == now->changed_ns)
        return CARRY_ALL;
    return is_grown(was, now) ? CARRY_LINES : CARRY_NOTHING;
}

static struct str name_of(const struct trajectory_file *file, struct arena *arena)
{
    return str_of(arena_printf(arena, "%s/%s", file->root, file->path));
}

struct carried *carry_plan(const struct trajectories *old, const struct trajectory_file *files,
                           size_t n)
{
    struct carried *plan = heap_alloc((n + 1) * sizeof(*plan));
    struct arena arena;
    struct dict names; /* of the old files, numbered from 1 */
    size_t rows = 0;

    arena_init(&arena);
    dict_init(&names);
    for (size_t i = 0; i < old->files_n; i++)
        (void)dict_add(&names, name_of(&old->files[i], &arena));
    for (size_t i = 0; i < n; i++) {
        uint32_t number = dict_find(&names, name_of(&files[i], &arena));
        if (number == UINT32_MAX || number == 0)
            continue;
        const struct trajectory_file *was = &old->files[number - 1];
        plan[i].file = number - 1;
        plan[i].how = compare(was, &files[i]);
        rows += plan[i].how == CARRY_ALL     ? was->tally.used
                : plan[i].how == CARRY_LINES ? was->at_mark.used
                                             : 0;
    }
    dict_fini(&names);
    arena_fini(&arena);
    /* Names that no row has any more stay, so at least half of the rows must. */
    bool lost = rows < old->n;
    if (rows * 2 < old->n || rows == 0 || (lost && old->tally.repeated.n > 0)) {
        free(plan);
        return NULL;
    }
    return plan;
}

/* ---- taking over ---- */

void carry_names(struct trajectories *t, struct trajectories *old)
{
    dict_fini(&t->ids);
    dict_fini(&t->words);
    if (atomic_load(&old->refs) == 1) { /* the library's: nobody can come by another */
        t->ids = old->ids;
        t->words = old->words;
        dict_init(&old->ids);
        dict_init(&old->words);
        return;
    }
    dict_copy(&t->ids, &old->ids);
    dict_copy(&t->words, &old->words);
}

/* The calls of rows that follow each other follow each other, too. */
static void take_calls(struct trajectories *t, const struct trajectories *old, size_t first,
                       size_t n)
{
    size_t from = old->tools[first];
    size_t to = (size_t)old->tools[first + n - 1] + old->tools_n[first + n - 1];

    if (t->tool_calls_n + (to - from) > t->tool_calls_room) {
        t->tool_calls_room = t->tool_calls_n + (to - from) + 256;
        t->tool_calls = heap_grow(t->tool_calls, t->tool_calls_room * sizeof(*t->tool_calls));
    }
    if (to > from)
        memcpy(t->tool_calls + t->tool_calls_n, old->tool_calls + from,
               (to - from) * sizeof(*t->tool_calls));
    for (size_t i = 0; i < n; i++)
        t->tools[t->n + i] = (uint32_t)(old->tools[first + i] - from + t->tool_calls_n);
    t->tool_calls_n += to - from;
}

void carry_take(struct trajectories *t, const struct trajectories *old,
                const struct carried *carried, struct trajectory_file *file)
{
    const struct trajectory_file *was = &old->files[carried->file];
    bool all = carried->how == CARRY_ALL;
    size_t n = all ? was->tally.used : was->at_mark.used;

    tally_copy(&file->tally, all ? &was->tally : &was->at_mark, file->shown, &t->arena);
    file->at_mark = file->tally;
    if (all)
        tally_copy(&file->at_mark, &was->at_mark, file->shown, &t->arena);
    file->at_mark.remarks = file->tally.remarks; /* a mark with other remarks is none */
    file->next_place = was->next_place;
    file->mark = was->mark;
    file->next_line = was->next_line;
    if (n == 0)
        return;
    trajectories_reserve(t, t->n + n);
#define X(type, column) memcpy(t->column + t->n, old->column + was->first, n * sizeof(type));
    TRAJECTORY_COLUMNS(X)
#undef X
    for (size_t i = 0; i < n; i++)
        t->file[t->n + i] = (uint32_t)(file - t->files);
    take_calls(t, old, was->first, n);
    t->n += n;
}

void carry_forget(struct trajectories *t)
{
    dict_fini(&t->ids);
    dict_fini(&t->words);
    dict_init(&t->ids);
    dict_init(&t->words);
    t->n = t->tool_calls_n = 0;
    for (size_t i = 0; i < t->files_n; i++) {
        struct trajectory_file *file = &t->files[i];
        file->tally = file->at_mark = (struct file_tally){0};
        file->mark = (struct file_mark){0};
        file->next_line = file->next_place = 0;
    }
}
