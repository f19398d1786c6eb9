#ifndef VEC_H
#define VEC_H
/*
 * A growable array in an arena: declare VEC(type) members, push with VEC_PUSH.
 * Old storage stays in the arena until it ends, at most as much again as is used.
 */

#include "analysis/base/arena.h"

#define VEC(type)                                                                                  \
    struct {                                                                                       \
        type *v;                                                                                   \
        size_t n, room;                                                                            \
    }

#define VEC_PUSH(arena, vec, ...)                                                                  \
    do {                                                                                           \
        if ((vec)->n == (vec)->room)                                                               \
            (vec)->v = vec_grow(arena, (vec)->v, (vec)->n, sizeof(*(vec)->v), &(vec)->room);       \
        (vec)->v[(vec)->n++] = (__VA_ARGS__);                                                      \
    } while (0)

static inline void *vec_grow(struct arena *arena, void *old, size_t n, size_t size, size_t *room)
{
    *room = *room ? *room * 2 : 8;
    void *p = arena_array(arena, *room, size);
    if (n)
        memcpy(p, old, n * size);
    return p;
}

#endif
