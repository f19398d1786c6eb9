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

/* ---- what other programs write ---- */

/* Bytes of the files right in a folder. */
static int64_t bytes_in(int dir, const char *name)
{
    int fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR *list = fd < 0 ? NULL : fdopendir(fd);
    const struct dirent *entry;
    int64_t sum = 0;

    while (list && (entry = readdir(list))) {
        struct stat about;
        if (fstatat(fd, entry->d_name, &about, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(about.st_mode))
            sum += about.st_size;
    }
    if (list)
        closedir(list);
    else if (fd >= 0)
        close(fd);
    return sum;
}

static bool is_weights(struct str name)
{
    return str_ends(name, STR(".ckpt")) || str_ends(name, STR(".pt")) ||
           str_ends(name, STR(".pth")) || str_ends(name, STR(".safetensors"));
}

/* "checkpoint-500" and "epoch=3-step=500.ckpt": a number that counts steps or epochs. */
static int64_t number_in(struct str name)
{
    static const char *const marks[] = {"checkpoint-", "checkpoint_", "step=", "step_",
                                        "step-",       "epoch=",      "epoch_"};
    int64_t number = NOT_GIVEN;

    for (size_t i = 0; number == NOT_GIVEN && i < sizeof(marks) / sizeof(marks[0]); i++)
        number = number_behind(name, str_of(marks[i]));
    return number;
}

static bool look_at_other(int dir, const char *name, struct checkpoint *one)
{
    struct str text = str_of(name);
    struct stat about;

    if (is_weights(text))
        return measure(dir, name, one);
    if (!str_starts(text, STR("checkpoint-")) && !str_starts(text, STR("checkpoint_")))
        return false;
    if (fstatat(dir, name, &about, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISDIR(about.st_mode))
        return false;
    one->modified_ms = file_modified_ms(&about);
    one->size_bytes = bytes_in(dir, name);
    return true;
}

struct found {
    struct arena *arena;
    VEC(struct checkpoint) v;
};

/* folder: below the run, "." for its own. */
static void look_in(const struct experiment *e, const char *folder, struct found *found)
{
    int fd = file_open(e->dir, folder, O_RDONLY | O_DIRECTORY);
    DIR *list = fd < 0 ? NULL : fdopendir(fd);
    const struct dirent *entry;

    while (list && found->v.n < WALK_ENTRIES_MAX && (entry = readdir(list))) {
        struct checkpoint one = {.phase = "unknown"};
        const char *name = entry->d_name;
        if (name[0] == '.' || !look_at_other(fd, name, &one))
            continue;
        one.epoch = number_in(str_of(name));
        one.filename = strcmp(folder, ".") == 0 ? arena_text(found->arena, str_of(name))
                                                : arena_printf(found->arena, "%s/%s", folder, name);
        one.path = arena_printf(found->arena, "%s/%s", e->path, one.filename);
        VEC_PUSH(found->arena, &found->v, one);
    }
    if (list)
        closedir(list);
    else if (fd >= 0)
        close(fd);
}

static void other_checkpoints(const struct experiment *e, struct arena *arena,
                              const struct checkpoint **out, size_t *n)
{
    static const char *const folders[] = {".", "checkpoints", "ckpt", "weights"};
    struct found found = {.arena = arena};

    for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
        look_in(e, folders[i], &found);
    if (found.v.n)
        qsort(found.v.v, found.v.n, sizeof(*found.v.v), by_time);
    *out = found.v.v;
    *n = found.v.n;
}

void experiment_checkpoints(const struct experiment *experiment, struct arena *arena,
                            const struct checkpoint **out, size_t *n)
{
    if (experiment->sources_n > 0) {
        other_checkpoints(experiment, arena, out, n);
        return;
    }

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
