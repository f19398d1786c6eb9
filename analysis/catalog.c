#include "analysis/catalog.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>

#include "analysis/base/limits.h"
#include "analysis/base/nearest.h"
#include "analysis/base/vec.h"
#include "analysis/files.h"
#include "analysis/held.h"
#include "analysis/open.h"
#include "analysis/roots.h"
#include "analysis/snapshot.h"

struct catalog {
    pthread_mutex_t lock; /* of the roots and of `now` */
    struct root *roots;
    size_t roots_n;
    struct arena arena;
    struct snapshot *now;
    struct shelf *shelf;
};

AT_START struct catalog *catalog_open(const struct strs *roots)
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

void catalog_close(struct catalog *c)
{
    if (!c)
        return;
    for (size_t i = 0; i < c->roots_n; i++)
        root_close(&c->roots[i]);
    free(c->roots);
    snapshot_unref(c->now);
    shelf_free(c->shelf);
    arena_fini(&c->arena);
    pthread_mutex_destroy(&c->lock);
    free(c);
}

/* Under the lock. */
static void look(struct catalog *c)
{
    bool changed = roots_look(c->roots, c->roots_n);

    if (c->now && !changed)
        return;
    struct walk **walks = heap_alloc(c->roots_n * sizeof(struct walk *));
    for (size_t r = 0; r < c->roots_n; r++)
        walks[r] = c->roots[r].walk;
    snapshot_unref(c->now);
    c->now = snapshot_new(walks, c->roots_n);
    free(walks);
}

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
        roots_cover(c->roots, c->roots_n, coverage);
    pthread_mutex_unlock(&c->lock);
    *out = (struct listing){arena, s->listed, s->n};
}

/* An experiment's directory, open, and its key on the shelf. Under the lock. */
static int open_entry(const struct catalog *c, const struct entry *entry, struct arena *arena,
                      const char **key)
{
    const struct root *root = &c->roots[entry->root];

    *key = !root->real   ? ""
           : entry->part ? arena_printf(arena, "%s/%s\n%s", root->real, entry->path, entry->part)
                         : arena_printf(arena, "%s/%s", root->real, entry->path);
    if (root->dir >= 0)
        return file_open(root->dir, entry->path, O_PATH | O_DIRECTORY);
    errno = ENOENT;
    return -1;
}

/* The snapshot may end before the call does. */
static const struct walk_source *copy_sources(const struct entry *entry, struct arena *arena)
{
    struct walk_source *v = ARENA_ARRAY(arena, entry->sources_n, struct walk_source);

    for (size_t i = 0; i < entry->sources_n; i++) {
        const struct walk_source *s = &entry->sources[i];
        v[i] = *s;
        v[i].path = arena_text(arena, str_of(s->path));
        v[i].run = s->run ? arena_text(arena, str_of(s->run)) : NULL;
        v[i].why = arena_text(arena, str_of(s->why));
    }
    return v;
}

/* Takes over dir; reads what the experiment's files say of it. */
static const struct experiment *describe(struct catalog *c, const struct entry *entry, int dir,
                                         const char *key, struct arena *arena)
{
    struct experiment *e = ARENA_NEW(arena, struct experiment);
    const struct root *root = &c->roots[entry->root];

    e->dir = dir;
    file_own(arena, e->dir);
    e->held = shelf_get(c->shelf, key);
    arena_own(arena, e->held, held_unref);
    e->id = arena_text(arena, str_of(entry->id));
    size_t n = strlen(root->given);
    const char *slash = n > 0 && root->given[n - 1] == '/' ? "" : "/";
    e->path = entry->alone ? root->given
                           : arena_printf(arena, "%s%s%s", root->given, slash, entry->below);
    e->created_ms = entry->created.ms;
    e->created_from = entry->created.from;
    e->sources = copy_sources(entry, arena);
    e->sources_n = entry->sources_n;
    experiment_describe(e, arena);
    return e;
}

static bool get(struct catalog *c, const struct entry *entry, struct arena *arena,
                const struct experiment **out, struct err *err)
{
    const char *key;

    pthread_mutex_lock(&c->lock);
    int dir = open_entry(c, entry, arena, &key);
    int why = errno;
    pthread_mutex_unlock(&c->lock);
    if (dir < 0) {
        errno = why;
        return why == ENOENT || why == ENOTDIR
                   ? err_set(err, ERR_NOT_FOUND, "experiment '%s' is gone", entry->id)
                   : err_errno(err, "cannot open experiment '%s'", entry->id);
    }
    *out = describe(c, entry, dir, key, arena);
    return true;
}

bool catalog_get(struct catalog *c, const struct listed *listed, struct arena *arena,
                 const struct experiment **out, struct err *err)
{
    return get(c, snapshot_entry(listed), arena, out, err);
}

/* "x" and "x/log.csv" of "x/log.csv": the id of a folder above it or of the file itself. */
static bool lies_in(const char *path, const char *id)
{
    size_t n = strlen(id);

    return n > 0 && strncmp(path, id, n) == 0 && (path[n] == '\0' || path[n] == '/');
}

/* The id is that of files that are no run: says why of the first. */
static bool refused_there(const struct catalog *c, const char *id, struct arena *arena,
                          struct err *err)
{
    const struct walk_refused *first = NULL;
    size_t n = 0;

    for (size_t r = 0; r < c->roots_n; r++) {
        struct walk_refused *all = NULL;
        size_t all_n = 0;
        if (c->roots[r].walk)
            walk_refused(c->roots[r].walk, arena, SIZE_MAX, &all, &all_n);
        for (size_t i = 0; i < all_n; i++) {
            if (!lies_in(all[i].path, id))
                continue;
            first = first ? first : &all[i];
            n++;
        }
    }
    if (!first)
        return false;
    err_set(err, ERR_NOT_FOUND,
            "no experiment '%s': %s is not a run, because %s%s; list_experiments names those that "
            "are",
            id, first->path, first->why,
            n > 1 ? arena_printf(arena, " (and %zu more there)", n - 1) : "");
    return true;
}

static bool not_found(const struct catalog *c, const struct snapshot *s, const char *id,
                      struct arena *arena, struct err *err)
{
    struct str wanted = str_of(id);
    const char *near = NULL, *places = NULL;
    size_t best = SIZE_MAX;

    if (refused_there(c, id, arena, err))
        return false;
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
        const char *where = root_shown(&c->roots[r], arena);
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
        const struct entry *entry = snapshot_find(s, id);
        bool lost = again && !entry;
        if (lost)
            not_found(c, s, id, arena, err);
        pthread_mutex_unlock(&c->lock);
        if (lost)
            return false;
        if (entry && get(c, entry, arena, out, err))
            return true;
        if (entry && err->code != ERR_NOT_FOUND)
            return false; /* a walk would not help, and might not see it either */
    }
    return false;
}

bool catalog_known(struct catalog *c, const char *id, struct arena *arena,
                   const struct experiment **out)
{
    const struct entry *entry = NULL;
    const char *key;
    int dir = -1;

    if (pthread_mutex_trylock(&c->lock) != 0)
        return false;
    if (c->now)
        entry = snapshot_find(own(c, arena), id);
    if (entry)
        dir = open_entry(c, entry, arena, &key);
    pthread_mutex_unlock(&c->lock);
    if (dir < 0)
        return false;
    *out = describe(c, entry, dir, key, arena);
    return true;
}

size_t catalog_refused(struct catalog *c, struct arena *arena, size_t most,
                       const struct walk_refused **out, size_t *n)
{
    VEC(struct walk_refused) all = {0};
    size_t total = 0;

    pthread_mutex_lock(&c->lock);
    if (!c->now)
        look(c);
    for (size_t r = 0; r < c->roots_n; r++) {
        struct walk_refused *some = NULL;
        size_t some_n = 0;
        if (c->roots[r].walk)
            total += walk_refused(c->roots[r].walk, arena, most - all.n, &some, &some_n);
        for (size_t i = 0; i < some_n; i++)
            VEC_PUSH(arena, &all, some[i]);
    }
    pthread_mutex_unlock(&c->lock);
    *out = all.v;
    *n = all.n;
    return total;
}

struct strs catalog_roots(const struct catalog *c)
{
    struct catalog *mine = (struct catalog *)(uintptr_t)c;

    pthread_mutex_lock(&mine->lock);
    const char **v = ARENA_ARRAY(&mine->arena, c->roots_n, const char *);
    for (size_t r = 0; r < c->roots_n; r++)
        v[r] = root_shown(&c->roots[r], &mine->arena);
    pthread_mutex_unlock(&mine->lock);
    return (struct strs){v, c->roots_n};
}
