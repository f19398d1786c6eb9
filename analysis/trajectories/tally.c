#include "analysis/trajectories/tally.h"

/* Up to its first number: "of 2 scores …" is what "of 3 scores …" is. */
static bool same_kind(const char *a, const char *b)
{
    while (*a == *b && *a && (*a < '0' || *a > '9'))
        a++, b++;
    return *a == *b || (*a >= '0' && *a <= '9' && *b >= '0' && *b <= '9');
}

static struct mishap *slot_of(struct file_tally *tally, struct arena *arena, const char *what)
{
    size_t i = 0;

    if (!tally->remarks)
        tally->remarks = ARENA_ARRAY(arena, REMARKS_MAX, struct mishap);
    struct mishap *m = tally->remarks;
    while (i + 1 < REMARKS_MAX && m[i].n > 0 && !same_kind(m[i].kind, what))
        i++;
    return &m[i];
}

struct mishap *tally_remark(struct file_tally *tally, struct arena *arena, const char *what)
{
    struct mishap *m = slot_of(tally, arena, what);

    if (m->n == 0)
        m->kind = arena_printf(arena, "%.300s", what);
    tally->remarks_n++;
    return m;
}

static void add_mishap(struct mishap *sum, const struct mishap *one)
{
    size_t n = sum->n + one->n;

    if (sum->n == 0)
        *sum = *one;
    sum->n = n;
}

void tally_add(struct file_tally *sum, const struct file_tally *one, struct arena *arena)
{
    sum->used += one->used;
    sum->remarks_n += one->remarks_n;
    add_mishap(&sum->refused, &one->refused);
    add_mishap(&sum->repeated, &one->repeated);
    for (size_t i = 0; one->remarks && i < REMARKS_MAX && one->remarks[i].n > 0; i++)
        add_mishap(slot_of(sum, arena, one->remarks[i].kind), &one->remarks[i]);
}

static void copy_mishap(struct mishap *mishap, const char *path, struct arena *arena)
{
    if (mishap->n == 0)
        return;
    mishap->path = path;
    mishap->what = arena_text(arena, str_of(mishap->what));
    if (mishap->kind)
        mishap->kind = arena_text(arena, str_of(mishap->kind));
}

void tally_copy(struct file_tally *to, const struct file_tally *from, const char *path,
                struct arena *arena)
{
    *to = *from;
    copy_mishap(&to->refused, path, arena);
    copy_mishap(&to->repeated, path, arena);
    if (!from->remarks)
        return;
    to->remarks = ARENA_ARRAY(arena, REMARKS_MAX, struct mishap);
    memcpy(to->remarks, from->remarks, REMARKS_MAX * sizeof(*to->remarks));
    for (size_t i = 0; i < REMARKS_MAX; i++)
        copy_mishap(&to->remarks[i], path, arena);
}
