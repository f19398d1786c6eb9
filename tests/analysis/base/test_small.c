/* The smallest modules of base, one suite each. */
#include "analysis/base/err.h"
#include "analysis/base/fnv.h"
#include "analysis/base/hex.h"
#include "analysis/base/nearest.h"
#include "analysis/base/vec.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdint.h>

static size_t released;

static void count_release(void *thing)
{
    released = released * 10 + *(size_t *)thing;
}

Test(arena, memory_is_zeroed_aligned_and_apart)
{
    struct arena arena;

    arena_init(&arena);
    for (size_t size = 0; size < 5000; size += 37) {
        unsigned char *p = arena_alloc(&arena, size);
        cr_expect((uintptr_t)p % 16 == 0, "%zu", size);
        for (size_t i = 0; i < size; i++)
            cr_assert(p[i] == 0, "%zu", size);
        memset(p, 0xa5, size);
    }
    unsigned char *large = arena_alloc(&arena, 3 << 20);
    cr_expect(large[0] == 0 && large[(3 << 20) - 1] == 0);
    arena_fini(&arena);
}

Test(arena, owned_things_are_released_newest_first)
{
    static size_t one = 1, two = 2;
    struct arena arena;

    arena_init(&arena);
    released = 0;
    arena_own(&arena, &one, count_release);
    arena_own(&arena, &two, count_release);
    arena_fini(&arena);
    cr_expect(released == 21, "%zu", released);
}

Test(arena, printf_is_as_long_as_it_needs)
{
    struct arena arena;

    arena_init(&arena);
    cr_expect_str_eq(arena_printf(&arena, "%0200d|", 7) + 199, "7|");
    arena_fini(&arena);
}

Test(vec, grows_and_keeps_what_it_has)
{
    struct arena arena;
    VEC(int) v = {0};

    arena_init(&arena);
    for (int i = 0; i < 1000; i++)
        VEC_PUSH(&arena, &v, i);
    cr_expect(v.n == 1000 && v.v[0] == 0 && v.v[999] == 999);
    arena_fini(&arena);
}

Test(err, wraps_from_the_outside_in)
{
    struct err err;

    cr_expect(!err_set(&err, ERR_FORMAT, "line %d: bad", 3));
    cr_expect(!err_wrap(&err, "runs/%d.csv", 7));
    cr_expect_str_eq(err.msg, "runs/7.csv: line 3: bad");
    cr_expect_str_eq(err_wire(err.code), "bad_format");
    errno = ENOENT;
    cr_expect(!err_errno(&err, "cannot open '%s'", "x"));
    cr_expect_str_eq(err.msg, "cannot open 'x': No such file or directory");
}

Test(str, is_cut_up_without_losing_a_piece)
{
    struct str rest = STR("a,,b"), piece;

    cr_expect(str_next(&rest, ',', &piece) && str_is(piece, "a"));
    cr_expect(str_next(&rest, ',', &piece) && piece.n == 0);
    cr_expect(str_next(&rest, ',', &piece) && str_is(piece, "b"));
    cr_expect(!str_next(&rest, ',', &piece));
    cr_expect(str_is(str_trim(STR(" \t x \r\n")), "x"));
    cr_expect(str_order(STR("a"), STR("ab")) < 0 && str_order(STR("b"), STR("ab")) > 0);
}

Test(nearest, counts_edits)
{
    static const struct {
        const char *a, *b;
        size_t distance;
    } rows[] = {
        {"", "", 0},       {"abc", "abc", 0}, {"abc", "ABC", 0},      {"abc", "abd", 1},
        {"abc", "acb", 1}, {"", "abc", 3},    {"exp-1", "exp-01", 1}, {"kitten", "sitting", 3},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        size_t d = name_distance(str_of(rows[i].a), str_of(rows[i].b));
        cr_expect(d == rows[i].distance, "%s/%s: %zu", rows[i].a, rows[i].b, d);
    }
    cr_expect(name_is_near(STR("exp-1"), STR("exp-01"), 1));
    cr_expect(!name_is_near(STR("zzz"), STR("recent"), 6));
}

/* The authors' test vectors. */
Test(fnv, hashes_are_those_of_the_authors)
{
    cr_expect(fnv_of(STR("")) == UINT64_C(0xcbf29ce484222325));
    cr_expect(fnv_of((struct str){0}) == FNV_BASIS);
    cr_expect(fnv_of(STR("a")) == UINT64_C(0xaf63dc4c8601ec8c));
    cr_expect(fnv_of(STR("foobar")) == UINT64_C(0x85944171f73967e8));
    cr_expect(fnv_add(fnv_of(STR("foo")), STR("bar")) == fnv_of(STR("foobar")));
    cr_expect(fnv_of(STR("\xff")) == (FNV_BASIS ^ 0xff) * FNV_PRIME, "bytes have no sign");
}

Test(hex, four_digits_of_either_case_or_none)
{
    cr_expect(hex4("0000") == 0 && hex4("d83D") == 0xd83d && hex4("FFfF") == 0xffff);
    cr_expect(hex4("00aFx") == 0xaf, "four are looked at");
    cr_expect(hex4("000g") == -1 && hex4(" 123") == -1 && hex4("12") == -1 && hex4("@000") == -1);
    cr_expect(hex_digit('/') == -1 && hex_digit(':') == -1 && hex_digit('G') == -1 &&
              hex_digit('`') == -1 && hex_digit('9') == 9 && hex_digit('F') == 15);
}
