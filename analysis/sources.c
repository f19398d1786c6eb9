#include "analysis/sources.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "analysis/base/limits.h"
#include "analysis/files.h"
#include "analysis/follow.h"
#include "analysis/mark.h"
#include "analysis/readers/reader.h"
#include "analysis/readers/weave.h"

enum { BESIDE_MAX = 10000, BESIDE_DEPTH = 4 };

/* ---- looking ---- */

struct looking {
    struct sources_state state;
    size_t left; /* of BESIDE_MAX */
};

static void mix(uint64_t *print, uint64_t word)
{
    *print = (*print ^ word) * UINT64_C(0x9e3779b97f4a7c15);
    *print ^= *print >> 29;
}

static void see(struct looking *l, const struct stat *about)
{
    struct sources_state *state = &l->state;
    int64_t ms = file_modified_ms(about);

    mix(&state->print, (uint64_t)about->st_dev);
    mix(&state->print, (uint64_t)about->st_ino);
    mix(&state->print, (uint64_t)about->st_size);
    mix(&state->print, (uint64_t)about->st_mtim.tv_sec);
    mix(&state->print, (uint64_t)about->st_mtim.tv_nsec);
    state->young |= mark_is_young(about);
    if (!S_ISREG(about->st_mode))
        return;
    state->bytes += about->st_size;
    if (state->newest_ms == NOT_GIVEN || ms > state->newest_ms)
        state->newest_ms = ms;
}

static void see_path(struct looking *l, int dir, const char *path)
{
    struct stat about;

    if (fstatat(dir, path, &about, 0) == 0)
        see(l, &about);
    else
        mix(&l->state.print, 0); /* not there */
}

/* The files of a folder that is read along with a source, and of those in it. */
static void see_folder(struct looking *l, int dir, const char *path, int depth)
{
    int fd = file_open(dir, path, O_RDONLY | O_DIRECTORY);
    DIR *list = fd < 0 ? NULL : fdopendir(fd);
    const struct dirent *entry;

    if (!list) {
        if (fd >= 0)
            close(fd);
        return;
    }
    while (l->left > 0 && (entry = readdir(list))) {
        struct stat about;
        if (entry->d_name[0] == '.' || fstatat(fd, entry->d_name, &about, AT_SYMLINK_NOFOLLOW) != 0)
            continue;
        l->left--;
        see(l, &about);
        if (S_ISDIR(about.st_mode) && depth < BESIDE_DEPTH)
            see_folder(l, fd, entry->d_name, depth + 1);
    }
    closedir(list);
}

static void see_beside(struct looking *l, int dir, const struct walk_source *source)
{
    const char *slash = strrchr(source->path, '/');
    char path[8192];

    for (const char *const *b = source->reader->beside; b && *b; b++) {
        int n = snprintf(path, sizeof(path), "%.*s%s", slash ? (int)(slash + 1 - source->path) : 0,
                         source->path, *b);
        struct stat about;
        if (n <= 0 || (size_t)n >= sizeof(path) || fstatat(dir, path, &about, 0) != 0)
            continue;
        if (S_ISDIR(about.st_mode))
            see_folder(l, dir, path, 0);
        else
            see(l, &about);
    }
}

/* What SQLite has written and not yet put into its file stands next to it. */
static void see_log_of_store(struct looking *l, int dir, const char *path)
{
    char wal[8192];
    struct str name = str_of(path);
    int n = snprintf(wal, sizeof(wal), "%s-wal", path);

    if ((str_ends(name, STR(".db")) || str_has(name, STR(".sqlite"))) && n > 0 &&
        (size_t)n < sizeof(wal))
        see_path(l, dir, wal);
}

struct sources_state sources_look(int dir, const struct walk_source *sources, size_t n)
{
    struct looking l = {.state = {.newest_ms = NOT_GIVEN}, .left = BESIDE_MAX};

    for (size_t i = 0; i < n; i++) {
        see_path(&l, dir, sources[i].path);
        see_log_of_store(&l, dir, sources[i].path);
        see_beside(&l, dir, &sources[i]);
    }
    return l.state;
}

/* ---- which ---- */

/* The number of the checkpoint whose folder a file lies in; -1: it is of no checkpoint. */
static int64_t checkpoint_of(const char *path)
{
    const char *at = strstr(path, "checkpoint-");
    int64_t number = 0;

    if (!at)
        at = strstr(path, "checkpoint_");
    if (!at || (at > path && at[-1] != '/') || !strchr(at, '/'))
        return -1;
    at += sizeof("checkpoint-") - 1;
    if (!isdigit((unsigned char)*at))
        return -1;
    for (int digits = 0; isdigit((unsigned char)*at) && digits < 15; at++, digits++)
        number = number * 10 + (*at - '0');
    return number;
}

struct choice {
    const struct walk_source *source;
    int64_t checkpoint;
    size_t at;
};

/* The run's own files first, in their order; then checkpoints, the latest first. */
static int own_first(const void *a, const void *b)
{
    const struct choice *x = a, *y = b;

    if ((x->checkpoint < 0) != (y->checkpoint < 0))
        return x->checkpoint < 0 ? -1 : 1;
    if (x->checkpoint != y->checkpoint)
        return x->checkpoint > y->checkpoint ? -1 : 1;
    return (x->at > y->at) - (x->at < y->at);
}

/* ---- reading ---- */

bool sources_stream(const struct walk_source *sources, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (sources[i].reader->unit != UNIT_PART && !sources[i].reader->streams)
            return false;
    }
    return true;
}

/* False: cancelled, in *err. */
static bool read_one(int dir, const struct choice *choice, size_t rows, struct follow *follow,
                     const atomic_bool *cancelled, struct arena *arena, struct weave_source *out,
                     struct err *err)
{
    const struct walk_source *s = choice->source;

    *out = (struct weave_source){.path = s->path,
                                 .format = s->reader->name,
                                 .why = s->why,
                                 .float32 = s->reader->float32,
                                 .workers = s->reader->workers,
                                 .printed = s->reader->printed,
                                 .follows = s->reader->unit == UNIT_FOLDER || s->resumes,
                                 .resumes = s->resumes,
                                 .history = choice->checkpoint >= 0};
    if (follow_read(follow, dir, s, rows, cancelled, &out->fed, err))
        return true;
    out->failed = arena_text(arena, str_of(err->msg));
    return err->code != ERR_CANCELLED;
}

bool sources_read(int dir, const struct walk_source *sources, size_t n, size_t rows,
                  struct follow *follow, const atomic_bool *cancelled, struct woven **out,
                  struct err *err)
{
    struct arena arena;
    size_t read = n < SOURCES_MAX ? n : SOURCES_MAX, good = 0;

    arena_init(&arena);
    struct choice *choice = ARENA_ARRAY(&arena, n, struct choice);
    struct weave_source *got = ARENA_ARRAY(&arena, read, struct weave_source);
    for (size_t i = 0; i < n; i++)
        choice[i] = (struct choice){&sources[i], checkpoint_of(sources[i].path), i};
    if (n > 0)
        qsort(choice, n, sizeof(*choice), own_first);
    bool ok = true;
    for (size_t i = 0; ok && i < read; i++) {
        ok = read_one(dir, &choice[i], rows, follow, cancelled, &arena, &got[i], err);
        good += ok && got[i].fed && choice[i].source->reader->unit != UNIT_PART;
    }
    ok = ok && good > 0; /* else *err is of the last that failed */
    if (ok)
        *out = weave(got, read, n - read);
    follow_looked(follow);
    arena_fini(&arena);
    return ok;
}
