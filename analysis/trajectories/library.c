#include "analysis/trajectories/library.h"

#include <pthread.h>
#include <stdlib.h>

#include "analysis/base/limits.h"
#include "analysis/trajectories/tree.h"
#include "analysis/walk.h"

enum { SOURCES_SHOWN = 5 };
enum { STATE_LOOKS_MAX = 256 }; /* files and folders asked for: about 0.3 ms */

struct library {
    pthread_mutex_t lock; /* of all below; held while files are read: the others want them, too */
    struct arena arena;
    struct strs roots;
    struct tree *tree;
    struct trajectories *now;
    uint64_t version; /* of tree and index: never the same again */
};

AT_START struct library *library_new(const struct strs *roots)
{
    struct library *l = heap_alloc(sizeof(*l));

    pthread_mutex_init(&l->lock, NULL);
    arena_init(&l->arena);
    const char **v = ARENA_ARRAY(&l->arena, roots->n + 1, const char *);
    for (size_t i = 0; i < roots->n; i++)
        v[i] = arena_text(&l->arena, str_of(roots->v[i]));
    l->roots = (struct strs){v, roots->n};
    return l;
}

void library_free(struct library *l)
{
    if (!l)
        return;
    trajectories_unref(l->now);
    tree_free(l->tree);
    arena_fini(&l->arena);
    pthread_mutex_destroy(&l->lock);
    free(l);
}

/* The files that readers take, in the order of the tree. */
static struct trajectory_file *chosen(const struct tree *tree, struct arena *names, size_t *n)
{
    struct trajectory_file *files = heap_alloc((tree->files.n + 1) * sizeof(*files));

    *n = 0;
    for (size_t i = 0; i < tree->files.n; i++) {
        const struct tree_file *f = &tree->files.v[i];
        if (!f->reader)
            continue;
        files[(*n)++] =
            (struct trajectory_file){.root = arena_text(names, str_of(tree->roots[f->root].real)),
                                     .path = arena_text(names, str_of(f->path)),
                                     .shown = walk_shown(names, str_of(f->path)),
                                     .reader = f->reader,
                                     .why = f->why,
                                     .dev = f->stamp.dev,
                                     .ino = f->stamp.ino,
                                     .size = f->stamp.size,
                                     .changed_ns = f->stamp.changed_ns,
                                     .young = f->stamp.young};
    }
    return files;
}

/* The index is of exactly these files. */
static bool is_of(const struct trajectories *t, const struct trajectory_file *files, size_t n)
{
    if (!t || t->files_n != n)
        return false;
    for (size_t i = 0; i < n; i++) {
        const struct trajectory_file *a = &t->files[i], *b = &files[i];
        if (a->dev != b->dev || a->ino != b->ino || a->size != b->size ||
            a->changed_ns != b->changed_ns || a->reader != b->reader ||
            strcmp(a->path, b->path) != 0 || strcmp(a->root, b->root) != 0)
            return false;
    }
    return true;
}

static bool any_young(const struct tree *tree)
{
    for (size_t i = 0; i < tree->files.n; i++) {
        if (tree->files.v[i].reader && tree->files.v[i].stamp.young)
            return true;
    }
    return false;
}

/* Under the lock. */
static bool refresh(struct library *l, const atomic_bool *cancelled, struct err *err)
{
    struct arena names;
    size_t n;

    if (l->tree && l->now && tree_holds(l->tree))
        return true;
    struct tree *old = l->tree;
    bool was_young = old && any_young(old);
    l->tree = tree_new(&l->roots, old);
    l->version++;
    tree_free(old);
    arena_init(&names);
    struct trajectory_file *files = chosen(l->tree, &names, &n);
    if (is_of(l->now, files, n) && !was_young) {
        free(files);
        arena_fini(&names);
        return true;
    }
    struct trajectories *before = l->now;
    l->now = NULL;
    struct split how = split_usual();
    return trajectories_build(files, n, names, before, &how, cancelled, &l->now, err);
}

bool library_state(struct library *l, struct buf *key)
{
    if (pthread_mutex_trylock(&l->lock) != 0)
        return false;
    bool known = l->tree && l->now && l->tree->folders.n + l->tree->files.n <= STATE_LOOKS_MAX &&
                 tree_holds(l->tree);
    if (known)
        buf_printf(key, "trajectories %llu;", (unsigned long long)l->version);
    pthread_mutex_unlock(&l->lock);
    return known;
}

static void cover_tree(const struct tree *tree, struct coverage *coverage)
{
    for (size_t r = 0; r < tree->roots_n; r++) {
        if (!tree->roots[r].real)
            coverage_note(coverage, "no trajectories from %s: there is no such directory",
                          tree->roots[r].given);
    }
    if (tree->deep)
        coverage_note(coverage, "folders deeper than %d levels were not entered (%zu)",
                      WALK_DEPTH_MAX, tree->deep);
    if (tree->unreadable)
        coverage_note(coverage, "%zu folders may not be read", tree->unreadable);
    if (tree->cut)
        coverage_note(coverage, "only the first %d entries were looked at", WALK_ENTRIES_MAX);
}

void trajectories_cover(const struct trajectories *t, struct coverage *coverage)
{
    if (t->tally.refused.n)
        coverage_malformed(coverage, t->tally.refused.path, t->tally.refused.line,
                           t->tally.refused.what, (int64_t)t->tally.refused.n);
    if (t->tally.repeated.n) {
        coverage->duplicates = (int64_t)t->tally.repeated.n;
        coverage_note(coverage, "%s: %s (%zu such)", t->tally.repeated.path, t->tally.repeated.what,
                      t->tally.repeated.n);
    }
    for (size_t i = 0; i < REMARKS_MAX && t->tally.remarks && t->tally.remarks[i].n; i++)
        coverage_note(coverage, "%s: %s (%zu such)", t->tally.remarks[i].path,
                      t->tally.remarks[i].what, t->tally.remarks[i].n);
}

void selection_cover(const struct selection *s, struct coverage *coverage)
{
    const struct trajectories *t = s->t;
    bool *used = ARENA_ARRAY(coverage->arena, t->files_n + 1, bool);
    size_t shown = 0, more = 0;

    for (size_t i = 0; i < s->n; i++)
        used[t->file[s->rows[i]]] = true;
    for (size_t i = 0; i < t->files_n; i++) {
        if (!used[i])
            continue;
        if (shown++ < SOURCES_SHOWN)
            coverage_source(coverage, t->files[i].shown, t->files[i].reader->name, t->files[i].why);
        else
            more++;
    }
    if (more)
        coverage_note(coverage, "%zu more files are used", more);
    trajectories_cover(t, coverage);
}

bool library_look(struct library *l, const atomic_bool *cancelled, struct arena *arena,
                  const struct trajectories **out, struct coverage *coverage, struct err *err)
{
    pthread_mutex_lock(&l->lock);
    bool ok = refresh(l, cancelled, err);

    if (ok) {
        struct trajectories *t = trajectories_ref(l->now);
        arena_own(arena, t, trajectories_unref);
        *out = t;
        if (coverage)
            cover_tree(l->tree, coverage);
    }
    pthread_mutex_unlock(&l->lock);
    return ok;
}
