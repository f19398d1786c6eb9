#include "analysis/walk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "analysis/base/limits.h"
#include "analysis/base/vec.h"
#include "analysis/experiment.h"
#include "analysis/files.h"
#include "analysis/walk_tree.h"

enum { METADATA_MAX = 65536, PATH_ROOM = 8192, SHORTER = sizeof("/metadata.json") };

/* ---- stamps ---- */

static struct stamp stamp_of(const struct stat *about)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    int64_t age_s = (int64_t)now.tv_sec - (int64_t)about->st_mtim.tv_sec;
    return (struct stamp){about->st_dev, about->st_ino,
                          (int64_t)about->st_mtim.tv_sec * 1000000000 + about->st_mtim.tv_nsec,
                          about->st_size, age_s < 2};
}

static bool same(const struct stamp *old, const struct stat *about)
{
    return !old->young && old->ino == about->st_ino && old->dev == about->st_dev &&
           old->size == about->st_size &&
           old->changed_ns == (int64_t)about->st_mtim.tv_sec * 1000000000 + about->st_mtim.tv_nsec;
}

/* ---- the tree ---- */

static char *copy(const char *text)
{
    size_t n = strlen(text) + 1;

    return memcpy(heap_alloc(n), text, n);
}

struct folder *folder_new(struct folder *parent, const char *name, const char *path, bool link)
{
    struct folder *f = heap_alloc(sizeof(*f));

    f->parent = parent;
    f->name = copy(name);
    f->path = path ? copy(path) : NULL;
    f->link = link;
    f->depth = parent ? parent->depth + 1 : 0;
    f->created.ms = INT64_MIN;
    return f;
}

static void forget_children(struct walk *walk, struct folder *f)
{
    for (size_t i = 0; i < f->n; i++)
        folder_free(walk, f->child[i]);
    free(f->child);
    f->child = NULL;
    f->n = f->room = 0;
}

void folder_unclaim(struct folder *f)
{
    claims_free(f->claims);
    f->claims = NULL;
}

void folder_free(struct walk *walk, struct folder *f)
{
    if (!f)
        return;
    forget_children(walk, f);
    folder_unclaim(f);
    walk->entries -= f->entries;
    free(f->name);
    free(f->path);
    free(f);
}

static void add(struct folder *f, struct folder *child)
{
    if (f->n == f->room) {
        f->room = f->room ? f->room * 2 : 8;
        f->child = heap_grow(f->child, f->room * sizeof(struct folder *));
    }
    f->child[f->n++] = child;
}

static int by_name(const void *a, const void *b)
{
    const struct folder *const *x = a, *const *y = b;

    return strcmp((*x)->name, (*y)->name);
}

/* ---- one folder ---- */

/* An experiment says so in metadata.json: one open, one read, no listing. */
static bool read_metadata(struct walk *walk, struct folder *f)
{
    char path[PATH_ROOM], text[METADATA_MAX];
    struct stat about;
    struct arena arena;
    struct err err;

    snprintf(path, sizeof(path), "%s/metadata.json", f->path);
    int fd = file_open(walk->dir, path, O_RDONLY);
    if (fd < 0)
        return false;
    int64_t n = fstat(fd, &about) == 0 && S_ISREG(about.st_mode)
                    ? file_fill(fd, text, sizeof(text), 0)
                    : -1;
    close(fd);
    if (n < 0)
        return false;
    arena_init(&arena);
    const struct json *metadata =
        json_parse(&arena, (struct str){text, (size_t)n}, JSON_DATA, DATA_DEPTH_MAX, &err);
    const struct json *type = json_get(metadata, "type");
    struct str word = type && type->kind == JSON_STRING
                          ? (struct str){type->raw.p + 1, type->raw.n - 2}
                          : (struct str){0};
    bool known = str_is(word, "lm") || str_is(word, "rl");
    if (known || f->experiment) {
        struct created created = created_find(walk->dir, f->path, f->name, metadata);
        walk->changed |= created.ms != f->created.ms || created.from != f->created.from;
        f->created = created;
    }
    if (known)
        f->stamp = stamp_of(&about);
    arena_fini(&arena);
    return known;
}

static bool speaks_for_itself(struct str name, unsigned char type)
{
    int64_t epoch;

    if (type == DT_DIR)
        return str_is(name, "dashboard_metrics") || str_is(name, "rl_metrics");
    if (type != DT_REG && type != DT_LNK)
        return false;
    return strcmp(checkpoint_phase(name, &epoch), "unknown") != 0 ||
           (str_ends(name, STR(".pth")) && str_starts(name, STR("rl_checkpoint")));
}

static unsigned char type_of(int dir, const struct dirent *entry)
{
    struct stat about;

    if (entry->d_type != DT_UNKNOWN)
        return entry->d_type;
    if (fstatat(dir, entry->d_name, &about, AT_SYMLINK_NOFOLLOW) != 0)
        return DT_UNKNOWN;
    return S_ISDIR(about.st_mode) ? DT_DIR : S_ISLNK(about.st_mode) ? DT_LNK : DT_REG;
}

/* A folder is asked only where its name ends as a log's does: "metrics.jsonl". */
static bool may_claim(const char *name, unsigned char type)
{
    return type != DT_UNKNOWN && (type != DT_DIR || str_ends(str_of(name), STR(".jsonl")) ||
                                  str_ends(str_of(name), STR(".csv")));
}

/* A file, a link that may lead to one, or what only bears a log's name. */
static void add_claim(struct folder *f, const char *name)
{
    if (!name_could_be_log(str_of(name)))
        return;
    if (!f->claims)
        f->claims = claims_new();
    claims_add(f->claims, name);
}

/* The folders and links in f as new children; true if f turns out to be an experiment. */
static bool list_children(struct walk *walk, struct folder *f, DIR *list)
{
    const struct dirent *entry;

    while ((entry = readdir(list))) {
        unsigned char type = type_of(dirfd(list), entry);
        char path[PATH_ROOM];

        if (entry->d_name[0] == '.')
            continue;
        if (walk->entries >= WALK_ENTRIES_MAX) {
            walk->cut = true;
            break;
        }
        walk->entries++;
        f->entries++;
        if (speaks_for_itself(str_of(entry->d_name), type))
            return true;
        if (may_claim(entry->d_name, type))
            add_claim(f, entry->d_name);
        if (type != DT_DIR && type != DT_LNK)
            continue;
        if (f->depth >= WALK_DEPTH_MAX) {
            f->deep |= type == DT_DIR;
            continue;
        }
        bool top = strcmp(f->path, ".") == 0;
        int n = snprintf(path, sizeof(path), "%s%s%s", top ? "" : f->path, top ? "" : "/",
                         entry->d_name);
        if (n > 0 && (size_t)n + SHORTER < sizeof(path))
            add(f, folder_new(f, entry->d_name, type == DT_LNK ? NULL : path, type == DT_LNK));
    }
    return false;
}

/* Both lists are sorted: folders that stay keep what is known of them. */
static void keep_known(struct walk *walk, struct folder *f, struct folder **old, size_t old_n)
{
    size_t o = 0;

    if (f->n)
        qsort(f->child, f->n, sizeof(struct folder *), by_name);
    for (size_t i = 0; i < f->n; i++) {
        struct folder *child = f->child[i];
        for (; o < old_n && strcmp(old[o]->name, child->name) < 0; o++)
            folder_free(walk, old[o]);
        bool known = o < old_n && strcmp(old[o]->name, child->name) == 0;
        if (known && !child->link && !old[o]->link) {
            f->child[i] = old[o++];
            folder_free(walk, child);
            folder_look(walk, f->child[i]);
        } else if (!child->link) {
            folder_read(walk, child);
        }
    }
    for (; o < old_n; o++)
        folder_free(walk, old[o]);
}

/* The folder's list of files is the same; a file may have become another one. */
static void ask_again(struct walk *walk, struct folder *f)
{
    int dir = f->claims ? file_open(walk->dir, f->path, O_PATH | O_DIRECTORY) : -1;

    if (dir < 0)
        return;
    if (!claims_hold(f->claims, dir)) {
        struct claims *old = f->claims;
        f->claims = claims_again(old);
        claims_ask(f->claims, old, dir, f->path);
        walk->changed |= !claims_same(f->claims, old);
        claims_free(old);
    }
    close(dir);
}

void folder_read(struct walk *walk, struct folder *f)
{
    struct folder **old = f->child;
    struct claims *claims = f->claims;
    size_t old_n = f->n;
    struct stat about;
    DIR *list = NULL;

    walk->changed = true;
    walk->entries -= f->entries;
    f->child = NULL;
    f->claims = NULL;
    f->n = f->room = f->entries = 0;
    f->experiment = f->deep = f->unreadable = false;
    f->by_metadata = read_metadata(walk, f);
    if (f->by_metadata) {
        f->experiment = true;
    } else {
        int fd = file_open(walk->dir, f->path, O_RDONLY | O_DIRECTORY);
        f->unreadable = fd < 0 && errno != ENOENT;
        f->stamp = (struct stamp){.young = true}; /* gone or closed: looked at again next time */
        if (fd >= 0 && fstat(fd, &about) == 0) {
            f->stamp = stamp_of(&about);
            list = fdopendir(fd);
        }
        if (fd >= 0 && !list)
            close(fd);
    }
    if (list) {
        f->experiment = list_children(walk, f, list);
        if (f->claims && !f->experiment)
            claims_ask(f->claims, claims, dirfd(list), f->path);
        closedir(list);
    }
    claims_free(claims);
    if (f->experiment) {
        folder_unclaim(f);
        forget_children(walk, f);
        if (!f->by_metadata && !read_metadata(walk, f) && f->created.ms == INT64_MIN)
            f->created = created_find(walk->dir, f->path, f->name, NULL);
    }
    keep_known(walk, f, old, old_n);
    free(old);
}

void folder_look(struct walk *walk, struct folder *f)
{
    char path[PATH_ROOM];
    size_t n = strlen(f->path);
    struct stat about;

    memcpy(path, f->path, n);
    memcpy(path + n, "/metadata.json", f->by_metadata ? SHORTER : 1);
    path[f->by_metadata ? n + SHORTER - 1 : n] = '\0';
    if (fstatat(walk->dir, path, &about, 0) != 0 || !same(&f->stamp, &about)) {
        folder_read(walk, f);
        return;
    }
    ask_again(walk, f);
    for (size_t i = 0; i < f->n; i++) {
        if (!f->child[i]->link)
            folder_look(walk, f->child[i]);
    }
}

/* ---- the walk ---- */

struct walk *walk_new(int dir, const char *real)
{
    struct walk *walk = heap_alloc(sizeof(*walk));
    const char *name = strrchr(real, '/');

    walk->dir = dir;
    walk->real = copy(real);
    walk->root = folder_new(NULL, name && name[1] ? name + 1 : real, ".", false);
    walk->root->stamp.young = true;
    return walk;
}

void walk_free(struct walk *walk)
{
    if (!walk)
        return;
    folder_free(walk, walk->root);
    free(walk->real);
    free(walk);
}

bool walk_look(struct walk *walk)
{
    walk->changed = false;
    folder_look(walk, walk->root);
    walk_links(walk, walk->changed);
    if (walk->entries < WALK_ENTRIES_MAX)
        walk->cut = false;
    return walk->changed;
}

const char *walk_shown(struct arena *arena, struct str path)
{
    static const char digits[] = "0123456789ABCDEF";
    char *out = arena_array(arena, path.n + 1, 3), *p = out;

    while (path.n > 0) {
        size_t n = utf8_length(path);
        unsigned char c = (unsigned char)path.p[0];
        bool control =
            c < 0x20 || c == 0x7f || (n == 2 && c == 0xc2 && (unsigned char)path.p[1] < 0xa0);
        size_t taken = n ? n : 1;

        if (n > 0 && !control && c != '%') {
            memcpy(p, path.p, n);
            p += n;
        } else {
            for (size_t i = 0; i < taken; i++) {
                unsigned char byte = (unsigned char)path.p[i];
                *p++ = '%';
                *p++ = digits[byte >> 4];
                *p++ = digits[byte & 15];
            }
        }
        path = str_from(path, taken);
    }
    *p = '\0';
    return out;
}

static void sum_gaps(const struct folder *f, struct walk_gaps *gaps)
{
    if (f->deep && gaps->deep++ == 0)
        gaps->first_deep = f->path;
    if (f->unreadable && gaps->unreadable++ == 0)
        gaps->first_unreadable = f->path;
    for (size_t i = 0; i < f->n; i++)
        sum_gaps(f->child[i], gaps);
}

struct walk_gaps walk_gaps(const struct walk *walk)
{
    struct walk_gaps gaps = {.cut = walk->cut};

    sum_gaps(walk->root, &gaps);
    return gaps;
}
