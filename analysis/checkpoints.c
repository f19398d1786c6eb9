/* The checkpoint patterns of the trainer's manifest; the first that matches gives the phase. */
#include "analysis/experiment.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "analysis/base/limits.h"
#include "analysis/base/vec.h"
#include "analysis/files.h"

enum { EPOCH_DIGITS = 15 };

/* "*" of the pattern stands for whatever is between head and tail. */
static bool matches(struct str name, struct str head, struct str tail)
{
    return name.n >= head.n + tail.n && str_starts(name, head) && str_ends(name, tail);
}

/* The digits behind `mark`, wherever it stands first. */
static int64_t number_behind(struct str name, struct str mark)
{
    const char *at = memmem(name.p, name.n, mark.p, mark.n);
    struct str rest = str_from(name, at ? (size_t)(at - name.p) + mark.n : name.n);
    int64_t value = 0;
    size_t digits = 0;

    for (; digits < rest.n && rest.p[digits] >= '0' && rest.p[digits] <= '9'; digits++) {
        if (digits == EPOCH_DIGITS)
            return NOT_GIVEN;
        value = value * 10 + (rest.p[digits] - '0');
    }
    return digits ? value : NOT_GIVEN;
}

const char *checkpoint_phase(struct str name, int64_t *epoch)
{
    const struct str tail = STR(".pth");

    *epoch = NOT_GIVEN;
    if (matches(name, STR("checkpoint_foundational_epoch_"), tail)) {
        *epoch = number_behind(name, STR("epoch_"));
        return "foundational";
    }
    if (matches(name, STR("rl_checkpoint_iter_"), tail)) {
        *epoch = number_behind(name, STR("iter_"));
        return "rl";
    }
    if (str_is(name, "rl_checkpoint_final.pth"))
        return "rl";
    if (str_ends(name, tail) && !str_starts(name, STR("rl_")) &&
        str_has(str_cut(name, name.n - tail.n), STR("_v")))
        return "final";
    return "unknown";
}

static int by_time(const void *a, const void *b)
{
    const struct checkpoint *x = a, *y = b;

    if (x->modified_ms != y->modified_ms)
        return x->modified_ms < y->modified_ms ? -1 : 1;
    return strcmp(x->filename, y->filename);
}

/* False if it is no file. A link that leads out counts as there, its size stays unknown. */
static bool measure(int dir, const char *name, struct checkpoint *out)
{
    struct stat about;

    if (fstatat(dir, name, &about, AT_SYMLINK_NOFOLLOW) != 0)
        return false;
    out->size_bytes = about.st_size;
    out->modified_ms = file_modified_ms(&about);
    if (!S_ISLNK(about.st_mode))
        return S_ISREG(about.st_mode);
    out->size_bytes = NOT_GIVEN;
    int fd = file_open(dir, name, O_PATH);
    if (fd < 0)
        return true;
    bool regular = fstat(fd, &about) == 0 && S_ISREG(about.st_mode);
    close(fd);
    out->size_bytes = about.st_size;
    out->modified_ms = file_modified_ms(&about);
    return regular;
}

void experiment_checkpoints(const struct experiment *experiment, struct arena *arena,
                            const struct checkpoint **out, size_t *n)
{
    VEC(struct checkpoint) found = {0};
    int fd = file_open(experiment->dir, ".", O_RDONLY | O_DIRECTORY);
    DIR *list = fd < 0 ? NULL : fdopendir(fd);
    const struct dirent *entry;

    while (list && found.n < WALK_ENTRIES_MAX && (entry = readdir(list))) {
        struct str name = str_of(entry->d_name);
        struct checkpoint one = {0};

        if (!str_ends(name, STR(".pth")) || !measure(fd, entry->d_name, &one))
            continue;
        one.phase = checkpoint_phase(name, &one.epoch);
        one.filename = arena_text(arena, name);
        one.path = arena_printf(arena, "%s/%s", experiment->path, one.filename);
        VEC_PUSH(arena, &found, one);
    }
    if (list)
        closedir(list);
    else if (fd >= 0)
        close(fd);
    if (found.n)
        qsort(found.v, found.n, sizeof(*found.v), by_time);
    *out = found.v;
    *n = found.n;
}
