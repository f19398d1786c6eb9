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

Test(arena, large_blocks_handed_on_are_zero_and_apart)
{
    static const size_t sizes[] = {3000000, 2000000, 3000000, 9000000, 40, 5000000};
    enum { SIZES = sizeof(sizes) / sizeof(sizes[0]) };
    struct arena stays, passing;

    arena_init(&stays);
    arena_keep_stock(&stays);
    for (size_t round = 0; round < 8; round++) {
        char *p[SIZES];

        arena_init_beside(&passing, &stays);
        for (size_t i = 0; i < SIZES; i++) {
            p[i] = arena_alloc(&passing, sizes[(i + round) % SIZES]);
            cr_expect(all_zero(p[i], sizes[(i + round) % SIZES]), "round %zu, %zu", round, i);
            memset(p[i], (int)i + 1, sizes[(i + round) % SIZES]);
        }
        char *kept = arena_alloc(&stays, 2500000);
        cr_expect(all_zero(kept, 2500000), "round %zu", round);
        memset(kept, 0xee, 2500000);
        for (size_t i = 0; i < SIZES; i++)
            cr_expect(p[i][0] == (char)(i + 1) &&
                          p[i][sizes[(i + round) % SIZES] - 1] == (char)(i + 1),
                      "round %zu: %zu was written to", round, i);
        if (round % 2)
            arena_reset(&passing);
        arena_fini(&passing);
    }
    arena_reset(&stays);
    arena_init_beside(&passing, &stays); /* nothing to hand on: as an arena of its own */
    cr_expect(all_zero(arena_alloc(&passing, 3000000), 3000000));
    arena_fini(&passing);
    arena_fini(&stays);
}
