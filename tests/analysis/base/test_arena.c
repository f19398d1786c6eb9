/* An arena that is used again. */
#include "analysis/base/arena.h"

#include <criterion/criterion.h>
#include <stdint.h>

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
    static const size_t sizes[] = {1, 16, 100, 4000, 5000, 300000, 20, 3000000};
    struct arena arena;

    arena_init(&arena);
    for (size_t round = 0; round < 20; round++) {
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

Test(arena, a_large_block_is_zero_aligned_and_apart_from_its_neighbours)
{
    static const size_t sizes[] = {(1 << 20) - 40, 1 << 20, (2 << 20) - 32, 2 << 20, 9000001};
    struct arena arena;

    arena_init(&arena);
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        size_t n = sizes[i];
        char *before = arena_alloc(&arena, 100), *p = arena_alloc(&arena, n);
        char *after = arena_alloc(&arena, 100);

        cr_expect((uintptr_t)p % 16 == 0 && all_zero(p, n), "%zu bytes", n);
        memset(p, 0xee, n);
        cr_expect(all_zero(before, 100) && all_zero(after, 100), "%zu bytes", n);
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
