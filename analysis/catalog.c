#include "analysis/catalog.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "analysis/base/limits.h"
#include "analysis/base/nearest.h"
#include "analysis/files.h"
#include "analysis/held.h"
#include "analysis/open.h"
#include "analysis/walk.h"

struct root {
    const char *given;
    char *real;        /* heap; NULL while it is not there */
    const char *fault; /* why it is not walked, a sentence; NULL if it is */
    int dir;
    dev_t dev;
    ino_t ino;
    struct walk *walk;
};

struct entry {
    const char *id, *path; /* path: below the root, real bytes */
    struct created created;
    size_t root;
    bool alone; /* the root itself */
};

/* One state of the list: never changed, counted by references, so a listing costs no copy. */
struct snapshot {
    atomic_size_t refs;
    struct arena arena;
    struct listed *listed; /* newest first; handles point to entries */
    const struct entry **by_id;
    size_t n;
};

struct catalog {
    pthread_mutex_t lock; /* of the roots and of `now` */
    struct root *roots;
    size_t roots_n;
    struct arena arena;
    struct snapshot *now;
    struct shelf *shelf;
};

/* ---- snapshots ---- */

static void snapshot_unref(void *thing)
{
    struct snapshot *s = thing;

    if (!s || atomic_fetch_sub(&s->refs, 1) != 1)
        return;
    arena_fini(&s->arena);
    free(s);
}

static const struct entry *entry_of(const struct listed *listed)
{
    return (const struct entry *)(uintptr_t)listed->handle; /* a listing keeps its snapshot */
}

static int newest_first(const void *a, const void *b)
{
    const struct listed *x = a, *y = b;

    if (x->created_ms != y->created_ms)
        return x->created_ms > y->created_ms ? -1 : 1;
    return strcmp(x->id, y->id);
}

static int by_id(const void *a, const void *b)
{
    const struct entry *const *x = a, *const *y = b;
    int order = strcmp((*x)->id, (*y)->id);

    return order ? order : ((*x)->root > (*y)->root) - ((*x)->root < (*y)->root);
}

static int id_is(const void *id, const void *b)
{
    const struct entry *const *y = b;

    return strcmp(id, (*y)->id);
}

static const struct entry *find(const struct snapshot *s, const char *id)
{
    const struct entry *const *at =
        s->n ? bsearch(id, s->by_id, s->n, sizeof(struct entry *), id_is) : NULL;

    return at ? *at : NULL;
}

/* The second root with one id gets ~2, the third ~3, past ids that are called so themselves. */
static void part_twins(struct snapshot *s, struct entry *entries)
{
    const char **ids = ARENA_ARRAY(&s->arena, s->n, const char *);
    bool any = false;

    for (size_t i = 0; i < s->n; i++)
        ids[i] = s->by_id[i]->id;
    for (size_t i = 1, k = 2; i < s->n; i++) {
        if (strcmp(s->by_id[i]->id, s->by_id[i - 1]->id) != 0) {
            k = 2;
            continue;
        }
        do {
            ids[i] = arena_printf(&s->arena, "%s~%zu", s->by_id[i]->id, k++);
        } while (find(s, ids[i]));
        any = true;
    }
    for (size_t i = 0; any && i < s->n; i++)
        entries[s->by_id[i] - entries].id = ids[i];
    if (any)
        qsort(s->by_id, s->n, sizeof(struct entry *), by_id);
}

static struct snapshot *snapshot_new(const struct catalog *catalog)
{
    struct snapshot *s = heap_alloc(sizeof(*s));
    struct walk_found **found = NULL;
    size_t *count = NULL, n = 0;

    atomic_init(&s->refs, 1);
    arena_init(&s->arena);
    found = ARENA_ARRAY(&s->arena, catalog->roots_n, struct walk_found *);
    count = ARENA_ARRAY(&s->arena, catalog->roots_n, size_t);
    for (size_t r = 0; r < catalog->roots_n; r++) {
        if (catalog->roots[r].walk)
            walk_list(catalog->roots[r].walk, &s->arena, &found[r], &count[r]);
        n += count[r];
    }
    struct entry *entries = ARENA_ARRAY(&s->arena, n, struct entry);
    s->by_id = ARENA_ARRAY(&s->arena, n, const struct entry *);
    s->listed = ARENA_ARRAY(&s->arena, n, struct listed);
    for (size_t r = 0; r < catalog->roots_n; r++) {
        for (size_t i = 0; i < count[r]; i++) {
            const struct walk_found *f = &found[r][i];
            struct entry *e = &entries[s->n];
            *e = (struct entry){f->id, f->path, f->created, r, strcmp(f->path, ".") == 0};
            s->by_id[s->n++] = e;
        }
    }
    if (n) {
        qsort(s->by_id, n, sizeof(struct entry *), by_id);
        part_twins(s, entries);
    }
    for (size_t i = 0; i < n; i++)
        s->listed[i] =
            (struct listed){entries[i].id, entries[i].created.ms, (size_t)(uintptr_t)&entries[i]};
    if (n)
        qsort(s->listed, n, sizeof(struct listed), newest_first);
    return s;
}

/* ---- roots ---- */

struct catalog *catalog_open(const struct strs *roots)
{
    struct catalog *c = heap_alloc(sizeof(*c));

    pthread_mutex_init(&c->lock, NULL);
    arena_init(&c->arena);
    c->roots_n = roots->n;
    c->roots = heap_alloc(roots->n * sizeof(*c->roots));
    for (size_t i = 0; i < roots->n; i++)
        c->roots[i] = (struct root){.given = arena_text(&c->arena, str_of(roots->v[i])), .dir = -1};
    c->shelf = shelf_new(COLUMNS_MAX);
    return c;
}

static void close_root(struct root *root)
{
    walk_free(root->walk);
    root->walk = NULL;
    if (root->dir >= 0)
        close(root->dir);
    root->dir = -1;
    free(root->real);
    root->real = NULL;
}

void catalog_close(struct catalog *c)
{
    if (!c)
        return;
    for (size_t i = 0; i < c->roots_n; i++)
        close_root(&c->roots[i]);
    free(c->roots);
    snapshot_unref(c->now);
    shelf_free(c->shelf);
    arena_fini(&c->arena);
    pthread_mutex_destroy(&c->lock);
    free(c);
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
        close_root(root);
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
    close_root(root);
    root->dir = dir;
    root->real = real;
    root->dev = about.st_dev;
    root->ino = about.st_ino;
    return true;
}

static bool is_nested(const struct catalog *c, size_t r)
{
    for (size_t i = 0; i < c->roots_n; i++) {
        const struct root *other = &c->roots[i];
        if (i == r || other->dir < 0 || !lies_below(c->roots[r].real, other->real))
            continue;
        if (i < r || strcmp(other->real, c->roots[r].real) != 0)
            return true;
    }
    return false;
}

/* Under the lock. */
static void look(struct catalog *c)
{
    bool changed = c->now == NULL;

    for (size_t r = 0; r < c->roots_n; r++)
        changed |= refresh_root(&c->roots[r]);
    for (size_t r = 0; r < c->roots_n; r++) {
        struct root *root = &c->roots[r];
        bool walked = root->dir >= 0 && !is_nested(c, r);
        if (!walked) {
            walk_free(root->walk);
            root->walk = NULL;
            continue;
        }
        if (!root->walk)
            root->walk = walk_new(root->dir, root->real);
        changed |= walk_look(root->walk);
    }
    if (changed) {
        snapshot_unref(c->now);
        c->now = snapshot_new(c);
    }
}

static void cover(const struct catalog *c, struct coverage *coverage)
{
    for (size_t r = 0; r < c->roots_n; r++) {
        const struct root *root = &c->roots[r];
        const char *where = root->real ? root->real : absolute(coverage->arena, root->given);
        if (!root->walk) {
            if (root->fault) /* else it lies in another root */
                coverage_note(coverage, "no experiments from %s: %s",
                              root->fault[0] == 't' ? absolute(coverage->arena, root->given)
                                                    : where,
                              root->fault);
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

/* ---- for callers ---- */

static struct snapshot *own(struct catalog *c, struct arena *arena)
{
    atomic_fetch_add(&c->now->refs, 1);
    arena_own(arena, c->now, snapshot_unref);
    return c->now;
}

void catalog_list(struct catalog *c, struct arena *arena, struct listing *out,
                  struct coverage *coverage)
{
    pthread_mutex_lock(&c->lock);
    look(c);
    const struct snapshot *s = own(c, arena);
    if (coverage)
        cover(c, coverage);
    pthread_mutex_unlock(&c->lock);
    *out = (struct listing){arena, s->listed, s->n};
}

static bool get(struct catalog *c, const struct entry *entry, struct arena *arena,
                const struct experiment **out, struct err *err)
{
    struct experiment *e = ARENA_NEW(arena, struct experiment);
    const struct root *root = &c->roots[entry->root];

    pthread_mutex_lock(&c->lock);
    e->dir = root->dir < 0 ? -1 : file_open(root->dir, entry->path, O_PATH | O_DIRECTORY);
    const char *key = root->real ? arena_printf(arena, "%s/%s", root->real, entry->path) : "";
    pthread_mutex_unlock(&c->lock);
    if (e->dir < 0)
        return err_set(err, ERR_NOT_FOUND, "experiment '%s' is gone", entry->id);
    file_own(arena, e->dir);
    e->held = shelf_get(c->shelf, key);
    arena_own(arena, e->held, held_unref);
    e->id = arena_text(arena, str_of(entry->id));
    size_t n = strlen(root->given);
    const char *slash = n > 0 && root->given[n - 1] == '/' ? "" : "/";
    e->path = entry->alone ? root->given
                           : arena_printf(arena, "%s%s%s", root->given, slash,
                                          walk_shown(arena, str_of(entry->path)));
    e->created_ms = entry->created.ms;
    e->created_from = entry->created.from;
    experiment_describe(e, arena);
    *out = e;
    return true;
}

bool catalog_get(struct catalog *c, const struct listed *listed, struct arena *arena,
                 const struct experiment **out, struct err *err)
{
    return get(c, entry_of(listed), arena, out, err);
}

static bool not_found(const struct catalog *c, const struct snapshot *s, const char *id,
                      struct arena *arena, struct err *err)
{
    struct str wanted = str_of(id);
    const char *near = NULL, *places = NULL;
    size_t best = SIZE_MAX;

    for (size_t i = 0; i < s->n; i++) {
        struct str known = str_of(s->by_id[i]->id);
        size_t distance = name_distance(wanted, known);
        if (distance < best && name_is_near(wanted, known, distance)) {
            best = distance;
            near = known.p;
        }
    }
    const char *shown = walk_shown(arena, str_cut(wanted, 200));
    if (near)
        return err_set(err, ERR_NOT_FOUND,
                       "no experiment '%s'; did you mean '%s'? list_experiments names all %zu",
                       shown, near, s->n);
    for (size_t r = 0; r < c->roots_n; r++) {
        const char *where =
            c->roots[r].real ? c->roots[r].real : absolute(arena, c->roots[r].given);
        places = places ? arena_printf(arena, "%s, %s", places, where) : where;
    }
    return err_set(err, ERR_NOT_FOUND,
                   "no experiment '%s' among the %zu found in %s; list_experiments names them",
                   shown, s->n, places ? places : "no directory at all");
}

bool catalog_find(struct catalog *c, const char *id, struct arena *arena,
                  const struct experiment **out, struct err *err)
{
    /* What is known is only opened; the tree is looked at again when that does not help. */
    for (int again = 0; again < 2; again++) {
        pthread_mutex_lock(&c->lock);
        if (again || !c->now)
            look(c);
        const struct snapshot *s = own(c, arena);
        const struct entry *entry = find(s, id);
        bool lost = again && !entry;
        if (lost)
            not_found(c, s, id, arena, err);
        pthread_mutex_unlock(&c->lock);
        if (lost)
            return false;
        if (entry && get(c, entry, arena, out, err))
            return true;
    }
    return false;
}

struct strs catalog_roots(const struct catalog *c)
{
    struct catalog *mine = (struct catalog *)(uintptr_t)c;

    pthread_mutex_lock(&mine->lock);
    const char **v = ARENA_ARRAY(&mine->arena, c->roots_n, const char *);
    for (size_t r = 0; r < c->roots_n; r++)
        v[r] = c->roots[r].real ? arena_text(&mine->arena, str_of(c->roots[r].real))
                                : absolute(&mine->arena, c->roots[r].given);
    pthread_mutex_unlock(&mine->lock);
    return (struct strs){v, c->roots_n};
}
