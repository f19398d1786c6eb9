/* An arena that is used again. */
#include "analysis/base/arena.h"

#include <criterion/criterion.h>

static int released;

static void release(void *thing)
{
    released += *(int *)thing;
}

static bool all_zero(const char *p, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (p[i])
            return false;
    }
    return true;
}

Test(arena, memory_is_zero_again_after_a_reset)
{
    static const size_t sizes[] = {1, 16, 100, 4000, 5000, 300000, 20};
    struct arena arena;

    arena_init(&arena);
    for (size_t round = 0; round < 50; round++) {
        for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
            size_t n = sizes[(i + round) % (sizeof(sizes) / sizeof(sizes[0]))];
            char *p = arena_alloc(&arena, n);
            cr_expect(all_zero(p, n), "round %zu, %zu bytes", round, n);
            memset(p, 0xee, n);
        }
        arena_reset(&arena);
    }
    arena_fini(&arena);
}

Test(arena, a_reset_releases_what_it_owns_once)
{
    struct arena arena;

    arena_init(&arena);
    int *one = ARENA_NEW(&arena, int);
    *one = 1;
    arena_own(&arena, one, release);
    arena_reset(&arena);
    cr_expect(released == 1);
    arena_reset(&arena);
    arena_fini(&arena);
    cr_expect(released == 1);
}
