#include "analysis/snapshot.h"

#include <stdlib.h>

void snapshot_unref(void *thing)
{
    struct snapshot *s = thing;

    if (!s || atomic_fetch_sub(&s->refs, 1) != 1)
        return;
    arena_fini(&s->arena);
    free(s);
}

const struct entry *snapshot_entry(const struct listed *listed)
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

const struct entry *snapshot_find(const struct snapshot *s, const char *id)
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
        } while (snapshot_find(s, ids[i]));
        any = true;
    }
    for (size_t i = 0; any && i < s->n; i++)
        entries[s->by_id[i] - entries].id = ids[i];
    if (any)
        qsort(s->by_id, s->n, sizeof(struct entry *), by_id);
}

struct snapshot *snapshot_new(struct walk *const *walks, size_t roots)
{
    struct snapshot *s = heap_alloc(sizeof(*s));
    struct walk_found **found = NULL;
    size_t *count = NULL, n = 0;

    atomic_init(&s->refs, 1);
    arena_init(&s->arena);
    found = ARENA_ARRAY(&s->arena, roots, struct walk_found *);
    count = ARENA_ARRAY(&s->arena, roots, size_t);
    for (size_t r = 0; r < roots; r++) {
        if (walks[r])
            walk_list(walks[r], &s->arena, &found[r], &count[r]);
        n += count[r];
    }
    struct entry *entries = ARENA_ARRAY(&s->arena, n, struct entry);
    s->by_id = ARENA_ARRAY(&s->arena, n, const struct entry *);
    s->listed = ARENA_ARRAY(&s->arena, n, struct listed);
    for (size_t r = 0; r < roots; r++) {
        for (size_t i = 0; i < count[r]; i++) {
            const struct walk_found *f = &found[r][i];
            struct entry *e = &entries[s->n];
            *e = (struct entry){.id = f->id,
                                .below = f->id,
                                .path = f->path,
                                .part = f->part,
                                .created = f->created,
                                .sources = f->sources,
                                .sources_n = f->sources_n,
                                .root = r,
                                .alone = strcmp(f->path, ".") == 0 && !f->part};
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
